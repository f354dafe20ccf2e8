package prepare_test

import (
	"context"
	"image/jpeg"
	"io"
	"io/fs"
	"net/mail"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/emersion/go-message"
	"github.com/stretchr/testify/require"

	"clipcase/flows"
	"clipcase/flows/prepare"
	"clipcase/internal/flowstest"
	"clipcase/media"
)

// The booklet comes last, for the fingerprints of the others stand in it, and is
// nobody's original's.
func TestBookletIsAPackOfItsOwn(t *testing.T) {
	t.Parallel()
	req := request(t, []string{"douyin-dm", "booklet", "douyin-app"}, "a.mp4=long", "b.png=picture")
	req.Key = &flows.KeyMoment{Exhibit: "e1", Range: media.Range{Start: 40, End: 50}}
	var moments []float64
	e := &engine{seen: func(j media.Job) {
		for _, p := range j.Pieces {
			if strings.HasPrefix(p.Name, "key-") || strings.HasPrefix(p.Name, "frame-") {
				require.LessOrEqual(t, max(p.Width, p.Height), 1440)
				require.Empty(t, p.Caption+p.Label)
				moments = append(moments, p.Range.Start)
			}
		}
	}}
	obs := &observer{}
	record, err := run(t, e, req, obs)
	require.NoError(t, err)
	require.Equal(t, "booklet", obs.packs[2].Channel)
	require.Len(t, moments, 9)
	inKey := 0
	for _, at := range moments {
		if at >= 40 && at <= 50 {
			inKey++
		}
	}
	require.GreaterOrEqual(t, inKey, 4, "the key moment has its share")

	require.Equal(t, []flows.KeyMoment{*req.Key}, obs.packs[0].Moments, "what the pack is made around is kept with it")
	pieces := obs.packs[2].Pieces
	require.Len(t, pieces, 2)
	require.Equal(t, []any{"booklet.pdf", media.KindPDF, 1}, []any{pieces[0].Name, pieces[0].Kind, pieces[0].Number})
	require.Equal(t, []any{"20261122-CC0042-2of2.jpg", media.KindImage, 2}, []any{pieces[1].Name, pieces[1].Kind, pieces[1].Number})
	require.Contains(t, obs.packs[2].Words, pieces[1].Line)
	for _, p := range record.Pieces {
		if p.Channel != "booklet" || p.Kind == media.KindText {
			continue
		}
		require.Nil(t, p.Original)
		require.Nil(t, p.Range)
		require.NotEmpty(t, p.Fit)
		info, err := os.Stat(filepath.Join(req.Dir, filepath.FromSlash(p.File)))
		require.NoError(t, err)
		require.Equal(t, info.Size(), p.Bytes)
	}
	picture, err := os.Open(filepath.Join(req.Dir, "data", "booklet", pieces[1].Name))
	require.NoError(t, err)
	defer func() { require.NoError(t, picture.Close()) }()
	shape, err := jpeg.DecodeConfig(picture)
	require.NoError(t, err)
	require.Equal(t, []int{1080, shape.Height}, []int{pieces[1].Width, pieces[1].Height})
}

// Without a font there is no booklet; everything else is made.
func TestWithoutAFontOnlyTheBookletIsMissing(t *testing.T) {
	t.Parallel()
	req, obs := request(t, []string{"booklet", "email", "douyin-dm"}, "a.mp4=film"), &observer{}
	p, err := prepare.New(prepare.Config{Catalog: flowstest.Catalogue(t), Engine: &engine{}, Clock: clock(), Font: filepath.Join(t.TempDir(), "none.ttf")})
	require.NoError(t, err)
	record, err := p.Run(t.Context(), req, obs)
	require.NoError(t, err)
	require.Len(t, obs.packs, 2)
	require.Equal(t, []string{"douyin-dm", "email"}, []string{obs.packs[0].Channel, obs.packs[1].Channel})
	require.Len(t, obs.packs[1].Pieces, 6)
	require.ErrorIs(t, record.Broken["booklet"], fs.ErrNotExist)
	require.Len(t, record.Broken, 1)
	require.Contains(t, strings.Join(record.Warnings, ""), "字体")
	summary, err := os.ReadFile(filepath.Join(req.Dir, "data", "summary.md"))
	require.NoError(t, err)
	require.Contains(t, string(summary), "不是您的文件有错")
}

// Without anything that could be used there is no booklet either.
func TestNoBookletOfNothing(t *testing.T) {
	t.Parallel()
	obs := &observer{}
	record, err := run(t, &engine{}, request(t, []string{"booklet"}, "a.mp4=bad"), obs)
	require.NoError(t, err)
	require.Empty(t, obs.packs)
	require.Len(t, record.Pieces, 1)
}

// A link stands only where links may stand.
func TestMailHasItsLinkAndBounds(t *testing.T) {
	t.Parallel()
	const link = "https://clipcase.example/e/abc"
	for channel, most := range map[string]float64{"email": 50e6, "email-25mb": 25e6} {
		req := request(t, []string{channel, "douyin-dm"}, "a.mp4=film")
		req.Link = link
		obs := &observer{}
		_, err := run(t, &engine{}, req, obs)
		require.NoError(t, err)
		piece := obs.packs[0].Pieces[5]
		require.Equal(t, []any{"message.eml", media.KindEML}, []any{piece.Name, piece.Kind})
		require.Equal(t, most, piece.Fit[0].Max)
		require.Contains(t, piece.Fit[0].Source, "mail", "the mailbox' own limit")
		require.NotContains(t, obs.packs[0].Words, "message.eml", "a mail does not speak of itself")
		file, err := os.Open(filepath.Join(req.Dir, "data", channel, piece.Name))
		require.NoError(t, err)
		m, err := mail.ReadMessage(file)
		require.NoError(t, err)
		require.Equal(t, "1", m.Header.Get("X-Unsent"))
		_, err = io.Copy(io.Discard, m.Body)
		require.NoError(t, err)
		require.NoError(t, file.Close())
		require.NotContains(t, obs.packs[1].Words, link)
	}
}

