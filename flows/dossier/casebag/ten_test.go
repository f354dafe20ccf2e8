package casebag_test

import (
	"bufio"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"clipcase/flows"
	"clipcase/flows/dossier/bag"
	"clipcase/flows/dossier/verify"
	"clipcase/internal/tsatest"
	"clipcase/media"
)

// tree is a bag in its folder: content by path.
func tree(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	require.NoError(t, filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		require.True(t, d.Type().IsRegular(), p)
		raw, err := os.ReadFile(p)
		rel, _ := filepath.Rel(dir, p)
		all[filepath.ToSlash(rel)] = string(raw)
		return err
	}))
	return all
}

// listed reads a manifest as the standard writes it down, and nothing else.
func listed(t *testing.T, text string) map[string]string {
	t.Helper()
	out := map[string]string{}
	line := regexp.MustCompile(`^([0-9a-f]{64})  (\S.*)$`)
	for scan := bufio.NewScanner(strings.NewReader(text)); scan.Scan(); {
		m := line.FindStringSubmatch(scan.Text())
		require.NotNil(t, m, scan.Text())
		require.Empty(t, out[m[2]], "%s stands twice", m[2])
		out[m[2]] = m[1]
	}
	return out
}

// rules holds a bag against RFC 8493, rule by rule.
func rules(t *testing.T, dir string) {
	t.Helper()
	all := tree(t, dir)
	payload, tags := listed(t, all["manifest-sha256.txt"]), listed(t, all["tagmanifest-sha256.txt"])
	require.Equal(t, "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n", all["bagit.txt"], "2.1.1")
	bytes, count := 0, 0
	for name, content := range all {
		own := digest(content)
		switch {
		case strings.HasPrefix(name, "data/"):
			require.Equal(t, own, payload[name], "2.1.3 every payload file stands in every payload manifest: %s", name)
			require.Empty(t, tags[name], "2.2.1 no payload in a tag manifest: %s", name)
			bytes, count = bytes+len(content), count+1
		case !strings.HasPrefix(name, "tagmanifest-"):
			require.Equal(t, own, tags[name], "2.2.1 the tag files stand in the tag manifest: %s", name)
			require.Empty(t, payload[name], "2.1.3 only payload in a payload manifest: %s", name)
		default:
			require.Empty(t, tags[name], "2.2.1 no tag manifest in a tag manifest: %s", name)
		}
		require.NotContains(t, name, "\\", "5.1 a slash parts names")
	}
	for name := range payload {
		require.Contains(t, all, name, "3 complete: every file of a manifest is there")
		require.True(t, strings.HasPrefix(name, "data/") && filepath.IsLocal(name), "2.1.3 paths stay below data/: %s", name)
	}
	for name := range tags {
		require.Contains(t, all, name, "3 complete")
	}
	require.NotContains(t, all, "fetch.txt", "2.2.3 nothing has to be fetched")
	labels := map[string]string{}
	for _, line := range strings.Split(strings.TrimSuffix(all["bag-info.txt"], "\n"), "\n") {
		label, value, ok := strings.Cut(line, ": ")
		require.True(t, ok && label != "" && strings.TrimSpace(label) == label && value != "", "2.2.2 %q", line)
		require.Empty(t, labels[label], "2.2.2 %s stands once", label)
		labels[label] = value
	}
	sizes := strings.Split(labels["Payload-Oxum"], ".")
	require.Equal(t, []string{strconv.Itoa(bytes), strconv.Itoa(count)}, sizes, "2.2.2 Payload-Oxum")
	_, err := time.Parse(time.DateOnly, labels["Bagging-Date"])
	require.NoError(t, err, "2.2.2 Bagging-Date")
}

