package arch

import (
	"bytes"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const (
	root     = "../.."
	module   = "clipcase/"
	maxLines = 500
)

// rules says which of our packages, and which outside modules, a package may
// import; the standard library is free. Every package needs a line: adding one
// is a decision, and docs/architecture.md explains it. Leaves know the core,
// siblings never know each other, only cmd knows all.
var rules = map[string][]string{
	"media":                   {},
	"media/box":               {"clipcase/media"},
	"media/ffmpeg":            {"clipcase/media", "clipcase/media/box", "clipcase/media/ffmpeg/cage", "github.com/u2takey/ffmpeg-go", "golang.org/x/sync"},
	"media/align":             {"clipcase/media"},
	"media/sheet":             {"golang.org/x/image"},
	"media/detect":            {"clipcase/media", "clipcase/media/ffmpeg/cage", "golang.org/x/text"},
	"media/ffmpeg/cage":       {"github.com/landlock-lsm/go-landlock", "golang.org/x/sys", "golang.org/x/net"},
	"flows":                   {"clipcase/media", "clipcase/flows/catalog", "clipcase/flows/wording", "github.com/goccy/go-yaml", "github.com/rivo/uniseg", "golang.org/x/text"},
	"flows/catalog":           {"clipcase/media", "github.com/goccy/go-yaml", "github.com/nicksnyder/go-i18n", "golang.org/x/text"},
	"post":                    {"clipcase/flows", "github.com/wneessen/go-mail"},
	"flows/wording":           {"clipcase/flows/catalog"},
	"flows/dossier":           {"clipcase/media", "clipcase/flows", "clipcase/flows/catalog"},
	"flows/dossier/bag":       {"golang.org/x/text"},
	"flows/dossier/casebag":   {"clipcase/flows", "clipcase/flows/catalog", "clipcase/flows/dossier", "clipcase/flows/dossier/bag", "clipcase/flows/dossier/checkpage", "clipcase/flows/dossier/stamp"},
	"flows/dossier/checkpage": {"clipcase/flows/dossier/bag"},
	"flows/dossier/sign":      {"golang.org/x/crypto"},
	"flows/dossier/verify":    {"clipcase/flows", "clipcase/flows/dossier", "clipcase/flows/dossier/bag", "clipcase/flows/dossier/sign", "clipcase/flows/dossier/stamp", "golang.org/x/text"},
	"flows/dossier/stamp":     {"github.com/digitorus/pkcs7", "github.com/digitorus/timestamp"},
	"flows/pass":              {"clipcase/media"},
	"flows/prepare":           {"clipcase/media", "clipcase/media/align", "clipcase/flows", "clipcase/flows/catalog", "clipcase/flows/dossier", "clipcase/flows/dossier/booklet", "clipcase/flows/dossier/mail", "clipcase/flows/wording"},
	"storage":                 {"clipcase/media", "clipcase/flows", "clipcase/flows/pass", "github.com/aws/aws-sdk-go-v2", "github.com/aws/smithy-go", "github.com/redis/go-redis/v9", "gocloud.dev", "golang.org/x/crypto", "golang.org/x/sys"},
	"jobs":                    {"clipcase/media", "clipcase/media/sheet", "clipcase/flows", "clipcase/flows/pass", "clipcase/flows/catalog", "clipcase/flows/prepare", "clipcase/flows/dossier", "clipcase/flows/dossier/bag", "clipcase/flows/dossier/stamp", "github.com/hibiken/asynq", "github.com/redis/go-redis/v9"},
	"bot":                     {"clipcase/media", "clipcase/flows", "clipcase/flows/catalog", "github.com/go-telegram/bot"},
	"web":                     {"clipcase/media", "clipcase/flows", "github.com/prometheus/client_golang", "golang.org/x/net"},
	"web/casepage":            {"clipcase/media", "clipcase/flows", "clipcase/flows/catalog", "clipcase/flows/pass", "clipcase/web/entry", "clipcase/web/page", "clipcase/flows/dossier", "clipcase/flows/dossier/bag"},
	"web/page":                {"clipcase/flows", "clipcase/flows/catalog"},
	"web/entry":               {"clipcase/flows", "clipcase/flows/pass", "clipcase/web/page"},
	"web/guide":               {"clipcase/flows", "clipcase/flows/catalog", "clipcase/web/entry", "clipcase/web/page"},
	"web/wizard":              {"clipcase/media", "clipcase/flows", "clipcase/flows/catalog", "clipcase/flows/pass", "clipcase/web/entry", "clipcase/web/page"},
	"web/upload":              {"clipcase/media", "clipcase/flows", "clipcase/flows/pass", "clipcase/web/page", "github.com/tus/tusd/v2", "golang.org/x/exp"},
	"flows/dossier/booklet":   {"clipcase/flows/dossier", "github.com/rivo/uniseg", "github.com/signintech/gopdf", "golang.org/x/image", "rsc.io/qr"},
	"flows/dossier/mail":      {"github.com/wneessen/go-mail"},

	"flows/dossier/rederive": {"clipcase/flows/dossier", "clipcase/flows/dossier/verify", "clipcase/media", "golang.org/x/net"},
}

// starters are the packages that may start processes.
var starters = []string{"media/ffmpeg", "media/ffmpeg/cage", "media/detect", "internal/testclips", "internal/s3test", "internal/tsatest", "storage", "bench"}

// support are packages outside the table: cmd wires everything together,
// internal is what tests stand on.
func support(pkg string) bool {
	return strings.HasPrefix(pkg, "cmd/") || strings.HasPrefix(pkg, "internal/") || strings.HasPrefix(pkg, "bench") || pkg == "storage/storagetest"
}

func TestImports(t *testing.T) {
	t.Parallel()
	used := map[string]bool{}
	eachGo(t, func(path, pkg string) {
		if strings.HasSuffix(path, "_test.go") {
			return
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		require.NoError(t, err)
		allowed, known := rules[pkg]
		if !known && !support(pkg) {
			t.Errorf("%s: the package has no import rule", pkg)
			return
		}
		for _, spec := range file.Imports {
			imp, err := strconv.Unquote(spec.Path.Value)
			require.NoError(t, err)
			if imp == "os/exec" && !slices.Contains(starters, pkg) {
				t.Errorf("%s: only %v may start processes", path, starters)
			}
			if !known || standard(imp) {
				continue
			}
			at := slices.IndexFunc(allowed, func(a string) bool {
				return imp == a || !strings.HasPrefix(a, module) && strings.HasPrefix(imp, a+"/")
			})
			if at < 0 {
				t.Errorf("%s: must not import %s", path, imp)
				continue
			}
			used[pkg+" "+allowed[at]] = true
		}
	})
	for pkg, allowed := range rules {
		for _, a := range allowed {
			if !strings.HasPrefix(a, module) && !used[pkg+" "+a] {
				t.Errorf("%s may import %s and does not: take it out of the table", pkg, a)
			}
		}
	}
}

func TestRulesNameRealPackages(t *testing.T) {
	t.Parallel()
	for pkg := range rules {
		_, err := os.Stat(filepath.Join(root, pkg))
		require.NoError(t, err, "the import table names %s", pkg)
	}
}

func TestPackagesSayWhatTheyDo(t *testing.T) {
	t.Parallel()
	said := map[string]bool{}
	eachGo(t, func(path, pkg string) {
		if strings.HasSuffix(path, "_test.go") {
			return
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.PackageClauseOnly|parser.ParseComments)
		require.NoError(t, err)
		said[pkg] = said[pkg] || file.Doc != nil
	})
	for pkg, ok := range said {
		if !ok {
			t.Errorf("%s: no file has a package comment", pkg)
		}
	}
}

func TestFilesStayShort(t *testing.T) {
	t.Parallel()
	eachFile(t, func(path string) {
		if !slices.Contains([]string{".go", ".lua", ".ts", ".js", ".css", ".html", ".sh", ".yaml", ".yml"}, filepath.Ext(path)) || strings.Contains(path, "testdata") {
			return
		}
		content, err := os.ReadFile(path)
		require.NoError(t, err)
		if n := bytes.Count(content, []byte("\n")); n > maxLines {
			t.Errorf("%s has %d lines, at most %d are allowed", path, n, maxLines)
		}
	})
}

// standard says whether an import path is the standard library's: ours and
// others' have a dot in the first element or are our module.
func standard(imp string) bool {
	first, _, _ := strings.Cut(imp, "/")
	return !strings.Contains(first, ".") && !strings.HasPrefix(imp, module)
}

func eachGo(t *testing.T, each func(path, pkg string)) {
	t.Helper()
	eachFile(t, func(path string) {
		if filepath.Ext(path) != ".go" {
			return
		}
		rel, err := filepath.Rel(root, filepath.Dir(path))
		require.NoError(t, err)
		each(path, filepath.ToSlash(rel))
	})
}

func eachFile(t *testing.T, each func(path string)) {
	t.Helper()
	require.NoError(t, filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if name := d.Name(); path != root && (strings.HasPrefix(name, ".") && name != ".ci" || name == "node_modules" || name == "testdata" || name == "data" || name == "bin" || name == "demo") {
				return filepath.SkipDir
			}
			return nil
		}
		each(path)
		return nil
	}))
}
