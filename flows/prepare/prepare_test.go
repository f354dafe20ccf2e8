package prepare_test

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"clipcase/flows"
	"clipcase/flows/prepare"
	"clipcase/internal/flowstest"
	"clipcase/media"
)

var update = flag.Bool("update", false, "write the golden files anew")

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		require.NoError(t, os.MkdirAll("testdata", 0o755))
		require.NoError(t, os.WriteFile(path, got, 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, string(want), string(got), "run with -update after looking at the difference")
}

func TestWholeCase(t *testing.T) {
	t.Parallel()
	req := request(t, []string{"douyin-dm", "douyin-app", "weibo"}, "a.mp4=film", "b.mp4=bad", "c.png=picture", "d.pdf=document")
	req.Exhibits[0].Slot = "screen"
	obs := &observer{}
	record, err := run(t, &engine{}, req, obs)
	require.NoError(t, err)
	doc, err := record.JSON()
	require.NoError(t, err)
	// the catalogue's version changes with every word in it
	golden(t, "case.json", regexp.MustCompile(`"catalogue": "[0-9a-f]*"`).ReplaceAll(doc, []byte(`"catalogue": "0"`)))
	written, err := os.ReadFile(filepath.Join(req.Dir, "data", "case.json"))
	require.NoError(t, err)
	require.Equal(t, string(doc), string(written))
	for _, name := range []string{"summary.md", "summary.html"} {
		page, err := os.ReadFile(filepath.Join(req.Dir, "data", name))
		require.NoError(t, err)
		golden(t, name, page)
	}
	require.Len(t, obs.packs, 3)
	for _, file := range record.Pieces {
		info, err := os.Stat(filepath.Join(req.Dir, filepath.FromSlash(file.File)))
		require.NoError(t, err, file.File)
		if file.Kind == media.KindText {
			require.EqualValues(t, info.Size(), file.Bytes)
		}
	}
	require.NoDirExists(t, filepath.Join(req.Dir, ".work"))
	require.NoDirExists(t, filepath.Join(req.Dir, "thumbs"))
	rises(t, obs)
}

// rises demands that the percentage told never fell and ended at 100.
func rises(t *testing.T, obs *observer) {
	t.Helper()
	percent := -1.0
	for _, p := range obs.progress {
		require.GreaterOrEqual(t, p.Percent, percent)
		percent = p.Percent
	}
	require.EqualValues(t, 100, percent)
}

// What few pieces leave out of the wished stretch is said, and the pieces of
// several recordings stand in the order of their numbers.
func TestLeftOutStretchIsSaid(t *testing.T) {
	t.Parallel()
	req := request(t, []string{"douyin-dm", "douyin-app"}, "a.mp4=long", "b.mp4=film")
	req.Key = &flows.KeyMoment{Exhibit: "e1", Range: media.Range{Start: 10, End: 100}}
	obs := &observer{}
	record, err := run(t, &engine{}, req, obs)
	require.NoError(t, err)
	require.Contains(t, strings.Join(record.Warnings, "\n"), "1:10–1:40")
	require.NotEmpty(t, obs.packs[0].Warnings)
	for _, w := range obs.packs[1].Warnings {
		require.NotEqual(t, "dossier.warn.beyond", w.Key, "pictures choose their moments")
	}
	for _, pack := range obs.packs {
		var names []string
		for _, p := range pack.Pieces {
			names = append(names, p.Name)
		}
		require.True(t, slices.IsSorted(names), "%v", names)
	}
	var order []media.Kind
	for _, p := range obs.packs[1].Pieces {
		order = append(order, p.Kind)
	}
	require.Equal(t, slices.Compact(order), []media.Kind{media.KindImage, media.KindGIF})
}

