package entry

import (
	"math"
	"net/http"
	"strconv"
	"time"

	"clipcase/flows"
)

// Limit counts one attempt at what, for the address and for the person who is
// logged in, at most so many in any stretch of per. false means that the request
// was answered (429, or 503 when nothing can be counted) and must go no further.
func (e *Entry) Limit(w http.ResponseWriter, r *http.Request, what string, most int, per time.Duration) bool {
	v, err := e.Visitor(r)
	if err != nil && flows.ClassOf(err) != flows.NotFound {
		e.Trouble(w, r, err)
		return false
	}
	return e.limit(w, r, v, what, most, per)
}

func (e *Entry) limit(w http.ResponseWriter, r *http.Request, v Visitor, what string, most int, per time.Duration) bool {
	keys := []string{what + ":from:" + v.Address}
	if v.In {
		keys = append(keys, what+":by:"+v.Session.Actor)
	}
	for _, key := range keys {
		if !e.allow(w, r, key, most, per) {
			return false
		}
	}
	return true
}

func (e *Entry) allow(w http.ResponseWriter, r *http.Request, key string, most int, per time.Duration) bool {
	ok, wait, err := e.doors.Allow(r.Context(), key, most, per)
	if err != nil {
		e.Trouble(w, r, err)
		return false
	}
	if ok {
		return true
	}
	w.Header().Set("Retry-After", strconv.Itoa(max(1, int(math.Ceil(wait.Seconds())))))
	e.answer(w, r, http.StatusTooManyRequests, message{
		Title: flows.T("web.entry.many.title"),
		Lines: []flows.Text{flows.T("web.entry.many.wait", "count", max(1, int(math.Ceil(wait.Minutes())))), flows.T("web.entry.many.safe")},
	})
	return false
}
