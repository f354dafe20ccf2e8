package box

import (
	"encoding/binary"
	"errors"
	"math"

	"clipcase/media"
)

// box is one MP4 box: its body lies at [body, end).
type box struct {
	name      string
	body, end int64
}

// mp4 is what the walk has seen.
type mp4 struct {
	moov, data      bool
	tracks          int
	pictures, sound int
	samples         int64
}

// walkMP4 follows the boxes of the file to its last byte.
func walkMP4(l *look, info *Info) error {
	if done, err := heif(l, info); done || err != nil {
		return err
	}
	var seen mp4
	for at := int64(0); at < l.size; {
		b, err := l.box(at, l.size)
		if err != nil {
			if seen.moov && seen.data && trailing(err) {
				break // something a phone hung behind a file that is whole
			}
			return asTruncated(err)
		}
		switch b.name {
		case "moov":
			if b.end-at > l.caps.Index {
				return refuse(media.RefusedTooComplex, "index of %d bytes", b.end-at)
			}
			seen.moov = true
			err = seen.children(l, b)
		case "moof":
			err = seen.children(l, b)
		case "mdat":
			seen.data = true
		}
		if err != nil {
			return err
		}
		at = b.end
	}
	switch {
	case !seen.moov:
		return refuse(media.RefusedNoIndex, "no moov")
	case seen.tracks > l.caps.Streams:
		return refuse(media.RefusedTooComplex, "%d tracks", seen.tracks)
	case seen.pictures == 0 && seen.sound > 0:
		return refuse(media.RefusedAudioOnly, "%d sound tracks", seen.sound)
	}
	return nil
}

// boxError is the refusal for a box that ends behind its parent; garbage if its
// name is none that must be whole.
type boxError struct {
	*media.Refusal
	garbage bool
}

func (e boxError) Unwrap() error { return e.Refusal }

func trailing(err error) bool {
	var e boxError
	return errors.As(err, &e) && e.garbage
}

func asTruncated(err error) error {
	var e boxError
	if errors.As(err, &e) {
		return e.Refusal
	}
	return err
}

// box reads the header at a place inside a parent that ends at end.
func (l *look) box(at, end int64) (box, error) {
	if err := l.spend(); err != nil {
		return box{}, err
	}
	beyond := func(name string) error {
		known := name == "moov" || name == "mdat" || name == "moof" || name == "ftyp"
		return boxError{refuse(media.RefusedTruncated, "box at %d ends behind %d", at, end), !known}
	}
	if end-at < 8 {
		return box{}, beyond("")
	}
	var head [16]byte
	if err := l.at(head[:8], at); err != nil {
		return box{}, err
	}
	b := box{name: string(head[4:8]), body: at + 8}
	size := int64(binary.BigEndian.Uint32(head[:4]))
	switch size {
	case 0: // to the end of the file
		b.end = end
		if b.name == "\x00\x00\x00\x00" {
			return box{}, beyond("")
		}
		return b, nil
	case 1:
		if end-at < 16 {
			return box{}, beyond(b.name)
		}
		if err := l.at(head[8:], at+8); err != nil {
			return box{}, err
		}
		wide := binary.BigEndian.Uint64(head[8:])
		if wide > math.MaxInt64/2 {
			return box{}, beyond(b.name)
		}
		b.body, size = at+16, int64(wide)
	}
	b.end = at + size
	if b.end < b.body || b.end > end {
		return box{}, beyond(b.name)
	}
	return b, nil
}

// children walks a container; only the containers that lead to the tables are
// entered.
func (m *mp4) children(l *look, parent box) error {
	var t track
	for at := parent.body; at+8 <= parent.end; {
		b, err := l.box(at, parent.end)
		if err != nil {
			return asBroken(err)
		}
		switch b.name {
		case "cmov":
			return refuse(media.RefusedTooComplex, "compressed index")
		case "rmra":
			return refuse(media.RefusedPlaylist, "reference movie")
		case "trak":
			m.tracks++
			err = l.within(func() error { return m.children(l, b) })
		case "traf":
			err = l.within(func() error { return m.children(l, b) })
		case "mdia", "minf", "stbl":
			err = l.within(func() error { return t.children(l, b) })
		case "trun":
			err = m.run(l, b)
		}
		if err != nil {
			return err
		}
		at = b.end
	}
	return m.add(l, t)
}

// run counts the samples of one fragment: a header of 16 bytes may claim 2³².
func (m *mp4) run(l *look, b box) error {
	count, err := l.uint32(b, 4)
	if err != nil {
		return err
	}
	m.samples += int64(count)
	return m.enough(l)
}

func (m *mp4) add(l *look, t track) error {
	switch t.handler {
	case "vide":
		m.pictures++
	case "soun":
		m.sound++
	}
	if t.plainSound() {
		return nil // found by chunk, never expanded
	}
	m.samples += t.samples
	return m.enough(l)
}

func (m *mp4) enough(l *look) error {
	if m.samples > l.caps.Samples {
		return refuse(media.RefusedTooComplex, "%d samples", m.samples)
	}
	return nil
}

// uint32 reads a number at an offset in the body.
func (l *look) uint32(b box, offset int64) (uint32, error) {
	if b.end-b.body < offset+4 {
		return 0, refuse(media.RefusedUnreadable, "%s of %d bytes", b.name, b.end-b.body)
	}
	var buf [4]byte
	if err := l.at(buf[:], b.body+offset); err != nil {
		return 0, err
	}
	return binary.BigEndian.Uint32(buf[:]), nil
}

// asBroken: inside the index a box that overruns is not a cut but a lie.
func asBroken(err error) error {
	var e boxError
	if errors.As(err, &e) {
		return &media.Refusal{Code: media.RefusedUnreadable, Err: e.Err}
	}
	return err
}
