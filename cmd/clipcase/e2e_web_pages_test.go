package main

import (
	"os"
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
		dark := browsertest.Phone()
		dark.Name, dark.Dark = "dark", true
		devices = append(devices, english(browsertest.Phone()), dark)
	}
	for _, d := range devices {
		t.Run(d.Lang+" "+d.Name, func(t *testing.T) {
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
