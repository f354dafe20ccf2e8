package arch

import (
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var (
	link   = regexp.MustCompile(`\]\(([^)#\s]+)(#[^)\s]*)?\)`)
	target = regexp.MustCompile(`(?m)^([a-z][a-z0-9-]*):`)
	made   = regexp.MustCompile("`make ([a-z][a-z0-9-]*)")
)

// TestDocsPointToThingsThatExist holds every document to the tree: relative
// links and make targets.
func TestDocsPointToThingsThatExist(t *testing.T) {
	t.Parallel()
	makefile, err := os.ReadFile(filepath.Join(root, "Makefile"))
	require.NoError(t, err)
	targets := map[string]bool{}
	for _, m := range target.FindAllStringSubmatch(string(makefile), -1) {
		targets[m[1]] = true
	}
	eachFile(t, func(path string) {
		if filepath.Ext(path) != ".md" {
			return
		}
		content, err := os.ReadFile(path)
		require.NoError(t, err)
		for _, m := range link.FindAllStringSubmatch(string(content), -1) {
			if u, err := url.Parse(m[1]); err == nil && u.Scheme == "" {
				if _, err := os.Stat(filepath.Join(filepath.Dir(path), filepath.FromSlash(m[1]))); err != nil {
					t.Errorf("%s points to %s, which does not exist", path, m[1])
				}
			}
		}
		for _, m := range made.FindAllStringSubmatch(string(content), -1) {
			if !targets[m[1]] {
				t.Errorf("%s names `make %s`, which the Makefile does not have", path, m[1])
			}
		}
	})
}

// TestEnvironmentIsDocumented holds docs/operations.md to the configuration:
// every variable serve reads is explained there, and reaches it in a container.
func TestEnvironmentIsDocumented(t *testing.T) {
	t.Parallel()
	config, err := os.ReadFile(filepath.Join(root, "cmd/clipcase/config.go"))
	require.NoError(t, err)
	operations, err := os.ReadFile(filepath.Join(root, "docs/operations.md"))
	require.NoError(t, err)
	compose, err := os.ReadFile(filepath.Join(root, "compose.yaml"))
	require.NoError(t, err)
	// Folders and addresses inside of the container are the image's own affair;
	// a catalogue of the operator's own is a volume and a line they add.
	inside := []string{"DATA_DIR", "LISTEN_ADDR", "CATALOG_DIR"}
	names := regexp.MustCompile(`env:"([A-Z_]+)`).FindAllStringSubmatch(string(config), -1)
	require.NotEmpty(t, names)
	for _, n := range names {
		if !strings.Contains(string(operations), "`"+n[1]+"`") {
			t.Errorf("docs/operations.md does not explain %s", n[1])
		}
		if !slices.Contains(inside, n[1]) && !strings.Contains(string(compose), "      "+n[1]+": ") {
			t.Errorf("compose.yaml does not pass %s on", n[1])
		}
	}
}
