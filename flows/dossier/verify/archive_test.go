package verify_test

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"clipcase/flows/dossier/bag"
	"clipcase/flows/dossier/verify"
)

// zipped is the good bag as the ZIP that is handed out.
func zipped(t *testing.T) []byte {
	t.Helper()
	b, err := bag.New(contents(t, newKey(t, 1)))
	require.NoError(t, err)
	var out bytes.Buffer
	require.NoError(t, b.WriteZIP(t.Context(), &out, "CC0042"))
	return out.Bytes()
}

func stored(t *testing.T, raw []byte) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "CC0042.zip")
	require.NoError(t, os.WriteFile(path, raw, 0o600))
	return path
}

// packed is the good bag packed by another program, which added something.
func packed(t *testing.T, add func(z *zip.Writer)) []byte {
	t.Helper()
	ours := zipped(t)
	old, err := zip.NewReader(bytes.NewReader(ours), int64(len(ours)))
	require.NoError(t, err)
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for _, e := range old.File {
		in, err := e.Open()
		require.NoError(t, err)
		to, err := z.Create(e.Name)
		require.NoError(t, err)
		_, err = io.Copy(to, in)
		require.NoError(t, err)
	}
	add(z)
	require.NoError(t, z.Close())
	return out.Bytes()
}

func archived(t *testing.T, add func(z *zip.Writer)) string {
	t.Helper()
	return stored(t, packed(t, add))
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
