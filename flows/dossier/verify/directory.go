package verify

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// Bounds on an archive's list of files, which a reader holds in memory.
const (
	maxDirectory = 32 << 20     // bytes
	maxRecords   = 2 * maxFiles // files and folders
)

// Lengths of what ends an archive: the records, and the comment after them.
const (
	endLength       = 22
	end64Length     = 56
	locatorLength   = 20
	recordLength    = 46 // of a line in the list, without name, extra and comment
	maxComment      = 1<<16 - 1
	many16, many32  = 1<<16 - 1, 1<<32 - 1 // "see the longer record"
	signatureRecord = "PK\x01\x02"
)

// directory is where an archive's list of files stands, and what tells of it.
type directory struct {
	start, length int64
	records       uint64
	end           int64  // where the list must end
	tail          []byte // the record at the archive's end, with what follows it
	long          []byte // the record for archives with much in them, with its locator; nil = there is none
}

// checkDirectory bounds the list of files before anything reads it into memory.
// archive/zip does not stop where the list ends but at the first line that is
// none, so the list must end exactly where the record begins that tells of it,
// and is counted here. Which record that is, is decided as archive/zip does.
func checkDirectory(f io.ReaderAt, size int64) (directory, error) {
	tail := make([]byte, min(size, endLength+maxComment))
	if _, err := f.ReadAt(tail, size-int64(len(tail))); err != nil && !errors.Is(err, io.EOF) {
		return directory{}, err
	}
	at := bytes.LastIndex(tail, []byte("PK\x05\x06"))
	if at < 0 || len(tail)-at < endLength {
		return directory{}, fmt.Errorf("%w: no archive", ErrNotBag)
	}
	records := uint64(binary.LittleEndian.Uint16(tail[at+10:]))
	length, offset := uint64(binary.LittleEndian.Uint32(tail[at+12:])), uint64(binary.LittleEndian.Uint32(tail[at+16:]))
	end := size - int64(len(tail)-at)
	var long []byte
	if records == many16 || length == many16 || offset == many32 {
		var where int64
		var err error
		long, where, err = longRecord(f, end)
		switch {
		case err != nil:
			return directory{}, err
		case long != nil:
			records, length, offset = binary.LittleEndian.Uint64(long[32:]), binary.LittleEndian.Uint64(long[40:]), binary.LittleEndian.Uint64(long[48:])
			end = where
		}
	}
	if length > maxDirectory || records > maxRecords {
		return directory{}, fmt.Errorf("%w: a list of %d files, %d bytes", ErrNotBag, records, length)
	}
	if offset > uint64(end) || offset+length != uint64(end) {
		return directory{}, fmt.Errorf("%w: the list of files does not end where it says", ErrNotBag)
	}
	if err := countRecords(io.NewSectionReader(f, int64(offset), int64(length)), records); err != nil {
		return directory{}, err
	}
	return directory{start: int64(offset), length: int64(length), records: records, end: end, tail: tail[at:], long: long}, nil
}

// longRecord reads the record for archives with much in them, if the one at end
// has a locator of it before; nil = it has none.
func longRecord(f io.ReaderAt, end int64) (record []byte, where int64, err error) {
	if end < locatorLength {
		return nil, 0, nil
	}
	locator := make([]byte, locatorLength)
	if _, err := f.ReadAt(locator, end-locatorLength); err != nil {
		return nil, 0, err
	}
	if !bytes.HasPrefix(locator, []byte("PK\x06\x07")) {
		return nil, 0, nil
	}
	disk, offset, disks := binary.LittleEndian.Uint32(locator[4:]), binary.LittleEndian.Uint64(locator[8:]), binary.LittleEndian.Uint32(locator[16:])
	if disk != 0 || disks != 1 || offset > uint64(end) {
		return nil, 0, fmt.Errorf("%w: the list of files lies outside", ErrNotBag)
	}
	record = make([]byte, end64Length)
	if _, err := f.ReadAt(record, int64(offset)); err != nil || !bytes.HasPrefix(record, []byte("PK\x06\x06")) {
		return nil, 0, fmt.Errorf("%w: no list of files", ErrNotBag)
	}
	return append(record, locator...), int64(offset), nil
}

// countRecords demands that the list is want lines and nothing else.
func countRecords(list *io.SectionReader, want uint64) error {
	in := bufio.NewReader(list)
	left := list.Size()
	count := uint64(0)
	for ; left > 0 && count < want; count++ {
		var head [recordLength]byte
		if _, err := io.ReadFull(in, head[:]); err != nil || string(head[:4]) != signatureRecord {
			return fmt.Errorf("%w: line %d of the list of files is none", ErrNotBag, count+1)
		}
		rest := 0
		for _, at := range []int{28, 30, 32} { // name, extra, comment
			rest += int(binary.LittleEndian.Uint16(head[at:]))
		}
		if _, err := in.Discard(rest); err != nil {
			return fmt.Errorf("%w: line %d of the list of files is cut off", ErrNotBag, count+1)
		}
		left -= int64(recordLength + rest)
	}
	if left != 0 || count != want {
		return fmt.Errorf("%w: the list of files has not the %d lines it says", ErrNotBag, want)
	}
	return nil
}
