package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"clipcase/internal/browsertest"
)

// TestWizardByKeyboard goes on a desktop from the first page to a saved file with
// Tab, Enter and Space alone; wherever the focus is, it can be seen.
func TestWizardByKeyboard(t *testing.T) {
	t.Parallel()
	h := newWebHouse(t)
	h.start()
	p := chromium.Open(t, browsertest.Desktop())
	p.Go(h.url(h.ownerLink()))
	to := func(words string) {
		t.Helper()
		for range 60 {
			p.Key(browsertest.Tab)
			at, seen := p.Focused()
			require.True(t, seen, "the focus on %q cannot be seen", at)
			if strings.Contains(at, words) {
				return
			}
		}
		require.FailNow(t, "no way by Tab to "+words)
	}
	enter := func(words, then string) {
		t.Helper()
		to(words)
		p.Key(browsertest.Enter)
		p.Await(then)
		p.AwaitTrue("document.readyState === 'complete'")
	}
	enter("进入", "完全免费")
	enter("开始", "您遇到了什么事")
	enter("账号被封、被限流", "您现在还能做哪些事")
	to("能给官方客服发私信")
	p.Key(browsertest.Space)
	require.True(t, browsertest.Eval[bool](p, "document.activeElement.checked"))
	enter("下一步", "请上传录屏")
	p.AwaitTrue("document.querySelector('.upload-input')")
	to("选择录屏") // the dialog of the system is the browser's own
	p.Choose(".slot .upload-input", tinyClip(t))
	p.Await("可以用")
	enter("传完了", "发生了什么")
	to("发生了什么")
	p.Type("#text", "账号昨天被封。")
	enter("下一步", "最后看一眼")
	enter("开始做文件", "CC0001")
	p.AwaitTrue("location.pathname.startsWith('/case/') && document.readyState === 'complete' && " + rested)
	to("复制")
	p.Key(browsertest.Enter)
	p.Await("已复制")
	to("下载 2")
	film := p.Save(func() { p.Key(browsertest.Enter) })
	require.Equal(t, "hevc", probed(t, film, "stream=codec_name"))
}
