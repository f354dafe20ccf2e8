package bag_test

import (
	"archive/zip"
	"bytes"
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"clipcase/flows/dossier/bag"
)

var noon = time.Date(2026, 11, 22, 4, 0, 0, 0, time.UTC)

func contents() bag.Contents {
	return bag.Contents{
		Case: "CC0042", Kind: bag.KindMine, Agent: "clipcase", Date: noon,
		Payload: []bag.File{
			bag.Text("data/original/录屏.mp4", []byte("original"), noon), bag.Text("data/case.json", []byte("{}\n"), noon),
			bag.Text("data/odd/100%.txt", []byte("x"), noon),
		},
		Info: []bag.Field{{Label: bag.LabelMeans, Value: "one\nline"}},
		Tags: []bag.File{bag.Text("history.jsonl", []byte("{}\n"), noon)},
	}
}

func files(t *testing.T, c bag.Contents) map[string]string {
	t.Helper()
	b, err := bag.New(c)
	require.NoError(t, err)
	out := map[string]string{}
	for _, f := range b.Files {
		r, err := f.Open(t.Context())
		require.NoError(t, err)
		raw, err := io.ReadAll(r)
		require.NoError(t, err)
		out[f.Path] = string(raw)
	}
	return out
}

// The rules of RFC 8493 for a complete and valid bag, one by one.
func TestRulesOfTheStandard(t *testing.T) {
	t.Parallel()
	all := files(t, contents())
	lines := func(name string) []string { return strings.Split(strings.TrimSuffix(all[name], "\n"), "\n") }
	for rule, holds := range map[string]func() bool{
		"2.1.1 bagit.txt is two lines, version and encoding": func() bool {
			return all["bagit.txt"] == "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
		},
		"2.1.1 bagit.txt has no byte order mark": func() bool { return !strings.HasPrefix(all["bagit.txt"], "\ufeff") },
		"2.1.2 payload lies below data/ and nowhere else": func() bool {
			n := 0
			for name := range all {
				if strings.HasPrefix(name, "data/") {
					n++
				}
			}
			return n == 3
		},
		"2.1.3 the manifest is named by its algorithm": func() bool { return all["manifest-sha256.txt"] != "" },
		"2.1.3 a line is hash, blanks, path": func() bool {
			for _, line := range lines("manifest-sha256.txt") {
				if len(line) < 67 || line[64:66] != "  " || !strings.HasPrefix(line[66:], "data/") {
					return false
				}
			}
			return true
		},
		"2.1.3 every payload file stands in the manifest once": func() bool { return len(lines("manifest-sha256.txt")) == 3 },
		"2.1.3 % is written %25":                               func() bool { return strings.Contains(all["manifest-sha256.txt"], "data/odd/100%25.txt\n") },
		"2.1.3 a path has no part that leads elsewhere":        func() bool { return !strings.Contains(all["manifest-sha256.txt"], "..") },
		"2.2.1 the tag manifest names every payload manifest":  func() bool { return strings.Contains(all["tagmanifest-sha256.txt"], "  manifest-sha256.txt\n") },
		"2.2.1 the tag manifest names no tag manifest":         func() bool { return !strings.Contains(all["tagmanifest-sha256.txt"], "tagmanifest") },
		"2.2.1 the tag manifest names no payload":              func() bool { return !strings.Contains(all["tagmanifest-sha256.txt"], "data/") },
		"2.2.1 the tag manifest names all other tag files":     func() bool { return len(lines("tagmanifest-sha256.txt")) == len(all)-3-1 },
		"2.2.2 bag-info.txt is labels and values, one a line": func() bool {
			for _, line := range lines("bag-info.txt") {
				if label, value, ok := strings.Cut(line, ": "); !ok || label == "" || value == "" {
					return false
				}
			}
			return true
		},
		"2.2.2 Payload-Oxum is bytes and files":            func() bool { return strings.Contains(all["bag-info.txt"], "Payload-Oxum: 12.3\n") },
		"2.2.2 Bagging-Date is a day":                      func() bool { return strings.Contains(all["bag-info.txt"], "Bagging-Date: 2026-11-22\n") },
		"2.2.2 reserved labels do not repeat":              func() bool { return strings.Count(all["bag-info.txt"], "Payload-Oxum") == 1 },
		"2.2.3 nothing has to be fetched":                  func() bool { _, fetch := all["fetch.txt"]; return !fetch },
		"2.4 hashes are hexadecimal":                       func() bool { return strings.Trim(lines("manifest-sha256.txt")[0][:64], "0123456789abcdef") == "" },
		"6.1.1 tag files end their lines with a line feed": func() bool { return !strings.Contains(all["bag-info.txt"], "\r") },
	} {
		require.True(t, holds(), rule)
	}
}