func TestWorkerGetsThumbnailsAndKeepsOriginalsAway(t *testing.T) {
	t.Parallel()
	req := request(t, []string{"douyin-dm"}, "a.mp4=film")
	req.Original = false
	obs := &observer{}
	record, err := run(t, &engine{}, req, obs)
	require.NoError(t, err)
	require.True(t, record.Originals[0].Absent)
	require.NoDirExists(t, filepath.Join(req.Dir, "data", "original"))
	require.Len(t, obs.packs, 1)
	for _, p := range obs.packs[0].Pieces {
		require.FileExists(t, filepath.Join(req.Dir, p.Thumb))
		require.Empty(t, p.Blob)
		require.Equal(t, "e1", p.Exhibit)
		require.NotEmpty(t, p.Line)
	}
}

func TestMoments(t *testing.T) {
	t.Parallel()
	key := func(exhibit string, start, end float64) *flows.KeyMoment {
		return &flows.KeyMoment{Exhibit: exhibit, Range: media.Range{Start: start, End: end}}
	}
	for name, c := range map[string]struct {
		files   []string
		key     *flows.KeyMoment
		chosen  int
		want    []media.Range // first to last second of the pieces, by exhibit
		warning string
	}{
		"short: all of it":       {[]string{"a.mp4=film"}, nil, 0, []media.Range{{Start: 0, End: 12}}, ""},
		"long: chosen":           {[]string{"a.mp4=long"}, nil, 1, []media.Range{{Start: 80, End: 95}}, "1:20–1:35"},
		"named":                  {[]string{"a.mp4=long"}, key("", 40, 50), 0, []media.Range{{Start: 40, End: 50}}, ""},
		"named for the second":   {[]string{"a.mp4=film", "b.mp4=long"}, key("e2", 40, 50), 0, []media.Range{{Start: 0, End: 12}, {Start: 40, End: 50}}, ""},
		"reaches beyond the end": {[]string{"a.mp4=film"}, key("", 8, 18), 0, []media.Range{{Start: 8, End: 12}}, ""},
		"wholly beyond the end":  {[]string{"a.mp4=long"}, key("", 300, 310), 1, []media.Range{{Start: 80, End: 95}}, "3:20"},
		"belongs to no file":     {[]string{"a.mp4=film"}, key("e9", 1, 2), 0, []media.Range{{Start: 0, End: 12}}, "找不到"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := map[string]media.Range{}
			e := &engine{seen: func(j media.Job) {
				r, some := got[j.Path]
				if !some {
					r = j.Pieces[0].Range
				}
				r.End = j.Pieces[len(j.Pieces)-1].Range.End
				got[j.Path] = r
			}}
			req := request(t, []string{"douyin-dm"}, c.files...)
			req.Key = c.key
			record, err := run(t, e, req, &observer{})
			require.NoError(t, err)
			require.Equal(t, c.chosen, e.chosen)
			for i, o := range record.Originals {
				r := got[filepath.Join(req.Dir, o.File)]
				require.InDelta(t, c.want[i].Start, r.Start, 0.05)
				require.InDelta(t, c.want[i].End, r.End, 0.05)
			}
			if c.warning == "" {
				require.Empty(t, record.Warnings)
			} else {
				require.Contains(t, strings.Join(record.Warnings, "\n"), c.warning)
			}
		})
	}
}

func TestNothingToChooseForWholeChannels(t *testing.T) {
	t.Parallel()
	e := &engine{}
	_, err := run(t, e, request(t, []string{"generic"}, "a.mp4=long"), &observer{})
	require.NoError(t, err)
	require.Zero(t, e.chosen)
}

