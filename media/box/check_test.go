package box_test

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"clipcase/media"
	"clipcase/media/box"
)

func check(content []byte, caps box.Caps) (box.Info, error) {
	return box.Check(bytes.NewReader(content), int64(len(content)), caps)
}

// code is why a file was refused; "" if it was not.
func code(t *testing.T, err error) media.Code {
	t.Helper()
	if err == nil {
		return ""
	}
	var refusal *media.Refusal
	require.ErrorAs(t, err, &refusal)
	return refusal.Code
}

// b is one MP4 box.
func b(name string, parts ...[]byte) []byte {
	body := bytes.Join(parts, nil)
	return append(binary.BigEndian.AppendUint32(nil, uint32(8+len(body))), append([]byte(name), body...)...)
}

func u32(values ...uint32) []byte {
	var out []byte
	for _, v := range values {
		out = binary.BigEndian.AppendUint32(out, v)
	}
	return out
}

// trak is a track with the tables that matter.
func trak(handler string, stsz, stts []byte) []byte {
	return b("trak", b("tkhd", make([]byte, 84)), b("mdia",
		b("hdlr", u32(0, 0), []byte(handler), make([]byte, 12)),
		b("minf", b("hdlr", u32(0, 0), []byte("alis"), make([]byte, 12)), b("stbl", stsz, stts))))
}

func fixed(size, count uint32) []byte { return b("stsz", u32(0, size, count)) }

func times(pairs ...uint32) []byte { return b("stts", u32(0, uint32(len(pairs)/2)), u32(pairs...)) }

func film(moov ...[]byte) []byte {
	return bytes.Join([][]byte{b("ftyp", []byte("isom\x00\x00\x02\x00isommp41")), b("mdat", make([]byte, 100)), b("moov", moov...)}, nil)
}

func video() []byte { return trak("vide", b("stsz", u32(0, 0, 2, 50, 50)), times(2, 512)) }