func TestArchiveHasOneFolderAndNothingPacked(t *testing.T) {
	t.Parallel()
	b, err := bag.New(contents())
	require.NoError(t, err)
	var out bytes.Buffer
	require.NoError(t, b.WriteZIP(t.Context(), &out, "CC0042"))
	z, err := zip.NewReader(bytes.NewReader(out.Bytes()), int64(out.Len()))
	require.NoError(t, err)
	require.Len(t, z.File, len(b.Files))
	for i, f := range z.File {
		require.Equal(t, zip.Store, f.Method)
		require.Equal(t, "CC0042/"+b.Files[i].Path, f.Name)
	}
	require.Error(t, b.WriteZIP(t.Context(), &out, "../out"))
}

// Programs that see nothing but the stream read an archive as those do that read
// its list of files: lengths stand before the files, as far as they can.
func TestArchiveIsReadByOthers(t *testing.T) {
	t.Parallel()
	c := contents()
	one := c.Payload[0] // nothing but its length and hash is known
	c.Payload[0] = bag.File{Path: one.Path, Bytes: one.Bytes, SHA256: one.SHA256, Open: one.Open}
	b, err := bag.New(c)
	require.NoError(t, err)
	var out, again bytes.Buffer
	require.NoError(t, b.WriteZIP(t.Context(), &out, "CC0042"))
	require.NoError(t, b.WriteZIP(t.Context(), &again, "CC0042"))
	require.Equal(t, out.Bytes(), again.Bytes(), "the same every time")
	z, err := zip.NewReader(bytes.NewReader(out.Bytes()), int64(out.Len()))
	require.NoError(t, err)
	for _, f := range z.File {
		require.Zero(t, f.Flags&8, "%s: nothing follows it", f.Name)
		if f.Name == "CC0042/bagit.txt" {
			require.True(t, f.Modified.Equal(noon))
		}
	}
	path := filepath.Join(t.TempDir(), "CC0042.zip")
	require.NoError(t, os.WriteFile(path, out.Bytes(), 0o600))
	for _, tool := range [][]string{{"unzip", "-tq", path}, {"bsdtar", "-xOf", "-"}} {
		cmd := exec.Command(tool[0], tool[1:]...)
		cmd.Stdin = io.LimitReader(bytes.NewReader(out.Bytes()), 1<<30) // a pipe: nobody can look at the end first
		said, err := cmd.CombinedOutput()
		require.NoError(t, err, "%v: %s", tool, said)
		require.True(t, tool[0] == "unzip" || bytes.Contains(said, []byte("BagIt-Version")))
	}
}

func TestFolderPassesSha256sum(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	require.NoError(t, os.MkdirAll(filepath.Join(dir, "data", "original"), 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "data", "original", "录屏.mp4"), []byte("there already"), 0o600))
	payload, err := bag.Payloads(t.Context(), dir, noon)
	require.NoError(t, err)
	c := contents()
	c.Payload = payload
	c.Stamps = []bag.File{bag.Text("stamps/of/one.tsr", []byte("x"), noon)}
	b, err := bag.New(c)
	require.NoError(t, err)
	require.NoError(t, b.WriteFolder(t.Context(), dir))
	for _, manifest := range []string{bag.Manifest, bag.TagManifest} {
		cmd := exec.Command("sha256sum", "-c", manifest)
		cmd.Dir = dir
		said, err := cmd.CombinedOutput()
		require.NoError(t, err, "%s", said)
	}
	require.Error(t, b.WriteFolder(t.Context(), dir), "nothing is written over")
	require.NoError(t, b.Remove(dir))
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, left, 1, "what was there stays")

	require.NoError(t, os.Symlink("/etc/passwd", filepath.Join(dir, "data", "link")))
	_, err = bag.Payloads(t.Context(), dir, noon)
	require.ErrorIs(t, err, bag.ErrPath)
}

