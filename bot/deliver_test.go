package bot

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"clipcase/flows"
	"clipcase/internal/telegramtest"
	"clipcase/media"
)

func jpegOf(t *testing.T, w, h int) []byte {
	t.Helper()
	var out bytes.Buffer
	require.NoError(t, jpeg.Encode(&out, image.NewRGBA(image.Rect(0, 0, w, h)), nil))
	return out.Bytes()
}

func gifOf(t *testing.T) []byte {
	t.Helper()
	var out bytes.Buffer
	frame := image.NewPaletted(image.Rect(0, 0, 8, 8), color.Palette{color.Black, color.White})
	require.NoError(t, gif.EncodeAll(&out, &gif.GIF{Image: []*image.Paletted{frame, frame}, Delay: []int{10, 10}}))
	return out.Bytes()
}

// videoOf is enough of an MP4 for Telegram, which looks into small ones only.
func videoOf(size int) []byte {
	head := []byte("\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isomhvc1")
	return append(head, bytes.Repeat([]byte{7}, size-len(head))...)
}

// kit is a delivery of every kind of item.
func kit(t *testing.T, s *stand) []flows.Item {
	t.Helper()
	s.files.blobs = map[string][]byte{
		"v1": videoOf(300 << 10), "t1": jpegOf(t, 180, 320), "p1": jpegOf(t, 300, 600), "g1": gifOf(t), "d1": []byte("plain words"),
	}
	line := func(text string) flows.Text { return flows.Text{Plain: text} }
	size := func(key string) int64 { return int64(len(s.files.blobs[key])) }
	return []flows.Item{
		{ID: "head", Screen: words("先交这几份")},
		{ID: "file-1", File: &flows.Parcel{Name: "20261122-CC0042-1of1.mp4", Kind: media.KindVideo, Blob: "v1", Thumb: "t1", Bytes: size("v1"), Width: 720, Height: 1600, Duration: 10.02, Line: line("第 1 段 <00:00>")}},
		{ID: "file-2", File: &flows.Parcel{Name: "still.jpg", Kind: media.KindImage, Blob: "p1", Bytes: size("p1"), Width: 300, Height: 600, Line: line("图 1")}},
		{ID: "file-3", File: &flows.Parcel{Name: "clip.gif", Kind: media.KindGIF, Blob: "g1", Bytes: size("g1"), Width: 8, Height: 8, Duration: 0.2}},
		{ID: "file-4", File: &flows.Parcel{Name: "exact.jpg", Kind: media.KindImage, Blob: "p1", Bytes: size("p1"), Exact: true}},
		{ID: "file-5", File: &flows.Parcel{Name: "message.txt", Kind: media.KindText, Blob: "d1", Bytes: size("d1")}},
		{ID: "words", Screen: &flows.Screen{Step: "deliver", Token: "t", Lang: "zh", Blocks: []flows.Block{{Style: flows.StyleCode, Text: line("请粘贴这段话")}}, Rows: [][]flows.Choice{{{ID: "more", Label: line("更多渠道")}}}}},
	}
}

func hash(data []byte) string { return fmt.Sprintf("%x", sha256.Sum256(data)) }

func TestDeliveryShowsEverythingRight(t *testing.T) {
	t.Parallel()
	s := newStand(t, nil)
	u := s.tg.User(7, "zh").Started()
	items := kit(t, s)
	s.files.blobs["v1"] = videoOf(11 << 20) // so large that Telegram does not look into it
	items[1].File.Bytes = 11 << 20
	require.NoError(t, s.Deliver(t.Context(), "tg:7", "CC0042:dm:0", items))
	got := u.FromBot()
	require.Len(t, got, 7)
	require.Equal(t, "先交这几份", got[0].Text)

	video := got[1]
	require.NotNil(t, video.Video)
	require.False(t, video.File.Guessed, "a grey square of 0:00")
	require.Equal(t, []int{720, 1600, 10}, []int{video.File.Width, video.File.Height, video.File.Duration})
	require.True(t, video.File.Streaming)
	require.NotNil(t, video.File.Thumbnail)
	require.Equal(t, "20261122-CC0042-1of1.mp4", video.File.Name)
	require.Equal(t, "第 1 段 <00:00>", video.Caption)
	sum, err := video.File.SHA256()
	require.NoError(t, err)
	require.Equal(t, hash(s.files.blobs["v1"]), sum)

	require.NotEmpty(t, got[2].Photo, "a phone saves photos to its album")
	require.NotNil(t, got[3].Document)
	require.Nil(t, got[3].Animation)
	require.False(t, got[3].File.Altered, "a GIF must stay byte for byte")
	sum, err = got[3].File.SHA256()
	require.NoError(t, err)
	require.Equal(t, hash(s.files.blobs["g1"]), sum)
	require.NotNil(t, got[4].Document, "an exact copy is a document")
	require.False(t, got[4].File.Altered)
	require.NotNil(t, got[5].Document)
	require.Len(t, got[6].Buttons(), 1)
	require.Contains(t, u.Actions(), "upload_video")
	require.Empty(t, s.tg.Violations())

	require.NoError(t, s.Deliver(t.Context(), "tg:7", "CC0042:dm:0", items), "the same delivery again")
	require.Len(t, u.FromBot(), 7, "nothing twice")
	require.NoError(t, s.Deliver(t.Context(), "tg:7", "CC0042:dm:1", items), "another round")
	require.Len(t, u.FromBot(), 14)
	require.Equal(t, 1, s.files.times("v1"), "what Telegram has is sent by its number")
}

