package verify_test

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"clipcase/flows/dossier/bag"
	"clipcase/flows/dossier/verify"
)

// archived is the good bag as a ZIP to which something was added.
func archived(t *testing.T, add func(z *zip.Writer)) string {
	t.Helper()
	b, err := bag.New(contents(t, newKey(t, 1)))
	require.NoError(t, err)
	var out bytes.Buffer
	require.NoError(t, b.WriteZIP(t.Context(), &out, "CC0042"))
	old, err := zip.NewReader(bytes.NewReader(out.Bytes()), int64(out.Len()))
	require.NoError(t, err)
	path := filepath.Join(t.TempDir(), "CC0042.zip")
	f, err := os.Create(path)
	require.NoError(t, err)
	z := zip.NewWriter(f)
	for _, e := range old.File {
		require.NoError(t, z.Copy(e))
	}
	add(z)
	require.NoError(t, z.Close())
	require.NoError(t, f.Close())
	return path
}

func TestArchives(t *testing.T) {
	t.Parallel()
	put := func(z *zip.Writer, h *zip.FileHeader, content string) {
		w, err := z.CreateHeader(h)
		require.NoError(t, err)
		_, err = w.Write([]byte(content))
		require.NoError(t, err)
	}
	for name, test := range map[string]struct {
		add  func(z *zip.Writer)
		path string
		want verify.State // "" = the bag holds
	}{
		"as it is":             {add: func(*zip.Writer) {}},
		"folders with entries": {add: func(z *zip.Writer) { put(z, &zip.FileHeader{Name: "CC0042/data/"}, "") }},
		"leads out":            {add: func(z *zip.Writer) { put(z, &zip.FileHeader{Name: "../../etc/cron.d/x"}, "x") }, path: "../../etc/cron.d/x", want: verify.Refused},
		"leads out inside":     {add: func(z *zip.Writer) { put(z, &zip.FileHeader{Name: "CC0042/data/../../x"}, "x") }, path: "CC0042/data/../../x", want: verify.Refused},
		"absolute":             {add: func(z *zip.Writer) { put(z, &zip.FileHeader{Name: "/etc/x"}, "x") }, path: "/etc/x", want: verify.Refused},
		"other slashes":        {add: func(z *zip.Writer) { put(z, &zip.FileHeader{Name: `CC0042\..\x`}, "x") }, path: `CC0042\..\x`, want: verify.Refused},
		"a link": {add: func(z *zip.Writer) {
			h := &zip.FileHeader{Name: "CC0042/data/link"}
			h.SetMode(fs.ModeSymlink | 0o777)
			put(z, h, "/etc/passwd")
		}, path: "CC0042/data/link", want: verify.Refused},
		"a name twice":            {add: func(z *zip.Writer) { put(z, &zip.FileHeader{Name: "CC0042/data/email/1of2.mp4"}, "x") }, path: "CC0042/data/email/1of2.mp4", want: verify.Refused},
		"a name in other letters": {add: func(z *zip.Writer) { put(z, &zip.FileHeader{Name: "CC0042/DATA/email/1of2.MP4"}, "x") }, path: "CC0042/DATA/email/1of2.MP4", want: verify.Refused},
		"beside the bag":          {add: func(z *zip.Writer) { put(z, &zip.FileHeader{Name: "other/x"}, "x") }, path: "other/x", want: verify.Refused},
		"more in it":              {add: func(z *zip.Writer) { put(z, &zip.FileHeader{Name: "CC0042/data/new"}, "x") }, path: "data/new", want: verify.Extra},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := check(t, archived(t, test.add))
			require.Equal(t, test.want == "", r.OK, "%+v", r)
			if test.want != "" {
				require.Equal(t, test.want, states(r)[test.path])
			}
		})
	}
}

// Ten gigabytes of zeros cost neither time nor memory: they are not unpacked.
func TestBombsAreNotUnpacked(t *testing.T) {
	t.Parallel()
	const size = 10 << 30
	path := archived(t, func(z *zip.Writer) {
		w, err := z.CreateRaw(&zip.FileHeader{Name: "CC0042/data/zeros", Method: zip.Deflate, UncompressedSize64: size, CompressedSize64: 10 << 20, CRC32: crc32.ChecksumIEEE(nil)})
		require.NoError(t, err)
		_, err = w.Write(make([]byte, 10<<20)) // what is in it does not matter: nobody looks
		require.NoError(t, err)
	})
	r := check(t, path)
	// What is opened has a hash, or says that it cannot be read to its end.
	require.Contains(t, r.Files, verify.File{Path: "CC0042/data/zeros", State: verify.Refused, Why: "unpacks to far more than it takes"})
}

// A file that says it is small is not unpacked further than it says.
func TestFilesThatLieAboutTheirLength(t *testing.T) {
	t.Parallel()
	path := archived(t, func(z *zip.Writer) {
		w, err := z.Create("CC0042/data/long") // packed
		require.NoError(t, err)
		_, err = w.Write(bytes.Repeat([]byte("x"), 1<<20))
		require.NoError(t, err)
	})
	raw, err := os.ReadFile(path)
	require.NoError(t, err)
	at := bytes.LastIndex(raw, []byte("CC0042/data/long")) - 46 // its line in the list of files
	require.Equal(t, "PK\x01\x02", string(raw[at:at+4]))
	binary.LittleEndian.PutUint32(raw[at+24:], 5)
	require.NoError(t, os.WriteFile(path, raw, 0o600))
	require.Equal(t, verify.Changed, states(check(t, path))["data/long"])
}
