package browsertest

import (
	"context"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// Browser is one headless Chromium, started when the first page is opened. The
// zero value is ready; Close ends it.
type Browser struct {
	once sync.Once
	dir  string
	ctx  context.Context
	end  context.CancelFunc
	err  error
}

// start runs Chromium with a profile of its own. It has no sandbox: containers
// rarely allow one, and it sees only pages of ours.
func (b *Browser) start() error {
	b.once.Do(func() {
		if b.dir, b.err = os.MkdirTemp("", "chromium"); b.err != nil {
			return
		}
		options := append(chromedp.DefaultExecAllocatorOptions[:],
			chromedp.NoSandbox, chromedp.UserDataDir(b.dir), chromedp.WSURLReadTimeout(time.Minute),
			chromedp.Flag("no-proxy-server", true), chromedp.Flag("mute-audio", true), chromedp.Flag("hide-scrollbars", true),
			// the only names it can reach are this machine's
			chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND , EXCLUDE localhost , EXCLUDE 127.0.0.1"),
		)
		allocated, stop := chromedp.NewExecAllocator(context.Background(), options...)
		ctx, cancel := chromedp.NewContext(allocated)
		b.ctx, b.end = ctx, func() { cancel(); stop() }
		b.err = chromedp.Do(ctx)
	})
	return b.err
}

// Close ends the browser, if it ever started. Nothing may be opened afterwards.
func (b *Browser) Close() error {
	b.once.Do(func() {})
	if b.end != nil {
		b.end()
	}
	if b.dir == "" {
		return nil
	}
	return os.RemoveAll(b.dir)
}

// Open opens an empty page for someone who has never been here: no cookies, no
// cache. It closes with the test, and the test fails if the page did what none may.
func (b *Browser) Open(t testing.TB, d Device) *Page {
	t.Helper()
	if err := b.start(); err != nil {
		t.Fatalf("browsertest: Chromium does not start (make deps installs it): %v", err)
	}
	return open(t, b.ctx, d, chromedp.WithNewBrowserContext())
}

// Tab opens one more page of the same person's.
func (p *Page) Tab() *Page {
	p.t.Helper()
	return open(p.t, p.ctx, p.device)
}

func open(t testing.TB, parent context.Context, d Device, options ...chromedp.ContextOption) *Page {
	t.Helper()
	ctx, cancel := chromedp.NewContext(parent, options...)
	p := &Page{t: t, ctx: ctx, device: d, watch: newWatch()}
	t.Cleanup(func() { //nolint:contextcheck // the page carries its own, which ends here
		if t.Failed() {
			p.explain()
		}
		cancel()
		for _, wrong := range p.watch.wrong() {
			t.Errorf("page: %s", wrong)
		}
	})
	if err := chromedp.Listen(ctx, p.watch.hear); err != nil {
		t.Fatalf("browsertest: open a page: %v", err)
	}
	prepare := chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		for _, enable := range []func() error{
			func() error { _, err := cdp.Call(ctx, target, network.Enable, network.EnableParams{}); return err },
			// everybody comes for the first time: what a page weighs is all of it
			func() error {
				_, err := cdp.Call(ctx, target, network.SetCacheDisabled, network.SetCacheDisabledParams{CacheDisabled: true})
				return err
			},
			func() error { _, err := cdp.Call(ctx, target, log.Enable, cdp.Empty{}); return err },
			func() error { _, err := cdp.Call(ctx, target, page.Enable, page.EnableParams{}); return err },
		} {
			if err := enable(); err != nil {
				return err
			}
		}
		return d.apply(ctx, target)
	})
	if err := p.within(patience, prepare); err != nil { //nolint:contextcheck // as above
		t.Fatalf("browsertest: prepare a page: %v", err)
	}
	return p
}
