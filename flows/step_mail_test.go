package flows_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"clipcase/flows"
	"clipcase/media"
)

// mailed brings a chat to a case whose mail pack was handed out.
func mailed(t *testing.T, lang, mailbox string) *chat {
	t.Helper()
	c := newChat(t, builtin(t), lang, flows.Config{Mailbox: mailbox})
	c.command("appeal", "我的账号被误封了，请帮我看看")
	c.file(video(1), "")
	c.ingest()
	for c.seen.Step != "review" {
		c.forward()
	}
	c.press("channel")
	c.press("email")
	c.forward()
	c.process()
	if _, ok := c.kase().Pack("email").Mail(); !ok {
		c.store.Work(t, c.kase().ID, func(k *flows.Case) ([]flows.Effect, error) {
			p := k.Pack("email")
			p.Pieces = append(p.Pieces, flows.Piece{Name: "message.eml", Kind: media.KindEML, Blob: "cases/" + k.ID + "/message.eml", Bytes: 1000})
			return nil, nil
		})
	}
	return c
}

func (c *chat) mail() flows.Screen {
	k := c.kase()
	return c.do(flows.Event{Kind: flows.EventChoice, Token: flows.TokenKeep, Choice: k.PressPack("mail", k.Pack("email"))})
}

// TestMailFromTheOperatorsMailbox: nothing goes out before the person typed an
// address, saw the mail and confirmed.
func TestMailFromTheOperatorsMailbox(t *testing.T) {
	t.Parallel()
	for _, lang := range []string{"zh", "en"} {
		c := mailed(t, lang, "box@clip.example")
		c.mail()
		require.Equal(t, "mailto", c.seen.Step)
		for _, wrong := range []string{"客服", "a@b", "a@b.cn, c@d.cn", "a@b.cn\nBcc: c@d.cn"} {
			c.text(wrong)
			require.Equal(t, "mailto", c.seen.Step, wrong)
		}
		c.text(" kefu@platform.example ")
		require.Equal(t, "mailback", c.seen.Step)
		c.text("me@home.example")
		require.Equal(t, "mailgo", c.seen.Step)
		shown := transcribe(c.cat, c.seen)
		for _, part := range []string{"box@clip.example", "kefu@platform.example", "me@home.example", c.kase().Pack("email").Subject} {
			require.Contains(t, shown, part)
		}
		require.Nil(t, c.kase().Pack("email").Post, "not yet")
		for _, line := range strings.Split(c.kase().Pack("email").Words, "\n") {
			require.Contains(t, shown, line)
		}
		c.forward()
		post := c.kase().Pack("email").Post
		require.Equal(t, flows.PostSending, post.State)
		require.Equal(t, []any{1, "kefu@platform.example", "me@home.example"}, []any{post.N, post.To, post.ReplyTo})

		k := c.kase()
		effects, err := k.PostEnded(1, flows.PostSent, nil, c.now)
		require.NoError(t, err)
		require.Len(t, effects, 2, "the person is told, and asked in two days")
		require.Equal(t, flows.FateSent, k.Pack("email").Fate)
		again, err := k.PostEnded(1, flows.PostSent, nil, c.now)
		require.NoError(t, err)
		require.Empty(t, again)
		back, err := k.MailCameBack(c.now)
		require.NoError(t, err)
		require.Len(t, back, 1)
		require.Equal(t, flows.PostRefused, k.Pack("email").Post.State)
		_, err = k.PostEnded(7, flows.PostSent, nil, c.now)
		require.Equal(t, flows.Conflict, flows.ClassOf(err))
	}
}

func TestMailNotSent(t *testing.T) {
	t.Parallel()
	c := mailed(t, "zh", "box@clip.example")
	c.mail()
	c.forward() // not now
	require.Empty(t, c.session().Step)
	c.mail()
	c.text("kefu@platform.example")
	c.forward() // no address for answers
	require.Equal(t, "mailgo", c.seen.Step)
	c.press("no")
	require.Nil(t, c.kase().Pack("email").Post)

	c.mail()
	c.text("kefu@platform.example")
	c.store.Work(t, c.kase().ID, func(k *flows.Case) ([]flows.Effect, error) { // another mail is made meanwhile
		p := k.Pack("email")
		for i := range p.Pieces {
			p.Pieces[i].Blob += "x"
		}
		return nil, nil
	})
	c.forward()
	require.Nil(t, c.kase().Pack("email").Post, "only what was shown is sent")

	c = mailed(t, "zh", "")
	c.mail()
	require.Empty(t, c.session().Step, "there is no mailbox")
	require.Nil(t, c.kase().Pack("email").Post)
}

// TestBounceIsTold: an admin notes that a mail came back.
func TestBounceIsTold(t *testing.T) {
	t.Parallel()
	c := mailed(t, "zh", "box@clip.example")
	c.store.People[c.actor] = flows.Person{Admin: true}
	id := c.kase().ID
	said := c.command("bounce", id)
	require.Equal(t, []string{id}, c.store.bounced)
	require.Contains(t, transcribe(c.cat, said), id)
	for _, wrong := range []string{"", "x", "CC9999", id + " " + id} {
		c.command("bounce", wrong)
	}
	require.Equal(t, []string{id}, c.store.bounced)
}
