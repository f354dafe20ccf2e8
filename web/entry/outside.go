package entry

import (
	"net/http"
	"regexp"
	"strings"

	"clipcase/flows"
)

var inAppPattern = regexp.MustCompile(`(?i)(micromessenger/)|(?:^|[^a-z])(qq/[0-9])|(?:^|[^a-z])(telegram(?:-android|-ios)?[ /][0-9])`)

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
		app := InApp(r.UserAgent())
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
		e.set.Write(w, http.StatusOK, "outside", v.view(r, flows.T("web.entry.outside.title"), outside{app, base + r.URL.RequestURI()}))
	})
}

// outside is what the page in a messenger's browser shows.
type outside struct {
	App  string
	Link string
}
