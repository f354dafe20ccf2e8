package verify

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"io"
	"slices"
	"strings"

	"clipcase/flows/dossier/bag"
)

// Some programs read an archive's list of files, some read what stands before each
// file, as it comes. frame demands that both find the same files: that before each
// stands what the list says, that one follows the other from the first byte to the
// list, and that nothing else is in the archive. What differs is told as a fault:
// the files themselves can still be held against the manifests.
func (s *source) frame(f io.ReaderAt, d directory) error {
	raw := make([]byte, d.length)
	if _, err := f.ReadAt(raw, d.start); err != nil && d.length > 0 {
		return err
	}
	lines := parseLines(raw)
	ours := slices.ContainsFunc(lines, func(l line) bool { return field(l.extra, bag.MarkName) != nil })
	s.ending(d, ours)
	if ours && !slices.IsSortedFunc(lines, byPlace) {
		s.fault("the list of files is in another order than the files")
	}
	slices.SortStableFunc(lines, byPlace)
	at := uint64(0)
	for i, l := range lines {
		end := uint64(d.start)
		if i+1 < len(lines) {
			end = lines[i+1].offset
		}
		if l.offset != at || end > uint64(d.start) || end < l.offset {
			s.fault("%q: it does not begin where the one before ends", l.name)
			return nil // where anything is, is not known any more
		}
		if ours && !l.canonical() {
			s.fault("%q: the list of files is not as it was written", l.name)
		}
		if why, err := l.before(f, end, ours); err != nil {
			return err
		} else if why != "" {
			s.fault("%q: %s", l.name, why)
		}
		at = end
	}
	if at != uint64(d.start) {
		s.fault("there is something before the list of files")
	}
	return nil
}

// ending checks the records at the end: they tell of one archive in one piece, and
// nothing follows them.
func (s *source) ending(d directory, ours bool) {
	end := d.tail
	if len(end) != endLength || !bytes.Equal(end[20:22], []byte{0, 0}) {
		s.fault("something follows the archive")
	}
	want := make([]byte, 0, endLength)
	want = append(want, "PK\x05\x06\x00\x00\x00\x00"...)
	if d.long == nil {
		want = binary.LittleEndian.AppendUint16(want, uint16(d.records))
		want = binary.LittleEndian.AppendUint16(want, uint16(d.records))
		want = binary.LittleEndian.AppendUint32(want, uint32(d.length))
		want = binary.LittleEndian.AppendUint32(want, uint32(d.start))
	} else {
		want = append(want, bytes.Repeat([]byte{0xff}, 12)...)
	}
	if !bytes.HasPrefix(end, want) && (d.long == nil || ours) || !bytes.HasPrefix(end, want[:8]) {
		s.fault("its last record says something else than it is")
	}
	if d.long == nil {
		return
	}
	long := d.long
	tells := func(at int) uint64 { return binary.LittleEndian.Uint64(long[at:]) }
	zero := bytes.Equal(long[16:24], make([]byte, 8)) // parts of an archive
	if !zero || tells(4) != end64Length-12 || tells(24) != d.records || tells(32) != d.records || uint64(d.end) != tells(end64Length+8) ||
		ours && string(long[12:16]) != "\x2d\x00\x2d\x00" {
		s.fault("its long record says something else than it is")
	}
}

// line is one line of the list of files.
type line struct {
	head             []byte // recordLength bytes
	name             string
	extra            []byte
	packed, unpacked uint64
	offset           uint64
}

func byPlace(a, b line) int { return cmp.Compare(a.offset, b.offset) }

// parseLines reads what countRecords has found to be whole lines.
func parseLines(raw []byte) []line {
	var lines []line
	for len(raw) > 0 {
		l := line{head: raw[:recordLength]}
		name, extra, comment := int(l.two(28)), int(l.two(30)), int(l.two(32))
		l.name, l.extra = string(raw[recordLength:recordLength+name]), raw[recordLength+name:recordLength+name+extra]
		l.packed, l.unpacked, l.offset = uint64(l.four(20)), uint64(l.four(24)), uint64(l.four(42))
		// Whatever does not fit stands in a longer field, in this order.
		long := field(l.extra, "\x01\x00")
		for _, of := range []*uint64{&l.unpacked, &l.packed, &l.offset} {
			if *of == many32 && len(long) >= 8 {
				*of, long = binary.LittleEndian.Uint64(long), long[8:]
			}
		}
		lines, raw = append(lines, l), raw[recordLength+name+extra+comment:]
	}
	return lines
}

func (l line) two(at int) uint16  { return binary.LittleEndian.Uint16(l.head[at:]) }
func (l line) four(at int) uint32 { return binary.LittleEndian.Uint32(l.head[at:]) }
func (l line) follows() bool      { return l.two(8)&8 != 0 } // lengths and checksum stand after the file

// fields that may stand beside a name: long lengths, times, owners, Java's mark and
// ours. Others have names that some programs take instead, or links.
const fields = "\x01\x00\x0a\x00UTUXUxux\xfe\xca" + bag.MarkName

// eachField calls see with the fields of extra; false = they are not well formed.
func eachField(extra []byte, see func(name string, content []byte)) bool {
	for len(extra) >= 4 {
		n := 4 + int(binary.LittleEndian.Uint16(extra[2:]))
		if n > len(extra) {
			return false
		}
		see(string(extra[:2]), extra[4:n])
		extra = extra[n:]
	}
	return len(extra) == 0
}

func field(extra []byte, name string) (content []byte) {
	eachField(extra, func(n string, c []byte) {
		if n == name && content == nil {
			content = c
		}
	})
	return content
}

// harmless says that nothing beside a name makes it another one.
func harmless(extra []byte) bool {
	ok := true
	whole := eachField(extra, func(name string, _ []byte) {
		at := strings.Index(fields, name)
		ok = ok && at >= 0 && at%2 == 0
	})
	return whole && ok
}

// canonical says whether a line is as bag.WriteZIP writes it, but for the length,
// checksum and time of its file.
func (l line) canonical() bool {
	extra := bag.Mark + "UT\x05\x00\x01"
	rest, ok := strings.CutPrefix(string(l.extra), extra)
	if !ok || len(rest) < 4 {
		return false
	}
	rest = rest[4:]
	if l.four(20) == many32 { // then all three stand in the longer field
		ok = len(rest) == 28 && rest[:4] == "\x01\x00\x18\x00" && l.packed == l.unpacked
	} else {
		ok = rest == "" && l.four(20) == l.four(24)
	}
	return ok && l.two(4) == bag.ArchiveMadeBy+20 && l.two(6) == 20 && l.two(8)&^8 == bag.ArchiveFlags && l.two(10) == 0 &&
		bytes.Equal(l.head[32:38], make([]byte, 6)) && l.four(38) == bag.ArchiveMode
}