func TestFormats(t *testing.T) {
	t.Parallel()
	ts := bytes.Repeat(append([]byte{0x47}, make([]byte, 187)...), 4)
	m2ts := bytes.Repeat(append([]byte{0, 0, 0, 0, 0x47}, make([]byte, 187)...), 4)
	whole := film(b("mvhd", make([]byte, 100)), video())
	wide := append(u32(1), []byte("mdat")...)
	wide = append(wide, u32(0, 116)...)
	wide = append(wide, make([]byte, 100)...)
	docx := archive(t, "word/document.xml")
	webm := ebml(0x1A45DFA3, []byte("\x42\x82\x84webm"))
	cluster := ebml(0x1F43B675, make([]byte, 20))
	for name, c := range map[string]struct {
		content []byte
		format  box.Format
		kind    media.Kind
		demuxer string
		refused media.Code
	}{
		"mp4":                       {whole, box.MP4, media.KindVideo, "mov", ""},
		"mov, wide mdat first":      {append(wide, b("moov", video())...), box.MP4, media.KindVideo, "mov", ""},
		"mdat to the end":           {append(b("moov", video()), "\x00\x00\x00\x00mdatxxxx"...), box.MP4, media.KindVideo, "mov", ""},
		"bytes of a phone behind":   {append(bytes.Clone(whole), "\x00\x00\x00\x00SEFH trailer of a phone"...), box.MP4, media.KindVideo, "mov", ""},
		"zeros behind":              {append(bytes.Clone(whole), make([]byte, 5)...), box.MP4, media.KindVideo, "mov", ""},
		"fragments":                 {bytes.Join([][]byte{b("ftyp", []byte("iso5\x00\x00\x02\x00")), b("moov", video()), b("moof", b("traf", b("trun", u32(0, 5)))), b("mdat", make([]byte, 9))}, nil), box.MP4, media.KindVideo, "mov", ""},
		"heic":                      {append(b("ftyp", []byte("heic\x00\x00\x00\x00mif1heic")), b("meta", make([]byte, 8))...), box.HEIC, media.KindImage, "", ""},
		"avif":                      {b("ftyp", []byte("avif\x00\x00\x00\x00mif1")), "", "", "", media.RefusedUnsupported},
		"webm":                      {append(bytes.Clone(webm), ebml(0x18538067, cluster)...), box.Matroska, media.KindVideo, "matroska", ""},
		"webm of unknown size":      {append(append(bytes.Clone(webm), 0x18, 0x53, 0x80, 0x67, 0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff), cluster...), box.Matroska, media.KindVideo, "matroska", ""},
		"webm cut":                  {append(bytes.Clone(webm), ebml(0x18538067, cluster)[:25]...), "", "", "", media.RefusedTruncated},
		"webm without a cluster":    {append(bytes.Clone(webm), ebml(0x18538067, ebml(0xEC, []byte{0}))...), "", "", "", media.RefusedTooShort},
		"webm header only":          {webm, "", "", "", media.RefusedTruncated},
		"avi":                       {riff("AVI ", 40), box.AVI, media.KindVideo, "avi", ""},
		"avi cut":                   {riff("AVI ", 40)[:30], "", "", "", media.RefusedTruncated},
		"ts":                        {ts, box.MPEGTS, media.KindVideo, "mpegts", ""},
		"m2ts":                      {m2ts, box.MPEGTS, media.KindVideo, "mpegts", ""},
		"mpeg-ps":                   {append([]byte("\x00\x00\x01\xba"), make([]byte, 50)...), box.MPEGPS, media.KindVideo, "mpeg", ""},
		"flv":                       {[]byte("FLV\x01\x05\x00\x00\x00\x09"), box.FLV, media.KindVideo, "flv", ""},
		"asf":                       {[]byte("\x30\x26\xb2\x75\x8e\x66\xcf\x11\xa6\xd9\x00\xaa\x00\x62\xce\x6c...."), box.ASF, media.KindVideo, "asf", ""},
		"ogg":                       {[]byte("OggS\x00\x02"), box.Ogg, media.KindVideo, "ogg", ""},
		"gif":                       {[]byte("GIF89a\x40\x00\x40\x00\x00\x00\x00"), box.GIF, media.KindGIF, "gif", ""},
		"gif of 16000²":             {[]byte("GIF89a\x80\x3e\x80\x3e\x00\x00\x00"), "", "", "", media.RefusedTooManyPix},
		"png":                       {picturePNG(64, 64), box.PNG, media.KindImage, "png_pipe", ""},
		"png of 30000²":             {picturePNG(30000, 30000), "", "", "", media.RefusedTooManyPix},
		"png cut":                   {picturePNG(64, 64)[:40], "", "", "", media.RefusedTruncated},
		"jpeg":                      {[]byte("\xff\xd8\xff\xe0\x00\x04xx\xff\xc0\x00\x0b\x08\x00\x10\x00\x10\x01\x01\x11\x00"), box.JPEG, media.KindImage, "jpeg_pipe", ""},
		"jpeg cut":                  {[]byte("\xff\xd8\xff\xe0\x00\x10"), "", "", "", media.RefusedTruncated},
		"jpeg of 65535²":            {[]byte("\xff\xd8\xff\xc2\x00\x0b\x08\xff\xff\xff\xff\x01\x01\x11\x00"), "", "", "", media.RefusedTooManyPix},
		"webp":                      {webp(), box.WebP, media.KindImage, "webp_pipe", ""},
		"pdf":                       {[]byte("%PDF-1.7\n..."), box.PDF, media.KindDocument, "", ""},
		"docx":                      {docx, box.DOCX, media.KindDocument, "", ""},
		"zip":                       {archive(t, "a.mp4"), "", "", "", media.RefusedNotMedia},
		"broken zip":                {[]byte("PK\x03\x04 not really"), "", "", "", media.RefusedNotMedia},
		"text":                      {[]byte("我的账号被误封"), box.Text, media.KindDocument, "", ""},
		"latin-1":                   {[]byte("caf\xe9 au lait"), "", "", "", media.RefusedNotMedia},
		"control characters":        {[]byte("a\x1b[2Jb"), "", "", "", media.RefusedNotMedia},
		"utf-16":                    {[]byte("\xff\xfeh\x00i\x00"), "", "", "", media.RefusedNotMedia},
		"html":                      {[]byte("<!doctype html><script>"), "", "", "", media.RefusedNotMedia},
		"svg":                       {[]byte("<?xml version='1.0'?><svg/>"), "", "", "", media.RefusedNotMedia},
		"empty":                     {nil, "", "", "", media.RefusedEmpty},
		"one byte":                  {[]byte{0}, "", "", "", media.RefusedNotMedia},
		"m3u8":                      {[]byte("#EXTM3U\n#EXTINF:1,\nfile:///etc/x.mp4"), "", "", "", media.RefusedPlaylist},
		"m3u8 after a mark":         {[]byte("\xef\xbb\xbf \n#EXTM3U\n"), "", "", "", media.RefusedPlaylist},
		"ffconcat":                  {[]byte("ffconcat version 1.0\nfile x.mp4"), "", "", "", media.RefusedPlaylist},
		"dash":                      {[]byte("<?xml version=\"1.0\"?>\n<MPD><BaseURL>file:///x</BaseURL></MPD>"), "", "", "", media.RefusedPlaylist},
		"sdp":                       {[]byte("v=0\r\no=- 0 0 IN IP4 127.0.0.1"), "", "", "", media.RefusedPlaylist},
		"pls":                       {[]byte("[playlist]\nFile1=/x"), "", "", "", media.RefusedPlaylist},
		"vobsub":                    {[]byte("# VobSub index file, v7"), "", "", "", media.RefusedPlaylist},
		"mp3":                       {[]byte("ID3\x03\x00"), "", "", "", media.RefusedAudioOnly},
		"wav":                       {append([]byte("RIFF\x24\x00\x00\x00WAVEfmt "), make([]byte, 30)...), "", "", "", media.RefusedAudioOnly},
		"flac":                      {[]byte("fLaC\x00"), "", "", "", media.RefusedAudioOnly},
		"m4a":                       {film(trak("soun", fixed(4, 2), times(2, 1024))), "", "", "", media.RefusedAudioOnly},
		"mp4 cut in mdat":           {append(b("moov", video()), b("mdat", make([]byte, 100))[:50]...), "", "", "", media.RefusedTruncated},
		"mp4 cut in moov":           {whole[:len(whole)-10], "", "", "", media.RefusedTruncated},
		"mp4 cut in a header":       {whole[:30], "", "", "", media.RefusedTruncated},
		"no moov":                   {append(b("ftyp", []byte("isom")), b("mdat", make([]byte, 9))...), "", "", "", media.RefusedNoIndex},
		"cmov":                      {film(b("cmov", make([]byte, 20))), "", "", "", media.RefusedTooComplex},
		"reference movie":           {film(b("rmra", make([]byte, 20))), "", "", "", media.RefusedPlaylist},
		"80 million samples":        {film(trak("vide", fixed(1, 80_000_000), times(80_000_000, 1))), "", "", "", media.RefusedTooComplex},
		"sound samples in a list":   {film(video(), trak("soun", fixed(1, 80_000_000), times(1, 1, 79_999_999, 2))), "", "", "", media.RefusedTooComplex},
		"plain sound of four hours": {film(video(), trak("soun", fixed(2, 691_200_000), times(691_200_000, 1))), box.MP4, media.KindVideo, "mov", ""},
		"a table that lies":         {film(trak("vide", b("stsz", u32(0, 0, 1_000_000)), times(2, 512))), "", "", "", media.RefusedUnreadable},
		"times that lie":            {film(trak("vide", fixed(1, 2), b("stts", u32(0, 1_000_000, 2, 512)))), "", "", "", media.RefusedUnreadable},
		"a fragment of 2³²":         {film(video(), b("trak")), box.MP4, media.KindVideo, "mov", ""},
		"a run of 2³²":              {append(film(video()), b("moof", b("traf", b("trun", u32(0, 0xffffffff))))...), "", "", "", media.RefusedTooComplex},
		"33 tracks":                 {film(bytes.Repeat(video(), 33)), "", "", "", media.RefusedTooComplex},
		"a box of 2⁶³":              {append(whole, append(u32(1), append([]byte("mdat"), u32(0x7fffffff, 0xffffffff)...)...)...), "", "", "", media.RefusedTruncated},
		"a child beyond its parent": {film(append(u32(500), "trak"...)), "", "", "", media.RefusedUnreadable},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			info, err := check(c.content, box.Caps{})
			require.Equal(t, c.refused, code(t, err), "%v", err)
			require.Equal(t, c.format, info.Format)
			require.Equal(t, c.kind, info.Kind)
			require.Equal(t, c.demuxer, info.Demuxer)
		})
	}
}

