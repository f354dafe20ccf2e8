package main

import (
	"os"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"

	"clipcase/internal/browsertest"
	"clipcase/internal/testclips"
)

// chromium is the one browser of this package's tests; each page of it belongs to
// someone new. TestMain closes it.
var chromium browsertest.Browser

// english and dark are the same phone in other hands.
func english(d browsertest.Device) browsertest.Device {
	d.Lang = "en-US"
	return d
}

// newWebHouse is an installation without a bot: pages only.
func newWebHouse(t *testing.T, env ...string) *house {
	t.Helper()
	h := &house{t: t, dir: shortDir(t), addr: browsertest.Address(t), log: &journal{}}
	h.env = append([]string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + os.Getenv("HOME"), "LANG=zh_CN.UTF-8", asProgram, unread,
		"DATA_DIR=" + h.dir, "LISTEN_ADDR=" + h.addr, hasty,
	}, env...)
	h.endWithTest()
	return h
}

// url is an address of the installation's pages.
func (h *house) url(path string) string { return "http://" + h.addr + path }

var ownerLinkPattern = regexp.MustCompile(`http://[^ ]+(/login/[a-z2-7]{26})`)

// ownerLink is the path of the newest link that serve printed for whoever started it.
func (h *house) ownerLink() string {
	h.t.Helper()
	var path string
	require.Eventually(h.t, func() bool {
		found := ownerLinkPattern.FindAllStringSubmatch(h.log.String(), -1)
		if len(found) == 0 {
			return false
		}
		path = found[len(found)-1][1]
		return true
	}, patience, look, "serve printed no link for the owner")
	return path
}

// enter opens the owner's link on a device and goes in.
func (h *house) enter(d browsertest.Device) *browsertest.Page {
	h.t.Helper()
	p := chromium.Open(h.t, d)
	require.Equal(h.t, 200, p.Go(h.url(h.ownerLink())))
	p.FollowAt("main form button")
	return p
}

// tinyClip is a recording that even a busy machine prepares at once.
func tinyClip(t *testing.T) string {
	t.Helper()
	return testclips.Make(t, testclips.Spec{Width: 240, Height: 426, FPS: 15, Seconds: 3, Words: true})
}
