package jobs

import (
	"context"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"clipcase/flows"
)

// memMailman takes mails, or answers with what is to come next.
type memMailman struct {
	mu   sync.Mutex
	next []error
	sent []string
}

func (m *memMailman) Send(_ context.Context, path, to, replyTo, id string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	body, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if len(m.next) > 0 {
		err, m.next = m.next[0], m.next[1:]
		if err != nil {
			return err
		}
	}
	m.sent = append(m.sent, to+" "+replyTo+" "+id+" "+string(body))
	return nil
}

func mailing(b *bundle, id string) *flows.Case {
	c := b.submitted(id)
	key := "cases/" + id + "/attempts/a/message.eml"
	b.blobs.write(b.t, key, []byte("mail"))
	c.Packs = []flows.Pack{{
		Channel: "email", State: flows.PackDelivered, Fate: flows.FateUnsent,
		Post: &flows.Post{N: 1, To: "kefu@platform.example", ReplyTo: "me@home.example", Blob: key, State: flows.PostSending, At: time.Now()},
	}}
	return c
}

func TestMailIsSentOrTheReasonTold(t *testing.T) {
	t.Parallel()
	away := &flows.Error{Class: flows.Unavailable, Text: flows.T("post.away")}
	no := &flows.Error{Class: flows.UserMedia, Text: flows.T("post.refused", "code", 550, "why", "no such mailbox")}
	for name, c := range map[string]struct {
		next  []error
		state flows.PostState
		late  bool
	}{
		"at once":           {nil, flows.PostSent, false},
		"away for a while":  {[]error{away, away}, flows.PostSent, false},
		"refused":           {[]error{no}, flows.PostRefused, false},
		"away for too long": {[]error{away, away, away, away, away, away, away, away}, flows.PostRefused, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			man := &memMailman{next: c.next}
			deps := b.deps()
			deps.Mailman = man
			k := mailing(b, "CC0001")
			if c.late {
				k.Packs[0].Post.At = time.Now().Add(-2 * mailLate)
			}
			effect := work1(flows.EffectPost, k)
			effect.Round = 1
			b.put(k, effect, effect) // handed on twice, sent once
			b.startWith(b.cfg, deps)
			b.until(func() bool { return b.get("CC0001").Packs[0].Post.State != flows.PostSending }, "ended")
			post := b.get("CC0001").Packs[0].Post
			require.Equal(t, c.state, post.State)
			man.mu.Lock()
			defer man.mu.Unlock()
			if c.state == flows.PostSent {
				require.Equal(t, []string{"kefu@platform.example me@home.example CC0001.1 mail"}, man.sent)
			} else {
				require.Empty(t, man.sent)
				require.NotNil(t, post.Why)
			}
		})
	}
}

// A case that is over, or a mail that is no longer there, sends nothing.
func TestNoMailOfWhatIsOver(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*flows.Case){
		"cancelled":   func(c *flows.Case) { c.Cancelled = time.Now() },
		"quarantined": func(c *flows.Case) { c.Quarantined = true },
		"gone":        func(c *flows.Case) { c.Packs[0].Post.Blob = "cases/CC0001/attempts/b/message.eml" },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			man := &memMailman{}
			c := mailing(b, "CC0001")
			change(c)
			b.put(c)
			m := &mail{cfg: b.cfg, cases: b.cases, blobs: b.blobs, mailman: man, log: b.cfg.Log}
			require.NoError(t, m.run(t.Context(), mailTask("CC0001", 1), "t"))
			require.Empty(t, man.sent)
			require.Equal(t, name == "gone", b.get("CC0001").Packs[0].Post.State == flows.PostRefused)
		})
	}
}

// A mail whose task was lost with its queue is found by the sweep.
func TestLostMailIsSent(t *testing.T) {
	t.Parallel()
	b := setup(t)
	man := &memMailman{}
	deps := b.deps()
	deps.Mailman = man
	b.put(mailing(b, "CC0001"))
	b.startWith(b.cfg, deps)
	b.until(func() bool { return b.get("CC0001").Packs[0].Post.State == flows.PostSent }, "sent")
}
