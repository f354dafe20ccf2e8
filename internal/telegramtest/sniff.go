package telegramtest

import (
	"encoding/binary"
	"image"
	_ "image/gif" // dimensions of what people send
	_ "image/jpeg"
	_ "image/png"
	"io"
)

// facts are what Telegram's servers would read from a file.
type facts struct {
	width, height, duration int
	image                   string // jpeg, png, gif; "" = no picture
	mp4                     bool
	sound                   bool
}

func look(b *blob) facts {
	r, err := b.open()
	if err != nil {
		return facts{}
	}
	defer func() { _ = r.Close() }()
	if cfg, kind, err := image.DecodeConfig(r); err == nil {
		return facts{width: cfg.Width, height: cfg.Height, image: kind}
	}
	f := facts{}
	boxes(r.SectionReader, 0, b.size, func(kind string, from, to int64) {
		f.mp4 = f.mp4 || kind == "ftyp"
		if kind == "moov" {
			f.movie(r.SectionReader, from, to)
		}
	})
	return f
}

// boxes calls each for every box between from and to, with the bounds of what it holds.
func boxes(r io.ReaderAt, from, to int64, each func(kind string, from, to int64)) {
	for from+8 <= to {
		var head [16]byte
		if _, err := r.ReadAt(head[:8], from); err != nil {
			return
		}
		size, begin := int64(binary.BigEndian.Uint32(head[:4])), from+8
		switch size {
		case 0:
			size = to - from
		case 1:
			if _, err := r.ReadAt(head[8:], from+8); err != nil {
				return
			}
			size, begin = int64(binary.BigEndian.Uint64(head[8:])), from+16
		}
		if size < begin-from || size > to-from {
			return
		}
		each(string(head[4:8]), begin, from+size)
		from += size
	}
}

func (f *facts) movie(r io.ReaderAt, from, to int64) {
	boxes(r, from, to, func(kind string, from, to int64) {
		switch kind {
		case "mvhd":
			f.duration = movieSeconds(r, from)
		case "trak":
			f.track(r, from, to)
		}
	})
}

func movieSeconds(r io.ReaderAt, at int64) int {
	var b [32]byte
	if _, err := r.ReadAt(b[:], at); err != nil {
		return 0
	}
	scale, length := uint64(binary.BigEndian.Uint32(b[12:])), uint64(binary.BigEndian.Uint32(b[16:]))
	if b[0] == 1 {
		scale, length = uint64(binary.BigEndian.Uint32(b[20:])), binary.BigEndian.Uint64(b[24:])
	}
	if scale == 0 {
		return 0
	}
	return int(length / scale)
}

func (f *facts) track(r io.ReaderAt, from, to int64) {
	var width, height int
	var handler string
	boxes(r, from, to, func(kind string, from, to int64) {
		switch kind {
		case "tkhd":
			width, height = trackSize(r, from)
		case "mdia":
			boxes(r, from, to, func(kind string, from, _ int64) {
				var b [12]byte
				if kind == "hdlr" {
					if _, err := r.ReadAt(b[:], from); err == nil {
						handler = string(b[8:12])
					}
				}
			})
		}
	})
	switch handler {
	case "soun":
		f.sound = true
	case "vide":
		f.width, f.height = width, height
	}
}

// trackSize is the size after rotation.
func trackSize(r io.ReaderAt, at int64) (int, int) {
	var b [96]byte
	n, err := r.ReadAt(b[:], at)
	if err != nil && n < 84 {
		return 0, 0
	}
	matrix := 40
	if b[0] == 1 {
		matrix = 52
	}
	word := func(i int) int32 { return int32(binary.BigEndian.Uint32(b[matrix+4*i:])) }
	width, height := int(word(9)>>16), int(word(10)>>16)
	if word(0) == 0 && word(1) != 0 {
		return height, width
	}
	return width, height
}
