package dossier_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"clipcase/flows"
	"clipcase/flows/dossier"
	"clipcase/internal/flowstest"
	"clipcase/media"
)

func kept() *flows.Case {
	received := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	video := &media.Probe{Kind: media.KindVideo, Duration: 60, Width: 720, Height: 1280, FPS: 30, Codec: "h264"}
	return &flows.Case{
		ID: "CC0042", Scenario: "account-ban", Lang: "zh", Created: received,
		Exhibits: []flows.Exhibit{
			{ID: "e1", Blob: "b/1", SHA256: "aa", State: flows.ExhibitProbed, Received: received.Add(time.Minute), Probe: video,
				File: flows.File{Name: "a.mp4"}, Read: true, Seen: []media.Seen{{At: 40, Text: "您的账号已被封禁"}, {At: 50, Text: "再见"}}},
			{ID: "e2", Blob: "b/2", SHA256: "bb", State: flows.ExhibitProbed, Received: received, Probe: video, File: flows.File{Name: "b.mp4"}},
		},
		Packs: []flows.Pack{{Channel: "douyin-dm", State: flows.PackReady, Words: "w", Moments: []flows.KeyMoment{{Exhibit: "e1", Range: media.Range{Start: 38, End: 48}}},
			Pieces: []flows.Piece{{Name: "x-3of3.mp4", Number: 3, Kind: media.KindVideo, Blob: "p/3", SHA256: "cc", Exhibit: "e1", Range: media.Range{Start: 30, End: 60}, Width: 720, Height: 1280,
				How: &media.Derivation{Catalogue: "v1", Plan: media.Piece{Name: "x-3of3.mp4", Caption: "您的账号已被封禁"}, Filters: []string{"fps=30"}, Encoder: media.Encoder{Name: "libx265"},
					Tools: &media.Tools{FFmpeg: "5.1", Threads: 2}}}}}},
	}
}

// What is told of a case that was kept is what was told when it was made.
func TestStoryOfAKeptCase(t *testing.T) {
	t.Parallel()
	cat, c := flowstest.Catalogue(t), kept()
	story := dossier.FromCase(cat, c, true)
	require.Equal(t, []dossier.Moment{{Original: "aa", Range: media.Range{Start: 38, End: 48}}}, story.Moments)
	require.True(t, c.Exhibits[1].Received.Equal(story.Received), "the first that came")
	require.Equal(t, flows.Zone(), story.Received.Location())
	require.Len(t, story.Record.Timeline, 2)
	require.Equal(t, []dossier.Seen{{Original: "aa", Name: "a.mp4", At: 40, Text: "您的账号已被封禁"}}, story.Screen)
	text := dossier.Summarize(cat, "zh", story).Markdown()
	require.Contains(t, text, "见 x-3of3.mp4 第 8 秒")
	require.Contains(t, text, "您的账号已被封禁")

	recipe := story.Record.Pieces[0].Recipe
	require.Equal(t, "aa", *recipe.Original)
	require.Equal(t, [2]float64{30, 60}, *recipe.Range)
	require.Equal(t, "v1", recipe.Catalogue)
	require.Equal(t, []string{"fps=30"}, recipe.Filters)
	require.Equal(t, "cc", recipe.Measured.SHA256)
	require.Equal(t, media.Tools{FFmpeg: "5.1", Threads: 2}, story.Record.Tools)
	require.Nil(t, recipe.Tools, "named once")
	require.Nil(t, story.Record.Pieces[1].Recipe, "words")
	require.NotNil(t, c.Packs[0].Pieces[0].How.Tools, "the case keeps its own")
	require.Empty(t, story.Record.Warnings)
	probe := media.Probe{}
	if c.Exhibits[0].Probe != nil {
		probe = *c.Exhibits[0].Probe
	}
	probe.Sounds = media.Choice{Taken: 1, Of: 2}
	c.Exhibits[0].Probe = &probe

	others := dossier.FromCase(cat, c, false)
	require.Len(t, others.Record.Warnings, 1, "which sound was taken")
	require.Empty(t, others.Record.Pieces[0].Recipe.Plan.Caption, "it quotes the screen")
	require.NotEmpty(t, c.Packs[0].Pieces[0].How.Plan.Caption)
	require.Equal(t, story.Moments, others.Moments)
	require.Empty(t, others.Record.Timeline)
	require.Empty(t, others.Screen)
}
