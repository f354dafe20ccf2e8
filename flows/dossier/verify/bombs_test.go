package verify_test

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"clipcase/flows/dossier/verify"
)

// zeros are so many times 4 MB of zeros, packed: real ones, which unpack. Since
// what went before is zeros as well, the packed form of some is that of the next.
func zeros(t *testing.T, times int) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := flate.NewWriter(&out, flate.BestCompression)
	require.NoError(t, err)
	block := make([]byte, 1<<20)
	some := func() []byte {
		from := out.Len()
		for range 4 {
			_, err := w.Write(block)
			require.NoError(t, err)
		}
		require.NoError(t, w.Flush())
		return bytes.Clone(out.Bytes()[from:])
	}
	all := some()
	all = append(all, bytes.Repeat(some(), times-1)...)
	return append(all, 1, 0, 0, 0xff, 0xff) // the end: a block of nothing
}

func bomb(t *testing.T, z *zip.Writer, name string, content []byte, says uint64) {
	t.Helper()
	w, err := z.CreateRaw(&zip.FileHeader{Name: name, Method: zip.Deflate, UncompressedSize64: says, CompressedSize64: uint64(len(content))})
	require.NoError(t, err)
	_, err = w.Write(content)
	require.NoError(t, err)
}

// A gigabyte of zeros is not unpacked, whether it says what it is or not.
func TestBombsAreNotUnpacked(t *testing.T) {
	t.Parallel()
	content := zeros(t, 256)
	const size = 256 * 4 << 20
	require.Less(t, len(content), size/500)
	r := check(t, archived(t, func(z *zip.Writer) {
		bomb(t, z, "CC0042/data/honest", content, size)
		bomb(t, z, "CC0042/data/small", content, 1000)
		bomb(t, z, "CC0042/data/enough", content, uint64(len(content))*150) // a sixth of it: it is read until there is more
	}))
	// What is opened has a hash, or says that it cannot be read to its end.
	require.Contains(t, r.Files, verify.File{Path: "CC0042/data/honest", State: verify.Refused, Why: "unpacks to far more than it takes"})
	for path, bytes := range map[string]int64{"data/small": 1000, "data/enough": int64(len(content)) * 150} {
		require.Contains(t, r.Files, verify.File{Path: path, State: verify.Changed, Bytes: bytes, Why: "cannot be read to its end"})
	}
}

// Many small ones are one large one.
func TestManySmallBombs(t *testing.T) {
	t.Parallel()
	content := zeros(t, 1)
	r := check(t, archived(t, func(z *zip.Writer) {
		for i := range 500 {
			bomb(t, z, fmt.Sprintf("CC0042/data/%d", i), content[:100], 1<<20)
		}
	}))
	refused := 0
	for _, f := range r.Files {
		if f.State == verify.Refused {
			require.Equal(t, "with the others unpacks to far more than they take", f.Why)
			refused++
		}
	}
	require.Greater(t, refused, 400)
}
