package wizard_test

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/net/html"

	"clipcase/flows"
)

// at leads a person to a step of a matter with one recording in it.
func at(t *testing.T, lang, step string) *browser {
	t.Helper()
	b := newSite(t).visit("web:1", lang)
	b.get("/?begin=1")
	if step == "scenario" {
		return b
	}
	b.press(b.button("choice", "account-ban"))
	for range 10 {
		if b.step() == step {
			return b
		}
		if b.step() == "exhibits" {
			b.upload("录屏.mp4")
			b.store.ingest(t, b.now, 184)
			b.get("/")
		}
		b.primary()
	}
	t.Fatalf("no way to %s", step)
	return nil
}

func TestSameFormTwice(t *testing.T) {
	t.Parallel()
	b := at(t, "zh", "can")
	form := b.form(b.button("choice", "next"))
	form["can"] = []string{"form", "mail"}
	b.do(http.MethodPost, "/", form)
	require.Equal(t, "exhibits", b.step())
	require.Equal(t, []string{"form", "mail"}, b.state().Session.Draft.Can)
	commits := b.store.Commits
	for range 3 {
		b.do(http.MethodPost, "/", form)
		require.Equal(t, "exhibits", b.step())
	}
	require.Equal(t, commits, b.store.Commits)

	b = at(t, "zh", "statement")
	form = b.form(b.button("choice", "next"))
	form.Set("text", "昨天晚上\r\n被封了")
	for range 2 {
		b.do(http.MethodPost, "/", form)
		require.Equal(t, "review", b.step())
	}
	require.Equal(t, "昨天晚上\n被封了", b.state().Case.Statement)
	form = b.form(b.button("choice", "next"))
	for range 2 {
		b.do(http.MethodPost, "/", form)
		require.Equal(t, "work", b.step())
	}
	require.Len(t, b.state().Case.Packs, 1)
}

func TestOldPages(t *testing.T) {
	t.Parallel()
	b := at(t, "zh", "statement")
	old := b.form(b.button("choice", "next"))
	old.Set("text", "这是旧页面上写的话")
	b.primary()
	require.Equal(t, "review", b.step())
	b.do(http.MethodPost, "/", old)
	require.Empty(t, b.state().Case.Statement, "words for a step that is over are nobody's answer")
	require.Equal(t, http.StatusConflict, b.status)
	require.Contains(t, b.text(), "这些话还没有放进材料里")
	require.Contains(t, b.raw, ">这是旧页面上写的话</textarea>", "and can be copied")
	require.Equal(t, "review", b.step())

	b = at(t, "zh", "can")
	old = b.form(b.button("choice", "next"))
	b.primary()
	old["can"], old["nonce"] = []string{"form"}, []string{"another"}
	b.do(http.MethodPost, "/", old)
	require.Equal(t, "exhibits", b.step())
	require.Contains(t, b.text(), "刚才那一页是旧的")
	require.Empty(t, b.state().Session.Draft.Can)
}

func TestForgedForms(t *testing.T) {
	t.Parallel()
	b := at(t, "zh", "review")
	form := b.form(b.button("choice", "next"))
	commits := b.store.Commits
	for name, change := range map[string]func(url.Values){
		"no token":       func(f url.Values) { f.Del("csrf") },
		"another's":      func(f url.Values) { f.Set("csrf", "csrf-z") },
		"no nonce":       func(f url.Values) { f.Del("nonce") },
		"a strange one":  func(f url.Values) { f.Set("nonce", "a:b") },
		"a long one":     func(f url.Values) { f.Set("nonce", strings.Repeat("a", 65)) },
		"nothing asked":  func(f url.Values) { f.Del("choice") },
		"admin command":  func(f url.Values) { f.Set("command", "queue") },
		"hidden command": func(f url.Values) { f.Set("command", "start") },
	} {
		forged := url.Values{}
		for k, v := range form {
			forged[k] = append([]string(nil), v...)
		}
		change(forged)
		answer := b.once(http.MethodPost, "/", forged)
		require.GreaterOrEqual(t, answer.Code, 400, name)
		require.Less(t, answer.Code, 500, name)
	}
	r := b.once(http.MethodPost, "/", nil)
	require.Equal(t, http.StatusForbidden, r.Code)
	require.Equal(t, commits, b.store.Commits)
	require.True(t, b.state().Case.Submitted.IsZero())
}

// hostile is words nobody means well with.
func hostile() []string {
	return []string{
		"</textarea><script>alert(1)</script>", `"><img src=x onerror=alert(1)>`, strings.Repeat("长", 100_000), strings.Repeat("\u0301", 5000),
		"\x00\x01\x1b[31m", "\u202Eevil\u2066", "{{.case}}{{template \"x\"}}", "\xff\xfe", "👨‍👩‍👧‍👦" + strings.Repeat("x", 3000), "⟦key⟧ %s %d <no value",
	}
}

