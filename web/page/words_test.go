package page

import (
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"clipcase/flows/catalog"
	"clipcase/internal/flowstest"
)

var sayPattern = regexp.MustCompile(`\.Say "([^"]+)"|flows\.T\("(web\.[^"]+)"`)

// TestEveryWordOnPagesExists reads the templates and the code of all parts: a key
// without words would be shown to people as it stands.
func TestEveryWordOnPagesExists(t *testing.T) {
	t.Parallel()
	cat := flowstest.Catalogue(t)
	seen := 0
	require.NoError(t, fs.WalkDir(os.DirFS(".."), ".", func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() && d.Name() == "node_modules" {
			return fs.SkipDir
		}
		if err != nil || !strings.HasSuffix(path, ".html") && !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := fs.ReadFile(os.DirFS(".."), path)
		for _, found := range sayPattern.FindAllSubmatch(text, -1) {
			key := string(found[1]) + string(found[2])
			seen++
			for _, lang := range []string{"zh", "en"} {
				if !said(cat, lang, key) {
					t.Errorf("%s: %s has no words in %s", path, key, lang)
				}
			}
		}
		return err
	}))
	require.Greater(t, seen, 30)
}

// said says whether a key has words; one that ends with a dot is put together
// with something else, and some key must begin with it.
func said(cat *catalog.Catalog, lang, key string) bool {
	if !strings.HasSuffix(key, ".") {
		return cat.Has(lang, key)
	}
	return slices.ContainsFunc(cat.Keys(), func(k string) bool { return strings.HasPrefix(k, key) && cat.Has(lang, k) })
}