func TestFaults(t *testing.T) {
	t.Parallel()
	t.Run("nothing usable", func(t *testing.T) {
		t.Parallel()
		obs := &observer{}
		record, err := run(t, &engine{}, request(t, []string{"douyin-dm"}, "a.mp4=bad", "b.mp4=text"), obs)
		require.NoError(t, err)
		require.Empty(t, obs.packs, "nothing is handed out")
		require.Equal(t, "refused", record.Originals[0].Status)
		require.Equal(t, "truncated", record.Originals[0].Error.Class)
		require.Equal(t, "not-media", record.Originals[1].Error.Class)
	})
	t.Run("text that says so is a document", func(t *testing.T) {
		t.Parallel()
		record, err := run(t, &engine{}, request(t, []string{"douyin-dm"}, "script.txt=text"), &observer{})
		require.NoError(t, err)
		require.Equal(t, "ok", record.Originals[0].Status)
		require.Nil(t, record.Originals[0].Width)
	})
	t.Run("damaged", func(t *testing.T) {
		t.Parallel()
		record, err := run(t, &engine{}, request(t, []string{"douyin-dm"}, "a.mp4=damaged"), &observer{})
		require.NoError(t, err)
		require.Equal(t, "damaged", record.Originals[0].Status)
		require.Len(t, record.Warnings, 1)
	})
	t.Run("several pictures and sounds", func(t *testing.T) {
		t.Parallel()
		record, err := run(t, &engine{}, request(t, []string{"douyin-dm"}, "a.mp4=several"), &observer{})
		require.NoError(t, err)
		require.Len(t, record.Warnings, 2)
		require.Contains(t, record.Warnings[0], "“a.mp4”里有 2 路画面，我们用的是第 2 路")
		require.Contains(t, record.Warnings[1], "“a.mp4”里有 3 条声音，我们用的是第 1 条")
	})
	t.Run("a piece left out", func(t *testing.T) {
		t.Parallel()
		obs := &observer{}
		record, err := run(t, &engine{leave: map[string]media.Code{"2of2": media.RefusedCannotFit}}, request(t, []string{"douyin-dm"}, "a.mp4=film"), obs)
		require.NoError(t, err)
		require.Len(t, obs.packs[0].Pieces, 1)
		require.Len(t, obs.packs[0].Warnings, 1)
		require.Len(t, record.Warnings, 1)
	})
	t.Run("not as planned", func(t *testing.T) {
		t.Parallel()
		obs := &observer{}
		_, err := run(t, &engine{spoil: func(m *media.Made) { m.Bytes = 7_000_000 }}, request(t, []string{"douyin-dm"}, "a.mp4=film"), obs)
		require.ErrorContains(t, err, "not what was planned")
		require.Empty(t, obs.packs)
	})
	t.Run("engine fails", func(t *testing.T) {
		t.Parallel()
		broken := errors.New("no ffmpeg")
		_, err := run(t, &engine{failure: broken}, request(t, []string{"douyin-dm"}, "a.mp4=film"), &observer{})
		require.ErrorIs(t, err, broken)
	})
	t.Run("observer fails", func(t *testing.T) {
		t.Parallel()
		broken := errors.New("no store")
		_, err := run(t, &engine{}, request(t, []string{"douyin-dm"}, "a.mp4=film"), &observer{failure: broken})
		require.ErrorIs(t, err, broken)
	})
	t.Run("cancelled between packs", func(t *testing.T) {
		t.Parallel()
		c := flowstest.Catalogue(t)
		p, err := prepare.New(prepare.Config{Catalog: c, Engine: &engine{}, Clock: clock()})
		require.NoError(t, err)
		ctx, cancel := context.WithCancel(t.Context())
		obs := &observer{cancel: cancel}
		req := request(t, []string{"douyin-dm", "generic"}, "a.mp4=film")
		_, err = p.Run(ctx, req, obs)
		require.ErrorIs(t, err, context.Canceled)
		require.Len(t, obs.packs, 1)
		require.NoDirExists(t, filepath.Join(req.Dir, ".work"))
	})
}

