package verify

import (
	"context"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"slices"
	"strings"

	"clipcase/flows/dossier/bag"
)

// The hashes that are read: those the standard asks every reader to know. A
// manifest of any other says something that nobody here can check.
const (
	sha256Name = "sha256"
	sha512Name = "sha512"
)

// list is what one manifest says.
type list struct {
	name string
	hash string
	sums map[string]string // by path
}

// measured is one file as it is.
type measured struct {
	File
	long string // its SHA-512, where a manifest asks for it
}

func (m measured) digest(hash string) string {
	if hash == sha512Name {
		return m.long
	}
	return m.SHA256
}

// manifests reads all that there are: a bag may have several, and whoever looks at
// one of them must find what the others say.
func (c *checker) manifests() {
	for _, p := range c.paths() {
		switch algorithm, payload, ok := manifestName(p); {
		case !ok:
		case payload:
			c.payload = append(c.payload, c.manifest(p, algorithm, payload))
		default:
			c.tags = append(c.tags, c.manifest(p, algorithm, payload))
		}
	}
	if len(c.payload) == 0 {
		c.report.problem(ProblemManifest, bag.Manifest)
	}
	if _, ok := c.files[bag.TagManifest]; !ok && c.promised(bag.LabelKind) {
		c.report.problem(ProblemManifest, bag.TagManifest)
	}
}

// manifestName says which hashes a manifest has, by its name.
func manifestName(p string) (algorithm string, payload, ok bool) {
	name, tags := strings.CutPrefix(p, "tag")
	name, ok = strings.CutPrefix(name, "manifest-")
	if !ok {
		return "", false, false
	}
	algorithm, ok = strings.CutSuffix(name, ".txt")
	return algorithm, !tags, ok && !strings.Contains(algorithm, "/")
}

// manifest reads one; what it names must be on the right side of data/.
func (c *checker) manifest(name, algorithm string, payload bool) list {
	out := list{name, algorithm, map[string]string{}}
	size := sha256.Size
	switch algorithm {
	case sha256Name:
	case sha512Name:
		size, c.long = sha512.Size, true
	default:
		c.report.problem(ProblemManifest, name+": only sha256 and sha512 are checked")
		return out
	}
	sums, err := bag.Parse(strings.NewReader(string(c.read(name, ProblemManifest))), size)
	if err != nil {
		c.report.problem(ProblemManifest, name+": "+err.Error())
	}
	for _, s := range sums {
		if strings.HasPrefix(s.Path, bag.Payload) != payload || !payload && strings.HasPrefix(s.Path, "tagmanifest-") {
			c.report.problem(ProblemManifest, name+": "+s.Path)
		}
		out.sums[key(s.Path)] = s.Digest
	}
	if payload {
		return out
	}
	for p := range c.files { // every payload manifest stands in every tag manifest
		if _, of, ok := manifestName(p); ok && of && out.sums[p] == "" {
			c.report.problem(ProblemManifest, name+": "+p)
		}
	}
	return out
}

// measure hashes every file there is.
func (c *checker) measure(ctx context.Context) error {
	c.measured = map[string]measured{}
	var sum int64
	for _, p := range c.paths() {
		f := c.files[p]
		if sum += f.bytes; sum > maxBytes || sum < 0 {
			c.report.problem(ProblemLimit, f.path)
			return nil
		}
		one := measured{File: File{Path: f.path, State: OK, Bytes: f.bytes}}
		short, long, err := c.hash(ctx, f)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if one.SHA256, one.long = short, long; err != nil {
			one.State, one.Why = Changed, "cannot be read to its end"
		}
		c.measured[p] = one
	}
	return nil
}

func (c *checker) hash(ctx context.Context, f found) (short, long string, err error) {
	in, err := f.open()
	if err != nil {
		return "", "", err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	sums := []hash.Hash{sha256.New()}
	if c.long {
		sums = append(sums, sha512.New())
	}
	block := make([]byte, 256<<10)
	for at := int64(0); ctx.Err() == nil; {
		n, err := in.Read(block)
		if at += int64(n); at > f.bytes {
			return "", "", errTooLong
		}
		for _, sum := range sums {
			_, _ = sum.Write(block[:n]) // never fails
		}
		if errors.Is(err, io.EOF) {
			if at != f.bytes {
				return "", "", io.ErrUnexpectedEOF
			}
			if c.long {
				long = hex.EncodeToString(sums[1].Sum(nil))
			}
			return hex.EncodeToString(sums[0].Sum(nil)), long, nil
		}
		if err != nil {
			return "", "", err
		}
	}
	return "", "", ctx.Err()
}

// compare sets what is there against the manifests, both ways.
func (c *checker) compare() {
	for _, p := range c.paths() {
		one, ok := c.measured[p]
		if !ok {
			continue // beyond the limit
		}
		if one.State == OK {
			one.State = c.listed(p, one)
		}
		c.report.Files = append(c.report.Files, one.File)
	}
	missing := map[string]bool{}
	for _, l := range slices.Concat(c.payload, c.tags) {
		for p := range l.sums {
			if _, ok := c.files[p]; !ok && !missing[p] {
				missing[p] = true
				c.report.Files = append(c.report.Files, File{Path: p, State: Missing})
			}
		}
	}
	c.report.Files = append(c.report.Files, c.refused...)
	slices.SortStableFunc(c.report.Files, func(a, b File) int { return strings.Compare(a.Path, b.Path) })
}

// listed is what the manifests say of a file: payload stands in every one of them,
// every other file in one of theirs. A tag manifest and its signature cannot stand
// there themselves; without such a list any tag file is allowed.
func (c *checker) listed(p string, one measured) State {
	lists, payload := c.tags, strings.HasPrefix(p, bag.Payload)
	if payload {
		lists = c.payload
	}
	in := 0
	for _, l := range lists {
		want, ok := l.sums[p]
		switch {
		case !ok:
		case want != one.digest(l.hash):
			return Changed
		default:
			in++
		}
	}
	if payload && in == len(lists) && in > 0 || !payload && (in > 0 || len(lists) == 0 || p == bag.TagSignature) {
		return OK
	}
	if _, of, ok := manifestName(p); ok && !of {
		return OK
	}
	return Extra
}
