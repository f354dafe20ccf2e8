package bot

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"clipcase/flows"
	"clipcase/internal/telegramtest"
)

func (s *stand) report(t *testing.T, p flows.WorkProgress) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	select {
	case s.radio.reports <- report{"tg:7", p}:
	case <-ctx.Done():
		t.Fatal("nobody watches")
	}
}

func TestProgressIsOneMessage(t *testing.T) {
	t.Parallel()
	s := newStand(t, nil)
	u := s.tg.User(7, "zh").Started()
	s.run(t)
	s.report(t, flows.WorkProgress{Case: "CC0042", Place: 2, Left: -1})
	m := u.AwaitText(5*time.Second, 0, "前面还有 2 份")
	for i := range 200 {
		s.report(t, flows.WorkProgress{Case: "CC0042", Step: "render", Percent: float64(i) / 2, Left: 130 - float64(i)/2})
	}
	u.Await(5*time.Second, func(m telegramtest.Message) bool { return strings.Contains(m.Text, "99%") })
	s.report(t, flows.WorkProgress{Case: "CC0042", Step: "document", Percent: 250, Left: 5})
	u.Await(5*time.Second, func(m telegramtest.Message) bool { return strings.Contains(m.Text, "约 10 秒") })
	s.report(t, flows.WorkProgress{Case: "CC0042", Done: true})
	u.AwaitText(5*time.Second, 0, "做好了")
	got := u.FromBot()
	require.Len(t, got, 1)
	require.Equal(t, m.ID, got[0].ID)
	require.LessOrEqual(t, got[0].Edits, 15, "200 reports must not become 200 edits")
	require.Empty(t, s.tg.Violations())

	s.report(t, flows.WorkProgress{Case: "CC0042", Step: "render", Percent: 1, Left: -1}) // the next round
	u.Await(5*time.Second, func(m telegramtest.Message) bool { return m.ID != got[0].ID && strings.Contains(m.Text, "估算") })
}

func TestProgressIsEditedOnlyOnChangeAndNotTooOften(t *testing.T) {
	t.Parallel()
	now := time.Unix(1000, 0)
	s := newStand(t, nil)
	b := newBoard(s.Bot)
	s.clock = func() time.Time { return now }
	s.cfg.Pace.Edit = 5 * time.Second
	s.cfg.Pace.First = time.Second
	b.put("tg:7", flows.WorkProgress{Case: "CC1", Percent: 1})
	require.Empty(t, b.due(), "it may be done in a moment")
	require.Equal(t, time.Second, b.pause())
	now = now.Add(time.Second)
	require.Len(t, b.due(), 1)
	b.put("tg:7", flows.WorkProgress{Case: "CC1", Percent: 2})
	require.Empty(t, b.due(), "5 s are not over")
	require.Equal(t, 5*time.Second, b.pause())
	now = now.Add(5 * time.Second)
	require.Len(t, b.due(), 1)
	require.Empty(t, b.due(), "nothing new")
	now = now.Add(forgetAfter + time.Second)
	b.due()
	require.Empty(t, b.cases, "work that ended without a word")
}

func TestProgressOfQuickWorkIsNotShown(t *testing.T) {
	t.Parallel()
	s := newStand(t, nil)
	u := s.tg.User(7, "zh").Started()
	s.run(t)
	s.report(t, flows.WorkProgress{Case: "CC1", Done: true})
	s.report(t, flows.WorkProgress{Case: "CC2", Step: "probe"})
	u.AwaitText(5*time.Second, 0, "CC2")
	require.Len(t, u.FromBot(), 1)
}

func TestProgressSurvivesARestartAndAFlood(t *testing.T) {
	t.Parallel()
	s := newStand(t, nil)
	u := s.tg.User(7, "zh").Started()
	stop := s.run(t)
	s.report(t, flows.WorkProgress{Case: "CC1", Step: "probe"})
	m := u.AwaitText(5*time.Second, 0, "CC1")
	stop()
	s.tg.Faults.Reply429("editMessageText", 1, 1)
	next := newStandAt(t, s)
	next.run(t)
	next.report(t, flows.WorkProgress{Case: "CC1", Step: "render", Percent: 40, Left: 60})
	require.Equal(t, m.ID, u.AwaitText(5*time.Second, 0, "40%").ID)
	require.Empty(t, s.tg.Early())
	require.Len(t, u.FromBot(), 1)
}

