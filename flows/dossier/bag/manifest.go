package bag

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// The names every bag of ours has.
const (
	Declaration = "bagit.txt"
	InfoFile    = "bag-info.txt"
	Manifest    = "manifest-sha256.txt"
	TagManifest = "tagmanifest-sha256.txt"
	Payload     = "data/"
)

// Bounds on what is read of a manifest, since manifests come from strangers.
const (
	MaxManifest = 16 << 20 // bytes
	MaxFiles    = 20_000
	maxName     = 1024 // bytes of a path
)

// Sum is one line of a manifest.
type Sum struct {
	Path   string // below the bag, with slashes
	Digest string // hex digits, small letters
}

// escape writes a path as manifests demand: only what would break the line, and
// the sign that tells so, is written otherwise.
func escape(p string) string {
	return strings.NewReplacer("%", "%25", "\n", "%0A", "\r", "%0D").Replace(p)
}

// unescape reads what escape wrote; any other % stands for itself, as in bags
// made by those who never escaped.
func unescape(p string) string {
	return strings.NewReplacer("%25", "%", "%0A", "\n", "%0a", "\n", "%0D", "\r", "%0d", "\r").Replace(p)
}

// Format is a manifest: sorted by path, two spaces between, as sha256sum reads
// and writes it.
func Format(sums []Sum) []byte {
	sums = slices.SortedFunc(slices.Values(sums), func(a, b Sum) int { return cmp.Compare(a.Path, b.Path) })
	var out bytes.Buffer
	for _, s := range sums {
		out.WriteString(s.Digest + "  " + escape(s.Path) + "\n")
	}
	return out.Bytes()
}

// ErrManifest says that a manifest cannot be read.
var ErrManifest = errors.New("not a manifest")

// Parse reads a manifest of hashes of size bytes. Paths that could leave the bag,
// stand twice or are no text are errors, as is a line without such a hash.
func Parse(r io.Reader, size int) ([]Sum, error) {
	limited := &io.LimitedReader{R: r, N: MaxManifest + 1}
	lines := bufio.NewScanner(limited)
	lines.Buffer(nil, 4*maxName)
	seen := map[string]bool{}
	var sums []Sum
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimRight(lines.Text(), "\r")
		if line == "" {
			continue
		}
		digest, name, ok := cutBlank(line)
		raw, err := hex.DecodeString(digest)
		if !ok || err != nil || len(raw) != size {
			return nil, fmt.Errorf("%w: line %d", ErrManifest, n)
		}
		name = unescape(strings.TrimPrefix(strings.TrimPrefix(name, "*"), "./"))
		if err := CheckPath(name); err != nil {
			return nil, fmt.Errorf("%w: line %d: %w", ErrManifest, n, err)
		}
		if key := Fold(name); seen[key] {
			return nil, fmt.Errorf("%w: line %d: %q stands twice", ErrManifest, n, name)
		} else {
			seen[key] = true
		}
		if sums = append(sums, Sum{Path: name, Digest: strings.ToLower(digest)}); len(sums) > MaxFiles {
			return nil, fmt.Errorf("%w: more than %d lines", ErrManifest, MaxFiles)
		}
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrManifest, err)
	}
	if limited.N <= 0 {
		return nil, fmt.Errorf("%w: longer than %d bytes", ErrManifest, MaxManifest)
	}
	return sums, nil
}

// cutBlank parts a line at its first run of blanks.
func cutBlank(line string) (before, after string, ok bool) {
	at := strings.IndexAny(line, " \t")
	if at < 0 {
		return line, "", false
	}
	return line[:at], strings.TrimLeft(line[at:], " \t"), true
}

// Fold is what two names have in common that some file system cannot tell apart.
func Fold(p string) string { return strings.ToLower(norm.NFC.String(p)) }

// ErrPath says that a path does not stay in its bag, or means different things on
// different machines.
var ErrPath = errors.New("not a path of a bag")

// CheckPath demands a relative path with slashes, without parts that lead
// elsewhere, without characters that hide or turn, at most 1024 bytes long. The
// ends of lines may stand in it, since the standard says how to write them, and
// so may the joiners that some scripts and signs are written with.
func CheckPath(p string) error {
	switch {
	case p == "" || len(p) > maxName || !utf8.ValidString(p) || strings.ContainsAny(p, "\x00\\"):
		return fmt.Errorf("%w: %q", ErrPath, clip(p))
	case strings.ContainsFunc(p, unseen):
		return fmt.Errorf("%w: %q", ErrPath, clip(p))
	case path.IsAbs(p) || path.Clean(p) != p || p == ".." || strings.HasPrefix(p, "../") || p == ".":
		return fmt.Errorf("%w: %q", ErrPath, clip(p))
	case len(p) > 1 && p[1] == ':' || strings.HasPrefix(p, "~"):
		return fmt.Errorf("%w: %q", ErrPath, clip(p))
	}
	return nil
}

// unseen are characters that show as nothing, or change how others show.
func unseen(r rune) bool {
	switch r {
	case '\n', '\r', '\u200c', '\u200d':
		return false
	}
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp)
}

// Fits says whether CheckPath has nothing against a path.
func Fits(p string) bool { return CheckPath(p) == nil }

func clip(p string) string {
	if len(p) > 100 {
		return p[:100] + "…"
	}
	return p
}
