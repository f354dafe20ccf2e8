package box

import (
	"encoding/binary"

	"clipcase/media"
)

// walkRIFF follows the chunks of an AVI: the first, and behind it those of
// recordings over 1 GB. A size of 0 was never filled in by the recorder.
func walkRIFF(l *look, _ *Info) error {
	for at := int64(0); at+12 <= l.size; {
		if err := l.spend(); err != nil {
			return err
		}
		var head [12]byte
		if err := l.at(head[:], at); err != nil {
			return err
		}
		if string(head[:4]) != "RIFF" {
			return nil // what stands behind the last chunk is nobody's business
		}
		size := int64(binary.LittleEndian.Uint32(head[4:8]))
		if size == 0 {
			return nil
		}
		if at+8+size > l.size {
			return refuse(media.RefusedTruncated, "chunk at %d ends behind %d", at, l.size)
		}
		at += 8 + size + size&1
	}
	return nil
}
