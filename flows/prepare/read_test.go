package prepare_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"clipcase/flows/prepare"
	"clipcase/internal/flowstest"
	"clipcase/media"
)

// reader says of every recording that the same stands on its screen.
type reader struct {
	found []media.Reading
	err   error
	asked int

	within  time.Duration // that the last reading was given
	glanced []float64
}

func (r *reader) Read(_ context.Context, _ string, _ media.Probe, within time.Duration) ([]media.Reading, error) {
	r.asked, r.within = r.asked+1, within
	return r.found, r.err
}

func (r *reader) ReadAt(_ context.Context, _ string, _ media.Probe, moments []float64) ([]media.Reading, error) {
	var out []media.Reading
	for _, f := range r.found {
		for _, at := range moments {
			if f.At == at {
				out = append(out, f)
			}
		}
	}
	r.glanced = append(r.glanced, moments...)
	return out, r.err
}

func line(text string) media.Line { return media.Line{Text: text, Sure: 0.9} }

func runReading(t *testing.T, e *engine, r *reader, req prepare.Request, obs *observer) error {
	t.Helper()
	p, err := prepare.New(prepare.Config{Catalog: flowstest.Catalogue(t), Engine: e, Reader: r, Clock: time.Now})
	require.NoError(t, err)
	record, err := p.Run(t.Context(), req, obs)
	if err == nil {
		require.Len(t, record.Timeline, 3)
		require.Equal(t, record.Originals[0].SHA256, record.Timeline[0].Original)
	}
	return err
}

// What stands on the screen is in the record, what matters of it in the summary
// and under the still of that moment.
func TestWordsOnTheScreenAreTold(t *testing.T) {
	t.Parallel()
	captions := map[float64]string{}
	e := &engine{seen: func(j media.Job) {
		for _, p := range j.Pieces {
			if p.Kind == media.KindImage {
				captions[p.Range.Start] = p.Caption
			}
		}
	}}
	r := &reader{found: []media.Reading{{At: 1, Lines: []media.Line{line("客服 您好")}}, {At: 11, Lines: []media.Line{line("账号封禁通知 [x](http://evil)"), line("19:42")}}}}
	req := request(t, []string{"douyin-app"}, "a.mp4=settled")
	req.Scenario = "account-ban"
	require.NoError(t, runReading(t, e, r, req, &observer{}))
	require.Equal(t, 1, r.asked)
	require.ElementsMatch(t, []float64{1, 4, 8, 11}, r.glanced, "ahead of the pictures only their own moments are read")
	require.Contains(t, captions[11], "账号封禁通知")
	require.NotContains(t, captions[1], "您好")
	page, err := os.ReadFile(filepath.Join(req.Dir, "data", "summary.md"))
	require.NoError(t, err)
	require.Contains(t, string(page), "- 0:11 账号封禁通知 \\[x\\](http\\://evil)\n")
	require.NotContains(t, string(page), "您好")
}

// The first piece of a short recording waits for no reading; the time line is
// there in the end all the same.
func TestFirstPieceWaitsForNoReading(t *testing.T) {
	t.Parallel()
	r := &reader{found: []media.Reading{{At: 1, Lines: []media.Line{line("客服 您好")}}, {At: 11, Lines: []media.Line{line("账号封禁通知"), line("19:42")}}}}
	begun := false
	e := &engine{seen: func(media.Job) {
		if !begun {
			begun = true
			require.Zero(t, r.asked)
			require.Empty(t, r.glanced)
		}
	}}
	req := request(t, []string{"douyin-dm"}, "a.mp4=settled")
	req.Scenario = "account-ban"
	require.NoError(t, runReading(t, e, r, req, &observer{}))
	require.Equal(t, 1, r.asked)
	require.Empty(t, r.glanced)
	require.True(t, begun)
}

// The moment is where the words of the matter stand, not where most moves; a time
// line that is known is not read again.
func TestWordsChooseTheMoment(t *testing.T) {
	t.Parallel()
	got := media.Range{Start: 200}
	e := &engine{seen: func(j media.Job) {
		for _, p := range j.Pieces {
			got = media.Range{Start: min(got.Start, p.Range.Start), End: max(got.End, p.Range.End)}
		}
	}}
	r := &reader{}
	req := request(t, []string{"douyin-dm"}, "a.mp4=long")
	req.Scenario = "account-ban"
	req.Exhibits[0].Seen = []media.Seen{{At: 3, Text: "客服 您好"}, {At: 142.4, Text: "您的账号已被封禁"}, {At: 142.4, Text: "19:42"}}
	require.NoError(t, runReading(t, e, r, req, &observer{}))
	require.Zero(t, r.asked)
	require.Equal(t, media.Range{Start: 140, End: 155}, got)
}

func TestReadingThatFails(t *testing.T) {
	t.Parallel()
	wrong := errors.New("no")
	require.ErrorIs(t, runReading(t, &engine{}, &reader{err: wrong}, request(t, []string{"douyin-dm"}, "a.mp4=film"), &observer{}), wrong)
	refused := &reader{err: &media.Refusal{Code: media.RefusedUnreadable}}
	p, err := prepare.New(prepare.Config{Catalog: flowstest.Catalogue(t), Engine: &engine{}, Reader: refused, Clock: time.Now})
	require.NoError(t, err)
	record, err := p.Run(t.Context(), request(t, []string{"douyin-dm"}, "a.mp4=film"), &observer{})
	require.NoError(t, err)
	require.Empty(t, record.Timeline)
}

// That a booklet has its screens read whole is seen in its captions (TestBookletsAsOthersReadThem).
func TestReadingBesideTheWorkIsBounded(t *testing.T) {
	t.Parallel()
	r := &reader{found: []media.Reading{{At: 1, Lines: []media.Line{line("客服 您好")}}, {At: 11, Lines: []media.Line{line("账号封禁通知 [x](http://evil)"), line("19:42")}}}}
	require.NoError(t, runReading(t, &engine{}, r, request(t, []string{"generic"}, "a.mp4=film"), &observer{}))
	require.Equal(t, 1, r.asked)
	require.Positive(t, r.within)
	require.Less(t, r.within, media.ReadWithin(media.Probe{Kind: media.KindVideo, Duration: 30}))
}
