package main

import (
	"archive/zip"
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"hash/crc32"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// What files are made of when they are not made by a tool.

// box is one MP4 box.
func box(name string, parts ...[]byte) []byte {
	body := bytes.Join(parts, nil)
	return append(binary.BigEndian.AppendUint32(nil, uint32(8+len(body))), append([]byte(name), body...)...)
}

func words32(values ...uint32) []byte {
	var out []byte
	for _, v := range values {
		out = binary.BigEndian.AppendUint32(out, v)
	}
	return out
}

// rebox changes the body of every box at a path ("moov/trak/mdia/mdhd") and
// mends the sizes above it. The index must stand behind the pictures, or their
// places would move.
func rebox(data []byte, path string, change func([]byte) []byte) []byte {
	first, rest, deeper := strings.Cut(path, "/")
	var out []byte
	for len(data) >= 8 {
		size := int(binary.BigEndian.Uint32(data))
		if size < 8 || size > len(data) {
			return append(out, data...)
		}
		name, body := string(data[4:8]), bytes.Clone(data[8:size])
		if name == first {
			if deeper {
				body = rebox(body, rest, change)
			} else {
				body = change(body)
			}
		}
		out = append(out, box(name, body)...)
		data = data[size:]
	}
	return append(out, data...)
}

// put writes numbers into a body from an offset on.
func put(at int, values ...uint32) func([]byte) []byte {
	return func(body []byte) []byte { copy(body[at:], words32(values...)); return body }
}

// instead gives another body.
func instead(parts ...[]byte) func([]byte) []byte {
	return func([]byte) []byte { return bytes.Join(parts, nil) }
}

const (
	table  = "moov/trak/mdia/minf/stbl/"
	linked = "moov/trak/mdia/minf/dinf/dref"
)

// reference is a table that says the pictures stand elsewhere.
func reference(kind, where string) []byte {
	return bytes.Join([][]byte{words32(0, 1), box(kind, words32(0), []byte(where), []byte{0})}, nil)
}

// flipped has bits turned by chance, always the same ones, behind the first few bytes.
func flipped(data []byte, from, to, bits int) []byte {
	out := bytes.Clone(data)
	random := rand.New(rand.NewPCG(uint64(len(data)), 5))
	for range bits {
		out[from+random.IntN(to-from)] ^= 1 << random.IntN(8)
	}
	return out
}

// vp9Size writes a picture size into the header of the first key picture: 2 bits
// mark, 2 profile, 1 shown again, 1 kind, 1 shown, 1 errors; 24 sync; 3 colours,
// 1 range; then 16 bits each less one.
func vp9Size(t *testing.T, data []byte, width, height uint32) []byte {
	t.Helper()
	sync := bytes.Index(data, []byte{0x49, 0x83, 0x42})
	require.Positive(t, sync)
	out := bytes.Clone(data)
	size := uint64(width-1)<<16 | uint64(height-1)
	for i := range 32 {
		bit := (sync+3)*8 + 4 + i
		out[bit/8] &^= 0x80 >> (bit % 8)
		if size>>(31-i)&1 == 1 {
			out[bit/8] |= 0x80 >> (bit % 8)
		}
	}
	return out
}

// vp8Size does the same in a VP8 stream.
func vp8Size(t *testing.T, data []byte, width, height uint16) []byte {
	t.Helper()
	sync := bytes.Index(data, []byte{0x9d, 0x01, 0x2a})
	require.Positive(t, sync)
	out := bytes.Clone(data)
	binary.LittleEndian.PutUint16(out[sync+3:], width)
	binary.LittleEndian.PutUint16(out[sync+5:], height)
	return out
}

// jpegSize does the same in every JPEG of a file.
func jpegSize(t *testing.T, data []byte, width, height uint16) []byte {
	t.Helper()
	out := bytes.Clone(data)
	count := 0
	for at := 0; at+9 < len(out); at++ {
		if out[at] == 0xff && out[at+1] == 0xc0 && out[at+2] == 0 && out[at+4] == 8 {
			binary.BigEndian.PutUint16(out[at+5:], height)
			binary.BigEndian.PutUint16(out[at+7:], width)
			count++
		}
	}
	require.Positive(t, count)
	return out
}

// without leaves out every n-th packet of a transport stream.
func without(stream []byte, n int) []byte {
	var out []byte
	for i := 0; i+188 <= len(stream); i += 188 {
		if i/188%n != n-1 || i < 188*4 {
			out = append(out, stream[i:i+188]...)
		}
	}
	return out
}

func chunk(name string, body []byte) []byte {
	out := append(words32(uint32(len(body))), name...)
	out = append(out, body...)
	return append(out, words32(crc32.ChecksumIEEE(out[4:]))...)
}

// pngWith puts a chunk behind the head of a PNG.
func pngWith(png []byte, name string, body []byte) []byte {
	return bytes.Join([][]byte{png[:33], chunk(name, body), png[33:]}, nil)
}

func deflated(t *testing.T, size int) []byte {
	t.Helper()
	var out bytes.Buffer
	z := zlib.NewWriter(&out)
	_, err := z.Write(make([]byte, size))
	require.NoError(t, err)
	require.NoError(t, z.Close())
	return out.Bytes()
}

func zipped(t *testing.T, name string, size int) []byte {
	t.Helper()
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	w, err := z.Create(name)
	require.NoError(t, err)
	_, err = w.Write(make([]byte, size))
	require.NoError(t, err)
	require.NoError(t, z.Close())
	return out.Bytes()
}

// gif is an animation of frames of one colour, each with its delay in hundredths.
func gif(canvas, frame uint16, frames int, delay uint16, comment string) []byte {
	le := binary.LittleEndian.AppendUint16
	out := append([]byte("GIF89a"), le(le(nil, canvas), canvas)...)
	out = append(out, 0x80, 0, 0, 0x20, 0x70, 0x50, 0xff, 0xff, 0xff)
	if comment != "" {
		out = append(append(append(out, 0x21, 0xfe, byte(len(comment))), comment...), 0)
	}
	for range frames {
		out = append(append(append(out, 0x21, 0xf9, 4, 0), le(nil, delay)...), 0, 0)
		out = append(append(out, 0x2c, 0, 0, 0, 0), le(le(nil, frame), frame)...)
		out = append(out, 0, 2, 2, 0x4c, 1, 0)
	}
	return append(out, 0x3b)
}

// flv is a head and one script tag of this body.
func flv(script []byte) []byte {
	n := uint32(len(script))
	out := append([]byte("FLV\x01\x05\x00\x00\x00\x09\x00\x00\x00\x00\x12"), byte(n>>16), byte(n>>8), byte(n))
	out = append(append(out, 0, 0, 0, 0, 0, 0, 0), script...)
	return append(out, words32(n+11)...)
}

// element is one of EBML's, with a size of eight bytes.
func element(id uint32, body []byte) []byte {
	out := binary.BigEndian.AppendUint32(nil, id)
	for out[0] == 0 {
		out = out[1:]
	}
	size := binary.BigEndian.AppendUint64(nil, 1<<56|uint64(len(body)))
	return append(append(out, size...), body...)
}
