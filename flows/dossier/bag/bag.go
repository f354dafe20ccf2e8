package bag

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
)

// File is one file of a bag.
type File struct {
	Path   string    // below the bag, with slashes; payload begins with data/
	Bytes  int64     // exact
	SHA256 string    // hex
	When   time.Time // for archives
	// Open gives the content; nil for a file that stands in its place already.
	// What it gives must be as long as Bytes.
	Open func(ctx context.Context) (io.ReadCloser, error)

	crc *uint32 // what archives check by; nil = has to be read for
}

// Text is a file whose content is at hand.
func Text(name string, content []byte, when time.Time) File {
	sum, crc := sha256.Sum256(content), crc32.ChecksumIEEE(content)
	return File{Path: name, Bytes: int64(len(content)), SHA256: hex.EncodeToString(sum[:]), When: when, crc: &crc, Open: func(context.Context) (io.ReadCloser, error) {
		return io.NopCloser(bytes.NewReader(content)), nil
	}}
}

// Signer signs the manifests.
type Signer interface {
	// Sign makes the detached signature of content; comment is signed with it, one line.
	Sign(content []byte, comment string) []byte
	// Public is the key to check it with, as a file.
	Public() []byte
	// Fingerprint is what people compare.
	Fingerprint() string
}

// The files of a signature: they stand beside what they sign.
const (
	Signature    = Manifest + ".minisig"
	TagSignature = TagManifest + ".minisig"
	KeyFile      = "clipcase.pub"
	HistoryFile  = "history.jsonl"
	StampFolder  = "stamps/"
	StampEnding  = ".tsr"
)

// Contents is what goes into a bag.
type Contents struct {
	Case    string
	Kind    string // KindMine or KindHandOver
	Agent   string // program and version
	Date    time.Time
	Info    []Field // beside those that every bag has
	Payload []File
	Tags    []File // beside those that every bag has; stamps among them
	Stamps  []File // the tags below stamps/; the .tsr are counted in bag-info.txt
	Signer  Signer // nil = the bag is not signed
}

// Bag is all files of a bag, in the order they are written: the declaration
// first, so that a reader knows at once what it has.
type Bag struct {
	Files []File
}

// Signed is the manifest of payload with its signature: what time stamps are
// made of (signature) before the bag itself is put together. signature is nil
// without a signer. The same payload gives the same bytes.
func Signed(c Contents) (manifest, signature []byte, err error) {
	sums := make([]Sum, 0, len(c.Payload))
	for _, f := range c.Payload {
		if !strings.HasPrefix(f.Path, Payload) {
			return nil, nil, fmt.Errorf("%w: %q is not payload", ErrPath, f.Path)
		}
		sums = append(sums, Sum{f.Path, f.SHA256})
	}
	manifest = Format(sums)
	if c.Signer != nil {
		signature = c.Signer.Sign(manifest, fmt.Sprintf("clipcase %s %s oxum:%s", c.Case, c.Kind, oxum(c.Payload)))
	}
	return manifest, signature, nil
}

// New puts a bag together.
func New(c Contents) (*Bag, error) {
	if err := check(c); err != nil {
		return nil, err
	}
	manifest, signature, err := Signed(c)
	if err != nil {
		return nil, err
	}
	tags := []File{
		Text(Declaration, []byte(declaration), c.Date), Text(InfoFile, FormatInfo(c.info()), c.Date), Text(Manifest, manifest, c.Date),
	}
	if c.Signer != nil {
		tags = append(tags, Text(Signature, signature, c.Date), Text(KeyFile, c.Signer.Public(), c.Date))
	}
	tags = append(append(tags, c.Tags...), c.Stamps...)
	sums := make([]Sum, 0, len(tags))
	for _, f := range tags {
		sums = append(sums, Sum{f.Path, f.SHA256})
	}
	last := Format(sums)
	tags = append(tags, Text(TagManifest, last, c.Date))
	if c.Signer != nil {
		tags = append(tags, Text(TagSignature, c.Signer.Sign(last, "clipcase "+c.Case+" "+c.Kind+" "+c.Date.UTC().Format(time.RFC3339)), c.Date))
	}
	return &Bag{Files: append(tags, c.Payload...)}, nil
}

func (c Contents) info() []Field {
	fields := []Field{
		{LabelAgent, c.Agent}, {LabelDate, c.Date.Format(time.DateOnly)}, {LabelCase, c.Case}, {LabelOxum, oxum(c.Payload)}, {LabelKind, c.Kind},
	}
	if c.Signer != nil {
		fields = append(fields, Field{LabelSigned, c.Signer.Fingerprint()})
	}
	stamps := 0
	for _, f := range c.Stamps {
		if strings.HasSuffix(f.Path, StampEnding) {
			stamps++
		}
	}
	if stamps > 0 {
		fields = append(fields, Field{LabelStamps, strconv.Itoa(stamps)})
	}
	return append(fields, c.Info...)
}

// oxum is the payload's length: bytes, a point, files.
func oxum(payload []File) string {
	var sum int64
	for _, f := range payload {
		sum += f.Bytes
	}
	return fmt.Sprintf("%d.%d", sum, len(payload))
}

func check(c Contents) error {
	if c.Case == "" || c.Date.IsZero() || c.Kind != KindMine && c.Kind != KindHandOver {
		return errors.New("bag: case, kind and date are needed")
	}
	seen := map[string]bool{}
	for _, own := range []string{Declaration, InfoFile, Manifest, TagManifest, Signature, TagSignature, KeyFile} {
		seen[Fold(own)] = true
	}
	for _, f := range slices.Concat(c.Payload, c.Tags, c.Stamps) {
		if err := CheckPath(f.Path); err != nil {
			return err
		}
		if seen[Fold(f.Path)] {
			return fmt.Errorf("bag: %q stands twice", f.Path)
		}
		seen[Fold(f.Path)] = true
		if raw, err := hex.DecodeString(f.SHA256); err != nil || len(raw) != sha256.Size {
			return fmt.Errorf("bag: the hash of %q is not known", f.Path)
		}
	}
	for _, f := range slices.Concat(c.Tags, c.Stamps) {
		if strings.HasPrefix(Fold(f.Path), Payload) {
			return fmt.Errorf("bag: %q is payload", f.Path)
		}
	}
	return nil
}
