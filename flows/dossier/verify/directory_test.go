package verify_test

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"clipcase/flows/dossier/verify"
)

// line is one line of a list of files.
func line(name string) []byte {
	out := append([]byte("PK\x01\x02"), make([]byte, 42)...)
	binary.LittleEndian.PutUint16(out[28:], uint16(len(name)))
	return append(out, name...)
}

// end is the record at an archive's end.
func end(records uint16, length, offset uint32) []byte {
	out := append([]byte("PK\x05\x06"), make([]byte, 18)...)
	binary.LittleEndian.PutUint16(out[8:], records)
	binary.LittleEndian.PutUint16(out[10:], records)
	binary.LittleEndian.PutUint32(out[12:], length)
	binary.LittleEndian.PutUint32(out[16:], offset)
	return out
}

// long is the record for archives with much in them, and its locator; it stands at at.
func long(records, length, offset, at uint64) []byte {
	out := append([]byte("PK\x06\x06"), make([]byte, 52)...)
	binary.LittleEndian.PutUint64(out[4:], 44)
	binary.LittleEndian.PutUint16(out[12:], 45)
	binary.LittleEndian.PutUint16(out[14:], 45)
	binary.LittleEndian.PutUint64(out[24:], records)
	binary.LittleEndian.PutUint64(out[32:], records)
	binary.LittleEndian.PutUint64(out[40:], length)
	binary.LittleEndian.PutUint64(out[48:], offset)
	locator := append([]byte("PK\x06\x07"), make([]byte, 16)...)
	binary.LittleEndian.PutUint64(locator[8:], at)
	binary.LittleEndian.PutUint32(locator[16:], 1)
	return append(out, locator...)
}

// Whatever an archive says of its list of files, no more of it is read into
// memory than is allowed.
func TestListsOfFilesHaveABound(t *testing.T) {
	t.Parallel()
	one := line("a")
	n := uint32(len(one))
	all := bytes.Repeat(one, 1<<16+1)
	for name, test := range map[string]struct {
		content []byte
		why     string
	}{
		"long list":                  {end(1, 1<<30, 0), "a list of 1 files, 1073741824 bytes"},
		"many files":                 {end(60_000, 0, 0), ""}, // fewer than allowed, but they are not there
		"more lines than it says":    {append(bytes.Clone(all), end(1, uint32(len(all)), 0)...), "lines it says"},
		"lines before and after":     {append(append(bytes.Clone(all), one...), end(2, 2*n, 0)...), "does not end where it says"},
		"the list is elsewhere":      {append(append(make([]byte, 10), one...), end(1, n, 0)...), "does not end where it says"},
		"a locator nobody looks at":  {append(append(append(bytes.Clone(all), one...), long(1, uint64(n), uint64(len(all)), uint64(len(all))+uint64(n))...), end(2, uint32(len(all)), 0)...), "does not end where it says"},
		"long record, long list":     {append(long(1, 1<<40, 0, 0), end(1<<16-1, 0, 1<<32-1)...), "1099511627776 bytes"},
		"long record, too many":      {append(long(1<<40, 0, 0, 0), end(1<<16-1, 0, 1<<32-1)...), "a list of 1099511627776 files"},
		"long record outside":        {append(long(1, 0, 0, 1<<50), end(1<<16-1, 0, 1<<32-1)...), "lies outside"},
		"long record that is none":   {append(long(1, 0, 0, 20), end(1<<16-1, 0, 1<<32-1)...), "no list of files"},
		"a line that runs on":        {append(append(bytes.Clone(one[:46]), 0), end(1, 46, 0)...), "does not end where it says"},
		"a line that swallows more":  {append(bytes.Clone(one[:46]), end(1, 46, 0)...), "is cut off"},
		"length of the other record": {append(bytes.Clone(all), end(1<<16-1, uint32(len(all)), 0)...), "lines it says"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "x.zip")
			require.NoError(t, os.WriteFile(path, test.content, 0o600))
			_, err := verify.Run(t.Context(), path, verify.Options{})
			require.ErrorIs(t, err, verify.ErrNotBag)
			require.ErrorContains(t, err, test.why)
		})
	}
}

// An archive with the long record is read like any other.
func TestLongRecordsAreRead(t *testing.T) {
	t.Parallel()
	raw := zipped(t)
	at := len(raw) - 22
	records, length, offset := binary.LittleEndian.Uint16(raw[at+10:]), binary.LittleEndian.Uint32(raw[at+12:]), binary.LittleEndian.Uint32(raw[at+16:])
	raw = append(append(raw[:at:at], long(uint64(records), uint64(length), uint64(offset), uint64(at))...), end(1<<16-1, 1<<32-1, 1<<32-1)...)
	r := check(t, stored(t, raw))
	require.True(t, r.OK, "%+v", r)
	flips(t, raw, at, len(raw))
}
