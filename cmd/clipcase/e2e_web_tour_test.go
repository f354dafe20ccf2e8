package main

import (
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"clipcase/internal/browsertest"
)

// tour opens every page there is, in the order in which people meet them, and
// shows each to see. Pages are found by what they do, not by their words, so that
// it is the same tour in every language.
func tour(t *testing.T, d browsertest.Device, see func(name string, p *browsertest.Page)) {
	t.Helper()
	lang := "LANG=zh_CN.UTF-8"
	if strings.HasPrefix(d.Lang, "en") {
		lang = "LANG=en_US.UTF-8"
	}
	// nobody answers for the mail server: mails are asked for, and none goes out
	h := newWebHouse(t, "ACCESS=invite", lang, "SMTP_URL=smtp://box%40clip.example:x@"+browsertest.Address(t))
	h.start()
	atTheDoor(h, d, see)
	p := chromium.Open(t, d)
	p.Go(h.url(h.ownerLink()))
	see("login", p)
	p.FollowAt("main form button")
	steps(t, p, see)
	afterwards(h, d, p, see)
	asides(h, p, see)
	withMail(h, p, see)
}

// atTheDoor shows what those see who are not in yet.
func atTheDoor(h *house, d browsertest.Device, see func(string, *browsertest.Page)) {
	p := chromium.Open(h.t, d)
	p.Go(h.url("/"))
	see("landing-invite", p)
	p.Go(h.url("/i/" + strings.Repeat("a", 26)))
	see("invite", p)
	p.FollowAt("main form button")
	see("invite-bad", p)
	p.Go(h.url("/login/" + strings.Repeat("a", 26)))
	see("login-bad", p)
	p.Go(h.url("/guide"))
	see("guide", p)
	p.FollowAt("main .cards a")
	see("guide-one", p)
	p.Go(h.url("/return"))
	see("return", p)
	p.Type("#code", "1111 2222 3333")
	p.FollowAt("main form button")
	see("return-wrong", p)
	p.Go(h.url("/case/" + strings.Repeat("a", 26)))
	see("absent", p)
	p.Go(h.url("/key"))
	see("key-of-ours", p)
	for app, agent := range messengers {
		inside := d
		inside.Agent = agent
		in := chromium.Open(h.t, inside)
		in.Go(h.url("/"))
		see("outside-"+app, in)
	}
}

// messengers are what the browsers inside of them call themselves.
var messengers = map[string]string{
	"wechat":   "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/116.0.0.0 Mobile Safari/537.36 XWEB/1160117 MMWEBSDK/20240501 MicroMessenger/8.0.50.2701(0x28003252) WeChat/arm64 NetType/WIFI Language/zh_CN",
	"qq":       "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/109.0.5414.86 MQQBrowser/6.2 TBS/046613 Mobile Safari/537.36 V1_AND_SQ_9.0.85_7260_YYB_D QQ/9.0.85.17320 NetType/WIFI",
	"telegram": "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/130.0.0.0 Mobile Safari/537.36 Telegram-Android/11.2.1 (Google Pixel 8; Android 14; SDK 34; HIGH)",
}

// steps goes the whole way of a case, with everything on it shown.
func steps(t *testing.T, p *browsertest.Page, see func(string, *browsertest.Page)) {
	t.Helper()
	see("welcome", p)
	p.FollowAt(".go a, .go button")
	see("scenario", p)
	p.FollowAt("button[value=account-ban]")
	see("can", p)
	onward(p)
	p.AwaitTrue("document.querySelector('.upload-input')")
	see("exhibits", p)

	grant := browsertest.Eval[string](p, "document.querySelector('[data-grant]').dataset.grant")
	home, err := url.Parse(p.Address())
	require.NoError(t, err)
	alone := p.Tab()
	alone.Go("http://" + home.Host + "/upload/" + grant)
	alone.AwaitTrue("document.querySelector('.upload-input')")
	see("upload", alone)
	broken := filepath.Join(t.TempDir(), "broken.mp4")
	require.NoError(t, os.WriteFile(broken, []byte("this is not a recording at all, only words"), 0o600))
	alone.Choose(".upload-input", broken)
	alone.AwaitTrue("document.querySelector('.upload-status.bad')")
	see("upload-refused", alone)

	p.Choose(".slot .upload-input", askedClip(t))
	p.AwaitTrue("document.querySelector('.slot .files .good')")
	see("exhibits-filled", p)
	onward(p)
	p.AwaitTrue("[...document.querySelectorAll('.thumb img')].some((i) => i.naturalWidth > 0)")
	see("key", p)
	p.Type("[name=from]", "nonsense")
	onward(p)
	see("key-unclear", p)
	p.FollowAt("button[value=back]")
	onward(p)
	onward(p)
	see("statement", p)
	p.FollowAt("button[value=ask]")
	see("question", p)
	p.FollowAt("button[value=back]")
	for browsertest.Eval[string](p, shown) != "review" {
		onward(p)
	}
	see("review", p)
	p.FollowAt("button[value=channel]")
	see("channel", p)
	p.FollowAt(".card.on button[name=choice]")
	p.Without("*://*:*/progress*", func() { // when it hears that all is made, it leaves
		onward(p)
		see("work", p)
	})
	caseWith(p, "button[value^='sent.']") // where all was made before it could hear of it, it is still here
	see("case", p)
}

// rested is true of a page that loads anew no more: nothing is being made.
const rested = "!document.querySelector('[data-progress]')"

