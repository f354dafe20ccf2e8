package browsertest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

// patience is how long a page may take for one thing on a busy machine, such as
// films made under the race detector beside other tests. Only failures take it.
const patience = 3 * time.Minute

// look is how often a page is asked whether something is there.
const look = 50 * time.Millisecond

// Page is one page that a person looks at. Whatever is not there in time ends
// the test.
type Page struct {
	t      testing.TB
	ctx    context.Context
	device Device
	watch  *watch
}

func (p *Page) within(d time.Duration, steps ...chromedp.Action[chromedp.Void]) error {
	ctx, cancel := context.WithTimeout(p.ctx, d)
	defer cancel()
	return chromedp.Do(ctx, steps...)
}

// Before runs a script on every page that is opened from now on, before the page's
// own: it gives the browser what a phone has.
func (p *Page) Before(script string) {
	p.t.Helper()
	add := chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: script})
		return err
	})
	require.NoError(p.t, p.within(patience, add), "run a script before every page")
}

// Go opens an address and says how it was answered.
func (p *Page) Go(address string) (status int) {
	p.t.Helper()
	p.watch.reset()
	require.NoError(p.t, p.within(patience, chromedp.Navigate(address)), "open %s", address)
	return int(p.watch.answered())
}

// Reload loads the page again, as a person does who pulls it down.
func (p *Page) Reload() {
	p.t.Helper()
	require.NoError(p.t, p.within(patience, chromedp.Reload()))
}

// Back goes to the page before, as the button of the browser does.
func (p *Page) Back() {
	p.t.Helper()
	require.NoError(p.t, p.within(patience, chromedp.NavigateBack()))
	p.AwaitTrue("document.readyState === 'complete'")
}

// Address is where the page is.
func (p *Page) Address() string {
	p.t.Helper()
	return Eval[string](p, "location.href")
}

// Eval is the value of an expression on the page. What promises resolve to is
// waited for. A page that shows how work goes on may leave for the next one
// meanwhile: then that one is asked, so that expressions must bear it.
func Eval[T any](p *Page, expression string) T {
	p.t.Helper()
	return stays(p, expression[max(0, len(expression)-200):], func() (T, error) { return eval[T](p, patience, expression) })
}

// stays gives what look finds on a page, again as long as the page leaves while it
// is looked at. what is its name.
func stays[T any](p *Page, what string, look func() (T, error)) T {
	p.t.Helper()
	var value T
	p.until(patience, "a page that stays: "+what, func() bool {
		var err error
		value, err = look()
		var gone *cdproto.Error
		if errors.As(err, &gone) && gone.Code == leftThePage {
			return false
		}
		require.NoError(p.t, err, "%s", what)
		return true
	})
	return value
}

// leftThePage is the browser's code for what it no longer answers: "Inspected
// target navigated or closed", "Cannot find context with specified id".
const leftThePage = -32000

func eval[T any](p *Page, d time.Duration, expression string) (T, error) {
	ctx, cancel := context.WithTimeout(p.ctx, d)
	defer cancel()
	return chromedp.Run(ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
}

// Text is what can be read on the page; "" while it is being replaced.
func (p *Page) Text() string {
	text, err := eval[string](p, 5*time.Second, "document.body ? document.body.innerText : ''")
	if err != nil {
		return ""
	}
	return text
}

// Await waits until all of the words can be read.
func (p *Page) Await(words ...string) {
	p.t.Helper()
	p.AwaitFor(patience, words...)
}

// AwaitFor is Await for what takes its time.
func (p *Page) AwaitFor(d time.Duration, words ...string) {
	p.t.Helper()
	p.until(d, fmt.Sprintf("words %q", words), func() bool {
		text := p.Text()
		for _, w := range words {
			if !strings.Contains(text, w) {
				return false
			}
		}
		return true
	})
}

// AwaitTrue waits until an expression on the page is true.
func (p *Page) AwaitTrue(expression string) {
	p.t.Helper()
	p.until(patience, expression, func() bool {
		ok, err := eval[bool](p, 5*time.Second, "Boolean("+expression+")")
		return err == nil && ok
	})
}

// until looks until ok; what is the name of what was waited for.
func (p *Page) until(d time.Duration, what string, ok func() bool) {
	p.t.Helper()
	switch {
	case p.soon(d, ok):
	case p.ctx.Err() != nil:
		require.FailNow(p.t, "the page is gone while waiting for "+what)
	default:
		require.FailNow(p.t, "not in time: "+what, "%s\n%s", p.where(), p.Text())
	}
}

// soon looks until ok, and says whether that was in time.
func (p *Page) soon(d time.Duration, ok func() bool) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	every := time.NewTicker(look)
	defer every.Stop()
	for !ok() {
		select {
		case <-every.C:
		case <-timer.C:
			return false
		case <-p.ctx.Done():
			return false
		}
	}
	return true
}

func (p *Page) where() string {
	at, err := eval[string](p, 5*time.Second, "location.pathname")
	if err != nil {
		return err.Error()
	}
	return at
}

// explain tells a failed test's reader what the page showed.
func (p *Page) explain() {
	if p.ctx.Err() == nil {
		p.t.Logf("%s shows at %s:\n%s", p.device.Name, p.where(), p.Text())
	}
}

// Weight is how many bytes came for the page that Go or Follow opened last,
// headers included, without pictures and films.
func (p *Page) Weight() int64 { return p.watch.weigh() }
