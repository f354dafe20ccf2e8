package prepare_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"clipcase/flows/prepare"
)

// TestWordingOfWhatGoesOut: words that filters stop are told of, or said neutrally
// in what goes out, or left alone; in the record they always stand as they were said.
func TestWordingOfWhatGoesOut(t *testing.T) {
	t.Parallel()
	const own, neutral = "这个垃圾平台封了我的号", "这个平台封了我的号"
	for wording, want := range map[prepare.Wording]struct {
		words string
		told  bool
	}{
		prepare.WordingTold:    {own, true},
		prepare.WordingNeutral: {neutral, false},
		prepare.WordingKept:    {own, false},
	} {
		req := request(t, []string{"douyin-dm"}, "a.mp4=film")
		req.Statement, req.Wording = own, wording
		obs := &observer{}
		record, err := run(t, &engine{}, req, obs)
		require.NoError(t, err)
		require.Contains(t, obs.packs[0].Words, want.words)
		require.Equal(t, own, record.Statement)
		require.Equal(t, want.told, strings.Contains(strings.Join(record.Warnings, "\n"), "“垃圾平台” → “平台”"), "%q", wording)
	}
}
