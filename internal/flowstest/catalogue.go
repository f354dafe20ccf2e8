package flowstest

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"clipcase/flows/catalog"
)

// loaded is read once: the catalogue never changes, and reading it is slow
// under the race detector.
var loaded = sync.OnceValues(func() (*catalog.Catalog, error) { return catalog.Load("") }) //nolint:gochecknoglobals // filled once, then only read

// Catalogue is the built-in catalogue. Callers share it and must not change it.
func Catalogue(t testing.TB) *catalog.Catalog {
	t.Helper()
	cat, err := loaded()
	require.NoError(t, err)
	return cat
}