func TestCaps(t *testing.T) {
	t.Parallel()
	whole := film(video())
	_, err := check(whole, box.Caps{Bytes: 10})
	var refusal *media.Refusal
	require.ErrorAs(t, err, &refusal)
	require.Equal(t, media.RefusedTooLarge, refusal.Code)
	require.Equal(t, map[string]any{"limit": int64(10), "actual": int64(len(whole))}, refusal.Args)
	_, err = check(whole, box.Caps{Index: 10})
	require.Equal(t, media.RefusedTooComplex, code(t, err))
	_, err = check(whole, box.Caps{Samples: 1})
	require.Equal(t, media.RefusedTooComplex, code(t, err))
	_, err = check(bytes.Repeat(b("free"), 1000), box.Caps{Boxes: 100})
	require.Equal(t, media.RefusedTooComplex, code(t, err))
	_, err = check(whole, box.Caps{Samples: 2, Streams: 1})
	require.NoError(t, err)
}

// Boxes in themselves, as deep as the file is long, are not followed down.
func TestBoxesInThemselves(t *testing.T) {
	t.Parallel()
	stack := func(depth int, names ...string) []byte {
		var head []byte
		for i := range depth { // heads only: each holds all that follows
			head = append(append(head, u32(uint32(8*(depth-i)))...), names[i%len(names)]...)
		}
		return head
	}
	for name, names := range map[string][]string{"tracks": {"trak"}, "tables": {"stbl"}, "minf and stbl": {"minf", "stbl"}, "fragments": {"traf"}} {
		_, err := check(film(stack(16, names...), video()), box.Caps{})
		require.NoError(t, err, name)
		_, err = check(film(stack(17, names...), video()), box.Caps{})
		require.Equal(t, media.RefusedTooComplex, code(t, err), name)
		_, err = check(film(stack(300_000, names...)), box.Caps{Streams: 1 << 20})
		require.ErrorContains(t, err, "in each other", name)
	}
	_, err := check(append(film(video()), b("moof", stack(17, "traf"))...), box.Caps{})
	require.Equal(t, media.RefusedTooComplex, code(t, err))
}

