package browsertest

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

// Violation is one rule of axe that a page breaks.
type Violation struct {
	ID     string
	Impact string // minor, moderate, serious, critical
	Help   string
	Where  []string
}

// Axe runs axe-core, whose script stands at path, over the page, and gives what is
// serious or critical.
func (p *Page) Axe(path string) []Violation {
	p.t.Helper()
	script, err := os.ReadFile(path)
	require.NoError(p.t, err, "axe-core is installed by make scripts")
	found := seen[[]Violation](p, string(script)+"\n;"+`axe.run(document, { resultTypes: ['violations'] }).then((r) => r.violations.map((v) => ({
		ID: v.id, Impact: v.impact, Help: v.help,
		Where: v.nodes.map((n) => n.target.join(' ') + ': ' + n.html.slice(0, 200) + ' ' + (n.any[0]?.message ?? '')),
	})))`)
	var bad []Violation
	for _, v := range found {
		if v.Impact == "serious" || v.Impact == "critical" {
			bad = append(bad, v)
		}
	}
	return bad
}

// seen is Eval on a page that is all there.
func seen[T any](p *Page, expression string) T {
	p.t.Helper()
	p.AwaitTrue("document.readyState === 'complete'")
	return Eval[T](p, expression)
}

// Held shows the page on another device while see runs, of which only size and
// scale count, and then on its own again.
func (p *Page) Held(d Device, see func()) {
	p.t.Helper()
	p.resize(d)
	defer p.resize(p.device)
	see()
}

func (p *Page) resize(d Device) {
	p.t.Helper()
	require.NoError(p.t, p.within(patience, chromedp.Func(d.size)), "show it on a %s", d.Name)
}

// String implements fmt.Stringer.
func (v Violation) String() string {
	return fmt.Sprintf("%s (%s): %s\n  %s", v.ID, v.Impact, v.Help, strings.Join(v.Where, "\n  "))
}

// TooWide names what reaches over the right edge of the page, so that a phone
// would scroll sideways; "" if nothing does.
func (p *Page) TooWide() string {
	p.t.Helper()
	return seen[string](p, `(() => {
		const room = document.documentElement.clientWidth
		if (document.documentElement.scrollWidth <= room) return ''
		const e = [...document.body.querySelectorAll('*')].find((e) => e.getBoundingClientRect().right > room + 1)
		return e ? e.outerHTML.slice(0, 200) : 'the page'
	})()`)
}

// Picture is a PNG of the whole page, from top to bottom.
func (p *Page) Picture() []byte {
	p.t.Helper()
	return stays(p, "a picture", func() ([]byte, error) {
		p.AwaitTrue("document.readyState === 'complete' && [...document.images].every((i) => i.complete || i.loading === 'lazy')")
		ctx, cancel := context.WithTimeout(p.ctx, patience)
		defer cancel()
		return chromedp.Run(ctx, chromedp.FullScreenshot(100))
	})
}