// afterwards shows what comes when the files are there.
func afterwards(h *house, d browsertest.Device, p *browsertest.Page, see func(string, *browsertest.Page)) {
	at := p.Address()
	again := func() {
		p.Go(at)
		p.AwaitTrue(rested)
	}
	p.FollowAt("button[value^='sent.']")
	see("sent", p)
	again()
	p.FollowAt("button[value^='refd.']")
	see("refused", p)
	again()
	p.FollowAt("button[name=file]")
	see("case-link", p)
	evidence := chromium.Open(h.t, d)
	evidence.Go(browsertest.Eval[string](p, "document.querySelector('#links input[readonly]').value"))
	see("evidence-other-person", evidence)
	again()
	p.FollowAt("button[value=forget]")
	see("forget", p)
	for _, path := range []string{"/", "/cases", "/code", "/logout", "/?begin=1"} {
		p.Go(h.url(path))
		see("page"+strings.NewReplacer("/", "-", "?", "", "=", "").Replace(path), p)
	}
	for _, command := range []string{"help", "privacy"} {
		p.Go(h.url("/"))
		p.FollowAt(fmt.Sprintf("button[value=%s]", command))
		see(command, p)
	}
	p.Go(h.url("/code"))
	p.FollowAt("main form button")
	see("code-made", p)
	p.Go(h.url("/nothing/here"))
	see("absent-inside", p)
}

// asides shows what is asked only in some matters, or of who began in the chat. It
// ends with a case of two recordings next to each other, as the company account
// hands it in.
func asides(h *house, p *browsertest.Page, see func(string, *browsertest.Page)) {
	p.Go(h.url("/cases"))
	p.FollowAt("button[value=new]")
	p.FollowAt("button[value=account-theft]")
	onward(p)
	see("consent", p)
	p.FollowAt("button[value=back]")
	p.FollowAt("button[value=back]")
	p.FollowAt("button[value=copyright]")
	p.FollowAt("button[value=back]") // what they can do was said already, but not of a company
	p.PressAt("label:has(input[value=company])")
	onward(p)
	for slot, clip := range map[string]string{"own": askedClip(h.t), "copy": tinyClip(h.t)} {
		card := ".slot:has([data-slot=" + slot + "])"
		p.Choose(card+" .upload-input", clip)
		p.AwaitTrue("document.querySelector('" + card + " .files .good')")
	}
	see("exhibits-two", p)
	asInTheChat(p, "sort")
	see("files", p)
	p.FollowAt(".ways button")
	see("slot", p)
	for browsertest.Eval[string](p, shown) != "key" {
		onward(p)
	}
	p.AwaitTrue("[...document.querySelectorAll('.thumb img')].some((i) => i.naturalWidth > 0)")
	see("key-two", p)
	for browsertest.Eval[string](p, shown) != "review" {
		onward(p)
	}
	see("review-company", p)
	onward(p)
	caseWith(p, "button[value^='apart.']")
	see("case-comparison", p)
	p.FollowAt("button[value^='apart.']")
	see("apart", p)
	p.Type("#text", "?")
	onward(p)
	see("apart-unclear", p)
	p.FollowAt("button[value=leave]")
}

// withMail has the e-mail of the newest case made and asks for it to be sent from
// the operator's mailbox.
func withMail(h *house, p *browsertest.Page, see func(string, *browsertest.Page)) {
	p.Go(h.url("/cases"))
	p.FollowAt(".case a[href^='/case/']")
	p.FollowAt("button[value^='more.']")
	see("more", p)
	p.FollowAt("button[value=email]")
	caseWith(p, "button[value^='mail.']")
	p.FollowAt("button[value^='mail.']")
	see("mailto", p)
	p.Type("#text", "support")
	onward(p)
	see("mailto-unclear", p)
	require.Equal(h.t, "support", browsertest.Eval[string](p, "document.querySelector('#text').value"), "what was typed stays, to be mended")
	browsertest.Eval[string](p, "document.querySelector('#text').value = ''")
	p.Type("#text", "support@platform.example")
	onward(p)
	see("mailback", p)
	p.Type("#text", "me@home.example")
	onward(p)
	see("mailgo", p)
	onward(p)
	see("mail-sending", p)
	p.Go(h.url("/cases"))
	see("cases-two", p)
	p.FollowAt("button[name=delete]")
	see("forget-step", p)
	p.FollowAt("button.danger")
	see("rest", p)
	h.ban(ownerActor)
	p.Go(h.url("/"))
	see("shut-out", p)
	p.FollowAt("button.danger")
	see("shut-out-gone", p)
}

// shown is which step a page shows.
const shown = "document.querySelector('[data-page]').dataset.page"

// caseWith waits until what was asked for is made, and opens the case where button
// can be pressed.
func caseWith(p *browsertest.Page, button string) {
	p.AwaitTrue("document.readyState === 'complete' && " + rested)
	if !browsertest.Eval[bool](p, "location.pathname.startsWith('/case/')") {
		p.FollowAt(".go a")
	}
	p.AwaitTrue("document.querySelector(\"" + button + "\") && " + rested)
}

// asInTheChat presses a choice that only the chat has a button for: who begins
// there and goes on here finds what it leads to.
func asInTheChat(p *browsertest.Page, choice string) {
	browsertest.Eval[string](p, fmt.Sprintf("document.querySelector('.go button').value = %q", choice))
	onward(p)
}