func TestReadFailuresAreOurs(t *testing.T) {
	t.Parallel()
	broken := errors.New("disk on fire")
	_, err := box.Check(failing{broken}, 100, box.Caps{})
	require.ErrorIs(t, err, broken)
	var refusal *media.Refusal
	require.False(t, errors.As(err, &refusal))
	_, err = box.Check(strings.NewReader("short"), 100, box.Caps{})
	require.Equal(t, media.RefusedTruncated, code(t, err))
}

type failing struct{ err error }

func (f failing) ReadAt([]byte, int64) (int, error) { return 0, f.err }

// FuzzCheck: whatever the bytes, there is an answer that is ours, soon.
func FuzzCheck(f *testing.F) {
	f.Add(film(video()))
	f.Add(append(ebml(0x1A45DFA3, nil), ebml(0x18538067, ebml(0x1F43B675, make([]byte, 9)))...))
	f.Add(riff("AVI ", 40))
	f.Add(picturePNG(8, 8))
	f.Add([]byte("#EXTM3U\n"))
	f.Fuzz(func(t *testing.T, content []byte) {
		counted := &counting{r: bytes.NewReader(content)}
		info, err := box.Check(counted, int64(len(content)), box.Caps{Boxes: 1000})
		if err == nil {
			require.NotEmpty(t, info.Format)
		} else {
			var refusal *media.Refusal
			require.ErrorAs(t, err, &refusal)
		}
		if info.Format != box.DOCX && !bytes.HasPrefix(content, []byte("PK")) {
			require.Less(t, counted.reads, 8000)
		}
	})
}

type counting struct {
	r     io.ReaderAt
	reads int
}

func (c *counting) ReadAt(p []byte, off int64) (int, error) {
	c.reads++
	return c.r.ReadAt(p, off)
}

func ebml(id uint32, body []byte) []byte {
	out := binary.BigEndian.AppendUint32(nil, id)
	for out[0] == 0 {
		out = out[1:]
	}
	return append(append(out, 0x40|byte(len(body)>>8), byte(len(body))), body...)
}

func riff(form string, size uint32) []byte {
	out := append([]byte("RIFF"), binary.LittleEndian.AppendUint32(nil, size)...)
	return append(append(out, form...), make([]byte, size-4)...)
}

func webp() []byte {
	out := append([]byte("RIFF"), binary.LittleEndian.AppendUint32(nil, 22)...)
	out = append(out, "WEBPVP8X\x0a\x00\x00\x00\x00\x00\x00\x00"...)
	return append(out, 63, 0, 0, 63, 0, 0)
}

func picturePNG(width, height uint32) []byte {
	chunk := func(name string, body []byte) []byte {
		return append(append(u32(uint32(len(body))), name...), append(body, 0, 0, 0, 0)...)
	}
	out := []byte("\x89PNG\r\n\x1a\n")
	out = append(out, chunk("IHDR", append(u32(width, height), 8, 2, 0, 0, 0))...)
	out = append(out, chunk("IDAT", make([]byte, 20))...)
	return append(out, chunk("IEND", nil)...)
}

func archive(t *testing.T, name string) []byte {
	t.Helper()
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	w, err := z.Create(name)
	require.NoError(t, err)
	_, err = w.Write([]byte("x"))
	require.NoError(t, err)
	require.NoError(t, z.Close())
	return out.Bytes()
}
