package verify

import (
	"context"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"

	"clipcase/flows/dossier/bag"
)

// Options are what the reader knows beside the bag.
type Options struct {
	Key   string         // fingerprint or public key that must have signed; "" = any
	Roots *x509.CertPool // certificates of authorities for time stamps that are trusted; nil = none
}

// Run checks the bag at path, a folder or a ZIP. It reads every file once, in
// bounded memory, and ends with ctx. ErrNotBag says that there is no bag; other
// errors are the machine's. What is wrong with the bag stands in the report.
func Run(ctx context.Context, path string, o Options) (r *Report, err error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	open := openArchive
	switch {
	case info.IsDir():
		open = openFolder
	case !info.Mode().IsRegular(): // opening a pipe or a device would do something to it
		return nil, ErrNotBag
	}
	s, err := open(path)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	s.rooted()
	if _, ok := s.files[bag.Declaration]; !ok {
		return nil, ErrNotBag
	}
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
	payload  map[string]string // hash by path, as the manifest says
	tags     map[string]string // the same of the tag manifest; nil = there is none
	measured map[string]File   // as the files are
	stamped  map[string]string // what a time stamp may be of: path by hash
}

func (c *checker) run(ctx context.Context) error {
	c.declaration()
	c.readInfo()
	c.payload = c.manifest(bag.Manifest, true)
	c.tags = c.manifest(bag.TagManifest, false)
	if _, ok := c.files["fetch.txt"]; ok {
		c.report.problem(ProblemFetch, "fetch.txt")
	}
	if err := c.measure(ctx); err != nil {
		return err
	}
	c.compare()
	c.oxum()
	c.signature()
	c.history()
	c.record()
	c.stamps()
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

// manifest reads one; what it names must be on the right side of data/.
func (c *checker) manifest(name string, payload bool) map[string]string {
	raw := c.read(name, ProblemManifest)
	if raw == nil {
		if payload || c.promised(bag.LabelKind) {
			c.report.problem(ProblemManifest, name)
		}
		return nil
	}
	sums, err := bag.Parse(strings.NewReader(string(raw)))
	if err != nil {
		c.report.problem(ProblemManifest, name+": "+err.Error())
	}
	out := map[string]string{}
	for _, s := range sums {
		if strings.HasPrefix(s.Path, bag.Payload) != payload || !payload && strings.HasPrefix(s.Path, "tagmanifest-") {
			c.report.problem(ProblemManifest, name+": "+s.Path)
		}
		out[key(s.Path)] = s.SHA256
	}
	if _, lists := out[bag.Manifest]; !payload && !lists {
		c.report.problem(ProblemManifest, name+": "+bag.Manifest)
	}
	return out
}

func (c *checker) promised(label string) bool { return bag.Value(c.info, label) != "" }

// measure hashes every file there is.
func (c *checker) measure(ctx context.Context) error {
	c.measured = map[string]File{}
	var sum int64
	for _, p := range c.paths() {
		f := c.files[p]
		if sum += f.bytes; sum > maxBytes || sum < 0 {
			c.report.problem(ProblemLimit, f.path)
			return nil
		}
		one := File{Path: f.path, State: OK, Bytes: f.bytes}
		digest, err := hash(ctx, f)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if one.SHA256 = digest; err != nil {
			one.State, one.SHA256, one.Why = Changed, "", "cannot be read to its end"
		}
		c.measured[p] = one
	}
	return nil
}

func hash(ctx context.Context, f found) (digest string, err error) {
	in, err := f.open()
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	sum, block := sha256.New(), make([]byte, 256<<10)
	for at := int64(0); ctx.Err() == nil; {
		n, err := in.Read(block)
		if at += int64(n); at > f.bytes {
			return "", errTooLong
		}
		_, _ = sum.Write(block[:n]) // never fails
		if errors.Is(err, io.EOF) {
			if at != f.bytes {
				return "", io.ErrUnexpectedEOF
			}
			return hex.EncodeToString(sum.Sum(nil)), nil
		}
		if err != nil {
			return "", err
		}
	}
	return "", ctx.Err()
}

// compare sets what is there against the manifests, both ways.
func (c *checker) compare() {
	for _, p := range c.paths() {
		one, ok := c.measured[p]
		if !ok {
			continue // beyond the limit
		}
		want, listed := c.payload[p]
		if !strings.HasPrefix(p, bag.Payload) {
			want, listed = c.tags[p]
			// The last two cannot stand in the list themselves; without a list any tag file is allowed.
			if c.tags == nil || p == bag.TagManifest || p == bag.TagSignature {
				want, listed = one.SHA256, true
			}
		}
		switch {
		case one.State != OK:
		case !listed:
			one.State = Extra
		case one.SHA256 != want:
			one.State = Changed
		}
		c.report.Files = append(c.report.Files, one)
	}
	for _, list := range []map[string]string{c.payload, c.tags} {
		for p := range list {
			if _, ok := c.files[p]; !ok {
				c.report.Files = append(c.report.Files, File{Path: p, State: Missing})
			}
		}
	}
	c.report.Files = append(c.report.Files, c.refused...)
	slices.SortStableFunc(c.report.Files, func(a, b File) int { return strings.Compare(a.Path, b.Path) })
}

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
