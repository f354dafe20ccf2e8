package browsertest

import (
	"context"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

// Sleep is a phone put into a pocket: the page is out of sight, and then nothing
// of it runs until Wake.
func (p *Page) Sleep() {
	p.t.Helper()
	p.live(page.SetWebLifecycleStateStateFrozen)
}

// Wake ends Sleep: the page runs again and is in sight.
func (p *Page) Wake() {
	p.t.Helper()
	p.live(page.SetWebLifecycleStateStateActive)
}

func (p *Page) live(state page.SetWebLifecycleStateState) {
	p.t.Helper()
	change := chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		// freezing hides a page and nothing shows it again, but a page with the focus is in sight
		focus := emulation.SetFocusEmulationEnabledParams{Enabled: state == page.SetWebLifecycleStateStateActive}
		if _, err := cdp.Call(ctx, t, emulation.SetFocusEmulationEnabled, focus); err != nil {
			return err
		}
		_, err := cdp.Call(ctx, t, page.SetWebLifecycleState, page.SetWebLifecycleStateParams{State: state})
		return err
	})
	require.NoError(p.t, p.within(patience, change), "make the page %s", state)
}

// Without shows the page while nothing at addresses that match comes to it: what a
// page does by itself when news come, it does not do then. Patterns are those of
// URLPattern, such as *://*:*/*.css. Afterwards the page is loaded anew.
func (p *Page) Without(pattern string, see func()) {
	p.t.Helper()
	p.block(pattern, true)
	defer func() {
		p.block(pattern, false)
		p.Reload()
	}()
	see()
}

func (p *Page) block(pattern string, block bool) {
	p.t.Helper()
	change := chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, network.SetBlockedURLs, network.SetBlockedURLsParams{URLPatterns: []*network.BlockPattern{{URLPattern: pattern, Block: block}}})
		return err
	})
	require.NoError(p.t, p.within(patience, change), "block %s: %t", pattern, block)
}

// Offline takes the network from the page, which is told so, or gives it back.
func (p *Page) Offline(off bool) {
	p.t.Helper()
	p.network(network.Conditions{Offline: off, DownloadThroughput: -1, UploadThroughput: -1})
}

// Slow gives the page a bad mobile network: 400 kbit/s, and 400 ms for each answer.
func (p *Page) Slow() {
	p.t.Helper()
	p.network(network.Conditions{Latency: 400, DownloadThroughput: 50_000, UploadThroughput: 50_000})
}

func (p *Page) network(rule network.Conditions) {
	p.t.Helper()
	change := chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		if _, err := cdp.Call(ctx, t, network.EmulateNetworkConditionsByRule, network.EmulateNetworkConditionsByRuleParams{MatchedNetworkConditions: []*network.Conditions{&rule}}); err != nil {
			return err
		}
		state := network.OverrideNetworkStateParams{Offline: rule.Offline, Latency: rule.Latency, DownloadThroughput: rule.DownloadThroughput, UploadThroughput: rule.UploadThroughput}
		_, err := cdp.Call(ctx, t, network.OverrideNetworkState, state)
		return err
	})
	require.NoError(p.t, p.within(patience, change), "network: %+v", rule)
}
