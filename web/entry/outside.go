package entry

import (
	"net/http"
	"regexp"
	"strings"

	"clipcase/flows"
)

// inAppPattern knows the browsers by what others have seen of them:
//
//	WeChat   MicroMessenger/8.0.22(0x18001626)         github.com/foroco/php-browser-detection/pull/16, github.com/browscap/browscap/issues/587
//	QQ       QQ/9.0.85.612, beside or without MQQBrowser/, which alone is a
//	         browser like any other                    github.com/matomo-org/device-detector/issues/7785
//	Telegram Telegram-Android/11.2.1 at the end        github.com/intoli/user-agents/issues/78
//
// Telegram on iOS says it is Safari, and is (github.com/TelegramMessenger/Telegram-iOS/issues/736).
// TelegramBot, which makes previews of links, is not meant.
var inAppPattern = regexp.MustCompile(`(?i)(micromessenger/)|(?:^|[^a-z])(qq/[0-9])|(?:^|[^a-z])(telegram(?:-android|-ios)?[ /][0-9])`)

// inAppOf is the messenger whose browser sent a request. Android's WebView names
// the program it is part of, also where the User-Agent says Chrome as Telegram's
// does (github.com/shalanah/inapp-spy/issues/30).
func inAppOf(r *http.Request) string {
	switch part := r.Header.Get("X-Requested-With"); {
	case part == "com.tencent.mm" || part == "com.tencent.wework":
		return "wechat"
	case part == "com.tencent.mobileqq" || part == "com.tencent.tim":
		return "qq"
	case strings.HasPrefix(part, "org.telegram.") || part == "org.thunderdog.challegram":
		return "telegram"
	}
	return InApp(r.UserAgent())
}

// InApp is the messenger whose own browser sends this User-Agent: wechat, qq,
// telegram, or "".
func InApp(userAgent string) string {
	found := inAppPattern.FindStringSubmatch(userAgent)
	switch {
	case found == nil:
		return ""
	case found[1] != "":
		return "wechat"
	case found[2] != "":
		return "qq"
	default:
		return "telegram"
	}
}

// OutsideOnly shows people in a messenger's own browser how to open the page
// outside, instead of the page: files cannot be chosen or saved there reliably.
// Nothing is looked up and nothing used up.
func (e *Entry) OutsideOnly(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		app := inAppOf(r)
		if app == "" || !safe(r.Method) || strings.HasPrefix(r.URL.Path, "/assets/") {
			next.ServeHTTP(w, r)
			return
		}
		base := e.cfg.PublicURL
		if base == "" {
			base = "http://" + r.Host
		}
		w.Header().Set("Referrer-Policy", "no-referrer")
		v := Visitor{Lang: e.langOf(r)}
		view := v.view(r, flows.T("web.entry.outside.title"), outside{app, base + r.URL.RequestURI()})
		view.Scripts = []string{"casepage.js"} // it has the copy button; without it the link is selected by hand
		e.set.Write(w, http.StatusOK, "outside", view)
	})
}

// outside is what the page in a messenger's browser shows.
type outside struct {
	App  string
	Link string
}
