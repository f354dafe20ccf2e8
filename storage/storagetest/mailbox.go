package storagetest

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"clipcase/flows"
)

const lease = 30 * time.Second

func mailboxChecks() []check {
	return []check{
		{"letters of a chat come in order", func(t *testing.T, f *Fixture) {
			want := []string{}
			for i := range 6 {
				id := fmt.Sprintf("l%d", 9-i)
				post(t, f, show(id, actor, ""))
				want = append(want, id)
			}
			require.Equal(t, want, drain(t, f))
		}},
		{"a claimed chat is nobody else's", func(t *testing.T, f *Fixture) {
			post(t, f, show("a1", "tg:1", ""), show("b1", "tg:2", ""), show("a2", "tg:1", ""))
			first, second := take(t, f), take(t, f)
			require.ElementsMatch(t, []string{"a1", "b1"}, []string{first.ID, second.ID})
			none(t, f)
			require.NoError(t, f.Mailbox.Begin(t.Context(), first))
			require.NoError(t, f.Mailbox.Sent(t.Context(), first))
			require.NoError(t, f.Mailbox.Begin(t.Context(), second))
			require.NoError(t, f.Mailbox.Sent(t.Context(), second))
			require.Equal(t, []string{"a2"}, drain(t, f))
		}},
		{"a newer screen of the slot replaces one not begun", func(t *testing.T, f *Fixture) {
			post(t, f, show("old", actor, "step"), show("note", actor, ""), show("other", "tg:7", "step"))
			post(t, f, show("new", actor, "step"))
			require.ElementsMatch(t, []string{"note", "new", "other"}, drain(t, f))
		}},
		{"a screen that was begun is not replaced", func(t *testing.T, f *Fixture) {
			post(t, f, show("old", actor, "step"))
			l := take(t, f)
			require.NoError(t, f.Mailbox.Begin(t.Context(), l))
			post(t, f, show("new", actor, "step"))
			require.NoError(t, f.Mailbox.Sent(t.Context(), l))
			require.Equal(t, []string{"new"}, drain(t, f))
		}},
		{"one replaced after it was taken must not begin", func(t *testing.T, f *Fixture) {
			post(t, f, show("old", actor, "step"))
			l := take(t, f)
			post(t, f, show("new", actor, "step"))
			class(t, flows.Conflict, f.Mailbox.Begin(t.Context(), l))
			require.Equal(t, []string{"new"}, drain(t, f))
		}},
		{"a delayed screen waits, and is replaced while it waits", func(t *testing.T, f *Fixture) {
			album := show("album", actor, "step")
			album.After = f.Clock.Now().Add(1500 * time.Millisecond)
			post(t, f, album, show("now", actor, ""))
			require.Equal(t, []string{"now"}, drain(t, f))
			f.Clock.Advance(time.Second)
			again := show("again", actor, "step")
			again.After = f.Clock.Now().Add(1500 * time.Millisecond)
			post(t, f, again)
			f.Clock.Advance(time.Second)
			none(t, f)
			f.Clock.Advance(500 * time.Millisecond)
			require.Equal(t, []string{"again"}, drain(t, f))
			f.Clock.Advance(time.Hour)
			none(t, f)
		}},
		{"one begun and not known to be sent is not repeated below a newer screen", func(t *testing.T, f *Fixture) {
			post(t, f, show("old", actor, "step"))
			require.NoError(t, f.Mailbox.Begin(t.Context(), take(t, f))) // and is killed while it sends
			post(t, f, show("note", actor, ""), show("new", actor, "step"))
			f.Clock.Advance(lease)
			l := take(t, f)
			require.Equal(t, "old", l.ID)
			require.True(t, l.Begun)
			f.LoseReply()
			class(t, flows.Conflict, f.Mailbox.Begin(t.Context(), l))
			require.Equal(t, []string{"note", "new"}, drain(t, f))
		}},
		{"one begun without a newer screen is repeated", func(t *testing.T, f *Fixture) {
			post(t, f, show("only", actor, "step"), show("note", actor, ""))
			require.NoError(t, f.Mailbox.Begin(t.Context(), take(t, f)))
			f.Clock.Advance(lease)
			require.Equal(t, []string{"only", "note"}, drain(t, f))
		}},
		{"a claim lasts while it is extended", func(t *testing.T, f *Fixture) {
			post(t, f, show("a1", actor, ""), show("a2", actor, ""))
			l := take(t, f)
			for range 5 {
				f.Clock.Advance(lease / 3)
				f.LoseReply()
				require.NoError(t, f.Mailbox.Extend(t.Context(), l, lease))
				none(t, f)
			}
			f.Clock.Advance(lease - time.Millisecond)
			none(t, f)
			f.Clock.Advance(time.Millisecond)
			again := take(t, f)
			require.Equal(t, "a1", again.ID)
			class(t, flows.Conflict, f.Mailbox.Extend(t.Context(), l, lease))
			f.Clock.Advance(lease) // what a stale sender asks for lengthens nothing
			require.Equal(t, "a1", take(t, f).ID)
		}},
		{"after a crash another sender goes on, and knows", crashedSender},
		{"a sender whose claim ended changes nothing but a true end", staleSender},
		{"later holds the chat back, not the others", func(t *testing.T, f *Fixture) {
			post(t, f, show("a1", "tg:1", ""))
			l := take(t, f)
			require.NoError(t, f.Mailbox.Begin(t.Context(), l))
			require.NoError(t, f.Mailbox.Later(t.Context(), l, f.Clock.Now().Add(10*time.Second), true))
			post(t, f, show("a2", "tg:1", ""), show("b1", "tg:2", "")) // does not make the held chat due
			require.Equal(t, []string{"b1"}, drain(t, f))
			f.Clock.Advance(10 * time.Second)
			l = take(t, f)
			require.Equal(t, "a1", l.ID)
			require.False(t, l.Begun)
			require.NoError(t, f.Mailbox.Begin(t.Context(), l))
			require.NoError(t, f.Mailbox.Sent(t.Context(), l))
			require.Equal(t, []string{"a2"}, drain(t, f))
		}},
		{"later without unsent keeps the mark, and unsent keeps an older one", func(t *testing.T, f *Fixture) {
			post(t, f, show("a1", actor, ""))
			for _, unsent := range []bool{false, true} {
				l := take(t, f)
				require.NoError(t, f.Mailbox.Begin(t.Context(), l))
				require.NoError(t, f.Mailbox.Later(t.Context(), l, f.Clock.Now(), unsent))
				again := take(t, f)
				require.True(t, again.Begun)
				require.NoError(t, f.Mailbox.Later(t.Context(), again, f.Clock.Now(), false))
			}
		}},
		{"a lost answer to take claims one chat", func(t *testing.T, f *Fixture) {
			post(t, f, show("a1", "tg:1", ""), show("b1", "tg:2", ""))
			f.LoseReply()
			l := take(t, f)
			require.NoError(t, f.Mailbox.Begin(t.Context(), l))
			require.NoError(t, f.Mailbox.Sent(t.Context(), l))
			require.Len(t, drain(t, f), 1)
		}},
		{"lost answers to begin and sent do no harm", func(t *testing.T, f *Fixture) {
			post(t, f, show("a1", actor, ""), show("a2", actor, ""))
			l := take(t, f)
			f.LoseReply()
			require.NoError(t, f.Mailbox.Begin(t.Context(), l))
			f.LoseReply()
			require.NoError(t, f.Mailbox.Sent(t.Context(), l))
			require.Equal(t, []string{"a2"}, drain(t, f))
		}},
	}
}

