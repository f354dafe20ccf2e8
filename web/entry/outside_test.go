package entry

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"clipcase/flows"
	"clipcase/flows/pass"
)

const (
	wechatUA = "Mozilla/5.0 (iPhone; CPU iPhone OS 15_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 MicroMessenger/8.0.22(0x18001626) NetType/WIFI Language/zh_CN"
	chromeUA = "Mozilla/5.0 (Linux; Android 14; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/129.0.0.0 Mobile Safari/537.36"
)

func TestInApp(t *testing.T) {
	t.Parallel()
	for want, agents := range map[string][]string{
		"wechat": {
			wechatUA,
			"Mozilla/5.0 (Linux; Android 6.0; PRO 6 Build/MRA58K; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/53.0.2785.49 Mobile MQQBrowser/6.2 TBS/043115 Safari/537.36 MicroMessenger/6.5.6.1020 NetType/WIFI Language/zh_CN",
			"Mozilla/5.0 (Windows NT 6.1; WOW64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/39.0.2171.95 Safari/537.36 MicroMessenger/6.5.2.501 NetType/WIFI WindowsWechat",
			"mozilla/5.0 (linux; u; android 4.1.2; zh-cn) applewebkit/534.30 version/4.0 mobile safari/534.30 micromessenger/5.0.1.352",
		},
		"qq": {
			"Mozilla/5.0 (iPhone; CPU iPhone OS 17_5_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 QQ/9.0.85.612 V1_IPH_SQ_9.0.85_1_APP_A Pixel/1179 NetType/WIFI QBWebViewType/1 WKType/1",
			"Mozilla/5.0 (Linux; Android 9; PH-1; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/66.0.3359.126 MQQBrowser/6.2 TBS/044807 Mobile Safari/537.36 V1_AND_SQ_8.0.8_1218_YYB_D QQ/8.0.8.4115 NetType/WIFI WebP/0.3.0 Pixel/1312",
		},
		"telegram": {
			chromeUA + " Telegram-Android/11.2.1 (Tecno mobile limited TECNO CH7n; Android 11; SDK 30; AVERAGE)",
			"Mozilla/5.0 (iPhone; CPU iPhone OS 15_3_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 Telegram-iOS/10.1",
			"Mozilla/5.0 (iPhone) Version/15.3 Mobile/15E148 Safari/604.1 Telegram 3.6.1123",
		},
		"": {
			"", chromeUA, "TelegramBot (like TwitterBot)", "curl/8.4.0",
			"Mozilla/5.0 (Linux; U; Android 13; zh-cn; PHM110) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/109.0.5414.86 MQQBrowser/14.9 Mobile Safari/537.36 COVC/046709",
			"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/94.0.4606.71 Safari/537.36 Core/1.94.253.400 QQBrowser/12.6.5678.400",
			"Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.0 Mobile/15E148 Safari/604.1",
			"QQ/", "xqq/1", "telegramdesktop", strings.Repeat("QQ", 5000),
		},
	} {
		for _, agent := range agents {
			require.Equal(t, want, InApp(agent), agent)
		}
	}
}

func TestWebViewsNameTheirProgram(t *testing.T) {
	t.Parallel()
	for part, want := range map[string]string{
		"com.tencent.mm": "wechat", "com.tencent.mobileqq": "qq", "com.tencent.tim": "qq", "org.telegram.messenger": "telegram", "org.telegram.messenger.web": "telegram",
		"XMLHttpRequest": "", "com.android.browser": "", "": "",
	} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Header.Set("User-Agent", chromeUA)
		r.Header.Set("X-Requested-With", part)
		require.Equal(t, want, inAppOf(r), part)
	}
}

func TestMessengersBrowsersAreSentOutside(t *testing.T) {
	t.Parallel()
	code := token('r', 1)
	s := newSite(t, Config{PublicURL: "https://clip.example"})
	s.doors.logins[code] = pass.Login{Actor: "tg:42"}
	s.talk.uses[goodCode] = 1
	for _, agent := range []string{wechatUA, "QQ/9.0.85", "Telegram-Android/11.2.1"} {
		b := s.in("web:me")
		b.header.Set("User-Agent", agent)
		for _, path := range []string{"/", "/i/" + goodCode, "/login/" + code, "/return", "/code", "/logout", "/part?x=%22%3E%3Cscript%3E"} {
			w := b.get(path)
			require.Equal(t, 200, w.Code, path)
			body := w.Body.String()
			require.Contains(t, body, "open this in your browser", path)
			require.Contains(t, body, "<code>https://clip.example"+path+"</code>")
			require.NotContains(t, body, `<form method="post" action="/login`)
			require.Equal(t, 1, strings.Count(body, "<form"), "only the language can be changed")
			require.Equal(t, "no-referrer", w.Header().Get("Referrer-Policy"))
			require.Empty(t, w.Result().Cookies(), "nothing begins here")
			require.NotContains(t, body, "<script>")
		}
		require.NotContains(t, b.get("/assets/nothing.css").Body.String(), "browser", "the page needs its style")
	}
	require.Equal(t, map[string]int{"OpenSession": 3}, s.doors.called, "nothing was looked up")
	require.Empty(t, s.talk.events)
	require.Len(t, s.doors.logins, 1)
}

