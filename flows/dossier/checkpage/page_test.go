package checkpage_test

import (
	"bytes"
	"encoding/json"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"clipcase/flows/dossier"
	"clipcase/flows/dossier/bag"
	"clipcase/flows/dossier/checkpage"
	"clipcase/flows/dossier/sign"
	"clipcase/internal/browsertest"
	"clipcase/internal/flowstest"
)

var noon = time.Date(2026, 11, 22, 4, 0, 0, 0, time.UTC)

func made(t *testing.T) (*bag.Bag, *sign.Key) {
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
	b, err := bag.New(bag.Contents{
		Case: "CC0042", Kind: bag.KindMine, Agent: "clipcase", Date: noon, Signer: key, Tags: []bag.File{page},
		Payload: []bag.File{original, piece, bag.Text("data/case.json", doc, noon)},
		Stamps:  []bag.File{bag.Text("stamps/original-"+original.SHA256[:16]+".tsa.tsr", []byte("x"), noon)},
	})
	require.NoError(t, err)
	return b, key
}

// The page in the bag says of its own folder and of the ZIP whether they hold, and
// finds one bit that was flipped.
func TestPageChecksItsBag(t *testing.T) {
	t.Parallel()
	var browser browsertest.Browser
	t.Cleanup(func() { require.NoError(t, browser.Close()) })
	b, key := made(t)
	dir := filepath.Join(t.TempDir(), "CC0042")
	require.NoError(t, os.Mkdir(dir, 0o700))
	require.NoError(t, b.WriteFolder(t.Context(), dir))
	zip := filepath.Join(t.TempDir(), "CC0042.zip")
	f, err := os.Create(zip)
	require.NoError(t, err)
	require.NoError(t, b.WriteZIP(t.Context(), f, "CC0042"))
	require.NoError(t, f.Close())

	p := browser.Open(t, browsertest.Phone())
	p.Go("file://" + filepath.Join(dir, checkpage.Name))
	p.Await("核对这份材料有没有被改动")
	choose := func(verdict string, paths ...string) {
		t.Helper()
		browsertest.Eval[bool](p, "(document.getElementById('verdict').dataset.verdict = '', true)")
		p.Choose("#several", paths...)
		p.AwaitTrue("document.getElementById('verdict').dataset.verdict !== ''")
		require.Equal(t, verdict, browsertest.Eval[string](p, "document.getElementById('verdict').dataset.verdict"), p.Text())
	}
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
		choose(verdict, paths...)
		names, err := json.Marshal(below)
		require.NoError(t, err)
		browsertest.Eval[bool](p, `(async (names) => {
			await run({ files: [...document.getElementById('several').files].map((f, i) => Object.defineProperty(f, 'webkitRelativePath', { value: names[i] })) })
			return true
		})(`+string(names)+`)`)
		require.Equal(t, verdict, browsertest.Eval[string](p, "document.getElementById('verdict').dataset.verdict"), p.Text())
	}
	choose("good", zip)
	p.Await("没有变过", key.Fingerprint(), "由 录屏 <b>1</b>.mp4 做成", "从 00:42 到 00:52.5", "1 个时间戳")
	browsertest.Eval[bool](p, "(document.querySelector('details').open = true)")
	p.Await("sha256sum -c manifest-sha256.txt", "minisign -V -P ", "openssl ts -verify -data 'data/original/e1-录屏.mp4'")
	require.Empty(t, p.TooWide())
	if to := os.Getenv("CLIPCASE_SCREENS"); to != "" {
		require.NoError(t, os.WriteFile(filepath.Join(to, "verify-good.png"), p.Picture(), 0o600))
	}
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
	choose("bad", zip)
	p.Await("变过了", "✗ 变过了 data/douyin-dm/20261122-CC0042-1of1.mp4")
	if to := os.Getenv("CLIPCASE_SCREENS"); to != "" {
		require.NoError(t, os.WriteFile(filepath.Join(to, "verify-bad.png"), p.Picture(), 0o600))
	}
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
	choose("bad", original)
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