func TestWhatDoesNotFitItsHashIsNotWritten(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(*bag.File){
		"longer":  func(f *bag.File) { f.Bytes-- },
		"shorter": func(f *bag.File) { f.Bytes++ },
		"other":   func(f *bag.File) { f.SHA256 = strings.Repeat("0", 64) },
		"absent": func(f *bag.File) {
			f.Open = func(context.Context) (io.ReadCloser, error) { return nil, os.ErrNotExist }
		},
	} {
		c := contents()
		spoil(&c.Payload[0])
		b, err := bag.New(c)
		require.NoError(t, err)
		require.Error(t, b.WriteZIP(t.Context(), io.Discard, "CC0042"), name)
	}
}

func TestWhatIsNoBagIsNotMade(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(*bag.Contents){
		"no case":           func(c *bag.Contents) { c.Case = "" },
		"no kind":           func(c *bag.Contents) { c.Kind = "all" },
		"payload elsewhere": func(c *bag.Contents) { c.Payload[0].Path = "original.mp4" },
		"tag in payload":    func(c *bag.Contents) { c.Tags[0].Path = "data/x" },
		"leads out":         func(c *bag.Contents) { c.Payload[0].Path = "data/../../x" },
		"absolute":          func(c *bag.Contents) { c.Tags[0].Path = "/etc/x" },
		"twice":             func(c *bag.Contents) { c.Payload[0].Path = "DATA/case.json" },
		"ours":              func(c *bag.Contents) { c.Tags[0].Path = "bag-info.txt" },
		"no hash":           func(c *bag.Contents) { c.Payload[0].SHA256 = "" },
	} {
		c := contents()
		spoil(&c)
		_, err := bag.New(c)
		require.Error(t, err, name)
	}
}

func TestManifestsOfStrangers(t *testing.T) {
	t.Parallel()
	sum := strings.Repeat("aB", 32)
	for text, want := range map[string]string{
		sum + "  data/a":                      "data/a",
		sum + " *data/a\r\n":                  "data/a",
		sum + "\tdata/a b\n\n":                "data/a b",
		sum + "  ./data/a":                    "data/a",
		sum + "  data/50%25":                  "data/50%",
		sum + "  data/a%0Ab":                  "data/a\nb",
		sum + "  ../a":                        "",
		sum + "  /a":                          "",
		sum + "  data/a/../../b":              "",
		sum + `  data\a`:                      "",
		sum + "  C:/a":                        "",
		sum[1:] + "  data/a":                  "",
		sum:                                   "",
		sum + "  data/a\n" + sum + "  data/A": "",
		sum + "  data/" + strings.Repeat("a", 1100): "",
		sum + "  data/\xff":                         "",
		sum + "  data/\u202e4pm.exe":                "", // shows as exe.mp4
		sum + "  data/a\u200b.txt":                  "",
		sum + "  data/a\x1b[2K":                     "",
		sum + "  data/👩\u200d👦.jpg":                 "data/👩\u200d👦.jpg",
	} {
		sums, err := bag.Parse(strings.NewReader(text), 32)
		if want == "" {
			require.ErrorIs(t, err, bag.ErrManifest, text)
			continue
		}
		require.NoError(t, err, text)
		require.Equal(t, []bag.Sum{{Path: want, Digest: strings.ToLower(sum)}}, sums)
	}
	_, err := bag.Parse(io.LimitReader(endless{}, 1<<30), 32)
	require.ErrorIs(t, err, bag.ErrManifest)
}

type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = '\n'
	}
	return len(p), nil
}

func TestInfoOfStrangers(t *testing.T) {
	t.Parallel()
	fields, err := bag.ParseInfo([]byte("A: 1\r\nLong: one\n  two\nA: 2\n"))
	require.NoError(t, err)
	require.Equal(t, "one two", bag.Value(fields, "long"))
	require.Equal(t, "1", bag.Value(fields, "a"))
	for _, bad := range []string{" first", "no colon", ": x", "A : x", "\xff: x"} {
		_, err := bag.ParseInfo([]byte(bad))
		require.ErrorIs(t, err, bag.ErrInfo, bad)
	}
}
