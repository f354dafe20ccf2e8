package bot

import (
	"bytes"
	"image"
	"image/jpeg"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"clipcase/flows"
	"clipcase/internal/telegramtest"
)

const sheetKey = "cases/CC0001/preview/sheet-1.jpg"

// withSheet puts a picture on the shelf.
func (s *stand) withSheet(t *testing.T) {
	t.Helper()
	var out bytes.Buffer
	require.NoError(t, jpeg.Encode(&out, image.NewGray(image.Rect(0, 0, 1264, 900)), nil))
	s.files.blobs[sheetKey] = out.Bytes()
}

// choice is a screen with a picture and two buttons.
func choice(text string) *flows.Screen {
	screen := words(text)
	screen.Picture = sheetKey
	screen.Rows = [][]flows.Choice{
		{{ID: "at.e1.0", Label: flows.Text{Plain: "1 · 0:42 封禁"}}},
		{{ID: "next", Label: flows.Text{Plain: "让我来挑"}}},
	}
	return screen
}

func (s *stand) emptied(t *testing.T) {
	t.Helper()
	require.Eventually(t, func() bool { return s.mail.left() == 0 }, 10*time.Second, 5*time.Millisecond)
}

// A screen with a picture is one message: the words are its caption, the buttons
// stand under it. A second time it goes out by its number.
func TestScreenWithAPicture(t *testing.T) {
	t.Parallel()
	s := newStand(t, nil)
	u := s.tg.User(7, "zh").Started()
	s.withSheet(t)
	s.run(t)
	for range 2 {
		s.mail.put(letterTo(7, choice("哪一处 <最> 关键？")))
	}
	s.emptied(t)
	all := u.FromBot()
	require.Len(t, all, 2)
	for _, m := range all {
		require.Equal(t, "sendPhoto", m.Method)
		require.Equal(t, []int{1264, 900}, []int{m.File.Width, m.File.Height})
		require.Equal(t, "哪一处 <最> 关键？", m.Caption)
		require.Len(t, m.Buttons(), 2)
		require.Equal(t, "1 · 0:42 封禁", m.Buttons()[0].Text)
	}
	require.Equal(t, 1, s.files.times(sheetKey))
	require.Empty(t, s.tg.Violations())
}

// Words that are too long for a caption follow the picture, the buttons under them.
func TestLongWordsFollowThePicture(t *testing.T) {
	t.Parallel()
	s := newStand(t, nil)
	u := s.tg.User(7, "zh").Started()
	s.withSheet(t)
	s.run(t)
	s.mail.put(letterTo(7, choice(strings.Repeat("字", captionRoom+1))))
	s.emptied(t)
	all := u.FromBot()
	require.Len(t, all, 2)
	require.Equal(t, []string{"sendPhoto", "sendMessage"}, []string{all[0].Method, all[1].Method})
	require.Empty(t, all[0].Buttons())
	require.Len(t, all[1].Buttons(), 2)
	require.Empty(t, s.tg.Violations())
}

