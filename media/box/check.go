package box

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"clipcase/media"
)

// Format is what a file is by its bytes, whatever it is called.
type Format string

// The formats that are read. Everything else is refused.
const (
	MP4      Format = "mp4" // MP4, MOV, 3GP, M4A
	Matroska Format = "matroska"
	AVI      Format = "avi"
	MPEGTS   Format = "mpegts"
	MPEGPS   Format = "mpeg"
	FLV      Format = "flv"
	ASF      Format = "asf"
	Ogg      Format = "ogg"
	JPEG     Format = "jpeg"
	PNG      Format = "png"
	WebP     Format = "webp"
	GIF      Format = "gif"
	HEIC     Format = "heic"
	PDF      Format = "pdf"
	DOCX     Format = "docx"
	Text     Format = "txt"
)

// Info is what the outside tells.
type Info struct {
	Kind    media.Kind // video, image or document; a GIF is KindGIF
	Format  Format
	Demuxer string // name to force and to whitelist (-f, -format_whitelist); "" = not for ffmpeg (HEIC, documents)
}

// Caps bound what a file may claim. Zero fields take their defaults.
type Caps struct {
	Bytes   int64 // size of the file; default 2 GB (2·10⁹ would refuse what Telegram calls 2 GB: 2³¹)
	Index   int64 // bytes of an MP4's moov; default 64 MiB
	Samples int64 // samples over all tracks; default 5 million
	Streams int   // default 32
	Pixels  int64 // of a picture file; default 40 million
	Boxes   int   // headers looked at; default 400 000
}

func (c Caps) withDefaults() Caps {
	set := func(v *int64, d int64) {
		if *v <= 0 {
			*v = d
		}
	}
	set(&c.Bytes, 2<<30)
	set(&c.Index, 64<<20)
	set(&c.Samples, 5_000_000)
	set(&c.Pixels, 40_000_000)
	if c.Streams <= 0 {
		c.Streams = 32
	}
	if c.Boxes <= 0 {
		c.Boxes = 400_000
	}
	return c
}

// Check looks at a file of size bytes. It reads headers only, allocates no more
// than a few kilobytes whatever the file claims (documents of the zip kind: in
// proportion to their real size), and ends after Caps.Boxes headers. Errors are
// *media.Refusal, but for failures of r, which come wrapped as they are.
func Check(r io.ReaderAt, size int64, caps Caps) (Info, error) {
	caps = caps.withDefaults()
	if size <= 0 {
		return Info{}, refuse(media.RefusedEmpty, "no bytes")
	}
	if size > caps.Bytes {
		return Info{}, tooLarge(caps.Bytes, size)
	}
	l := &look{r: r, size: size, caps: caps, left: caps.Boxes}
	head, err := l.head(headBytes)
	if err != nil {
		return Info{}, err
	}
	info, walk, err := recognise(head)
	if err != nil {
		return Info{}, err
	}
	if walk != nil {
		if err := walk(l, &info); err != nil {
			return Info{}, err
		}
	}
	return info, nil
}

// headBytes are read to recognise the format: enough for five packets of the
// larger transport stream and for the start of a playlist.
const headBytes = 4096

// look is one file under examination.
type look struct {
	r    io.ReaderAt
	size int64
	caps Caps
	left int // headers that may still be read
	deep int // containers entered and not left yet
}

// mostDeep is how many boxes may lie in each other. Films need five.
const mostDeep = 16

// within walks what lies in a container. A stack of containers in themselves, as
// deep as the file is long, is not ours to climb down.
func (l *look) within(walk func() error) error {
	if l.deep == mostDeep {
		return refuse(media.RefusedTooComplex, "more than %d boxes in each other", mostDeep)
	}
	l.deep++
	defer func() { l.deep-- }()
	return walk()
}

// head is the first n bytes, fewer in a shorter file.
func (l *look) head(n int64) ([]byte, error) {
	buf := make([]byte, min(n, l.size))
	return buf, l.at(buf, 0)
}

// at fills buf from offset on; an end of file is the file's fault only where
// the caller asked inside l.size, which means the file shrank under us.
func (l *look) at(buf []byte, offset int64) error {
	n, err := l.r.ReadAt(buf, offset)
	if n == len(buf) {
		return nil
	}
	if errors.Is(err, io.EOF) {
		return refuse(media.RefusedTruncated, "ends at %d", offset+int64(n))
	}
	return fmt.Errorf("look at file: %w", err)
}

// spend counts one header; a file that has more than allowed is not ours to walk.
func (l *look) spend() error {
	if l.left--; l.left < 0 {
		return refuse(media.RefusedTooComplex, "more than %d boxes", l.caps.Boxes)
	}
	return nil
}

func refuse(code media.Code, format string, args ...any) *media.Refusal {
	return &media.Refusal{Code: code, Err: fmt.Errorf(format, args...)}
}

func tooLarge(limit, actual int64) *media.Refusal {
	r := refuse(media.RefusedTooLarge, "%d bytes", actual)
	r.Args = map[string]any{"limit": limit, "actual": actual}
	return r
}

type walker func(*look, *Info) error

// recognise decides by the first bytes alone.
func recognise(head []byte) (Info, walker, error) {
	for _, m := range magics() {
		if len(head) >= m.offset+len(m.bytes) && bytes.Equal(head[m.offset:m.offset+len(m.bytes)], m.bytes) {
			return m.info, m.walk, m.refusal()
		}
	}
	if isTransport(head) {
		return Info{Kind: media.KindVideo, Format: MPEGTS, Demuxer: "mpegts"}, nil, nil
	}
	if isBox(head) {
		return Info{Kind: media.KindVideo, Format: MP4, Demuxer: "mov"}, walkMP4, nil
	}
	return recogniseText(head)
}