// Ten different cases, each held against the standard, and by the tools of
// others: sha256sum, minisign and openssl.
func TestTenCasesAreBagsForOthers(t *testing.T) {
	t.Parallel()
	exhibit := func(id, name, content string, kind media.Kind) flows.Exhibit {
		return flows.Exhibit{
			ID: id, State: flows.ExhibitProbed, Blob: id, Bytes: int64(len(content)), SHA256: digest(content), Received: noon,
			File: flows.File{Name: name, Sent: flows.SentUpload}, Probe: &media.Probe{Kind: kind, Duration: 3, Width: 180, Height: 320},
		}
	}
	add := func(c *flows.Case, from blobs, name, content string, kind media.Kind) {
		e := exhibit("e"+strconv.Itoa(len(c.Exhibits)+1), name, content, kind)
		from[e.Blob] = content
		c.Exhibits = append(c.Exhibits, e)
	}
	for name, test := range map[string]struct {
		kind   string
		change func(c *flows.Case, from blobs)
	}{
		"an ordinary one":                {kind: bag.KindMine},
		"to hand over, originals absent": {kind: bag.KindHandOver},
		"two recordings and documents": {kind: bag.KindMine, change: func(c *flows.Case, from blobs) {
			c.Scenario = "copyright"
			add(c, from, "原创.mp4", "mine", media.KindVideo)
			add(c, from, "合同 (终稿).pdf", "%PDF", media.KindDocument)
			add(c, from, "说明.docx", "PK", media.KindDocument)
		}},
		"damaged": {kind: bag.KindMine, change: func(c *flows.Case, _ blobs) { c.Exhibits[0].Probe.Damaged = true }},
		"refused": {kind: bag.KindMine, change: func(c *flows.Case, _ blobs) {
			c.Exhibits[0].State, c.Exhibits[0].Probe, c.Exhibits[0].Refusal = flows.ExhibitRefused, nil, &media.Refusal{Code: media.RefusedEmpty}
			c.Packs = nil
		}},
		"taken away": {kind: bag.KindMine, change: func(c *flows.Case, from blobs) {
			add(c, from, "second.mp4", "second", media.KindVideo)
			c.Exhibits[1].Removed = true
		}},
		"odd names": {kind: bag.KindMine, change: func(c *flows.Case, from blobs) {
			for _, odd := range []string{"../../etc/passwd", "cafe\u0301 100%.mp4", "👩\u200d👦\u202egpj.exe", "CON", " .mp4", strings.Repeat("长", 300) + ".mp4", "a\nb\r.mp4", `C:\x\y.mp4`, ""} {
				add(c, from, odd, "content of "+odd, media.KindVideo)
			}
		}},
		"the same file twice": {kind: bag.KindMine, change: func(c *flows.Case, from blobs) { add(c, from, "again.mp4", "original", media.KindVideo) }},
		"several channels, in English": {kind: bag.KindHandOver, change: func(c *flows.Case, from blobs) {
			c.Lang, c.Scenario = "en", "minor-refund"
			from["m1"], from["g1"] = "mail", "gif"
			c.Packs = append(c.Packs,
				flows.Pack{Channel: "email", State: flows.PackReady, Ready: noon, Words: "words", Pieces: []flows.Piece{{Name: "message.eml", Kind: media.KindEML, Blob: "m1", Bytes: 4, SHA256: digest("mail")}}},
				flows.Pack{Channel: "wechat", State: flows.PackReady, Ready: noon, Pieces: []flows.Piece{{Name: "1of1.gif", Kind: media.KindGIF, Blob: "g1", Bytes: 3, SHA256: digest("gif"), Width: 4, Height: 3}}})
		}},
		"words alone": {kind: bag.KindMine, change: func(c *flows.Case, _ blobs) { c.Packs[0].Pieces = nil; c.Packs[0].Channel = "weibo" }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, from := kase()
			if test.change != nil {
				test.change(c, from)
			}
			tsa := tsatest.New(t, "Test Authority") // each its own: openssl counts in a file, one question at a time
			m := maker(t, from)
			stamped(t, tsa, m, c, test.kind, from)
			b, err := m.Bag(c, test.kind, noon)
			require.NoError(t, err)
			dir := t.TempDir()
			require.NoError(t, b.WriteFolder(t.Context(), dir))
			if to := os.Getenv("CLIPCASE_BAGS"); to != "" { // for readers of bags that are not ours
				require.NoError(t, b.WriteFolder(t.Context(), filepath.Join(to, strings.ReplaceAll(name, " ", "-"))))
			}
			rules(t, dir)
			tools := [][]string{
				{"sha256sum", "--quiet", "--strict", "-c", bag.Manifest}, {"sha256sum", "--quiet", "--strict", "-c", bag.TagManifest},
				{"minisign", "-V", "-m", bag.Manifest, "-p", bag.KeyFile}, {"minisign", "-V", "-m", bag.TagManifest, "-p", bag.KeyFile},
			}
			stamps, err := filepath.Glob(filepath.Join(dir, "stamps", "*.tsr"))
			require.NoError(t, err)
			require.Len(t, stamps, 2, "of the original and of the signature")
			for i, over := range [][]string{{"-digest", digest("original")}, {"-data", bag.Signature}} {
				tools = append(tools, append([]string{"openssl", "ts", "-verify", "-in", stamps[i], "-CAfile", tsa.Root}, over...))
			}
			for _, tool := range tools {
				cmd := exec.Command(tool[0], tool[1:]...)
				cmd.Dir = dir
				said, err := cmd.CombinedOutput()
				require.NoError(t, err, "%v: %s", tool, said)
			}
			r, err := verify.Run(t.Context(), dir, verify.Options{Key: m.Signer().Fingerprint()})
			require.NoError(t, err)
			require.True(t, r.OK, "%+v", r)
		})
	}
}
