package browsertest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/chromedp/cdproto"
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

// seen is the value of an expression that only looks at a page that is all there.
// A page that shows how work goes on may leave for the next one meanwhile: then
// that one is looked at.
func seen[T any](p *Page, expression string) T {
	p.t.Helper()
	var value T
	p.until(patience, "a page that stays", func() bool {
		p.AwaitTrue("document.readyState === 'complete'")
		var err error
		value, err = eval[T](p, patience, expression)
		var gone *cdproto.Error
		if errors.As(err, &gone) && gone.Code == leftThePage {
			return false
		}
		require.NoError(p.t, err, "%s", expression[max(0, len(expression)-200):])
		return true
	})
	return value
}

// leftThePage is the browser's code for what it no longer answers: "Inspected
// target navigated or closed", "Cannot find context with specified id".
const leftThePage = -32000

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
	p.AwaitTrue("document.readyState === 'complete' && [...document.images].every((i) => i.complete || i.loading === 'lazy')")
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	picture, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
	require.NoError(p.t, err)
	return picture
}