func TestWordsFitAndStaySafe(t *testing.T) {
	t.Parallel()
	for name, statement := range map[string]string{
		"long":      strings.Repeat("这是第一句话。", 2000),
		"no end":    strings.Repeat("字", 100_000),
		"emoji":     strings.Repeat("👨‍👩‍👧‍👦", 3000),
		"controls":  "a\x00b\x1b[2J\u202egnp.exe\u2066",
		"markup":    "<script>alert(1)</script> {{.Case}} ![x](http://x.example) | `a`",
		"links":     "看 https://evil.example/a?b=c，还有 www.x.example 和 t.me/abc 。完。",
		"templates": "{{range .Pieces}}{{end}}{{template \"x\"}}",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := flowstest.Catalogue(t)
			var ids []string
			for _, ch := range c.Channels() {
				if ch.Available && (ch.ID != "booklet" || name == "emoji") { // its pages take their time
					ids = append(ids, ch.ID)
				}
			}
			req := request(t, ids, "a.mp4=film")
			req.Statement = statement
			req.Answers = map[string]string{}
			scenario, _ := c.Scenario(req.Scenario)
			for _, q := range scenario.Questions {
				req.Answers[q.ID] = statement
			}
			obs := &observer{}
			record, err := run(t, &engine{}, req, obs)
			require.NoError(t, err)
			require.Len(t, obs.packs, len(ids))
			for _, pack := range obs.packs {
				ch, _ := c.Channel(pack.Channel)
				require.LessOrEqual(t, utf8.RuneCountInString(pack.Words), ch.Words.BodyMax, pack.Channel)
				require.LessOrEqual(t, utf8.RuneCountInString(pack.Subject), ch.Words.TitleMax, pack.Channel)
				require.Contains(t, pack.Words, "CC0042", "the frame of the words stays whole: %s", pack.Channel)
				require.True(t, utf8.ValidString(pack.Words))
				require.NotContains(t, pack.Words, "\x1b")
				require.NotContains(t, pack.Words, "\u202e")
				if !ch.Links {
					require.NotContains(t, pack.Words, "evil.example")
					require.NotContains(t, pack.Words, "www.")
					require.NotContains(t, pack.Words, "t.me")
				}
				text, err := os.ReadFile(filepath.Join(req.Dir, "data", pack.Channel, "message.txt"))
				require.NoError(t, err)
				require.Contains(t, string(text), pack.Words)
			}
			for _, p := range record.Pieces {
				for _, f := range p.Fit {
					require.True(t, f.OK(), "%s %s", p.File, f.Limit)
				}
			}
			page, err := os.ReadFile(filepath.Join(req.Dir, "data", "summary.html"))
			require.NoError(t, err)
			require.NotContains(t, string(page), "<script")
			require.NotContains(t, string(page), "<img")
			if name == "long" {
				i := slices.IndexFunc(obs.packs, func(p flows.Pack) bool { return p.Channel == "weibo" })
				require.NotContains(t, obs.packs[i].Words, "第一…", "cut at the end of a sentence")
			}
		})
	}
}

func TestHostileNames(t *testing.T) {
	t.Parallel()
	names := []string{"../../etc/passwd", "-rf.mp4", "frame%d.png", "a\nb.mp4", "CON.mp4", strings.Repeat("长", 500) + ".mp4", ".mp4", "a.mp4", "A.mp4", "a.mp4", "x.superlongextension", `c:\x\y.mov`, "\u202e4pm.exe", "e\u0301.mp4"}
	shown := slices.Clone(names)
	shown[3], shown[5], shown[12], shown[13] = "a b.mp4", strings.Repeat("长", 255), "4pm.exe", "é.mp4"
	var files []string
	for _, n := range names {
		files = append(files, n+"=film")
	}
	req := request(t, []string{"generic"}, files...)
	record, err := run(t, &engine{}, req, &observer{})
	require.NoError(t, err)
	seen := map[string]bool{}
	for i, o := range record.Originals {
		require.Regexp(t, `^data/original/e\d+-[0-9a-f]{8}(\.(mp4|mov|png))?$`, o.File, "nothing of it is theirs")
		require.False(t, seen[strings.ToLower(o.File)], o.File)
		seen[strings.ToLower(o.File)] = true
		require.FileExists(t, filepath.Join(req.Dir, o.File))
		require.Equal(t, shown[i], o.Name)
	}
	_, err = json.Marshal(record)
	require.NoError(t, err)
}
