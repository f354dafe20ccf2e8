package catalog

import (
	"flag"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write the golden files anew")

// builtInCatalog is the embedded data alone.
func builtInCatalog(t *testing.T) *Catalog {
	t.Helper()
	c, err := loaded()
	require.NoError(t, err)
	return c
}

// golden compares text with a file below testdata, or writes it.
func golden(t *testing.T, name, text string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o755))
		require.NoError(t, os.WriteFile(file, []byte(text), 0o644))
	}
	want, err := os.ReadFile(file)
	require.NoError(t, err, "run go test ./flows/catalog -update")
	require.Equal(t, string(want), text)
}

// loaded is the built-in catalogue, read once: it never changes.
var loaded = sync.OnceValues(func() (*Catalog, error) { return Load("") })
