package jobs

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"clipcase/flows"
	"clipcase/media"
)

// memReader says that a notice stands on every screen.
type memReader struct{ err error }

func (memReader) Reads() bool { return true }

func (m memReader) Read(context.Context, string, media.Probe) ([]media.Reading, error) {
	return []media.Reading{{At: 42, Lines: []media.Line{{Text: "您的账号已被封禁", Sure: 0.9}}}}, m.err
}

func (memReader) Choose(_ context.Context, _ string, _ media.Probe, length float64) (media.Range, error) {
	return media.Range{Start: 100, End: 100 + length}, nil
}

// What is read of an arrived recording is kept with it, with pictures of the
// moments where there are pages; what cannot be read stops nothing.
func TestScreensAreReadOnArrival(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		err      error
		chat     string
		moments  []media.Candidate
		pictures int
	}{
		"in the chat": {nil, "tg:42", []media.Candidate{{At: 42, Text: "您的账号已被封禁"}, {At: 102}}, 0},
		"on a page":   {nil, "web:abc", []media.Candidate{{At: 42, Text: "您的账号已被封禁"}, {At: 102}}, flows.Previews + 2},
		"fails":       {errors.New("no"), "tg:42", nil, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			b.fetcher.files["mem:a"] = content(t, 2000)
			b.preparer.inspect = func(int) (media.Probe, error) {
				return media.Probe{Kind: media.KindVideo, Duration: 180, Width: 100, Height: 200}, nil
			}
			c := draft("CC0001", "mem:a", 2000)
			c.Chat = row.chat
			b.put(c, work1(flows.EffectIngest, c))
			deps := b.deps()
			deps.Previewer, deps.Reader = &shooter{}, memReader{row.err}
			deps.Words = func(string) []string { return []string{"封禁"} }
			b.startWith(b.cfg, deps)
			b.until(func() bool { return b.get("CC0001").Exhibits[0].State == flows.ExhibitProbed }, "measured")
			if row.err == nil {
				b.until(func() bool { return b.get("CC0001").Exhibits[0].Read }, "read")
				require.Equal(t, []media.Seen{{At: 42, Text: "您的账号已被封禁"}}, b.get("CC0001").Exhibits[0].Seen)
			}
			require.Equal(t, row.moments, b.get("CC0001").Exhibits[0].Moments)
			require.Len(t, b.blobs.keys(t, "cases/CC0001/preview/"), row.pictures)
		})
	}
}
