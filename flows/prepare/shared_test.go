package prepare_test

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"clipcase/flows"
	"clipcase/media"
)

// What several packs want of one original is made in one job, so that it is read
// once and both processors have work, but for the first pack, which waits for no
// other; every file lands in its own pack, which goes out when it is complete.
func TestPacksShareOneReading(t *testing.T) {
	t.Parallel()
	req := request(t, []string{"generic", "email", "douyin-dm", "email-25mb", "wechat"}, "a.mp4=film")
	req.Key = &flows.KeyMoment{Exhibit: "e1", Range: media.Range{Start: 1, End: 5}}
	var jobs [][]string
	e := &engine{leave: map[string]media.Code{"email-25mb.": media.RefusedCannotFit}, seen: func(j media.Job) {
		var names []string
		for _, p := range j.Pieces {
			if p.Kind == media.KindVideo {
				names = append(names, p.Name)
			}
		}
		if len(names) > 0 {
			jobs = append(jobs, names)
		}
	}}
	obs := &observer{}
	record, err := run(t, e, req, obs)
	require.NoError(t, err)
	require.Len(t, jobs, 2)
	require.Equal(t, []string{"20261122-CC0042-1of1.mp4"}, jobs[0], "the first pack's alone")
	require.Equal(t, []string{"20261122-CC0042-1of5.mp4", "douyin-dm.20261122-CC0042-1of1.mp4", "email-25mb.20261122-CC0042-1of5.mp4", "wechat.20261122-CC0042-2of2.mp4"}, jobs[1])
	var ready []string
	for _, p := range obs.packs {
		ready = append(ready, p.Channel)
		for _, piece := range p.Pieces {
			require.NotContains(t, piece.Name, p.Channel)
			require.FileExists(t, filepath.Join(req.Dir, "data", p.Channel, piece.Name))
		}
		if p.Channel == "email-25mb" {
			require.Len(t, p.Pieces, 5, "what was refused is missing here: the pictures and the draft are left")
			require.Len(t, p.Warnings, 1)
		} else {
			require.Empty(t, p.Warnings, "and nowhere else")
		}
	}
	require.Equal(t, []string{"generic", "douyin-dm", "wechat", "email", "email-25mb"}, ready, "drafts are written at the end")
	for _, piece := range record.Pieces {
		require.FileExists(t, filepath.Join(req.Dir, piece.File))
	}
	percent := 0.0
	for _, p := range obs.progress {
		require.GreaterOrEqual(t, p.Percent, percent)
		percent = p.Percent
	}
	require.EqualValues(t, 100, percent)
}
