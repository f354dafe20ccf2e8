package box

import "clipcase/media"

// IDs of the elements that matter, with their length marker.
const (
	idSegment = 0x18538067
	idCluster = 0x1F43B675
)

// walkMatroska follows the elements of the segment; an unknown size (recorders
// that stream) ends what can be said here.
func walkMatroska(l *look, _ *Info) error {
	head, err := l.element(0, l.size)
	if err != nil {
		return err
	}
	at := head.end
	for at < l.size {
		e, err := l.element(at, l.size)
		if err != nil {
			return err
		}
		if e.id == idSegment {
			return l.segment(e)
		}
		at = e.end
	}
	return refuse(media.RefusedTruncated, "no segment")
}

func (l *look) segment(seg element) error {
	clusters := 0
	for at := seg.body; at < seg.end; {
		e, err := l.element(at, seg.end)
		if err != nil {
			return err
		}
		if e.id == idCluster {
			clusters++
		}
		if e.open {
			return nil
		}
		at = e.end
	}
	if clusters == 0 {
		return refuse(media.RefusedTooShort, "no cluster")
	}
	return nil
}

// element is one EBML element: its body lies at [body, end).
type element struct {
	id        uint32
	body, end int64
	open      bool // its size is unknown
}

func (l *look) element(at, end int64) (element, error) {
	if err := l.spend(); err != nil {
		return element{}, err
	}
	var buf [12]byte
	n := min(int64(len(buf)), l.size-at)
	if n <= 0 {
		return element{}, refuse(media.RefusedTruncated, "no element at %d", at)
	}
	if err := l.at(buf[:n], at); err != nil {
		return element{}, err
	}
	id, idLen := vint(buf[:n], false)
	if idLen == 0 || idLen > 4 {
		return element{}, refuse(media.RefusedUnreadable, "no element at %d", at)
	}
	size, sizeLen := vint(buf[idLen:n], true)
	if sizeLen == 0 {
		return element{}, refuse(media.RefusedTruncated, "element at %d has no size", at)
	}
	e := element{id: uint32(id), body: at + int64(idLen+sizeLen)}
	if size == 1<<(7*sizeLen)-1 {
		e.open, e.end = true, end
		return e, nil
	}
	if size > uint64(end-e.body) || e.body > end {
		return element{}, refuse(media.RefusedTruncated, "element at %d ends behind %d", at, end)
	}
	e.end = e.body + int64(size)
	return e, nil
}

// vint reads a number whose first byte tells its length; length 0 = unreadable.
func vint(b []byte, strip bool) (uint64, int) {
	if len(b) == 0 || b[0] == 0 {
		return 0, 0
	}
	length := 1
	for mask := byte(0x80); b[0]&mask == 0; mask >>= 1 {
		length++
	}
	if length > len(b) {
		return 0, 0
	}
	v := uint64(b[0])
	if strip {
		v &= 1<<(8-length) - 1
	}
	for _, c := range b[1:length] {
		v = v<<8 | uint64(c)
	}
	return v, length
}
