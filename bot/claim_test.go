package bot

import (
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"clipcase/flows"
	"clipcase/internal/telegramtest"
)

func TestClaimIsKeptWhileALetterWaits(t *testing.T) {
	t.Parallel()
	s := newStand(t, func(c *Config) {
		c.Pace.Claim, c.Pace.PerChat, c.Pace.Burst = 30*time.Millisecond, 300*time.Millisecond, 1
	})
	u := s.tg.User(7, "zh").Started()
	s.run(t)
	s.mail.put(letterTo(7, words("一")))
	s.mail.put(letterTo(7, words("二")))
	u.AwaitText(5*time.Second, 0, "二")
	require.GreaterOrEqual(t, s.mail.extensions(), 3, "a chat must not be taken from a sender that lives")
}

func TestSenderThatLostItsClaimLetsGo(t *testing.T) {
	t.Parallel()
	s := newStand(t, func(c *Config) { c.Pace.Claim, c.Pace.PerChat, c.Pace.Burst = 30*time.Millisecond, time.Second, 1 })
	u := s.tg.User(7, "zh").Started()
	s.run(t)
	s.mail.put(letterTo(7, words("一")))
	u.AwaitText(5*time.Second, 0, "一")
	s.mail.refuse(3)
	s.mail.put(letterTo(7, words("二")))
	u.AwaitText(5*time.Second, 0, "二")
	require.Zero(t, s.mail.refusals(), "the wait for the chat's pace outlasts the claim")
	require.Len(t, u.FromBot(), 2)
	require.Empty(t, s.tg.Violations())
}

func TestShownLetterIsNotRepeatedWhenTheMailboxIsAway(t *testing.T) {
	t.Parallel()
	s := newStand(t, nil)
	u := s.tg.User(7, "zh").Started()
	var failed atomic.Int32
	s.mail.sent = func(flows.Letter) error {
		if failed.Add(1) <= 3 {
			return &flows.Error{Class: flows.Unavailable, Err: errors.New("away")}
		}
		return nil
	}
	s.run(t)
	s.mail.put(letterTo(7, words("一")))
	s.mail.put(letterTo(7, words("二")))
	u.AwaitText(5*time.Second, 0, "二")
	require.Eventually(t, func() bool { return s.mail.left() == 0 }, 5*time.Second, 5*time.Millisecond)
	require.Len(t, u.FromBot(), 2)
	require.False(t, unclosed(s), "a letter that is done is forgotten")
}

func unclosed(s *stand) (found bool) {
	s.closing.Range(func(_, _ any) bool { found = true; return false })
	return found
}

// A screen that came twice has two copies with the same buttons. Whichever is
// pressed, the next screen comes where people look: at the end.
func TestScreenSentAgainIsAnsweredAtTheEnd(t *testing.T) {
	t.Parallel()
	for name, copied := range map[string]int{"the first is pressed": 0, "the second is pressed": 1} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStand(t, nil)
			u := s.tg.User(7, "zh").Started()
			s.tg.Faults.DropAfter("sendMessage", 1)
			s.run(t)
			first := words("第一屏")
			first.Rows = [][]flows.Choice{{{ID: "go", Label: flows.Text{Plain: "继续"}}}}
			s.mail.put(letterTo(7, first))
			u.Await(5*time.Second, func(m telegramtest.Message) bool { return strings.Contains(m.Text, "重发") })
			require.Eventually(t, func() bool { return s.mail.left() == 0 }, 5*time.Second, 5*time.Millisecond)
			copies := u.FromBot()
			require.Len(t, copies, 2)

			next := letterTo(7, words("第二屏"))
			next.Screen.Replace, next.Press = true, press{chat: 7, message: copies[copied].ID, query: "q"}.ref()
			s.mail.put(next)
			u.AwaitText(5*time.Second, 0, "第二屏")
			require.Contains(t, u.Last().Text, "第二屏")
			require.Len(t, u.FromBot(), 3-copied, "the last screen is edited in place")
		})
	}
}
