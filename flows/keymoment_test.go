package flows

import (
	"testing"

	"github.com/stretchr/testify/require"

	"clipcase/media"
)

func TestParseMoment(t *testing.T) {
	t.Parallel()
	at := func(s float64) media.Range { return media.Range{Start: max(0, s-2), End: s + 8} }
	for text, want := range map[string]struct {
		file int
		rng  media.Range
	}{
		"00:42":          {0, at(42)},
		"0:42":           {0, at(42)},
		" 0:42 ":         {0, at(42)},
		"0\uff1a42":      {0, at(42)},
		"1:02:03":        {0, at(3723)},
		"42":             {0, at(42)},
		"42秒":            {0, at(42)},
		"1分20秒":          {0, at(80)},
		"1分20":           {0, at(80)},
		"第42秒":           {0, at(42)},
		"1小时2分":          {0, at(3720)},
		"0:01":           {0, media.Range{Start: 0, End: 9}},
		"0:42-0:52":      {0, media.Range{Start: 42, End: 52}},
		"0:42 - 0:52":    {0, media.Range{Start: 42, End: 52}},
		"0:42到0:52":      {0, media.Range{Start: 42, End: 52}},
		"0:42 to 0:52":   {0, media.Range{Start: 42, End: 52}},
		"0:42~0:52":      {0, media.Range{Start: 42, End: 52}},
		"1分20秒至1分40秒":    {0, media.Range{Start: 80, End: 100}},
		"第2个 0:42":       {2, at(42)},
		"第二段 0:42-0:52":  {2, media.Range{Start: 42, End: 52}},
		"2# 0:42":        {2, at(42)},
		"第3段\uff0c1分20秒": {3, at(80)},
		"0:42—0:52":      {0, media.Range{Start: 42, End: 52}},
		"42s":            {0, at(42)},
		"1m20s":          {0, at(80)},
	} {
		m, ok := parseMoment(text)
		require.True(t, ok, text)
		require.Equal(t, want.file, m.file, text)
		require.Equal(t, want.rng, m.Range, text)
	}
	for _, text := range []string{
		"", "中间", "0:52-0:42", "0:42-0:42", "-", "0:42-", "-0:42", "9999999999", "第0个 0:42", "第99个 0:42", "1:2:3:4",
		"abc 0:42", "0:42 左右吧我记得", "秒", "٤٢", "第", "#", "0:42-0:52-1:00",
	} {
		_, ok := parseMoment(text)
		require.False(t, ok, text)
	}
}

func FuzzParseMoment(f *testing.F) {
	for _, s := range []string{"00:42", "第2个 1分20秒", "0:42-0:52", "٤٢", "第"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		m, ok := parseMoment(text)
		if ok && (m.Range.Start < 0 || m.Range.End <= m.Range.Start || m.file < 0) {
			t.Fatalf("%q gives %+v", text, m)
		}
	})
}
