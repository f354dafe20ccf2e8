package entry

import (
	"context"
	"log/slog"
	"net/http"
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

// Whoever is shut out sees nothing with their return code, but can delete all.
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
			s.mux = mux
			s.doors.codes["1234 5678 9012"] = "web:me"
			s.doors.fail["OpenSession"] = gone() // what a ban does

			b := s.browser()
			token := csrf(t, b.get("/return"), "/return")
			shut := b.post("/return", "csrf", token, "code", "1234 5678 9012")
			require.Equal(t, http.StatusForbidden, shut.Code)
			require.Contains(t, shut.Body.String(), "Delete all my files")
			require.Empty(t, talk.events, "looking deletes nothing")
			token = csrf(t, shut, "/return/forget")

			require.Equal(t, http.StatusNotFound, b.post("/return/forget", "csrf", token, "code", "0000 0000 0000").Code)
			require.Equal(t, http.StatusForbidden, b.post("/return/forget", "csrf", "x", "code", "1234 5678 9012").Code)
			require.Empty(t, talk.events)

			done := b.post("/return/forget", "csrf", token, "code", "1234 5678 9012")
			require.Equal(t, http.StatusOK, done.Code)
			require.Contains(t, done.Body.String(), "it is being deleted")
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
