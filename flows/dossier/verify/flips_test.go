package verify_test

import (
	"bytes"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"clipcase/flows/dossier/verify"
)

// flips demands that every bit of raw between two bytes counts: what has only one
// of them otherwise does not hold, or is no bag at all. The race detector, with which
// it takes ten times as long, sees every third, which in turn are all of a byte.
func flips(t *testing.T, raw []byte, from, to int) {
	t.Helper()
	path := stored(t, raw)
	for i := 8 * from; i < 8*to; i += step {
		flipped(t, path, raw, i/8, i%8)
	}
}

func flipped(t *testing.T, path string, raw []byte, at, bit int) {
	t.Helper()
	raw[at] ^= 1 << bit
	require.NoError(t, os.WriteFile(path, raw, 0o600))
	raw[at] ^= 1 << bit
	if r, err := verify.Run(t.Context(), path, verify.Options{}); err == nil {
		require.False(t, r.OK, "byte %d bit %d", at, bit)
	}
}

// One bit anywhere in the ZIP: every bit of the list of files, of what stands
// before the first file and of the end, and many of everything else.
func TestOneBitAnywhereInAZIPIsFound(t *testing.T) {
	t.Parallel()
	raw := zipped(t)
	require.True(t, check(t, stored(t, raw)).OK)
	list := bytes.Index(raw, []byte("PK\x01\x02"))
	for name, part := range map[string][2]int{
		"the first file":              {0, 46 + 54},
		"a file in the list":          {list, list + 46 + 50},
		"the end of the list, and it": {len(raw) - 22 - 30, len(raw)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			flips(t, bytes.Clone(raw), part[0], part[1])
		})
	}
	for seed := range uint64(2) {
		t.Run("anywhere", func(t *testing.T) {
			t.Parallel()
			random, mine := rand.New(rand.NewPCG(seed, 0)), bytes.Clone(raw)
			path := stored(t, mine)
			for range 150 {
				flipped(t, path, mine, random.IntN(len(mine)), random.IntN(8))
			}
		})
	}
}

// The same of a folder: in every file the first and last byte and many between.
func TestOneBitAnywhereInAFolderIsFound(t *testing.T) {
	t.Parallel()
	dir := folder(t, contents(t, newKey(t, 1)))
	random := rand.New(rand.NewPCG(1, 0))
	require.NoError(t, filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		whole, err := os.ReadFile(p)
		require.NoError(t, err)
		places := []int{0, len(whole) - 1}
		for range 12 {
			places = append(places, random.IntN(len(whole)))
		}
		for _, at := range places {
			bit := random.IntN(8)
			whole[at] ^= 1 << bit
			require.NoError(t, os.WriteFile(p, whole, 0o600))
			whole[at] ^= 1 << bit
			if r, err := verify.Run(t.Context(), dir, verify.Options{}); err == nil {
				require.False(t, r.OK, "%s, byte %d bit %d", p, at, bit)
			}
		}
		require.NoError(t, os.WriteFile(p, whole, 0o600))
		return nil
	}))
	require.True(t, check(t, dir).OK)
}
