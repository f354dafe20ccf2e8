package bag

import (
	"archive/zip"
	"context"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"time"
)

// readTwice is up to which length a file is read once more for what stands before
// it in an archive. Beyond it the pause, in which a reader hears nothing, could be
// longer than a proxy waits, where files come from a slow store.
const readTwice = 128 << 20

// The form of our archives. Each file of one bears Mark, which no program keeps
// that packs anew: where it stands, every byte must be as WriteZIP writes it.
const (
	ArchiveMadeBy = 3 << 8 // on Unix; 20 is added, the version that all readers read
	ArchiveFlags  = 0x800  // names are UTF-8
	ArchiveMode   = 0o100644 << 16
	MarkName      = "CC"
	Mark          = MarkName + "\x02\x00b1" // a field of its own beside the name: its own name, its length, form 1 of a bag
)

// WriteZIP streams the bag as one archive with the folder root at its top, as the
// standard demands. Nothing is compressed, since videos and pictures do not get
// smaller, and nothing is kept in memory. Every file needs Open; one of up to
// 128 MB may be opened twice, so that its length and checksum stand before it and
// readers that see nothing but the stream can read it.
func (b *Bag) WriteZIP(ctx context.Context, w io.Writer, root string) error {
	if err := CheckPath(root); err != nil {
		return err
	}
	z := zip.NewWriter(w)
	for _, f := range b.Files {
		to, err := entry(ctx, z, root+"/"+f.Path, f)
		if err != nil {
			return fmt.Errorf("bag: %w", err)
		}
		if err := pour(ctx, to, f); err != nil {
			return fmt.Errorf("bag: %w", err)
		}
	}
	if err := z.Close(); err != nil {
		return fmt.Errorf("bag: %w", err)
	}
	return nil
}

func entry(ctx context.Context, z *zip.Writer, name string, f File) (io.Writer, error) {
	h := &zip.FileHeader{Name: name, CreatorVersion: ArchiveMadeBy, Flags: ArchiveFlags, Method: zip.Store, ExternalAttrs: ArchiveMode, Extra: []byte(Mark)}
	crc := f.crc
	if crc == nil && f.Bytes <= readTwice {
		sum, err := checksum(ctx, f)
		if err != nil {
			return nil, err
		}
		crc = &sum
	}
	when := f.When
	if when.Year() < 1980 { // before the beginning of archives' time
		when = time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	if crc == nil { // it follows the file
		h.Modified = when
		return z.CreateHeader(h)
	}
	// What CreateHeader would have set.
	h.CreatorVersion += 20
	h.ReaderVersion = 20
	h.CRC32, h.CompressedSize64, h.UncompressedSize64 = *crc, uint64(f.Bytes), uint64(f.Bytes)
	h.ModifiedDate = uint16(when.Day() + int(when.Month())<<5 + (when.Year()-1980)<<9) //nolint:staticcheck // CreateRaw looks at nothing else
	h.ModifiedTime = uint16(when.Second()/2 + when.Minute()<<5 + when.Hour()<<11)      //nolint:staticcheck // as above
	h.Extra = binary.LittleEndian.AppendUint32(append(h.Extra, "UT\x05\x00\x01"...), uint32(when.Unix()))
	return z.CreateRaw(h)
}

// checksum is what archives check a file by.
func checksum(ctx context.Context, f File) (sum uint32, err error) {
	from, err := f.Open(ctx)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", f.Path, err)
	}
	defer func() { _ = from.Close() }() // only read
	hash := crc32.NewIEEE()
	n, err := io.CopyBuffer(hash, io.LimitReader(from, f.Bytes+1), make([]byte, 256<<10))
	switch {
	case ctx.Err() != nil:
		return 0, ctx.Err()
	case err != nil:
		return 0, fmt.Errorf("%s: %w", f.Path, err)
	case n != f.Bytes:
		return 0, fmt.Errorf("%s: %d bytes or more, not %d", f.Path, n, f.Bytes)
	}
	return hash.Sum32(), nil
}
