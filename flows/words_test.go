package flows_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestEveryTextHasWords reads our own source: every key given to T stands in
// every language, and is given all the arguments its words use.
func TestEveryTextHasWords(t *testing.T) {
	t.Parallel()
	cat := builtin(t)
	files, err := os.ReadDir(".")
	require.NoError(t, err)
	used := map[string]bool{}
	for _, f := range files {
		if !strings.HasSuffix(f.Name(), ".go") || strings.HasSuffix(f.Name(), "_test.go") {
			continue
		}
		tree, err := parser.ParseFile(token.NewFileSet(), f.Name(), nil, 0)
		require.NoError(t, err)
		given := map[string][]string{}
		ast.Inspect(tree, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CallExpr:
				if name, ok := n.Fun.(*ast.Ident); ok && name.Name == "T" && len(n.Args) > 0 {
					if key := literal(n.Args[0]); key != "" {
						given[key] = nil
						for i := 1; i < len(n.Args); i += 2 {
							given[key] = append(given[key], literal(n.Args[i]))
						}
						missing(t, cat.Languages(), f.Name(), key, given[key])
					}
				}
			case *ast.BasicLit:
				if key := literal(n); key != "" && regexp.MustCompile(`^(talk|deliver|catalog)\.[a-z.]+$`).MatchString(key) && key != "talk.yaml" {
					used[key] = true
					for _, lang := range cat.Languages() {
						require.True(t, cat.Has(lang, key), "%s: %s has no words in %s", f.Name(), key, lang)
					}
				}
			}
			return true
		})
	}
	for _, key := range cat.Keys() {
		if strings.HasPrefix(key, "talk.") || strings.HasPrefix(key, "deliver.") {
			require.True(t, used[key], "the words of %s are never said", key)
		}
	}
}

// missing complains about arguments that the words use and the code does not give.
func missing(t *testing.T, languages []string, file, key string, given []string) {
	t.Helper()
	for _, lang := range languages {
		for _, book := range []string{"talk", "deliver"} {
			raw, err := os.ReadFile("catalog/words/" + lang + "/" + book + ".yaml")
			require.NoError(t, err)
			for entry := range strings.SplitSeq("\n"+string(raw), "\n"+key+":") {
				if strings.HasPrefix(entry, "\n") || strings.HasPrefix(entry, "#") {
					continue
				}
				words := regexp.MustCompile(`(?m)^[a-z#]`).Split(entry, 2)[0]
				for _, arg := range regexp.MustCompile(`\{\{[a-z ]*\.([a-z]+)\}\}`).FindAllStringSubmatch(words, -1) {
					require.True(t, slices.Contains(given, arg[1]), "%s: %s is not given %q", file, key, arg[1])
				}
			}
		}
	}
}

func literal(e ast.Expr) string {
	lit, ok := e.(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return ""
	}
	s, err := strconv.Unquote(lit.Value)
	if err != nil {
		return ""
	}
	return s
}
