package verify

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
)

// localLength is what stands before a file, without its name and fields.
const localLength = 30

// before says what differs between a line of the list and what stands before and
// after its file, which ends where the next begins; "" = nothing does.
func (l line) before(f io.ReaderAt, end uint64, ours bool) (why string, err error) {
	if !harmless(l.extra) {
		return "something beside its name that is not read", nil
	}
	if l.two(32) != 0 || l.two(34) != 0 {
		return "a comment, or another archive it lies in", nil
	}
	head := make([]byte, localLength)
	if _, err := f.ReadAt(head, int64(l.offset)); err != nil && !errors.Is(err, io.EOF) {
		return "", err
	}
	if !bytes.HasPrefix(head, []byte("PK\x03\x04")) {
		return "it is not where the list of files says", nil
	}
	rest := make([]byte, int(binary.LittleEndian.Uint16(head[26:]))+int(binary.LittleEndian.Uint16(head[28:])))
	if _, err := f.ReadAt(rest, int64(l.offset)+localLength); err != nil && !errors.Is(err, io.EOF) {
		return "", err
	}
	name, extra := rest[:binary.LittleEndian.Uint16(head[26:])], rest[binary.LittleEndian.Uint16(head[26:]):]
	switch {
	case string(name) != l.name:
		return "before it stands another name", nil
	case !bytes.Equal(head[6:14], l.head[8:16]): // flags, way of packing, time
		return "before it stands something else than in the list", nil
	case !harmless(extra):
		return "something beside its name that is not read", nil
	case ours && (!bytes.Equal(head[4:6], l.head[6:8]) || !bytes.HasPrefix(l.extra, extra) || len(extra) != len(l.extra) && l.four(20) != many32):
		return "before it is not as it was written", nil
	case !l.lengths(head, extra, ours):
		return "before it stands another length or checksum", nil
	}
	after := l.offset + localLength + uint64(len(rest)) + l.packed
	if after < l.offset || after > end {
		return "it reaches into the next", nil
	}
	return l.after(f, after, end)
}

// lengths compares those before a file with those in the list. Where they follow
// the file, what stands before may be nothing.
func (l line) lengths(head, extra []byte, ours bool) bool {
	packed, unpacked := uint64(binary.LittleEndian.Uint32(head[18:])), uint64(binary.LittleEndian.Uint32(head[22:]))
	long := field(extra, "\x01\x00")
	for _, of := range []*uint64{&unpacked, &packed} {
		if *of == many32 && len(long) >= 8 {
			*of, long = binary.LittleEndian.Uint64(long), long[8:]
		}
	}
	none := bytes.Equal(head[14:26], make([]byte, 12))
	same := bytes.Equal(head[14:18], l.head[16:20]) && packed == l.packed && unpacked == l.unpacked
	if l.follows() {
		// A writer that knows neither may still have made room for long ones.
		unknown := binary.LittleEndian.Uint32(head[14:]) == 0 && (packed == 0 || packed == many32) && (unpacked == 0 || unpacked == many32)
		return none || !ours && (same || unknown)
	}
	return same
}

// after demands that a file is followed by the next, or first by its checksum and
// lengths, in one of the four forms there are.
func (l line) after(f io.ReaderAt, at, end uint64) (why string, err error) {
	if !l.follows() {
		if at != end {
			return "something stands between it and the next", nil
		}
		return "", nil
	}
	short := bytes.Clone(l.head[16:20])
	long := binary.LittleEndian.AppendUint64(binary.LittleEndian.AppendUint64(bytes.Clone(short), l.packed), l.unpacked)
	short = binary.LittleEndian.AppendUint32(binary.LittleEndian.AppendUint32(short, uint32(l.packed)), uint32(l.unpacked))
	if end-at > 4+uint64(len(long)) {
		return "something stands between it and the next", nil
	}
	found := make([]byte, end-at)
	if _, err := f.ReadAt(found, int64(at)); err != nil && !errors.Is(err, io.EOF) {
		return "", err
	}
	found = bytes.TrimPrefix(found, []byte("PK\x07\x08"))
	if !bytes.Equal(found, short) && !bytes.Equal(found, long) {
		return "after it stands another length or checksum", nil
	}
	return "", nil
}