// Whatever happens to the picture, the words and the buttons come, once.
func TestWordsComeWithoutThePicture(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("字", captionRoom+1)
	for name, c := range map[string]struct {
		fault  func(s *stand)
		text   string
		method []string
		marked bool
	}{
		"blob gone":             {func(s *stand) { delete(s.files.blobs, sheetKey) }, "哪一处？", []string{"sendMessage"}, false},
		"blob gone, long words": {func(s *stand) { delete(s.files.blobs, sheetKey) }, long, []string{"sendMessage"}, false},
		"no picture":            {func(s *stand) { s.files.blobs[sheetKey] = []byte("no picture") }, "哪一处？", []string{"sendMessage"}, false},
		"number not known":      {func(s *stand) { s.notes.Store("file:photo:"+sheetKey, "another bot's") }, "哪一处？", []string{"sendPhoto"}, false},
		"number, blob gone": {func(s *stand) {
			s.notes.Store("file:photo:"+sheetKey, "another bot's")
			delete(s.files.blobs, sheetKey)
		}, "哪一处？", []string{"sendMessage"}, false},
		"refused":             {func(s *stand) { s.tg.Faults.Reply5xx("sendPhoto", 413, -1) }, "哪一处？", []string{"sendMessage"}, false},
		"server error":        {func(s *stand) { s.tg.Faults.Reply5xx("sendPhoto", 500, -1) }, "哪一处？", []string{"sendMessage"}, false},
		"slow down":           {func(s *stand) { s.tg.Faults.Reply429("sendPhoto", 1, 1) }, "哪一处？", []string{"sendPhoto"}, false},
		"never answered":      {func(s *stand) { s.tg.Faults.DropBefore("sendPhoto", -1) }, "哪一处？", []string{"sendMessage"}, true},
		"always bad gateway":  {func(s *stand) { s.tg.Faults.Reply5xx("sendPhoto", 502, -1) }, "哪一处？", []string{"sendMessage"}, true},
		"shown, not answered": {func(s *stand) { s.tg.Faults.DropAfter("sendPhoto", 1) }, "哪一处？", []string{"sendPhoto", "sendMessage"}, true},
		"shown, not answered, long words": {func(s *stand) { s.tg.Faults.DropAfter("sendPhoto", 1) }, long,
			[]string{"sendPhoto", "sendMessage"}, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStand(t, nil)
			u := s.tg.User(7, "zh").Started()
			s.withSheet(t)
			c.fault(s)
			s.run(t)
			s.mail.put(letterTo(7, choice(c.text)))
			s.emptied(t)
			var methods []string
			all := u.FromBot()
			for _, m := range all {
				methods = append(methods, m.Method)
			}
			require.Equal(t, c.method, methods)
			last := all[len(all)-1]
			require.Contains(t, last.Words(), c.text)
			require.Len(t, last.Buttons(), 2)
			require.Equal(t, c.marked, strings.Contains(last.Words(), "重发"))
			require.Empty(t, s.tg.Early())
		})
	}
}

// Words never become a picture nor a picture words: the next screen is a message of
// its own, and the pressed one loses its buttons.
func TestPicturesAreNotReplaced(t *testing.T) {
	t.Parallel()
	s := newStand(t, nil)
	u := s.tg.User(7, "zh").Started()
	s.withSheet(t)
	s.talk.answer = func(e flows.Event, _ int) (flows.Screen, error) {
		if e.Kind == flows.EventChoice { // the screen that follows replaces the one that was pressed
			next := map[string]*flows.Screen{"start": choice("哪一处？"), "at.e1.0": words("请说说经过")}[e.Choice]
			next.Replace = true
			l := letterTo(7, next)
			l.Press, l.Slot = e.Press, "step"
			s.mail.put(l)
		}
		return flows.Screen{}, nil
	}
	s.run(t)
	first := words("交材料")
	first.Rows = [][]flows.Choice{{{ID: "start", Label: flows.Text{Plain: "下一步"}}}}
	s.mail.put(letterTo(7, first))
	before := u.AwaitText(5*time.Second, 0, "交材料")
	bare := func(id int) func(telegramtest.Message) bool {
		return func(m telegramtest.Message) bool { return m.ID == id && len(m.Buttons()) == 0 }
	}

	u.Press(before.ID, "下一步")
	shown := u.AwaitText(5*time.Second, before.ID, "哪一处？")
	require.Equal(t, "sendPhoto", shown.Method)
	require.Equal(t, "交材料", u.Await(5*time.Second, bare(before.ID)).Text)

	u.Press(shown.ID, "1 · 0:42 封禁")
	after := u.AwaitText(5*time.Second, shown.ID, "请说说经过")
	require.Equal(t, "sendMessage", after.Method)
	require.Equal(t, "哪一处？", u.Await(5*time.Second, bare(shown.ID)).Caption)
	s.emptied(t)
	require.Len(t, u.FromBot(), 3)
	require.Empty(t, s.tg.Violations(), "nothing was tried that Telegram refuses")
}