// A mail that comes out too large for its mailbox is not handed out, and that is said.
func TestMailOverItsLimitIsLeftOut(t *testing.T) {
	t.Parallel()
	req := request(t, []string{"email"}, "a.mp4=film")
	req.Channels[0].Earlier.Over = []flows.Weight{{Kind: media.KindEML, Bytes: 1000}}
	obs := &observer{}
	record, err := run(t, &engine{}, req, obs)
	require.NoError(t, err)
	require.Len(t, obs.packs[0].Pieces, 5)
	require.Contains(t, strings.Join(record.Warnings, "\n"), "邮件草稿")
	require.NoFileExists(t, filepath.Join(req.Dir, "data", "email", "message.eml"))
}

// What an earlier attempt published goes into the mail from where it was put.
func TestMailOfAnEarlierAttemptsPieces(t *testing.T) {
	t.Parallel()
	req := request(t, []string{"email"}, "a.mp4=film")
	first := &observer{}
	_, err := run(t, &engine{}, req, first)
	require.NoError(t, err)
	earlier := first.packs[0]
	before := filepath.Join(req.Dir, "data", "email")
	for i := range earlier.Pieces[:5] {
		earlier.Pieces[i].Blob = "kept/" + earlier.Pieces[i].Name
	}
	released := 0
	req.Dir, req.Channels[0].Earlier = t.TempDir(), earlier
	req.Fetch = func(_ context.Context, blob string) (string, func(), error) {
		return filepath.Join(before, strings.TrimPrefix(blob, "kept/")), func() { released++ }, nil
	}
	second := &observer{}
	_, err = run(t, &engine{}, req, second)
	require.NoError(t, err)
	require.Equal(t, 5, released)
	require.Equal(t, first.packs[0].Pieces[5].Bytes, second.packs[0].Pieces[5].Bytes)
}

// kept is a pack as a worker keeps it: what was made stands under a blob.
func kept(pack flows.Pack) flows.Pack {
	for i := range pack.Pieces {
		if pack.Pieces[i].SHA256 != "" {
			pack.Pieces[i].Blob = "kept/" + pack.Pieces[i].Name
		}
	}
	return pack
}

// plainText is what stands in a draft's plain words.
func plainText(t *testing.T, path string) string {
	t.Helper()
	file, err := os.Open(path)
	require.NoError(t, err)
	defer func() { require.NoError(t, file.Close()) }()
	draft, err := message.Read(file)
	require.NoError(t, err)
	var text string
	require.NoError(t, draft.Walk(func(_ []int, part *message.Entity, err error) error {
		if kind, _, _ := part.Header.ContentType(); err != nil || kind != "text/plain" || text != "" {
			return err
		}
		all, err := io.ReadAll(part.Body)
		text = string(all)
		return err
	}))
	return text
}

// The words may change until the case is handed in: what they stand in is written
// then, whatever was made before.
func TestMailHasTheWordsThatWereHandedIn(t *testing.T) {
	t.Parallel()
	for name, early := range map[string]bool{"made ahead": true, "made by an earlier attempt": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			req := request(t, []string{"email"}, "a.mp4=film")
			req.Early, req.Statement = early, "first-words https://x.example"
			first := &observer{}
			_, err := run(t, &engine{}, req, first)
			require.NoError(t, err)
			before := filepath.Join(req.Dir, "data", "email")
			earlier := kept(first.packs[0])
			if early {
				require.Len(t, earlier.Pieces, 5)
				require.NotContains(t, earlier.Words, "first-words")
				require.Empty(t, earlier.Warnings)
			} else {
				require.Len(t, earlier.Pieces, 6)
			}

			req.Early, req.Statement = false, "last-words"
			req.Dir, req.Channels[0].Earlier = t.TempDir(), earlier
			req.Fetch = func(_ context.Context, blob string) (string, func(), error) {
				return filepath.Join(before, strings.TrimPrefix(blob, "kept/")), func() {}, nil
			}
			second := &observer{}
			_, err = run(t, &engine{}, req, second)
			require.NoError(t, err)
			for _, p := range second.packs[0].Pieces[:5] {
				require.NotEmpty(t, p.Blob, "what has no words in it is taken over")
			}
			require.Empty(t, second.packs[0].Pieces[5].Blob)
			text := plainText(t, filepath.Join(req.Dir, "data", "email", "message.eml"))
			require.Contains(t, text, "last-words")
			require.NotContains(t, text, "first-words")
		})
	}
}

// Nothing of a booklet can be made before the words are final, nor is a font needed.
func TestNoBookletAhead(t *testing.T) {
	t.Parallel()
	req, obs := request(t, []string{"booklet"}, "a.mp4=film"), &observer{}
	req.Early = true
	_, err := run(t, &engine{}, req, obs)
	require.NoError(t, err)
	require.Empty(t, obs.packs)
	require.Empty(t, obs.parts)
}
