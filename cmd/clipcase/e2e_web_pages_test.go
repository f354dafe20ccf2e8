package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"clipcase/internal/browsertest"
)

// axe is where npm puts the script that looks for what people stumble over.
const axe = "../../web/scripts/node_modules/axe-core/axe.min.js"

// heaviest is what a page may weigh in bytes, without media.
const heaviest = 150_000

// TestEveryPageIsForEveryone: no page has a serious fault for people with other
// needs, weighs more than a slow network carries, is wider than the phone (also a
// narrow one) or, on a desktop, the window, or holds what no keyboard gets at.
func TestEveryPageIsForEveryone(t *testing.T) {
	t.Parallel()
	devices := []browsertest.Device{browsertest.Phone()}
	if os.Getenv("CLIPCASE_SCREENS") != "" { // make screens looks at all there is
		dark := browsertest.Phone()
		dark.Name, dark.Dark = "dark", true
		devices = append(devices, english(browsertest.Phone()), dark)
	}
	for _, d := range devices {
		t.Run(d.Lang+" "+d.Name, func(t *testing.T) {
			t.Parallel()
			seen := map[string]bool{}
			tour(t, d, func(name string, p *browsertest.Page) {
				for _, at := range browsertest.Eval[[]string](p, layouts) {
					seen[at] = true
				}
				weight := p.Weight()
				assert.Less(t, weight, int64(heaviest), "%s: bytes", name)
				for _, v := range p.Axe(axe) {
					assert.Fail(t, name+": "+v.String())
				}
				assert.Empty(t, p.TooWide(), "%s is wider than the phone", name)
				assert.Empty(t, p.Unreachable(), "%s by the keyboard", name)
				p.Held(browsertest.Narrow(), func() {
					assert.Empty(t, p.TooWide(), "%s is wider than a narrow phone", name)
				})
				p.Held(browsertest.Desktop(), func() {
					for _, v := range p.Axe(axe) {
						assert.Fail(t, name+" on a desktop: "+v.String())
					}
					assert.Empty(t, p.TooWide(), "%s is wider than the window", name)
				})
			})
			for _, page := range everyPage(t) {
				assert.True(t, seen[page], "the tour does not open %s", page)
			}
		})
	}
}

// layouts are the file that a page is laid out by and, of a step, which one it is.
const layouts = `[document.querySelector('main').dataset.layout, document.querySelector('[data-page]')?.dataset.page ?? '']`

// everyPage names what there is to see: each file that lays a page out, each step
// of the conversation, and the pages that the wizard has beside its steps.
func everyPage(t *testing.T) []string {
	t.Helper()
	all := []string{"welcome", "work", "rest", "bare"}
	raw, err := os.ReadFile("../../flows/talk.yaml")
	require.NoError(t, err)
	var talk struct {
		Steps []struct {
			ID string `yaml:"id"`
		} `yaml:"steps"`
	}
	require.NoError(t, yaml.Unmarshal(raw, &talk))
	for _, step := range talk.Steps {
		all = append(all, step.ID)
	}
	files, err := filepath.Glob("../../web/*/templates/*.html")
	require.NoError(t, err)
	require.Greater(t, len(files), 15)
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".html")
		if part := filepath.Base(filepath.Dir(filepath.Dir(file))); !strings.HasPrefix(name, "_") {
			all = append(all, part+"/"+name)
		}
	}
	return all
}
