package browsertest

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/require"
)

// finder looks for what a person would press: by words that can be read on it,
// or by a selector. It brings it into view and gives its middle, or why not.
const finder = `((words, css) => {
	if (document.readyState !== 'complete') return { why: 'the page still comes' }
	const all = [...document.querySelectorAll(css)]
	const shown = (e) => e.checkVisibility({ visibilityProperty: true }) && e.getClientRects().length > 0
	const says = (e) => [e.innerText, e.getAttribute('aria-label'), e.value].some((s) => (s ?? '').replace(/\s+/g, ' ').includes(words))
	const e = all.find((e) => shown(e) && says(e))
	if (!e) return { why: 'nothing to press says so' }
	if (e.disabled) return { why: 'it is disabled' }
	e.scrollIntoView({ block: 'center', behavior: 'instant' })
	const r = e.getClientRects()[0]
	const x = r.left + r.width / 2, y = r.top + r.height / 2
	const hit = document.elementFromPoint(x, y)
	if (!hit || !(e.contains(hit) || hit.contains(e) || e.control === hit)) return { why: 'covered by ' + (hit && hit.outerHTML.slice(0, 200)) }
	return { x, y, width: r.width, height: r.height }
})`

// pressable is what Press looks through.
const pressable = "button, a[href], summary, label, input[type=submit], [role=button]"

type spot struct {
	Why           string  `json:"why"`
	X             float64 `json:"x"`
	Y             float64 `json:"y"`
	Width, Height float64
}

// Press presses what says the words: a tap on a phone, else a click.
func (p *Page) Press(words string) {
	p.t.Helper()
	p.press(words, pressable)
}

// PressAt presses the first thing in sight that the selector finds.
func (p *Page) PressAt(css string) {
	p.t.Helper()
	p.press("", css)
}

func (p *Page) press(words, css string) {
	p.t.Helper()
	var at spot
	p.until(patience, fmt.Sprintf("something to press: %q %s", words, css), func() bool {
		before := at
		var err error
		at, err = eval[spot](p, patience, fmt.Sprintf("%s(%s, %s)", finder, quote(words), quote(css)))
		return err == nil && at.Why == "" && at == before // people press what keeps still
	})
	if p.device.Touch {
		require.NoError(p.t, p.within(patience, chromedp.TapXY(at.X, at.Y)))
		return
	}
	require.NoError(p.t, p.within(patience, chromedp.MouseClickXY(at.X, at.Y)))
}

// Follow presses what says the words and waits for the page it leads to.
func (p *Page) Follow(words string) {
	p.t.Helper()
	p.follow(words, pressable)
}

// FollowAt is Follow by a selector.
func (p *Page) FollowAt(css string) {
	p.t.Helper()
	p.follow("", css)
}

// heeded is how long after a press the browser may take to ask for the page.
const heeded = 5 * time.Second

// follow presses until the browser asks for another page because of it, as people
// do when the page moved under the finger, and waits until that page is whole. A
// page that loads itself again is not taken for it.
func (p *Page) follow(words, css string) {
	p.t.Helper()
	p.watch.reset()
	for pressed := false; !pressed; {
		p.press(words, css)
		pressed = p.soon(heeded, func() bool { asked, _ := p.watch.followed(); return asked })
	}
	p.until(patience, "the page that follows", func() bool { _, there := p.watch.followed(); return there })
	p.AwaitTrue("document.readyState === 'complete'")
}

// Type writes into the field that the selector finds, after what stands there.
func (p *Page) Type(css, text string) {
	p.t.Helper()
	p.AwaitTrue("document.querySelector(" + quote(css) + ")")
	require.NoError(p.t, p.within(patience, chromedp.SendKeys(chromedp.CSS(css), text)))
}

// Choose gives files to a file field, as the dialog of the system would.
func (p *Page) Choose(css string, paths ...string) {
	p.t.Helper()
	p.AwaitTrue("document.querySelector(" + quote(css) + ")")
	require.NoError(p.t, p.within(patience, chromedp.SetUploadFiles(chromedp.CSS(css), paths, chromedp.NodeReady)))
}

// Keys of the keyboard.
const (
	Tab   = kb.Tab
	Enter = kb.Enter
	Space = " "
	Down  = kb.ArrowDown
)

// Key presses a key of the keyboard.
func (p *Page) Key(key string) {
	p.t.Helper()
	require.NoError(p.t, p.within(patience, chromedp.KeyEvent(key)))
}

// Unreachable names what can be pressed or filled in on the page and is not to be
// had by the keyboard, or does not show that it has the focus; "" if there is none.
func (p *Page) Unreachable() string {
	p.t.Helper()
	p.until(patience, "a focus that is shown, since somebody uses the keyboard", func() bool {
		p.Key(Tab)
		return Eval[bool](p, "Boolean(document.querySelector(':focus-visible'))")
	})
	return seen[string](p, `(() => {
		const shown = (e) => e.checkVisibility({ visibilityProperty: true }) && e.getClientRects().length > 0
		const marked = (e) => { const s = getComputedStyle(e); return (s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) > 0) || s.boxShadow !== 'none' }
		for (const e of document.querySelectorAll('a[href], button, input, select, textarea, summary, video[controls], [tabindex], [role=button], [onclick]')) {
			if (!shown(e) || e.disabled || e.type === 'hidden' || e.closest('[aria-hidden=true]') || e.tagName === 'H1') continue
			if (e.tabIndex !== 0) return 'not by Tab: ' + e.outerHTML.slice(0, 200)
			e.focus({ preventScroll: true })
			if (document.activeElement !== e) return 'takes no focus: ' + e.outerHTML.slice(0, 200)
			const label = e.labels?.[0] ?? e.closest('label')
			if (!marked(e) && !(label && marked(label))) return 'the focus cannot be seen: ' + e.outerHTML.slice(0, 200)
		}
		document.activeElement.blur()
		return ''
	})()`)
}

// Focused is what has the keyboard's focus, in words, and whether a person sees
// that it has. What only a page can give the focus to, such as a heading, counts
// as the page's beginning: "".
func (p *Page) Focused() (words string, seen bool) {
	p.t.Helper()
	found := Eval[struct {
		Words string
		Seen  bool
	}](p, `(() => {
		const e = document.activeElement
		if (!e || e === document.body || e.tabIndex < 0) return { Words: '', Seen: true }
		const s = getComputedStyle(e)
		const label = e.labels && e.labels[0] ? e.labels[0].innerText : ''
		const words = (e.getAttribute('aria-label') || label || e.innerText || e.name || e.tagName).replace(/\s+/g, ' ').trim()
		const seen = (s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) > 0) || s.boxShadow !== 'none'
			|| (e.closest('label') && getComputedStyle(e.closest('label')).outlineStyle !== 'none')
		return { Words: words, Seen: Boolean(seen) }
	})()`)
	return found.Words, found.Seen
}

func quote(s string) string {
	raw, err := json.Marshal(s)
	if err != nil {
		panic(err) // a string is always JSON
	}
	return string(raw)
}
