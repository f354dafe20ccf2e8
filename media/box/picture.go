package box

import (
	"encoding/binary"

	"clipcase/media"
)

// pixels refuses a picture that would fill the memory when decoded.
func (l *look) pixels(width, height int64) error {
	if width <= 0 || height <= 0 {
		return refuse(media.RefusedUnreadable, "%d × %d pixels", width, height)
	}
	if width*height > l.caps.Pixels {
		return media.TooManyPixels(width, height, l.caps.Pixels)
	}
	return nil
}

// short reads n bytes at a place; a file that ends before is cut off.
func (l *look) short(at, n int64) ([]byte, error) {
	if at+n > l.size {
		return nil, refuse(media.RefusedTruncated, "ends at %d", l.size)
	}
	buf := make([]byte, n)
	return buf, l.at(buf, at)
}

func walkGIF(l *look, _ *Info) error {
	b, err := l.short(6, 4)
	if err != nil {
		return err
	}
	return l.pixels(int64(binary.LittleEndian.Uint16(b)), int64(binary.LittleEndian.Uint16(b[2:])))
}

// walkPNG reads the size and follows the chunks to the end mark.
func walkPNG(l *look, _ *Info) error {
	b, err := l.short(16, 8)
	if err != nil {
		return err
	}
	if err := l.pixels(int64(binary.BigEndian.Uint32(b)), int64(binary.BigEndian.Uint32(b[4:]))); err != nil {
		return err
	}
	for at := int64(8); ; {
		if err := l.spend(); err != nil {
			return err
		}
		head, err := l.short(at, 8)
		if err != nil {
			return err
		}
		at += 12 + int64(binary.BigEndian.Uint32(head))
		if at > l.size {
			return refuse(media.RefusedTruncated, "chunk ends at %d", at)
		}
		if string(head[4:]) == "IEND" {
			return nil
		}
	}
}

// walkJPEG follows the markers to the one with the size. What stands behind the
// pictures is not looked at: phones hang films and notes there.
func walkJPEG(l *look, _ *Info) error {
	for at := int64(2); ; {
		if err := l.spend(); err != nil {
			return err
		}
		m, err := l.short(at, 4)
		if err != nil {
			return err
		}
		switch {
		case m[0] != 0xff:
			return refuse(media.RefusedUnreadable, "no marker at %d", at)
		case m[1] == 0xff: // fill
			at++
			continue
		case m[1] == 0xda || m[1] == 0xd9:
			return refuse(media.RefusedUnreadable, "no size before the picture")
		case m[1] >= 0xc0 && m[1] <= 0xcf && m[1] != 0xc4 && m[1] != 0xc8 && m[1] != 0xcc:
			size, err := l.short(at+5, 4)
			if err != nil {
				return err
			}
			return l.pixels(int64(binary.BigEndian.Uint16(size[2:])), int64(binary.BigEndian.Uint16(size)))
		}
		at += 2 + int64(binary.BigEndian.Uint16(m[2:]))
	}
}

// walkWebP reads the canvas from whichever of the three first chunks there is.
func walkWebP(l *look, _ *Info) error {
	b, err := l.short(0, 30)
	if err != nil {
		return err
	}
	if int64(binary.LittleEndian.Uint32(b[4:]))+8 > l.size {
		return refuse(media.RefusedTruncated, "chunk ends behind %d", l.size)
	}
	u16 := binary.LittleEndian.Uint16
	switch string(b[12:16]) {
	case "VP8 ":
		return l.pixels(int64(u16(b[26:])&0x3fff), int64(u16(b[28:])&0x3fff))
	case "VP8L":
		bits := int64(binary.LittleEndian.Uint32(b[21:]))
		return l.pixels(bits&0x3fff+1, bits>>14&0x3fff+1)
	case "VP8X":
		u24 := func(b []byte) int64 { return int64(b[0]) | int64(b[1])<<8 | int64(b[2])<<16 }
		return l.pixels(u24(b[24:])+1, u24(b[27:])+1)
	}
	return refuse(media.RefusedUnreadable, "chunk %q", b[12:16])
}