func TestHostileWords(t *testing.T) {
	t.Parallel()
	for i, words := range hostile() {
		b := at(t, []string{"zh", "en"}[i%2], "statement")
		form := b.form(b.button("choice", "ask"))
		form.Set("text", words)
		b.do(http.MethodPost, "/", form)
		for range 8 {
			if b.step() == "question" {
				form = b.form(b.button("choice", "next"))
				form.Set("text", words)
				b.do(http.MethodPost, "/", form)
			}
		}
		for _, target := range []string{"/", "/cases", "/?live=1"} {
			b.get(target)
			require.Less(t, b.status, 400)
			require.NotContains(t, b.raw, "<script>alert")
			require.NotContains(t, b.raw, "<img src=x")
		}
		for _, field := range []string{"from", "to", "moment", "file", "choice", "move", "kept", "delete", "can", "number", "token", "step"} {
			form := url.Values{"csrf": {b.csrf}, "nonce": {"n" + field}, "step": {"key"}, "choice": {"next"}}
			form.Set(field, words)
			b.do(http.MethodPost, "/", form)
			require.Less(t, b.status, 500, "%s", field)
		}
	}
}

func TestHostileFileNames(t *testing.T) {
	t.Parallel()
	b := at(t, "zh", "exhibits")
	for _, words := range hostile() {
		b.upload(words)
	}
	b.get("/")
	require.NotContains(t, b.raw, "<script>alert")
	require.NotContains(t, b.raw, "<img src=x")
	require.Less(t, len(b.raw), 60_000)
}

func TestTooLong(t *testing.T) {
	t.Parallel()
	b := at(t, "zh", "statement")
	form := b.form(b.button("choice", "next"))
	form.Set("text", strings.Repeat("长", 4000))
	b.mux = bounded(b.mux, 4000)
	answer := b.once(http.MethodPost, "/", form)
	require.GreaterOrEqual(t, answer.Code, 400)
	require.Less(t, answer.Code, 500)
}

func bounded(next http.Handler, most int64) *http.ServeMux {
	mux := http.NewServeMux()
	mux.Handle("/", http.MaxBytesHandler(next, most))
	return mux
}

func TestKeyMoment(t *testing.T) {
	t.Parallel()
	for name, one := range map[string]struct {
		form url.Values
		want string // the review's words; "" = refused with a reason
	}{
		"nothing":          {url.Values{}, "由我们来挑"},
		"a picture":        {url.Values{"moment": {"1:3"}}, "0:52 到 1:02"},
		"from and to":      {url.Values{"from": {"0:42"}, "to": {"0:52"}}, "0:42 到 0:52"},
		"only from":        {url.Values{"from": {"1:00"}}, "0:58 到 1:08"},
		"full width":       {url.Values{"from": {"０：４２"}, "to": {"０：５２"}}, "0:42 到 0:52"},
		"typed wins":       {url.Values{"moment": {"1:3"}, "from": {"0:10"}, "to": {"0:20"}}, "0:10 到 0:20"},
		"only to":          {url.Values{"to": {"0:52"}}, ""},
		"words":            {url.Values{"from": {"大概在被封的那个地方"}}, ""},
		"end before start": {url.Values{"from": {"0:52"}, "to": {"0:42"}}, ""},
		"no such picture":  {url.Values{"moment": {"1:12"}}, ""},
		"no such file":     {url.Values{"moment": {"7:1"}}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := at(t, "zh", "key")
			form := b.form(b.button("choice", "next"))
			for k, v := range one.form {
				form[k] = v
			}
			b.do(http.MethodPost, "/", form)
			if one.want == "" {
				require.Equal(t, http.StatusUnprocessableEntity, b.status)
				require.Equal(t, "key", b.step())
				require.Contains(t, b.text(), "这个时间没看懂")
				return
			}
			for b.step() != "review" {
				b.primary()
			}
			require.Contains(t, b.text(), one.want)
		})
	}
}

