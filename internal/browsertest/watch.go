package browsertest

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
)

// watch keeps what a page did since it was opened.
type watch struct {
	mu     sync.Mutex
	bad    []string
	kinds  map[network.RequestID]network.ResourceType
	weight map[network.ResourceType]int64 // bytes that came over the wire, by kind
	status int64                          // of the newest document
	hosts  map[string]bool                // asked so far
	asked  bool                           // somebody pressed what leads to another page
	there  bool                           // and that page came
}

func newWatch() *watch {
	return &watch{kinds: map[network.RequestID]network.ResourceType{}, weight: map[network.ResourceType]int64{}, hosts: map[string]bool{}}
}

// hear is called by the loop that reads from the browser.
func (w *watch) hear(event any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		w.kinds[e.RequestID] = e.Type
		if u, err := url.Parse(e.Request.URL); err == nil && strings.HasPrefix(u.Scheme, "http") {
			w.hosts[u.Host] = true
		}
	case *network.EventResponseReceived:
		if e.Type == network.ResourceTypeDocument {
			w.status = e.Response.Status
		}
	case *network.EventLoadingFinished:
		w.weight[w.kinds[e.RequestID]] += int64(e.EncodedDataLength)
	case *page.EventFrameRequestedNavigation:
		switch e.Reason {
		case page.ClientNavigationReasonAnchorClick, page.ClientNavigationReasonFormSubmissionGet, page.ClientNavigationReasonFormSubmissionPost:
			w.asked, w.there = true, false
		}
	case *page.EventFrameNavigated:
		w.there = w.asked
	case *runtime.EventExceptionThrown:
		text := e.ExceptionDetails.Text
		if e.ExceptionDetails.Exception != nil {
			text += ": " + e.ExceptionDetails.Exception.Description
		}
		w.bad = append(w.bad, "exception: "+text)
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError {
			w.bad = append(w.bad, fmt.Sprintf("console.error with %d arguments", len(e.Args)))
		}
	case *log.EventEntryAdded:
		// answers that say no and connections that break are what tests cause
		if e.Entry.Level == log.EntryLevelError && e.Entry.Source != log.EntrySourceNetwork {
			w.bad = append(w.bad, "browser: "+e.Entry.Text)
		}
	}
}

// wrong is what a page of ours never does.
func (w *watch) wrong() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	all := slices.Clone(w.bad)
	for host := range w.hosts {
		if name, _, _ := strings.Cut(host, ":"); name != "127.0.0.1" && name != "localhost" {
			all = append(all, "asked "+host)
		}
	}
	return all
}

func (w *watch) weigh() (bytes int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for kind, n := range w.weight {
		if kind != network.ResourceTypeMedia && kind != network.ResourceTypeImage {
			bytes += n
		}
	}
	return bytes
}

func (w *watch) reset() {
	w.mu.Lock()
	defer w.mu.Unlock()
	clear(w.weight)
	w.asked, w.there = false, false
}

// followed says whether another page was asked for by a press since it was reset,
// and whether it came.
func (w *watch) followed() (asked, there bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.asked, w.there
}

func (w *watch) answered() int64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.status
}
