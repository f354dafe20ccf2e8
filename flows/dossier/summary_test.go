package dossier_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"clipcase/flows/catalog"
	"clipcase/flows/dossier"
	"clipcase/internal/flowstest"
	"clipcase/media"
)

func story(t *testing.T, statement string) (*catalog.Catalog, dossier.Story) {
	t.Helper()
	c := flowstest.Catalogue(t)
	scenario, ok := c.Scenario("account-theft")
	require.True(t, ok)
	channel, ok := c.Channel("email")
	require.True(t, ok)
	return c, dossier.Story{
		Record: &dossier.Record{
			Case: "CC0042", Scenario: scenario.ID, Statement: statement,
			Originals: []dossier.Original{{File: "data/original/a.mp4", Name: statement + ".mp4", SHA256: "aa", Bytes: 1_234_567, Grade: "video", Status: "damaged"}},
			Pieces: []dossier.Piece{{Channel: "email", File: "data/email/x.mp4", SHA256: "bb", Bytes: 36_000_001, Kind: media.KindVideo, Range: &[2]float64{0, 12},
				Fit: []media.Fit{{Limit: "bytes", Max: 36_000_000, Value: 36_000_001}}}},
			Warnings: []string{statement},
		},
		Scenario: scenario, Made: time.Date(2026, 11, 22, 18, 0, 0, 0, time.UTC),
		Slots: []string{scenario.Exhibits[0].Name.In("zh")},
		Packs: []dossier.Pack{{Channel: channel, Subject: "[视频工单] " + statement, Words: statement}},
	}
}

func TestHostileWordsStayWords(t *testing.T) {
	t.Parallel()
	for _, words := range []string{
		`<script>alert(1)</script><img src=x onerror=alert(1)>`, `![a](http://x.example/i.png) [b](javascript:alert(1))`,
		"```\n# heading\n```", "| a | b |\n|---|---|", "- item\n+ item\n1. item\n===", "www.x.example http://x.example a@x.example",
		"&lt;b&gt; </pre></blockquote><h1>", "{{.Case}} {{template \"x\"}}", "\\", "",
	} {
		c, s := story(t, words)
		summary := dossier.Summarize(c, "zh", s)
		page, err := summary.HTML()
		require.NoError(t, err)
		for _, tag := range []string{"<script", "<img", "<a ", "http-equiv=\"refresh", "<iframe", "<link"} {
			require.NotContains(t, strings.ToLower(page), tag, words)
		}
		require.Equal(t, 1, strings.Count(page, "<h1>"))
		require.Equal(t, strings.Count(page, "<pre>"), strings.Count(page, "</pre>"))
		require.Contains(t, page, "default-src 'none'")

		fenced, fence := false, ""
		for line := range strings.Lines(summary.Markdown()) {
			line = strings.TrimRight(line, "\n")
			if ticks := line[:len(line)-len(strings.TrimLeft(line, "`"))]; len(ticks) >= 3 && (!fenced && ticks == line || line == fence) {
				fenced, fence = !fenced, ticks
				continue
			}
			if fenced {
				continue
			}
			require.NotRegexp(t, `(^|[^\\])[<!](script|\[|img)`, line)
			require.NotRegexp(t, `(^|[^\\])\]\(`, line)
			require.NotRegexp(t, `(^|[^\\])://`, line)
			require.NotRegexp(t, `www\.`, line)
			require.NotContains(t, line, "a@x")
		}
		require.False(t, fenced, "every fence is closed")
	}
}

func TestSummarySaysWhatItMust(t *testing.T) {
	t.Parallel()
	c, s := story(t, "我的号被盗了")
	for lang, wants := range map[string][]string{
		"zh": {"CC0042", "我的号被盗了", "✓ " + s.Scenario.Exhibits[0].Name.In("zh"), "文件指纹", `36 MB \> 36 MB`, "不能说明什么", "有损坏", "1.2 MB", "以“视频”或“图片”方式发来"},
		"en": {"CC0042", "File fingerprints", "What this does not show", "still missing", "worked out again"},
	} {
		text := dossier.Summarize(c, lang, s).Markdown()
		for _, want := range wants {
			require.Contains(t, text, want, lang)
		}
		require.NotContains(t, text, "dossier.", "every key has words in %s", lang)
		for _, jargon := range []string{"管线", "案件", "渠道包", "成功率", "%"} {
			require.NotContains(t, text, jargon)
		}
	}
}

// The seconds that matter are cited in the video that has them, by its own name and
// time.
func TestKeySecondsAreCited(t *testing.T) {
	t.Parallel()
	c, s := story(t, "")
	sha := "aa"
	s.Record.Pieces = []dossier.Piece{
		{Channel: "email", File: "data/email/x-1of4.mp4", Kind: media.KindVideo, Original: &sha, Range: &[2]float64{0, 30}},
		{Channel: "email", File: "data/email/x-3of4.mp4", Kind: media.KindVideo, Original: &sha, Range: &[2]float64{30, 60}},
		{Channel: "email", File: "data/email/x-4of4.jpg", Kind: media.KindImage, Original: &sha, Range: &[2]float64{43, 43}},
		{Channel: "email", File: "data/email/message.eml", Kind: media.KindEML},
	}
	require.NotContains(t, dossier.Summarize(c, "zh", s).Markdown(), "见 ")
	s.Moments = []dossier.Moment{{Original: sha, Range: media.Range{Start: 43.2, End: 53}}, {Original: "bb", Range: media.Range{Start: 1, End: 2}}}
	text := dossier.Summarize(c, "zh", s).Markdown()
	require.Contains(t, text, "见 x-3of4.mp4 第 13 秒", "2of4 could not be made")
	require.Equal(t, 1, strings.Count(text, "见 x-"))
}

func TestEmptyRecordHasNoNulls(t *testing.T) {
	t.Parallel()
	doc, err := (&dossier.Record{Pieces: []dossier.Piece{{}}}).JSON()
	require.NoError(t, err)
	require.Contains(t, string(doc), `"originals": []`)
	require.Contains(t, string(doc), `"warnings": []`)
	require.Contains(t, string(doc), `"fit": []`)
	require.Contains(t, string(doc), `"duration": null`)
}
