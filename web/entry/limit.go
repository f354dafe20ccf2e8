package entry

import (
	"math"
	"net/http"
	"strconv"
	"time"

	"clipcase/flows"
)

// crowd is how many people who are logged in may share an address: carriers of
// phones put thousands behind one.
const crowd = 20

// Limit counts one attempt at what, at most so many in any stretch of per: for the
// person who is logged in, and crowd times as many for their address; for the
// address alone of someone who is not. false means that the request was answered
// (429, or 503 when nothing can be counted) and must go no further.
func (e *Entry) Limit(w http.ResponseWriter, r *http.Request, what string, most int, per time.Duration) bool {
	v, err := e.Visitor(r)
	if err != nil && flows.ClassOf(err) != flows.NotFound {
		e.Trouble(w, r, err)
		return false
	}
	if !v.In {
		return e.allow(w, r, what+":from:"+v.Address, most, per)
	}
	return e.allow(w, r, what+":by:"+v.Session.Actor, most, per) && e.allow(w, r, what+":near:"+v.Address, crowd*most, per)
}

// strict is Limit for what may be guessed or made up at will: whoever is logged in
// has no more tries from an address than anyone else.
func (e *Entry) strict(w http.ResponseWriter, r *http.Request, v Visitor, what string, most int, per time.Duration) bool {
	return e.allow(w, r, what+":from:"+v.Address, most, per) &&
		(!v.In || e.allow(w, r, what+":by:"+v.Session.Actor, most, per))
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
