package upload

import (
	"encoding/json"
	"net/http"

	"github.com/tus/tusd/v2/pkg/handler"

	"clipcase/flows"
)

// absentBody is the one answer about what is foreign, expired or not there.
const absentBody = `{"error":"absent"}` + "\n"

// errAbsent is that answer as tusd gives it.
func errAbsent() error { return failure("ERR_ABSENT", http.StatusNotFound, absentBody) }

func failure(code string, status int, body string) handler.Error {
	e := handler.NewError(code, code, status)
	e.HTTPResponse.Body = body
	e.HTTPResponse.Header = handler.HTTPHeader{"Content-Type": "application/json"}
	return e
}

// statusDamaged is tus's "checksum mismatch".
const statusDamaged = 460

// refusal is an answer whose words are for the person.
func (u *Uploads) refusal(lang string, status int, code string, text flows.Text) handler.Error {
	body, err := json.Marshal(map[string]string{"error": code, "text": u.pages.Words(lang, text)})
	if err != nil { // strings always marshal
		panic(err)
	}
	e := failure(code, status, string(body)+"\n")
	if status == http.StatusServiceUnavailable {
		e.HTTPResponse.Header["Retry-After"] = "5"
	}
	return e
}

// answer writes what tusd would write for the error.
func answer(w http.ResponseWriter, r *http.Request, e handler.Error) {
	h := w.Header()
	for name, value := range e.HTTPResponse.Header {
		h.Set(name, value)
	}
	h.Set("Tus-Resumable", "1.0.0")
	w.WriteHeader(e.HTTPResponse.StatusCode)
	if r.Method != http.MethodHead {
		_, _ = w.Write([]byte(e.HTTPResponse.Body)) // the client may be gone
	}
}

func absent(w http.ResponseWriter, r *http.Request) {
	answer(w, r, failure("ERR_ABSENT", http.StatusNotFound, absentBody))
}
