package browsertest

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

// Save does what makes the browser save a file, such as pressing a link, waits
// until it is whole, and gives its path. Its name is what the server called it.
func (p *Page) Save(act func()) string {
	p.t.Helper()
	dir := p.t.TempDir()
	_, err := chromedp.CallBrowser(p.ctx, browser.SetDownloadBehavior, browser.SetDownloadBehaviorParams{
		Behavior: browser.SetDownloadBehaviorBehaviorAllow, DownloadPath: dir,
		BrowserContextID: chromedp.FromContext(p.ctx).BrowserContextID,
	})
	require.NoError(p.t, err)
	act()
	var path string
	p.until(patience, fmt.Sprintf("a saved file in %s", dir), func() bool {
		entries, err := os.ReadDir(dir)
		require.NoError(p.t, err)
		if len(entries) != 1 || strings.HasSuffix(entries[0].Name(), ".crdownload") || strings.HasPrefix(entries[0].Name(), ".") {
			return false
		}
		path = filepath.Join(dir, entries[0].Name())
		return true
	})
	return path
}
