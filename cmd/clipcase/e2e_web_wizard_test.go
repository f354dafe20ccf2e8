package main

import (
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"clipcase/internal/browsertest"
	"clipcase/internal/testclips"
)

// askedClip is long enough that people are asked for the seconds that matter.
func askedClip(t *testing.T) string {
	t.Helper()
	return testclips.Make(t, testclips.Spec{Width: 180, Height: 320, FPS: 6, Seconds: 17, Words: true})
}

// onward presses the way forward of a step.
func onward(p *browsertest.Page) { p.FollowAt(".go button") }

// TestWizardOnAPhone is the whole product on one machine, as a person with a phone
// lives it: the printed link, every step, the files on the phone, handed in.
func TestWizardOnAPhone(t *testing.T) {
	t.Parallel()
	h := newWebHouse(t)
	h.start()
	p := h.enter(browsertest.Phone())
	p.Await("谁在运行", "完全免费", "密码", "30 天")
	p.Follow("开始")
	p.Await("您遇到了什么事")
	p.Follow("账号被封、被限流")
	p.Press("能给官方客服发私信")
	onward(p)

	p.Choose(".slot .upload-input", askedClip(t))
	p.Await("可以用", "完全一样", "0:17", "180×320")
	onward(p)
	p.AwaitTrue("document.querySelectorAll('.thumb img').length > 3")
	p.AwaitTrue("[...document.querySelectorAll('.thumb img')].some((i) => i.naturalWidth > 0)")
	p.PressAt(".thumb:nth-of-type(3)")
	require.NotEmpty(t, browsertest.Eval[string](p, "document.querySelector('[name=moment]:checked').value"))
	onward(p)
	p.Type("#text", "我的账号昨天晚上突然被封，请重新核实。")
	onward(p)
	p.Await("最后看一眼", "✓ 封禁提示的录屏", "最关键的几秒：", "开始做文件")
	require.NotContains(t, p.Text(), "由我们来挑", "the picture that was chosen is the key moment")
	onward(p)

	p.AwaitTrue("location.pathname.startsWith('/case/')") // by itself: nobody pressed anything
	p.AwaitTrue(rested)
	p.Await("先交这一份", "您交来的原文件", "交上去了吗")
	require.Contains(t, pasted(p), "我的账号昨天晚上突然被封")
	film := p.Save(func() { p.PressAt(".piece:has(video) a[download]") })
	require.Equal(t, "hevc,180", probed(t, film, "stream=codec_name,width"))
	require.Regexp(t, `^\d{8}-CC0001-\d`, filepath.Base(film))

	p.Follow("已经交了")
	p.Await("两天后")
	p.Follow("回到材料页")
	p.Await("您说已经交了")
	unzipped(t, p.Save(func() { p.Press("下载全部") }))
}

// TestWizardWithoutScripts is the same with JavaScript off: plain forms, and pages
// that load themselves again.
func TestWizardWithoutScripts(t *testing.T) {
	t.Parallel()
	h := newWebHouse(t)
	h.start()
	phone := english(browsertest.Phone())
	phone.NoScript = true
	p := chromium.Open(t, phone)
	p.Go(h.url(h.ownerLink()))
	p.FollowAt("main form button")
	p.Follow("English") // the owner's link is in the operator's language
	p.Await("What happened")
	p.FollowAt("button[value=account-ban]")
	p.Press("I can open the app")
	onward(p)
	p.Choose(".slot input[type=file]", tinyClip(t))
	p.FollowAt(".slot form button")
	p.Await("Received")
	p.FollowAt(".upload-next a")
	require.Eventually(t, func() bool {
		p.Reload()
		return browsertest.Eval[bool](p, "Boolean(document.querySelector('.files .good'))")
	}, patience, 4*look)
	p.Await("240×426")
	onward(p)
	p.Type("#text", "My account was banned by mistake.")
	onward(p)
	onward(p)
	p.AwaitTrue("document.querySelector('.packs .good a') && " + rested) // the page loads itself again
	p.FollowAt(".go a")
	p.AwaitTrue(rested)
	require.Contains(t, pasted(p), "My account was banned by mistake.")
	picture := p.Save(func() { p.PressAt(".piece a[download]") })
	require.Contains(t, probed(t, picture, "stream=codec_name"), "jpeg")
	p.FollowAt("button[value^='sent']")
	unzipped(t, func() string {
		p.FollowAt("a.act")
		return p.Save(func() { p.PressAt("a[href$='all.zip']") })
	}())
}

// pasted is the text that the case page offers for pasting.
func pasted(p *browsertest.Page) string {
	return browsertest.Eval[string](p, "[...document.querySelectorAll('.pack textarea')].map((t) => t.value).join('\\n')")
}

// probed is what ffprobe says of the first stream of pictures, as comma-separated
// values.
func probed(t *testing.T, path, entries string) string {
	t.Helper()
	out, err := exec.Command("ffprobe", "-v", "error", "-select_streams", "v:0", "-show_entries", entries, "-of", "csv=p=0:nk=1", path).CombinedOutput()
	require.NoError(t, err, "%s", out)
	line := string(out)
	for len(line) > 0 && (line[len(line)-1] == '\n' || line[len(line)-1] == ',') {
		line = line[:len(line)-1]
	}
	return line
}

func unzipped(t *testing.T, path string) {
	t.Helper()
	out, err := exec.Command("unzip", "-t", path).CombinedOutput()
	require.NoError(t, err, "%s", out)
	require.Contains(t, string(out), "No errors detected")
}
