package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"clipcase/internal/browsertest"
)

// axe is where npm puts the script that looks for what people stumble over.
const axe = "../../web/scripts/node_modules/axe-core/axe.min.js"

// heaviest is what a page may weigh in bytes, without media.
const heaviest = 150_000

// TestEveryPageIsForEveryone: no page has a serious fault for people with other
// needs, weighs more than a slow network carries, or is wider than the phone or,
// on a desktop, the window.
func TestEveryPageIsForEveryone(t *testing.T) {
	t.Parallel()
	devices := []browsertest.Device{browsertest.Phone()}
	if os.Getenv("CLIPCASE_SCREENS") != "" { // make screens looks at all there is
		devices = append(devices, english(browsertest.Phone()))
	}
	for _, d := range devices {
		t.Run(d.Lang, func(t *testing.T) {
			t.Parallel()
			seen := map[string]bool{}
			tour(t, d, func(name string, p *browsertest.Page) {
				seen[name] = true
				weight := p.Weight()
				assert.Less(t, weight, int64(heaviest), "%s: bytes", name)
				for _, v := range p.Axe(axe) {
					assert.Fail(t, name+": "+v.String())
				}
				assert.Empty(t, p.TooWide(), "%s is wider than the phone", name)
				p.Held(browsertest.Desktop(), func() {
					for _, v := range p.Axe(axe) {
						assert.Fail(t, name+" on a desktop: "+v.String())
					}
					assert.Empty(t, p.TooWide(), "%s is wider than the window", name)
				})
			})
			require.Greater(t, len(seen), 30)
		})
	}
}

// TestScreens takes a picture of every page, for people to look at; make screens.
func TestScreens(t *testing.T) {
	dir := os.Getenv("CLIPCASE_SCREENS")
	if dir == "" {
		t.Skip("set CLIPCASE_SCREENS to a folder (make screens)")
	}
	dark := browsertest.Phone()
	dark.Name, dark.Dark = "phone-dark", true
	for _, d := range []browsertest.Device{browsertest.Phone(), browsertest.Desktop(), english(browsertest.Phone()), english(browsertest.Desktop()), dark} {
		folder := filepath.Join(dir, strings.ToLower(d.Lang[:2])+"-"+d.Name)
		require.NoError(t, os.MkdirAll(folder, 0o755))
		t.Run(filepath.Base(folder), func(t *testing.T) {
			tour(t, d, func(name string, p *browsertest.Page) {
				require.NoError(t, os.WriteFile(filepath.Join(folder, name+".png"), p.Picture(), 0o644))
			})
		})
	}
}
