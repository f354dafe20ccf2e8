package verify

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"clipcase/flows/dossier/bag"
)

// Options are what the reader knows beside the bag.
type Options struct {
	Key      string         // fingerprint or public key that must have signed; "" = any
	Roots    *x509.CertPool // certificates of authorities for time stamps that are trusted; nil = none
	Stamped  bool           // there must be stamps, all of authorities in Roots
	Unsigned bool           // a bag that nobody signed may hold, too, unless it says that somebody did
}

// Run checks the bag at path, a folder or a ZIP. It reads every file once, in
// bounded memory, and ends with ctx. ErrNotBag says that there is no bag; other
// errors are the machine's. What is wrong with the bag stands in the report.
func Run(ctx context.Context, path string, o Options) (r *Report, err error) {
	s, err := openSource(path)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	c := &checker{source: s, options: o, stamped: map[string]string{}, report: &Report{Files: []File{}, Stamps: []Stamp{}, Problems: []Problem{}}}
	if err := c.run(ctx); err != nil {
		return nil, err
	}
	c.report.judge()
	return c.report, nil
}

// checker is one run.
type checker struct {
	*source
	options  Options
	report   *Report
	info     []bag.Field
	payload  []list              // what the manifests say
	tags     []list              // the same of the tag manifests; none = there is none
	long     bool                // a manifest has SHA-512
	measured map[string]measured // as the files are
	maker    maker               // what the record says of the bag
	stamped  map[string]string   // what a time stamp may be of: path by hash
}

func (c *checker) run(ctx context.Context) error {
	c.declaration()
	c.readInfo()
	c.manifests()
	for _, what := range c.faults {
		c.report.problem(ProblemArchive, what)
	}
	if _, ok := c.files["fetch.txt"]; ok {
		c.report.problem(ProblemFetch, "fetch.txt")
	}
	if err := c.measure(ctx); err != nil {
		return err
	}
	c.compare()
	c.oxum()
	c.record()
	c.signature()
	c.history()
	c.stamps()
	c.known()
	return nil
}

func (c *checker) read(p, code string) []byte {
	raw, err := c.small(p)
	if err != nil {
		c.report.problem(code, err.Error())
	}
	return raw
}

// declaration must be the two lines of RFC 8493, and nothing more.
func (c *checker) declaration() {
	raw := strings.ReplaceAll(string(c.read(bag.Declaration, ProblemDeclaration)), "\r\n", "\n")
	if strings.TrimSuffix(raw, "\n") != "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8" {
		c.report.problem(ProblemDeclaration, bag.Declaration)
	}
}

func (c *checker) readInfo() {
	fields, err := bag.ParseInfo(c.read(bag.InfoFile, ProblemInfo))
	if err != nil {
		c.report.problem(ProblemInfo, bag.InfoFile)
	}
	c.info = fields
	c.report.Case, c.report.Kind = bag.Value(fields, bag.LabelCase), bag.Value(fields, bag.LabelKind)
}

func (c *checker) promised(label string) bool { return bag.Value(c.info, label) != "" }

// oxum compares the payload's length with what bag-info.txt says, if it does.
func (c *checker) oxum() {
	want := bag.Value(c.info, bag.LabelOxum)
	if want == "" {
		if c.promised(bag.LabelKind) {
			c.report.problem(ProblemOxum, bag.LabelOxum)
		}
		return
	}
	var bytes int64
	count := 0
	for p, f := range c.files {
		if strings.HasPrefix(p, bag.Payload) {
			bytes += f.bytes
			count++
		}
	}
	if got := strconv.FormatInt(bytes, 10) + "." + strconv.Itoa(count); got != want {
		c.report.problem(ProblemOxum, fmt.Sprintf("%s, not %s", got, want))
	}
}
