package bot

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"clipcase/flows"
)

func TestButtonsTelegramWouldRefuseAreLeftOut(t *testing.T) {
	t.Parallel()
	s := newStand(t, nil)
	u := s.tg.User(7, "zh").Started()
	s.run(t)
	label := func(words string) flows.Text { return flows.Text{Plain: words} }
	screen := words("屏")
	screen.Rows = [][]flows.Choice{
		{{ID: strings.Repeat("x", 55), Label: label("64 字节")}, {ID: strings.Repeat("x", 56), Label: label("65 字节")}, {ID: "", Label: label("没有编号")}, {ID: "中文", Label: label("中文编号")}},
		{{Copy: strings.Repeat("复", 256), Label: label("256 字")}, {Copy: strings.Repeat("复", 257), Label: label("257 字")}},
		{{URL: "http://localhost:8080/x", Label: label("本机")}, {URL: "javascript:alert(1)", Label: label("脚本")}, {URL: "https://example.org", Label: label("网址")}},
		{{ID: "next", Label: label(" \u200b ")}},
	}
	s.mail.put(letterTo(7, screen))
	m := u.AwaitText(5*time.Second, 0, "屏")
	var got []string
	for _, b := range m.Buttons() {
		got = append(got, b.Text)
		require.LessOrEqual(t, len(b.CallbackData), 64)
	}
	require.Equal(t, []string{"64 字节", "256 字", "网址", "•"}, got)
	require.Contains(t, m.Text, "http://localhost:8080/x", "an address no button can carry is written out")
	require.Empty(t, s.tg.Violations())
}

func TestManyButtons(t *testing.T) {
	t.Parallel()
	s := newStand(t, nil)
	u := s.tg.User(7, "zh").Started()
	s.run(t)
	var row []flows.Choice
	for i := range 120 {
		row = append(row, flows.Choice{ID: fmt.Sprint(i), Label: flows.Text{Plain: fmt.Sprint(i)}})
	}
	screen := words("屏")
	screen.Rows = [][]flows.Choice{row}
	s.mail.put(letterTo(7, screen))
	m := u.AwaitText(5*time.Second, 0, "屏")
	require.Len(t, m.Buttons(), 100)
	for _, r := range m.ReplyMarkup.InlineKeyboard {
		require.LessOrEqual(t, len(r), 8)
	}
	require.Empty(t, s.tg.Violations())
}

func TestPressDataReadsBack(t *testing.T) {
	t.Parallel()
	for _, words := range []string{"step:token:choice", "s::c", "s:t:a:b"} {
		step, token, choice, ok := unpress(words)
		require.True(t, ok, words)
		require.Equal(t, words, data(step, token, choice))
	}
	for _, words := range []string{"", "a", "a:b", "a:b:", "a b:c:d", "a:b:é", strings.Repeat("x", 61) + ":t:c"} {
		_, _, _, ok := unpress(words)
		require.False(t, ok, words)
	}
}

func TestReferencesReadBack(t *testing.T) {
	t.Parallel()
	at, ok := readRef(press{chat: -100123, message: 45, query: "99:1"}.ref())
	require.True(t, ok)
	require.Equal(t, press{chat: -100123, message: 45, query: "99:1"}, at)
	for _, ref := range []string{"", "tg", "tg:", "tg:x", "tg:0", "web:1", "tg:1:x"} {
		_, ok := readRef(ref)
		require.False(t, ok, ref)
	}
}
