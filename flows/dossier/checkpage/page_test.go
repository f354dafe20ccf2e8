package checkpage_test

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"clipcase/flows"
	"clipcase/flows/dossier"
	"clipcase/flows/dossier/bag"
	"clipcase/flows/dossier/checkpage"
	"clipcase/flows/dossier/sign"
	"clipcase/flows/dossier/stamp"
	"clipcase/internal/browsertest"
	"clipcase/internal/flowstest"
	"clipcase/internal/tsatest"
)

var noon = time.Date(2026, 11, 22, 4, 0, 0, 0, time.UTC)

// contents is a bag with all that the page looks at; tsa stamps its original and its
// signature, with whatever else is changed before.
func contents(t *testing.T, tsa *tsatest.Authority, change func(*bag.Contents)) bag.Contents {
	t.Helper()
	key, err := sign.New(bytes.NewReader(bytes.Repeat([]byte{7}, 32)))
	require.NoError(t, err)
	page, err := checkpage.File(flowstest.Catalogue(t), "zh", noon)
	require.NoError(t, err)
	original := bag.Text("data/original/e1-录屏.mp4", bytes.Repeat([]byte("original"), 300_000), noon) // more than one block of any reader
	piece := bag.Text("data/douyin-dm/20261122-CC0042-1of1.mp4", []byte("a piece"), noon)
	record := &dossier.Record{Case: "CC0042", Signer: key.Fingerprint(), Originals: []dossier.Original{{File: original.Path, Name: "录屏 <b>1</b>.mp4", SHA256: original.SHA256}}}
	record.Pieces = []dossier.Piece{{File: piece.Path, SHA256: piece.SHA256, Original: &original.SHA256, Range: &[2]float64{42, 52.5}}}
	doc, err := record.JSON()
	require.NoError(t, err)
	var lines []flows.Entry
	for _, what := range []string{"created", "received", "submitted", "ready"} {
		lines = flows.AppendEntry(lines, noon, what, "sha256", original.SHA256, "name", "录屏 <1>")
	}
	c := bag.Contents{
		Case: "CC0042", Kind: bag.KindMine, Agent: "clipcase", Date: noon, Signer: key,
		Tags:    []bag.File{page, bag.Text(bag.HistoryFile, flows.HistoryLines(lines), noon)},
		Info:    []bag.Field{{Label: bag.LabelHistory, Value: "4 " + (&flows.Case{History: lines}).Head()}},
		Payload: []bag.File{original, piece, bag.Text("data/case.json", doc, noon)},
	}
	_, signature, err := bag.Signed(c)
	require.NoError(t, err)
	of, err := stamp.OfOriginal(original.SHA256)
	require.NoError(t, err)
	for _, over := range []stamp.Over{of, stamp.OfSignature(signature)} {
		c.Stamps = append(c.Stamps, stamped(t, tsa, over)...)
	}
	if change != nil {
		change(&c)
	}
	return c
}

func stamped(t *testing.T, tsa *tsatest.Authority, over stamp.Over) []bag.File {
	t.Helper()
	asker, err := stamp.New(stamp.Config{URLs: []string{tsa.URL}, Random: rand.Reader}, &http.Client{})
	require.NoError(t, err)
	s, err := asker.Ask(t.Context(), tsa.URL, over.Digest)
	require.NoError(t, err)
	return []bag.File{bag.Text(bag.StampFolder+over.Name+".tsa.tsr", s.Reply, noon), bag.Text(bag.StampFolder+over.Name+".tsa.pem", s.Chain, noon)}
}

// archive writes the bag as a ZIP.
func archive(t *testing.T, b *bag.Bag) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "CC0042.zip")
	f, err := os.Create(path)
	require.NoError(t, err)
	require.NoError(t, b.WriteZIP(t.Context(), f, "CC0042"))
	require.NoError(t, f.Close())
	return path
}

// choose gives files to the page and waits for what it says of them.
func choose(t *testing.T, p *browsertest.Page, verdict string, paths ...string) {
	t.Helper()
	browsertest.Eval[bool](p, "(document.getElementById('verdict').dataset.verdict = '', true)")
	p.Choose("#several", paths...)
	p.AwaitTrue("document.getElementById('verdict').dataset.verdict !== '' && document.getElementById('bar').hidden")
	require.Equal(t, verdict, browsertest.Eval[string](p, "document.getElementById('verdict').dataset.verdict"), p.Text())
}

// looked keeps a picture of the page where somebody wants to look at it.
func looked(t *testing.T, p *browsertest.Page, name string) {
	t.Helper()
	require.Empty(t, p.TooWide())
	if to := os.Getenv("CLIPCASE_SCREENS"); to != "" {
		require.NoError(t, os.WriteFile(filepath.Join(to, name), p.Picture(), 0o600))
	}
}

// The page is looked at in one browser.
func TestPage(t *testing.T) {
	t.Parallel()
	var browser browsertest.Browser
	t.Cleanup(func() { require.NoError(t, browser.Close()) })
	tsa := tsatest.New(t, "Test Authority")
	t.Run("its bag", func(t *testing.T) { checksItsBag(t, &browser, tsa) })
	t.Run("what was noted", func(t *testing.T) { checksWhatWasNoted(t, &browser, tsa) })
}

