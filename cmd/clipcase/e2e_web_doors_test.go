package main

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"clipcase/internal/browsertest"
	"clipcase/internal/telegramtest"
)

// TestReturnCodeOnAnotherDevice goes on with a case on a second device by twelve
// digits; they stay good until new ones are made.
func TestReturnCodeOnAnotherDevice(t *testing.T) {
	t.Parallel()
	h := newWebHouse(t)
	h.start()
	first := h.atExhibits(browsertest.Phone(), h.url(""))
	first.Choose(".slot .upload-input", tinyClip(t))
	first.Await("可以用")
	makeCode := func() string {
		first.Go(h.url("/code"))
		first.FollowAt("main form button")
		return browsertest.Eval[string](first, "document.querySelector('.entry-code strong').innerText")
	}
	code := makeCode()
	require.Regexp(t, `^\d{4} \d{4} \d{4}$`, code)

	enterCode := func(typed string) *browsertest.Page {
		p := chromium.Open(t, browsertest.Desktop())
		p.Go(h.url("/return"))
		p.Type("#code", typed)
		p.FollowAt("main form button")
		return p
	}
	second := enterCode(strings.ReplaceAll(code, " ", ""))
	second.Await("可以用", "0:03", "240×426")
	makeCode()
	enterCode(code).Await("没有找到这个返回码")
	require.Equal(t, 200, second.Go(h.url("/cases")))
	second.Await("CC0001")
}

// newPublicHouse is an installation with a bot that knows the address of its pages.
func newPublicHouse(t *testing.T, env ...string) *house {
	t.Helper()
	h := newHouse(t, telegramtest.New(t), env...)
	h.env = append(h.env, "PUBLIC_URL="+h.url(""))
	return h
}

var invitePattern = regexp.MustCompile(`http://\S+/i/[a-z2-7]{26}`)

// TestInvitationOpensACase: an invitation from the chat opens a case in any
// browser, once; a messenger's own browser is shown the way out and uses nothing up.
func TestInvitationOpensACase(t *testing.T) {
	t.Parallel()
	h := newPublicHouse(t, "ACCESS=invite")
	h.start()
	admin := h.person(1)
	admin.user.Command("invite 1 2")
	admin.text("/i/")
	link := invitePattern.FindString(admin.chat.Transcript())
	require.NotEmpty(t, link)

	for name, agent := range messengers {
		inside := browsertest.Phone()
		inside.Agent = agent
		p := chromium.Open(t, inside)
		require.Equal(t, 200, p.Go(link), name)
		p.Await("请在浏览器里打开", link)
		require.Zero(t, browsertest.Eval[int](p, "document.querySelectorAll('main form, input[type=file]').length"), name)
	}

	p := chromium.Open(t, browsertest.Phone())
	p.Go(link)
	p.FollowAt("main form button")
	p.Await("您遇到了什么事") // who runs this was said on the invitation

	late := chromium.Open(t, browsertest.Phone())
	late.Go(link)
	late.FollowAt("main form button")
	late.Await("这个邀请用不了")
	require.Equal(t, 404, late.Go(h.url("/cases")))
}

// TestTooBigForTheChat: what the chat cannot carry goes by the page that its
// button opens, and the conversation goes on by itself.
func TestTooBigForTheChat(t *testing.T) {
	t.Parallel()
	h := newPublicHouse(t)
	h.start()
	someone := h.person(60)
	someone.user.SendVideo(telegramtest.Media{Name: "big.mp4", Bytes: 300 << 20, Width: 1080, Height: 2340, Duration: 240})
	m := someone.text("太大")
	var link string
	for _, b := range m.Buttons() {
		if strings.Contains(b.URL, "/upload/") {
			link = b.URL
		}
	}
	require.NotEmpty(t, link, "%s", lateTranscript{someone.chat})

	inside := browsertest.Phone()
	inside.Agent = messengers["telegram"]
	within := chromium.Open(t, inside)
	within.Go(link)
	within.Await("请在浏览器里打开")
	require.Zero(t, browsertest.Eval[int](within, "document.querySelectorAll('input[type=file]').length"))

	p := chromium.Open(t, browsertest.Phone())
	require.Equal(t, 200, p.Go(link))
	p.Choose(".upload-input", askedClip(t))
	p.Await("完全一样")
	someone.text("长 0:17") // nobody pressed anything in the chat
	for !strings.Contains(someone.press(""), "开始做文件") {
		require.Less(t, someone.taps, 10, "%s", lateTranscript{someone.chat})
	}
	someone.files(1)
	h.noViolations()
}