func TestDeliveryFaults(t *testing.T) {
	t.Parallel()
	const again = "重发"
	for name, c := range map[string]struct {
		fault  func(*telegramtest.Faults)
		runs   int // deliveries until it is complete
		extra  int // messages beyond the seven
		marked int
	}{
		"none":                      {func(*telegramtest.Faults) {}, 1, 0, 0},
		"flood wait":                {func(f *telegramtest.Faults) { f.Reply429("sendVideo", 1, 1) }, 1, 0, 0},
		"server errors":             {func(f *telegramtest.Faults) { f.Reply5xx("sendVideo", 500, 2) }, 1, 0, 0},
		"long server trouble":       {func(f *telegramtest.Faults) { f.Reply5xx("sendPhoto", 500, 3) }, 2, 0, 0},
		"bad gateway after effect":  {func(f *telegramtest.Faults) { f.Lose("sendVideo", 502, 1) }, 1, 1, 1},
		"bad gateway, nothing sent": {func(f *telegramtest.Faults) { f.Reply5xx("sendPhoto", 502, 2) }, 1, 0, 1},
		"long bad gateway":          {func(f *telegramtest.Faults) { f.Reply5xx("sendPhoto", 502, 5) }, 2, 0, 1},
		"video cut after effect":    {func(f *telegramtest.Faults) { f.DropAfter("sendVideo", 1) }, 1, 1, 1},
		"document cut before":       {func(f *telegramtest.Faults) { f.DropBefore("sendDocument", 1) }, 1, 0, 1},
		"words cut after effect":    {func(f *telegramtest.Faults) { f.DropAfter("sendMessage", 1) }, 1, 1, 1},
		"video cut twice after":     {func(f *telegramtest.Faults) { f.DropAfter("sendVideo", 2) }, 1, 1, 1},
		"every kind once cut after": {func(f *telegramtest.Faults) { f.DropAfter("sendVideo", 1); f.DropAfter("sendPhoto", 1) }, 1, 2, 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStand(t, nil)
			u := s.tg.User(7, "zh").Started()
			items := kit(t, s)
			c.fault(s.tg.Faults)
			for run := 1; run <= c.runs; run++ {
				err := s.Deliver(t.Context(), "tg:7", "L", items)
				if run < c.runs {
					require.Equal(t, flows.Unavailable, flows.ClassOf(err))
					continue
				}
				require.NoError(t, err)
			}
			got, marked := u.FromBot(), 0
			require.Len(t, got, 7+c.extra)
			for _, m := range got {
				if strings.Contains(m.Words(), again) {
					marked++
				}
				if m.File != nil {
					data, err := m.File.Bytes()
					require.NoError(t, err)
					require.NotEmpty(t, data, "a retry must open the file anew")
				}
			}
			require.Equal(t, c.marked, marked)
			require.Empty(t, s.tg.Early())
			require.Empty(t, s.tg.Violations())
		})
	}
}

func TestRetriedUploadIsWhole(t *testing.T) {
	t.Parallel()
	s := newStand(t, nil)
	u := s.tg.User(7, "zh").Started()
	items := kit(t, s)[1:2]
	s.tg.Faults.Reply429("sendVideo", 1, 1)
	require.NoError(t, s.Deliver(t.Context(), "tg:7", "L", items))
	sum, err := u.Last().File.SHA256()
	require.NoError(t, err)
	require.Equal(t, hash(s.files.blobs["v1"]), sum)
	require.Equal(t, 2, s.files.times("v1"))
}

func TestDeliveryErrorsAndTheirClasses(t *testing.T) {
	t.Parallel()
	item := []flows.Item{{ID: "head", Screen: words("你好")}}

	s := newStand(t, nil)
	s.tg.User(7, "zh").Started().Block()
	require.Equal(t, flows.Forbidden, flows.ClassOf(s.Deliver(t.Context(), "tg:7", "L", item)))
	require.Equal(t, flows.MarkNew, s.book.marks["L/head"], "it can be sent when they come back")
	require.Equal(t, flows.Forbidden, flows.ClassOf(s.Deliver(t.Context(), "tg:404", "L", item)))
	require.Equal(t, flows.Invalid, flows.ClassOf(s.Deliver(t.Context(), "web:x", "L", item)))

	s.tg.User(8, "zh").Started()
	s.tg.Faults.Reply429("sendMessage", 600, 1)
	require.Equal(t, flows.Unavailable, flows.ClassOf(s.Deliver(t.Context(), "tg:8", "L", item)), "ten minutes are for another time")
	calls := len(s.tg.Calls("sendMessage"))
	require.Equal(t, flows.Unavailable, flows.ClassOf(s.Deliver(t.Context(), "tg:8", "L", item)))
	require.Len(t, s.tg.Calls("sendMessage"), calls, "no call before the ten minutes are over")

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	s.tg.User(9, "zh").Started()
	require.Equal(t, flows.Unavailable, flows.ClassOf(s.Deliver(ctx, "tg:9", "M", item)))
	require.Equal(t, flows.MarkNew, s.book.marks["M/head"])
}

