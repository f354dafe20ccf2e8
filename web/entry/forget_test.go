package entry

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"clipcase/flows"
	"clipcase/internal/flowstest"
	"clipcase/web/page"
)

// offers answers a wish to delete with a question, as the conversation does.
type offers struct {
	rows   [][]flows.Choice
	events []flows.Event
}

func (o *offers) Handle(_ context.Context, e flows.Event) (flows.Screen, error) {
	o.events = append(o.events, e)
	return flows.Screen{Step: "forget", Token: "t1", Rows: o.rows}, nil
}

// Whoever is shut out sees nothing with their session or return code, but can delete
// all.
func TestTheShutOutCanDeleteTheirOwn(t *testing.T) {
	one := []flows.Choice{{ID: "yes.CC0001"}}
	for name, c := range map[string]struct {
		rows [][]flows.Choice
		want string
	}{
		"one case":   {[][]flows.Choice{one, {{ID: "next"}}}, "yes.CC0001"},
		"more cases": {[][]flows.Choice{one, {{ID: "all"}}, {{ID: "next"}}}, "all"},
		"nothing":    {[][]flows.Choice{{{ID: "next"}}}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t, Config{Access: flows.AccessOpen, RetentionDays: 30})
			talk := &offers{rows: c.rows}
			log := slog.New(slog.DiscardHandler)
			pages, err := page.New(flowstest.Catalogue(t), log)
			require.NoError(t, err)
			s.entry, err = New(s.entry.cfg, s.doors, talk, pages, log, s.entry.clock)
			require.NoError(t, err)
			mux := http.NewServeMux()
			s.entry.Routes(mux)
			mux.Handle("GET /{$}", s.entry.Member(func(http.ResponseWriter, *http.Request, Visitor) {}))
			s.mux = mux
			s.doors.codes["1234 5678 9012"] = "web:me"
			s.doors.banned["web:me"] = true
			b := s.browser()
			if name != "one case" { // a session from before the ban
				s.doors.banned["web:me"] = false
				b.post("/return", "csrf", csrf(t, b.get("/return"), "/return"), "code", "1234 5678 9012")
				s.doors.banned["web:me"] = true
			} else { // or a return code, found at the last try that anyone has
				token := csrf(t, b.get("/return"), "/return")
				for range returnMost - 1 {
					require.Equal(t, http.StatusUnprocessableEntity, b.post("/return", "csrf", token, "code", "0000 0000 0000").Code)
				}
				require.Equal(t, http.StatusSeeOther, b.post("/return", "csrf", token, "code", "1234 5678 9012").Code)
			}

			for _, path := range []string{"/code", "/logout"} {
				require.Equal(t, http.StatusNotFound, b.get(path).Code, path)
			}
			shut := b.get("/")
			require.Equal(t, http.StatusForbidden, shut.Code)
			require.Contains(t, shut.Body.String(), "Delete all my files")
			token := csrf(t, shut, "/forget")
			require.Equal(t, http.StatusForbidden, b.post("/forget", "csrf", "x").Code)
			require.Equal(t, http.StatusNotFound, s.browser().forget(t).Code, "somebody else's")
			require.Empty(t, talk.events, "looking deletes nothing")

			for range 2 { // the same form twice
				done := b.post("/forget", "csrf", token)
				require.Equal(t, http.StatusOK, done.Code)
				require.Contains(t, done.Body.String(), "it is being deleted")
			}
			require.Equal(t, http.StatusOK, b.get("/").Code, "the session is over")
			require.Equal(t, "delete", talk.events[0].Command)
			if c.want == "" {
				require.Len(t, talk.events, 1)
				return
			}
			require.Len(t, talk.events, 2)
			require.Equal(t, "web:me", talk.events[1].Actor)
			require.Equal(t, c.want, talk.events[1].Choice)
			require.Equal(t, "t1", talk.events[1].Token)
			require.NotEqual(t, talk.events[0].ID, talk.events[1].ID)
		})
	}
}

// forget sends the form of the page of whoever is shut out without having seen it.
func (b *browser) forget(t *testing.T) *httptest.ResponseRecorder {
	t.Helper()
	return b.post("/forget", "csrf", csrf(t, b.get("/return"), "/return"))
}

// Words that come when the session is over are shown once more, and only to a form
// of ours.
func TestWordsOfASessionThatIsOver(t *testing.T) {
	t.Parallel()
	s := newSite(t, Config{Access: flows.AccessOpen, RetentionDays: 30})
	mux := http.NewServeMux()
	s.entry.Routes(mux)
	s.mux = mux
	mux.Handle("POST /{$}", s.entry.Member(func(http.ResponseWriter, *http.Request, Visitor) { t.Error("nobody is in") }))
	b := s.browser()
	const words = `my account </textarea><script>x</script> was banned`
	kept := b.post("/", "csrf", "of before", "text", words)
	require.Equal(t, http.StatusNotFound, kept.Code)
	require.Contains(t, kept.Body.String(), "my account &lt;/textarea&gt;&lt;script&gt;x")
	require.Contains(t, kept.Body.String(), "was not saved")
	b.header.Set("Sec-Fetch-Site", "cross-site")
	require.NotContains(t, b.post("/", "text", words).Body.String(), "my account")
}
