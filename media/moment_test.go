package media

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestReadMomentAsTyped(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text string
		want Range
		ok   bool
	}{
		{text: "00:42", want: Range{40, 50}, ok: true},
		{text: "0:01", want: Range{0, 9}, ok: true},
		{text: "0:42-0:52", want: Range{42, 52}, ok: true},
		{text: "00:42~00:52", want: Range{42, 52}, ok: true},
		{text: "00:42 — 00:52", want: Range{42, 52}, ok: true},
		{text: "0\uff1a42\uff0d0\uff1a52", want: Range{42, 52}, ok: true},
		{text: "\uff10\uff10\uff1a\uff14\uff12\uff5e\uff10\uff10\uff1a\uff15\uff12", want: Range{42, 52}, ok: true},
		{text: "1:02:03", want: Range{3721, 3731}, ok: true},
		{text: "01:02.5", want: Range{60.5, 70.5}, ok: true},
		{text: "42秒", want: Range{40, 50}, ok: true},
		{text: "1分20秒", want: Range{78, 88}, ok: true},
		{text: "1分20", want: Range{78, 88}, ok: true},
		{text: "2分钟", want: Range{118, 128}, ok: true},
		{text: "1小时2分3秒", want: Range{3721, 3731}, ok: true},
		{text: "大概在1分20秒左右", want: Range{78, 88}, ok: true},
		{text: "1分20秒到1分30秒", want: Range{80, 90}, ok: true},
		{text: "90秒", want: Range{88, 98}, ok: true},
		{text: "42s", want: Range{40, 50}, ok: true},
		{text: "1m20s", want: Range{78, 88}, ok: true},
		{text: "around 00:42", want: Range{40, 50}, ok: true},
		{text: "120:30", want: Range{7228, 7238}, ok: true},
		{text: "0:75"},
		{text: "1:75:00"},
		{text: "1分75秒"},
		{text: "0:52-0:42"},
		{text: "0:42-0:42"},
		{text: "0:42-0:99"},
		{text: ""},
		{text: "42", want: Range{40, 50}, ok: true},
		{text: "13800001111"},
		{text: "账号被误封"},
		{text: "分"},
		{text: "秒"},
		{text: "0:42-"},
		{text: "-0:42"},
		{text: "我在 00:42 的时候被封了,请看"},
		{text: "2026-11-22"},
		{text: "to"},
	} {
		t.Run(c.text, func(t *testing.T) {
			t.Parallel()
			got, ok := ReadMoment(c.text)
			require.Equal(t, c.ok, ok)
			require.Equal(t, c.want, got.Range)
		})
	}
}

func TestReadMoment(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]Moment{
		"42":           {Range{40, 50}, true},
		"42.5":         {Range{40.5, 50.5}, true},
		"42-50":        {Range{42, 50}, false},
		"\uff14\uff12": {Range{40, 50}, true},
		"0:42":         {Range{40, 50}, true},
		"0:42到0:52":    {Range{42, 52}, false},
		"42 seconds":   {Range{40, 50}, true},
		"大概第42秒左右":     {Range{40, 50}, true},
	} {
		got, ok := ReadMoment(text)
		require.True(t, ok, text)
		require.Equal(t, want, got, text)
	}
	for _, text := range []string{"", "0:75", "50-42", "123456", "13800001111", "二", "4 2x", "-42"} {
		_, ok := ReadMoment(text)
		require.False(t, ok, text)
	}
}

func FuzzReadMoment(f *testing.F) {
	for _, seed := range []string{"00:42", "0:42-0:52", "1分20秒到", "::::", "\uff11\uff1a", "9h999min99999s"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		m, ok := ReadMoment(text)
		if !ok {
			require.Equal(t, Moment{}, m)
			return
		}
		require.GreaterOrEqual(t, m.Range.Start, 0.0)
		require.Greater(t, m.Range.End, m.Range.Start)
	})
}
