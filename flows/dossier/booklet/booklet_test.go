package booklet_test

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"clipcase/flows/catalog"
	"clipcase/flows/dossier"
	"clipcase/flows/dossier/booklet"
	"clipcase/media"
)

var made = time.Date(2026, 11, 22, 18, 0, 0, 0, time.UTC)

var loaded = sync.OnceValues(func() (*catalog.Catalog, error) { return catalog.Load("") })

var theFont = sync.OnceValues(func() (*booklet.Font, error) { return booklet.FindFont("") })

// frame writes a picture that looks a little like a phone's screen.
func frame(t *testing.T, dir string, n, width, height int) dossier.Frame {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			img.Set(x, y, color.RGBA{uint8(x * 255 / width), uint8(y * 255 / height), uint8(40 * n), 255})
		}
	}
	var out bytes.Buffer
	require.NoError(t, jpeg.Encode(&out, img, nil))
	path := filepath.Join(dir, fmt.Sprintf("%d.jpg", n))
	require.NoError(t, os.WriteFile(path, out.Bytes(), 0o600))
	return dossier.Frame{Path: path, Width: width, Height: height, Title: fmt.Sprintf("图 %d · 录屏 0:%02d", n, n), Caption: "封禁提示的录屏"}
}

// story is a case with statement; link "" = none.
func story(t *testing.T, lang, scenario, statement, link string, pieces int, frames ...dossier.Frame) (dossier.Story, dossier.Book) {
	t.Helper()
	c, err := loaded()
	require.NoError(t, err)
	s, ok := c.Scenario(scenario)
	require.True(t, ok)
	d, w, h := 72.5, 720, 1600
	story := dossier.Story{
		Record: &dossier.Record{
			Case: "CC0042", Scenario: scenario, Statement: statement,
			Originals: []dossier.Original{
				{Name: "Screenrecorder-2026-11-20-20-13-44-123.mp4", SHA256: strings.Repeat("0123456789abcdef", 4), Bytes: 121_234_567, Grade: "file", Status: "ok", Duration: &d, Width: &w, Height: &h},
				{Name: "聊天记录.mov", SHA256: strings.Repeat("fedcba9876543210", 4), Bytes: 8_234_567, Grade: "video", Status: "damaged", Duration: &d, Width: &w, Height: &h},
				{Name: "坏文件.mp4", SHA256: strings.Repeat("aa", 32), Bytes: 82, Grade: "unknown", Status: "refused", Error: &dossier.Error{Class: "truncated", Text: "文件不完整"}},
			},
		},
		Scenario: s, Made: made, Received: made.Add(-time.Hour), Link: link, Frames: frames,
		Slots: []string{s.Exhibits[0].Name.In(lang), s.Exhibits[0].Name.In(lang), ""},
	}
	for i := range pieces {
		story.Record.Pieces = append(story.Record.Pieces, dossier.Piece{Channel: "douyin-dm", Kind: media.KindVideo,
			File: fmt.Sprintf("data/douyin-dm/20261122-CC0042-%dof%d.mp4", i+1, pieces), Bytes: 5_000_000, SHA256: strings.Repeat("ab", 32)})
	}
	if len(s.Questions) > 0 {
		story.Answers = []catalog.PasteAnswer{{Question: s.Questions[0].Text.In(lang), Answer: "2026-11-20 20:13"}}
	}
	return story, story.Book(c, lang)
}

func TestBookletOfThreeCases(t *testing.T) {
	t.Parallel()
	f, err := theFont()
	require.NoError(t, err)
	pictures := t.TempDir()
	var tall, wide []dossier.Frame
	for n := range 9 {
		tall = append(tall, frame(t, pictures, n+1, 162, 360))
		wide = append(wide, frame(t, pictures, n+11, 360, 202))
	}
	keep := os.Getenv("BOOKLET_OUT")
	for name, c := range map[string]struct {
		lang, scenario, statement, link string
		frames                          []dossier.Frame
		pieces, width                   int
	}{
		"ban":   {"zh", "account-ban", "我的账号在11月20日晚上被误封，提示“涉嫌违规”，但我没有发布任何违规内容。请人工复核🙂，谢谢。\n第二段：𠮷野家的视频是我自己拍的，见 0:42。", "https://clipcase.example/e/abcdefghijklmnopqrstuvwxyz0123456789", tall, 3, 360},
		"minor": {"zh", "minor-refund", strings.Repeat("孩子用我的手机在直播间充值，我不知情。付款时间是晚上八点左右，一共十二笔。", 60), "", wide, 14, 360},
		"theft": {"en", "account-theft", strings.Repeat("My account was taken over on 20 November; the phone number was changed. ", 12), "https://clipcase.example/e/x", append(tall[:4:4], wide[:3]...), 5, 360},
		"bare":  {"zh", "bug-report", "", "", nil, 0, 1080},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			if keep != "" {
				dir = keep
			}
			s, book := story(t, c.lang, c.scenario, c.statement, c.link, c.pieces, c.frames...)
			pdf, picture := filepath.Join(dir, name+".pdf"), filepath.Join(dir, name+".jpg")
			require.NoError(t, f.PDF(t.Context(), book, s.Made, pdf))
			height, err := f.Picture(t.Context(), book, c.width, 2_000_000, picture)
			require.NoError(t, err)
			content, err := os.ReadFile(pdf)
			require.NoError(t, err)
			require.Less(t, len(content), 10_000_000)
			require.True(t, bytes.HasPrefix(content, []byte("%PDF-")))
			require.Contains(t, string(content), "/Type /Outlines")
			require.Contains(t, string(content), "/FontFile2", "the font is in it")
			jpg, err := os.ReadFile(picture)
			require.NoError(t, err)
			require.LessOrEqual(t, len(jpg), 2_000_000)
			shape, err := jpeg.DecodeConfig(bytes.NewReader(jpg))
			require.NoError(t, err)
			require.Equal(t, c.width, shape.Width)
			require.Equal(t, height, shape.Height)
		})
	}
}