// The page in the bag says of its own folder and of the ZIP whether they hold, and
// finds one bit that was flipped.
func checksItsBag(t *testing.T, browser *browsertest.Browser, tsa *tsatest.Authority) {
	b, err := bag.New(contents(t, tsa, nil))
	require.NoError(t, err)
	key, err := sign.New(bytes.NewReader(bytes.Repeat([]byte{7}, 32)))
	require.NoError(t, err)
	dir := filepath.Join(t.TempDir(), "CC0042")
	require.NoError(t, os.Mkdir(dir, 0o700))
	require.NoError(t, b.WriteFolder(t.Context(), dir))
	zip := archive(t, b)

	p := browser.Open(t, browsertest.Phone())
	p.Go("file://" + filepath.Join(dir, checkpage.Name))
	p.Await("核对这份材料有没有被改动")
	// The files of the folder, first without their folders, as phones give them, then
	// with them, as computers do.
	folder := func(verdict string) {
		t.Helper()
		var paths, below []string
		require.NoError(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err == nil && !d.IsDir() {
				rel, _ := filepath.Rel(filepath.Dir(dir), path)
				paths, below = append(paths, path), append(below, rel)
			}
			return err
		}))
		choose(t, p, verdict, paths...)
		names, err := json.Marshal(below)
		require.NoError(t, err)
		browsertest.Eval[bool](p, `(async (names) => {
			await run({ files: [...document.getElementById('several').files].map((f, i) => Object.defineProperty(f, 'webkitRelativePath', { value: names[i] })) })
			return true
		})(`+string(names)+`)`)
		require.Equal(t, verdict, browsertest.Eval[string](p, "document.getElementById('verdict').dataset.verdict"), p.Text())
	}
	choose(t, p, "good", zip)
	p.Await("没有变过", key.Fingerprint(), "由 录屏 <b>1</b>.mp4 做成", "从 00:42 到 00:52.5")
	p.Await("经过 4 条，一条接一条都对得上", "Test Authority 写明", "已有“录屏 <b>1</b>.mp4”", "已有“签过名的文件清单”", "这里没有核对")
	browsertest.Eval[bool](p, "(document.querySelector('details').open = true)")
	p.Await("sha256sum -c manifest-sha256.txt", "minisign -V -P ", "openssl ts -verify -data 'data/original/e1-录屏.mp4'")
	looked(t, p, "verify-good.png")
	theLinesHold(t, p, dir, tsa.Root)
	folder("good")

	spoil := func(path string, at int) {
		t.Helper()
		raw, err := os.ReadFile(path)
		require.NoError(t, err)
		raw[at] ^= 4
		require.NoError(t, os.WriteFile(path, raw, 0o600))
	}
	raw, err := os.ReadFile(zip)
	require.NoError(t, err)
	at := bytes.Index(raw, []byte("a piece"))
	spoil(zip, at)
	choose(t, p, "bad", zip)
	p.Await("变过了", "✗ 变过了 data/douyin-dm/20261122-CC0042-1of1.mp4")
	looked(t, p, "verify-bad.png")
	spoil(zip, at)
	original := filepath.Join(dir, "data", "original", "e1-录屏.mp4")
	spoil(original, 2_000_000)
	folder("bad")
	p.Await("✗ 变过了 data/original/e1-录屏.mp4")
	spoil(original, 2_000_000)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "data", "more"), nil, 0o600))
	folder("bad")
	p.Await("✗ 多出来的 data/more")
	require.NoError(t, os.Remove(filepath.Join(dir, "data", "more")))

	// another's signature over the same lists
	other, err := sign.New(bytes.NewReader(bytes.Repeat([]byte{8}, 32)))
	require.NoError(t, err)
	list, err := os.ReadFile(filepath.Join(dir, bag.TagManifest))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, bag.TagSignature), other.Sign(list, "clipcase CC0042 mine"), 0o600))
	folder("bad")
	p.Await("签名对不上")
	browsertest.Eval[bool](p, "(document.querySelector('[data-lang=en]').click(), true)")
	p.Await("The signature does not hold")
	choose(t, p, "bad", original)
	p.Await("not something that can be checked")
}

// Nothing of the page comes from anywhere, and no word of ours is missing.
func TestPageNeedsNothingElse(t *testing.T) {
	t.Parallel()
	for _, lang := range []string{"zh", "en", "fr"} {
		f, err := checkpage.File(flowstest.Catalogue(t), lang, noon)
		require.NoError(t, err)
		r, err := f.Open(t.Context())
		require.NoError(t, err)
		var page strings.Builder
		_, err = io.Copy(&page, r)
		require.NoError(t, err)
		require.NotContains(t, page.String(), "http://")
		require.NotContains(t, page.String(), "https://")
		require.NotContains(t, page.String(), `":"check.`, "a word that is not in the catalogue")
		require.NotContains(t, page.String(), "{{")
		require.Less(t, f.Bytes, int64(60_000))
	}
}