func TestFilesTelegramWillNotTake(t *testing.T) {
	t.Parallel()
	s := newStand(t, nil)
	u := s.tg.User(7, "zh").Started()
	s.files.blobs = map[string][]byte{"long": jpegOf(t, 40, 1000), "ok": jpegOf(t, 10, 10), "v": videoOf(1000), "bad": []byte("no jpeg")}
	err := s.Deliver(t.Context(), "tg:7", "L", []flows.Item{
		{ID: "1", File: &flows.Parcel{Name: "huge.mp4", Kind: media.KindVideo, Blob: "huge", Bytes: 51 << 20}},
		{ID: "2", File: &flows.Parcel{Name: "long.jpg", Kind: media.KindImage, Blob: "long", Width: 40, Height: 1000}},
		{ID: "3", File: &flows.Parcel{Name: "unmeasured.jpg", Kind: media.KindImage, Blob: "long"}},
		{ID: "4", File: &flows.Parcel{Name: "gone.jpg", Kind: media.KindImage, Blob: "nosuch"}},
		{ID: "5", File: &flows.Parcel{Name: "v.mp4", Kind: media.KindVideo, Blob: "v", Thumb: "bad", Width: 2, Height: 2, Duration: 1}},
		{ID: "6", File: &flows.Parcel{Name: "ok.jpg", Kind: media.KindImage, Blob: "ok"}},
	})
	require.NoError(t, err, "one bad file must not stop the others")
	got := u.FromBot()
	require.Len(t, got, 6)
	require.Contains(t, got[0].Text, "huge.mp4")
	require.Contains(t, got[0].Text, "50 MB")
	require.NotNil(t, got[1].Document, "too narrow for a photo")
	require.NotNil(t, got[2].Document, "PHOTO_INVALID_DIMENSIONS falls back to a document")
	require.Contains(t, got[3].Text, "gone.jpg")
	require.NotNil(t, got[4].Document)
	require.NotEmpty(t, got[5].Photo)
}

func TestHostileCaptions(t *testing.T) {
	t.Parallel()
	s := newStand(t, nil)
	u := s.tg.User(7, "zh").Started()
	s.files.blobs = map[string][]byte{"p": jpegOf(t, 10, 10)}
	var items []flows.Item
	for i, text := range hostile() {
		items = append(items, flows.Item{ID: fmt.Sprint(i), File: &flows.Parcel{Name: shorten(text, 100), Kind: media.KindImage, Blob: "p", Line: flows.Text{Plain: text}}})
	}
	require.NoError(t, s.Deliver(t.Context(), "tg:7", "L", items))
	require.Len(t, u.FromBot(), len(items))
	require.Empty(t, s.tg.Violations())
}

func TestLongItemGoesOnWhereItStopped(t *testing.T) {
	t.Parallel()
	s := newStand(t, nil)
	u := s.tg.User(7, "zh").Started()
	items := []flows.Item{{ID: "summary", Screen: words(strings.Repeat("这是一句话。", 1500))}}
	n := 0
	s.tg.Faults.When(func(c telegramtest.Call) bool { n++; return n > 1 }, -1,
		telegramtest.What{Refuse: &telegramtest.Refusal{Code: 500, Text: "Internal Server Error"}})
	require.Error(t, s.Deliver(t.Context(), "tg:7", "L", items))
	require.Len(t, u.FromBot(), 1)
	later := newStandAt(t, s) // another process
	s.tg.Faults.Clear()
	require.NoError(t, later.Deliver(t.Context(), "tg:7", "L", items))
	all := ""
	for _, m := range u.FromBot() {
		all += m.Text
	}
	require.Equal(t, strings.Repeat("这是一句话。", 1500), all, "no part missing, none twice")
}

func TestLostLedgerIsAskedAgain(t *testing.T) {
	t.Parallel()
	s := newStand(t, nil)
	u := s.tg.User(7, "zh").Started()
	flaky := &flakyBook{book: s.book, fail: 2}
	s.ledger = flaky
	require.NoError(t, s.Deliver(t.Context(), "tg:7", "L", []flows.Item{{ID: "head", Screen: words("你好")}}))
	require.Len(t, u.FromBot(), 1)
	require.Equal(t, flows.MarkSent, s.book.marks["L/head"])
}

type flakyBook struct {
	*book
	fail int
}

func (f *flakyBook) Sent(ctx context.Context, ledger, item, message string) error {
	if f.fail > 0 {
		f.fail--
		return errors.New("away")
	}
	return f.book.Sent(ctx, ledger, item, message)
}
