package box

import (
	"encoding/binary"

	"clipcase/media"
)

// track is what the tables of one track claim.
type track struct {
	handler string
	samples int64
	fixed   bool // every sample has one size: the count is not backed by bytes
	runs    uint32
	delta   uint32 // of the first run of the time table
}

// plainSound is uncompressed sound, where every value is a sample: tools find
// it by chunk and never build a list of samples.
func (t track) plainSound() bool {
	return t.handler == "soun" && t.fixed && t.runs == 1 && t.delta == 1
}

func (t *track) children(l *look, parent box) error {
	for at := parent.body; at+8 <= parent.end; {
		b, err := l.box(at, parent.end)
		if err != nil {
			return asBroken(err)
		}
		switch b.name {
		case "minf", "stbl":
			err = l.within(func() error { return t.children(l, b) })
		case "hdlr":
			err = t.hdlr(l, b)
		case "stsz":
			err = t.stsz(l, b)
		case "stts":
			err = t.stts(l, b)
		case "stsc":
			err = entries(l, b, 12)
		case "stco", "stss":
			err = entries(l, b, 4)
		case "co64", "ctts":
			err = entries(l, b, 8)
		}
		if err != nil {
			return err
		}
		at = b.end
	}
	return nil
}

// hdlr: the first one is the media's; a later one in minf is QuickTime's data handler.
func (t *track) hdlr(l *look, b box) error {
	word, err := l.uint32(b, 8)
	if err == nil && t.handler == "" {
		t.handler = string(binary.BigEndian.AppendUint32(nil, word))
	}
	return err
}

func (t *track) stsz(l *look, b box) error {
	size, err := l.uint32(b, 4)
	if err != nil {
		return err
	}
	count, err := l.uint32(b, 8)
	if err != nil {
		return err
	}
	t.fixed = size != 0
	if !t.fixed && int64(count)*4 > b.end-b.body-12 {
		return refuse(media.RefusedUnreadable, "stsz claims %d samples in %d bytes", count, b.end-b.body)
	}
	t.samples += int64(count)
	return nil
}

// stts must be as long as it says; its shape tells plain sound from the rest.
func (t *track) stts(l *look, b box) error {
	if err := entries(l, b, 8); err != nil {
		return err
	}
	runs, err := l.uint32(b, 4)
	if err != nil || runs == 0 {
		return err
	}
	t.runs = runs
	t.delta, err = l.uint32(b, 12)
	return err
}

// entries checks a table that begins with its number of entries.
func entries(l *look, b box, width int64) error {
	count, err := l.uint32(b, 4)
	if err != nil {
		return err
	}
	if int64(count)*width > b.end-b.body-8 {
		return refuse(media.RefusedUnreadable, "%s claims %d entries in %d bytes", b.name, count, b.end-b.body)
	}
	return nil
}