func TestQuestions(t *testing.T) {
	t.Parallel()
	b := at(t, "zh", "statement")
	form := b.form(b.button("choice", "ask"))
	form.Set("text", "昨晚被封了")
	b.do(http.MethodPost, "/", form)
	require.Equal(t, "question", b.step(), "what was written is kept, and the questions begin")
	require.Equal(t, "昨晚被封了", b.state().Case.Statement)
	form = b.form(b.button("choice", "next"))
	form.Set("text", "abc123")
	b.do(http.MethodPost, "/", form)
	require.Contains(t, b.text(), "第 2 题")
	form = b.form(b.button("choice", "back"))
	form.Set("text", "也写了一点")
	b.do(http.MethodPost, "/", form)
	require.Equal(t, "statement", b.step())
	require.Len(t, b.state().Case.Answers, 2)
	form = b.form(b.button("choice", "next"))
	form.Set("text", "  ")
	b.do(http.MethodPost, "/", form)
	require.Equal(t, "review", b.step())
	require.Empty(t, b.state().Case.Statement, "an emptied field takes back what was in it")
	require.Len(t, b.state().Case.Answers, 2)
}

func TestFilesOfASlot(t *testing.T) {
	t.Parallel()
	b := at(t, "zh", "exhibits")
	b.upload("一.mp4")
	b.store.ingest(t, b.now, 30)
	b.upload("二.mp4")
	b.store.Work(t, "CC0042", func(c *flows.Case) ([]flows.Effect, error) {
		return c.ExhibitLost("e2", flows.Problem{Class: flows.UserMedia, Text: flows.T("refused.truncated")}, b.now)
	})
	b.get("/")
	require.Contains(t, b.text(), "可以用 312 MB · 0:30 · 1080×2340")
	require.Contains(t, b.text(), "没有收到")
	require.Contains(t, b.text(), "这个文件不完整")
	b.press(b.button("move", "e1 remove"))
	require.Equal(t, "exhibits", b.step())
	require.True(t, b.state().Case.Exhibit("e1").Removed)
	require.NotContains(t, b.text(), "一.mp4 ✓")
	require.Len(t, b.store.grants, 1, "one for all looks at the page")
	require.Equal(t, "web:1", b.store.grants[0].Actor)
}

func TestWhatWasNotUsed(t *testing.T) {
	t.Parallel()
	b := at(t, "zh", "exhibits")
	b.upload("一.mp4")
	b.store.ingest(t, b.now, 30)
	b.upload("二.mp4")
	b.store.Work(t, "CC0042", func(c *flows.Case) ([]flows.Effect, error) {
		return c.ExhibitLost("e2", flows.Problem{Class: flows.UserMedia, Text: flows.T("refused.truncated")}, b.now)
	})
	b.get("/")
	for range 10 {
		if b.step() != "work" {
			b.primary()
		}
	}
	require.Equal(t, "work", b.step())
	require.Contains(t, b.text(), "没有用上的文件 二.mp4没有收到 312 MB 这个文件不完整", "told as where it was handed in")
}

func TestNotices(t *testing.T) {
	t.Parallel()
	b := at(t, "zh", "review")
	b.store.mu.Lock()
	b.store.notices["web:1"] = []flows.Screen{{Step: "note", Token: "keep", Lang: "zh", Blocks: []flows.Block{{Text: flows.T("talk.absent")}},
		Rows: [][]flows.Choice{{{ID: "more.CC0042", Label: flows.T("deliver.button.more")}}}}}
	b.store.mu.Unlock()
	require.Equal(t, http.StatusUnprocessableEntity, b.once(http.MethodPost, "/", url.Values{"csrf": {b.csrf}, "dismiss": {"all"}}).Code)
	b.get("/")
	require.Contains(t, b.text(), "没有找到")
	b.button("kept", "more.CC0042")
	b.press(b.button("dismiss", strconv.FormatInt(b.now.UnixMilli(), 10)))
	require.Equal(t, b.now.UTC(), b.store.cleared.UTC(), "what came after the page was made stays")
	require.NotContains(t, b.text(), "没有找到")
	require.Equal(t, "review", b.step())
}

func TestCases(t *testing.T) {
	t.Parallel()
	b := at(t, "zh", "review")
	b.primary()
	b.get("/cases")
	require.Contains(t, b.text(), "CC0042 进行中账号被封")
	b.press(b.button("delete", "CC0042"))
	require.Equal(t, "forget", b.step())
	require.Contains(t, b.text(), "要删除 CC0042 吗")
	b.primary()
	require.Equal(t, "work", b.step(), "the way forward keeps everything")
	b.get("/cases")
	b.press(b.button("delete", "CC0042"))
	b.press(b.button("choice", "yes.CC0042"))
	require.Contains(t, b.text(), "已删除 CC0042")
	b.get("/cases")
	require.Empty(t, find(b.page, func(n *html.Node) bool { return attr(n, "name") == "delete" }))

	other := b.visit("web:2", "zh")
	other.get("/")
	other.get("/cases")
	form := other.form(other.button("command", "help"))
	form.Del("command")
	form.Set("delete", "CC0042")
	other.do(http.MethodPost, "/", form)
	require.NotEqual(t, "forget", other.step())
}
