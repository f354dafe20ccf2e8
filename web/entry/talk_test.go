package entry

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"clipcase/flows"
	"clipcase/internal/flowstest"
)

// onePerson is flows.Store and flows.Gate for one person who has said nothing yet.
type onePerson struct {
	flows.Gate
	person flows.Person
	good   bool // the code is
}

func (p *onePerson) Load(context.Context, string, time.Time) (flows.State, error) {
	return flows.State{Person: p.person}, nil
}
func (*onePerson) Commit(context.Context, flows.Commit) (flows.Outcome, error) {
	return flows.Saved, nil
}
func (*onePerson) ReserveCase(context.Context) (string, error)       { return "CC0042", nil }
func (*onePerson) Case(context.Context, string) (*flows.Case, error) { return nil, gone() }
func (p *onePerson) Redeem(context.Context, string, string, time.Time) error {
	if p.good {
		return nil
	}
	return gone()
}

// TestTheConversationsAnswersAreUnderstood asks the conversation itself: what
// admit takes for a refusal must be what it says to people it does not let in.
func TestTheConversationsAnswersAreUnderstood(t *testing.T) {
	t.Parallel()
	cat := flowstest.Catalogue(t)
	for name, test := range map[string]struct {
		access flows.AccessMode
		person onePerson
		away   bool
	}{
		"invited":                     {flows.AccessInvite, onePerson{good: true}, false},
		"invited where there is list": {flows.AccessList, onePerson{good: true}, false},
		"wrong code":                  {flows.AccessInvite, onePerson{}, true},
		"wrong code, list":            {flows.AccessList, onePerson{}, true},
		"banned with a good code":     {flows.AccessInvite, onePerson{good: true, person: flows.Person{Banned: true}}, true},
		"banned where it is open":     {flows.AccessOpen, onePerson{good: true, person: flows.Person{Banned: true}}, true},
		"needs no code":               {flows.AccessOpen, onePerson{}, false},
		"is in already":               {flows.AccessInvite, onePerson{person: flows.Person{Allowed: true}}, false},
	} {
		engine, err := flows.New(flows.Config{Access: test.access}, cat, &test.person, &test.person, func() time.Time { return now }, func() string { return "id" })
		require.NoError(t, err)
		s := newSite(t, Config{Access: test.access})
		s.entry.talk = engine
		b := s.browser()
		w := b.post("/i/"+goodCode, "csrf", csrf(t, b.get("/i/"+goodCode), "/i/"+goodCode))
		if test.away {
			require.Equal(t, 404, w.Code, name)
			require.Empty(t, s.doors.sessions, name)
		} else {
			require.Equal(t, 303, w.Code, name)
			require.Len(t, s.doors.sessions, 1, name)
		}
	}
}