func post(t *testing.T, f *Fixture, effects ...flows.Effect) {
	t.Helper()
	save(t, f, flows.Commit{Event: "post-" + effects[0].ID, Effects: effects})
}

func take(t *testing.T, f *Fixture) flows.Letter {
	t.Helper()
	l, ok, err := f.Mailbox.Take(t.Context(), 0, lease)
	require.NoError(t, err)
	require.True(t, ok)
	require.NotEmpty(t, l.Claim)
	return l
}

func none(t *testing.T, f *Fixture) {
	t.Helper()
	l, ok, err := f.Mailbox.Take(t.Context(), 0, lease)
	require.NoError(t, err)
	require.False(t, ok, l.ID)
}

func crashedSender(t *testing.T, f *Fixture) {
	post(t, f, show("a1", actor, ""), show("a2", actor, ""))
	dead := take(t, f) // and is killed before it began
	require.False(t, dead.Begun)
	f.Clock.Advance(lease - time.Millisecond)
	none(t, f)
	f.Clock.Advance(time.Millisecond)
	l := take(t, f)
	require.Equal(t, "a1", l.ID)
	require.False(t, l.Begun)
	require.NotEqual(t, dead.Claim, l.Claim)
	require.NoError(t, f.Mailbox.Begin(t.Context(), l)) // and is killed while it sends
	f.Clock.Advance(lease)
	l = take(t, f)
	require.Equal(t, "a1", l.ID)
	require.True(t, l.Begun)
	require.NoError(t, f.Mailbox.Begin(t.Context(), l))
	require.NoError(t, f.Mailbox.Sent(t.Context(), l))
	require.Equal(t, []string{"a2"}, drain(t, f))
}

func staleSender(t *testing.T, f *Fixture) {
	post(t, f, show("a1", actor, ""), show("a2", actor, ""))
	slow := take(t, f)
	f.Clock.Advance(lease)
	l := take(t, f)
	require.Equal(t, "a1", l.ID)
	class(t, flows.Conflict, f.Mailbox.Begin(t.Context(), slow))
	require.NoError(t, f.Mailbox.Begin(t.Context(), l))
	require.NoError(t, f.Mailbox.Later(t.Context(), slow, f.Clock.Now(), true))
	none(t, f) // the claim of the other still holds
	require.NoError(t, f.Mailbox.Sent(t.Context(), slow))
	none(t, f)
	require.NoError(t, f.Mailbox.Sent(t.Context(), l))
	require.Equal(t, []string{"a2"}, drain(t, f))
}