func TestTheLinkIsTheAddressThatWasOpened(t *testing.T) {
	t.Parallel()
	s := newSite(t, Config{})
	r := httptest.NewRequest(http.MethodGet, "http://x/upload/abc?y=1", nil)
	r.Host = `evil"><b>`
	r.Header.Set("User-Agent", wechatUA)
	w := httptest.NewRecorder()
	s.entry.OutsideOnly(http.NotFoundHandler()).ServeHTTP(w, r)
	require.Contains(t, w.Body.String(), "http://evil&#34;&gt;&lt;b&gt;/upload/abc?y=1")
	post := httptest.NewRequest(http.MethodPost, "/files/", nil)
	post.Header.Set("User-Agent", wechatUA)
	w = httptest.NewRecorder()
	s.entry.OutsideOnly(http.NotFoundHandler()).ServeHTTP(w, post)
	require.Equal(t, 404, w.Code, "changes are for the part to judge")
}

// TestEveryPageInBothLanguages writes every page there is with nothing missing,
// and looks at what must hold for all of them.
func TestEveryPageInBothLanguages(t *testing.T) {
	t.Parallel()
	code := token('r', 1)
	s := newSite(t, Config{Access: flows.AccessOpen})
	s.doors.logins[code] = pass.Login{Actor: "tg:42"}
	for _, lang := range []string{"zh", "en"} {
		in, out, inside := s.in("web:me"), s.browser(), s.browser()
		for _, b := range []*browser{in, out, inside} {
			b.header.Set("Accept-Language", lang)
			b.post("/lang", "lang", lang)
		}
		inside.header.Set("User-Agent", wechatUA)
		token := csrf(t, out.get("/"), "/start")
		pages := []*httptest.ResponseRecorder{
			out.get("/"), out.get("/i/" + goodCode), out.get("/i/x"), out.get("/login/" + code), out.get("/login/x"), out.get("/return"), out.get("/nothing"),
			in.get("/i/" + goodCode), in.get("/login/" + code), in.get("/return"), in.get("/code"), in.get("/logout"),
			in.post("/code", "csrf", in.session().CSRF), in.post("/code"), out.post("/return", "csrf", token, "code", "1"), inside.get("/"),
		}
		for i := range 5 {
			w := out.post("/return", "csrf", token, "code", "1")
			if i == 4 {
				require.Equal(t, 429, w.Code)
				pages = append(pages, w)
			}
		}
		s.doors.tries = map[string]int{}
		for i, w := range pages {
			body := w.Body.String()
			require.Equal(t, lang, w.Header().Get("Content-Language"), i)
			require.NotRegexp(t, `(web|talk)\.[a-z_]+\.|no value|%!`, body, "a key without words, or a mistake in a template")
			require.Equal(t, 1, strings.Count(body, "<h1>"), i)
			require.Equal(t, strings.Count(body, "<form"), strings.Count(body, `name="csrf"`), i)
			require.NotRegexp(t, `(?i)<style|style=|\son[a-z]+=|https?://[^c]`, body)
			require.Regexp(t, `<title>[^<]+</title>`, body)
			require.Less(t, len(body), 8000)
		}
	}
}

func TestNothingSecretIsLogged(t *testing.T) {
	t.Parallel()
	code := token('r', 1)
	s := newSite(t, Config{Access: flows.AccessOpen})
	s.doors.logins[code] = pass.Login{Actor: "tg:42", To: "/"}
	b := s.browser()
	secrets := []string{code, goodCode, "1234 5678", "clip.example"}
	use := func(path string, pairs ...string) {
		token := b.session().CSRF
		if token == "" {
			token = csrf(t, b.get("/return"), "/return")
		}
		b.post(path, append(pairs, "csrf", token)...)
		secrets = append(secrets, token, b.cookies["clipcase"])
	}
	use("/i/" + goodCode)
	use("/login/" + code)
	use("/code")
	for _, what := range []string{"Session", "Allow", "OpenSession", "PeekLogin", "UseLogin", "NewReturnCode", "UseReturnCode", "CloseSession"} {
		s.doors.fail[what] = away()
		for _, path := range []string{"/i/" + goodCode, "/login/" + code, "/return", "/code", "/start", "/logout"} {
			use(path, "code", "1234 5678 9012")
		}
		b.get("/login/" + code)
		delete(s.doors.fail, what)
	}
	require.NotEmpty(t, s.log.String())
	for _, secret := range secrets {
		if secret != "" {
			require.NotContains(t, s.log.String(), secret)
		}
	}
}