// A deleted case takes its notes with it, but not the last word of its work: the
// message must not say for ever that something is being made.
func TestProgressOfADeletedCaseEnds(t *testing.T) {
	t.Parallel()
	s := newStand(t, nil)
	u := s.tg.User(7, "zh").Started()
	s.run(t)
	s.report(t, flows.WorkProgress{Case: "CC0042", Step: "render", Percent: 8, Left: 20})
	m := u.AwaitText(5*time.Second, 0, "8%")
	require.Eventually(t, func() bool {
		note, err := s.notes.Note(t.Context(), "progress:tg:7 CC0042")
		return err == nil && note != ""
	}, 5*time.Second, 5*time.Millisecond)
	require.NoError(t, s.notes.SetNote(t.Context(), "progress:tg:7 CC0042", "", 0))
	s.report(t, flows.WorkProgress{Case: "CC0042", Done: true, Stopped: true})
	require.Equal(t, m.ID, u.AwaitText(5*time.Second, 0, "停下了").ID)
	require.Len(t, u.FromBot(), 1)
}

func TestProgressSpeaksTheChatsLanguage(t *testing.T) {
	t.Parallel()
	s := newStand(t, nil)
	u := s.tg.User(7, "en").Started()
	s.run(t)
	screen := words("hello")
	screen.Lang = "en"
	s.mail.put(letterTo(7, screen))
	u.AwaitText(5*time.Second, 0, "hello")
	s.report(t, flows.WorkProgress{Case: "CC1", Step: "render", Percent: 40, Left: 61})
	m := u.AwaitText(5*time.Second, 0, "40%")
	require.Contains(t, m.Text, "about 2 minutes left")
	require.Contains(t, m.Text, "compressing and cutting")
}

// Someone who blocked the bot sees how the work stands as soon as they are back,
// also when it ended meanwhile, and when the bot was started anew.
func TestProgressForSomeoneWhoComesBack(t *testing.T) {
	t.Parallel()
	for name, restart := range map[string]bool{"the bot ran on": false, "the bot was started anew": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStand(t, nil)
			u := s.tg.User(7, "zh").Started()
			stop := s.run(t)
			s.report(t, flows.WorkProgress{Case: "CC1", Step: "render", Percent: 40, Left: 60})
			s.report(t, flows.WorkProgress{Case: "CC2", Step: "render", Percent: 41, Left: 60})
			m := u.AwaitText(5*time.Second, 0, "40%")
			u.AwaitText(5*time.Second, 0, "41%")
			u.Block()
			s.report(t, flows.WorkProgress{Case: "CC1", Step: "render", Percent: 70, Left: 30})
			require.Eventually(t, func() bool { return s.board.isAway("tg:7") }, 5*time.Second, 5*time.Millisecond)
			tries := len(s.tg.Calls("editMessageText"))
			s.report(t, flows.WorkProgress{Case: "CC1", Step: "document", Percent: 90, Left: 5})
			s.report(t, flows.WorkProgress{Case: "CC1", Done: true})
			require.Eventually(t, func() bool {
				return s.board.kept(t.Context(), "tg:7")["CC1"].Done
			}, 5*time.Second, 5*time.Millisecond)
			require.Len(t, s.tg.Calls("editMessageText"), tries, "who blocked the bot is left alone")
			if restart {
				stop()
				next := newStandAt(t, s)
				next.run(t)
			}
			u.Unblock()
			require.Equal(t, m.ID, u.AwaitText(5*time.Second, 0, "CC1：文件做好了").ID)
			require.Eventually(t, func() bool {
				note, err := s.notes.Note(t.Context(), "away:tg:7")
				return err == nil && note == ""
			}, 5*time.Second, 5*time.Millisecond)
			require.Len(t, u.FromBot(), 2)
		})
	}
}

func TestProgressGivesWayToAnswersAndFiles(t *testing.T) {
	t.Parallel()
	now := time.Unix(1000, 0)
	p := newPacer(Pace{PerChat: time.Second, Burst: 5, PerGroup: 3 * time.Second, Overall: 25}, func() time.Time { return now })
	var passed int
	for p.spare(7) {
		passed++
	}
	require.Equal(t, 3, passed, "two places are left for what matters more")
	require.NoError(t, p.wait(t.Context(), 7))
	require.NoError(t, p.wait(t.Context(), 7), "without a wait: the clock stands")
	now = now.Add(2 * time.Second)
	require.False(t, p.spare(7))
	now = now.Add(time.Second)
	require.True(t, p.spare(7))
	require.True(t, p.spare(8), "another chat")
	p.hold(8, time.Minute)
	require.False(t, p.spare(8))

	s := newStand(t, nil)
	b := newBoard(s.Bot)
	s.clock = func() time.Time { return now }
	s.cfg.Pace.Edit, s.cfg.Pace.PerChat = 5*time.Second, time.Second
	b.pacer = p
	p.clock = s.clock
	s.cfg.Pace.First = 0
	b.put("tg:7", flows.WorkProgress{Case: "CC1", Percent: 1})
	for range 2 {
		require.NoError(t, p.wait(t.Context(), 7))
	}
	for key, due := range b.due() {
		b.bring(t.Context(), key, due)
	}
	require.Empty(t, s.tg.Calls("sendMessage"), "it was put off")
	require.Equal(t, time.Second, b.pause(), "for as long as a place takes to get free")
}
