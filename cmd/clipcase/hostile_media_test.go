package main

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const canary = "SECRET-CANARY"

// films are recordings with one thing wrong or hidden each. Whatever is magenta
// in them, or says the canary, must not come out.
func films(t *testing.T, dir, listens string) []hostile {
	t.Helper()
	read := func(name string, args ...string) []byte {
		data, err := os.ReadFile(odd(t, dir, name, args...))
		require.NoError(t, err)
		return data
	}
	in := func(name string) string { return filepath.Join(dir, name) }
	// A picture of black and white points that differ from one to the next.
	source := []string{"-f", "lavfi", "-i", "cellauto=s=96x160:r=10:rule=110", "-f", "lavfi", "-i", "sine=440"}
	made := func(name string, more ...string) []byte {
		return read(name, append(append([]string{}, source...), append([]string{"-t", "1", "-pix_fmt", "yuv420p", "-g", "5"}, more...)...)...)
	}
	x264 := []string{"-c:v", "libx264", "-preset", "ultrafast"}
	plain := made("plain.mp4", x264...)
	made("plain.mkv", x264...)
	read("mute.mp4", "-i", in("plain.mp4"), "-an", "-c", "copy")
	mute, err := os.ReadFile(in("mute.mp4"))
	require.NoError(t, err)
	magenta := []string{"-f", "lavfi", "-i", "color=magenta:s=96x160:r=10"}
	read("magenta.mp4", append(append([]string{}, magenta...), "-t", "1", "-c:v", "libx264", "-pix_fmt", "yuv420p")...)
	read("cover.jpg", append(append([]string{}, magenta...), "-frames:v", "1")...)
	read("joined.mp4", "-f", "lavfi", "-i", "color=magenta:s=96x160:r=10:d=1[m];cellauto=s=96x160:r=10:rule=110,trim=duration=1[c];[m][c]concat", "-c:v", "libx264", "-preset", "ultrafast", "-g", "100", "-sc_threshold", "0", "-pix_fmt", "yuv420p")
	write(t, dir, "chapters.txt", ";FFMETADATA1\ntitle="+canary+"\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=500\ntitle="+canary+"\n")
	write(t, dir, "words.srt", "1\n00:00:00,000 --> 00:00:01,000\n"+canary+"\n")

	var out []hostile
	add := func(name, file string, content []byte) {
		out = append(out, hostile{name: name, file: file, content: content})
	}
	refused := func(class, name, file string, content []byte) {
		out = append(out, hostile{name: name, file: file, content: content, class: class})
	}

	// Pictures that stand elsewhere.
	add("pictures at a host", "a.mov", rebox(mute, linked, instead(reference("url ", "http://"+listens+"/victim.mp4"))))
	add("pictures in a neighbour", "a.mov", rebox(mute, linked, instead(reference("url ", "file://"+in("victim.mp4")))))
	add("pictures behind an alias", "a.mov", rebox(mute, linked, instead(reference("alis", strings.Repeat("\x00", 142)+"\x00\x02\x00\x0avictim.mp4\x00\x12\x00\x20"+in("victim.mp4")))))
	refused("playlist", "a film of references", "a.mov", rebox(plain, "moov", instead(box("rmra", box("rmda", box("rdrf", words32(0), []byte("url "), words32(60), []byte("http://"+listens+"/a.mov\x00")))))))

	// What is hidden in a recording.
	add("pictures before the cut", "a.mp4", read("hidden.mp4", "-ss", "1", "-i", in("joined.mp4"), "-c", "copy"))
	add("a cover", "a.mp4", read("covered.mp4", "-i", in("cover.jpg"), "-i", in("plain.mp4"), "-map", "0", "-map", "1", "-c", "copy", "-disposition:v:0", "attached_pic"))
	add("a second film", "a.mp4", read("second.mp4", "-i", in("plain.mp4"), "-i", in("magenta.mp4"), "-map", "0", "-map", "1:v", "-c", "copy", "-disposition:v:0", "default"))
	add("words, marks and places", "a.mp4", read("told.mp4", "-i", in("plain.mp4"), "-i", in("chapters.txt"), "-i", in("words.srt"), "-map", "0", "-map", "2", "-map_metadata", "1", "-c", "copy", "-c:s", "mov_text",
		"-metadata", "comment="+canary, "-metadata", "location=+31.2304+121.4737/", "-metadata:s:v", "handler_name="+canary))
	add("words in the pictures' stream", "a.mp4", read("sei.mp4", "-i", in("plain.mp4"), "-c", "copy", "-bsf:v", "h264_metadata=sei_user_data=086f3693-b7b3-4f2c-9653-21492feee5b8+"+canary))
	add("an enclosed file", "a.mkv", read("enclosed.mkv", "-i", in("plain.mkv"), "-attach", in("secret.txt"), "-metadata:s:t", "mimetype=text/plain", "-c", "copy", "-metadata", "title="+canary))
	add("a page in a box", "a.mp4", append(bytes.Clone(plain), box("uuid", []byte("<html><script src=http://"+listens+"/>"+canary))...))

	// Numbers that lie.
	clock := binary.BigEndian.Uint32(mute[bytes.Index(mute, []byte("mdhd"))+16:])
	add("lasts 49 days", "a.mp4", rebox(plain, "moov/mvhd", put(16, 0xfffffffe)))
	add("no clock", "a.mp4", rebox(plain, "moov/trak/mdia/mdhd", put(12, 0)))
	add("the fastest clock", "a.mp4", rebox(plain, "moov/trak/mdia/mdhd", put(12, 0xffffffff)))
	add("the slowest clock", "a.mp4", rebox(plain, "moov/trak/mdia/mdhd", put(12, 1)))
	add("one time for 2³² pictures", "a.mp4", rebox(mute, table+"stts", instead(words32(0, 1, 0xffffffff, 512))))
	add("ten hours between two pictures", "a.mp4", rebox(mute, table+"stts", instead(words32(0, 2, 8, clock/10, 2, clock*3600*10))))
	add("no time between pictures", "a.mp4", rebox(mute, table+"stts", instead(words32(0, 1, 10, 0))))
	add("pictures behind the end", "a.mp4", rebox(mute, table+"stco", func(b []byte) []byte { return put(8, 0x7fffff00)(b) }))
	add("a picture of 2 GB", "a.mp4", rebox(mute, table+"stsz", func(b []byte) []byte { return put(12, 0x7fffffff)(b) }))
	add("chunks from 0", "a.mp4", rebox(mute, table+"stsc", func(b []byte) []byte { return put(8, 0, 0xffffffff, 7)(b) }))
	add("begins in ten hours", "a.mp4", rebox(mute, "moov/trak/edts/elst", instead(words32(0, 2, 36_000_000, 0xffffffff, 0x10000, 1000, 0, 0x10000))))
	add("cut into 4000", "a.mp4", rebox(mute, "moov/trak/edts/elst", instead(words32(0, 4000), bytes.Repeat(words32(1, 0, 0x10000), 4000))))
	add("turned by nonsense", "a.mp4", rebox(mute, "moov/trak/tkhd", put(40, 0x7fffffff, 0x80000000, 1, 0xffffffff, 0, 9, 1, 0x40000000, 0)))
	add("no size on the screen", "a.mp4", rebox(mute, "moov/trak/tkhd", put(76, 0, 0)))
	add("stretched ten thousand times", "a.mkv", made("wide.mkv", append(x264, "-vf", "setsar=10000/1")...))
	add("one line of pixels", "a.mkv", read("line.mkv", "-f", "lavfi", "-i", "color=0x207050:s=4096x2:r=5", "-t", "1", "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p"))
	add("sound after ten hours", "a.mkv", read("late.mkv", "-i", in("plain.mkv"), "-itsoffset", "36000", "-i", in("plain.mkv"), "-map", "0:v", "-map", "1:a", "-c", "copy"))
	add("33 sounds", "a.mkv", read("sounds.mkv", append([]string{"-i", in("plain.mkv"), "-map", "0:v", "-c", "copy"}, strings.Fields(strings.Repeat("-map 0:a ", 33))...)...))

	// Indexes that are bombs.
	refused("too-complex", "a packed index", "a.mov", rebox(plain, "moov", instead(box("cmov", box("dcom", []byte("zlib")), box("cmvd", words32(64<<20), deflated(t, 64<<20))))))
	refused("too-complex", "2000 tracks", "a.mp4", rebox(plain, "moov", func(b []byte) []byte { return append(b, bytes.Repeat(box("trak"), 2000)...) }))
	refused("too-complex", "a million boxes", "a.mp4", append(bytes.Clone(plain), bytes.Repeat(box("free"), 1_000_000)...))
	nested := box("moov")
	for range 3000 {
		nested = box("moov", nested)
	}
	add("an index in an index in an index", "a.mp4", append(box("ftyp", []byte("isom\x00\x00\x02\x00")), append(nested, box("mdat", make([]byte, 64))...)...))
	add("an index of references to itself", "a.mp4", append(box("sidx", words32(0, 1, 1000, 0, 0, 0xffff), bytes.Repeat(words32(0x80000008, 1, 0), 500)), plain...))

	// Pictures that are bombs.
	vp9 := read("vp9.webm", "-f", "lavfi", "-i", "color=0x207050:s=64x64:r=5", "-t", "1", "-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8")
	add("vp9 of 16200²", "a.webm", vp9Size(t, vp9, 16200, 16200))
	vp8 := read("vp8.webm", "-f", "lavfi", "-i", "color=0x207050:s=64x64:r=5", "-t", "1", "-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8")
	add("vp8 of 16383²", "a.webm", vp8Size(t, vp8, 16383, 16383))
	add("mjpeg of 16000²", "a.avi", jpegSize(t, read("mjpeg.avi", "-f", "lavfi", "-i", "color=0x207050:s=64x64:r=5", "-t", "1", "-c:v", "mjpeg"), 16000, 16000))

	// What broke on the way.
	ts := made("plain.ts", x264...)
	flvFilm, avi := made("plain.flv", append(x264, "-ar", "44100")...), made("plain.avi", "-c:v", "mpeg4", "-c:a", "pcm_s16le")
	mkv, err := os.ReadFile(in("plain.mkv"))
	require.NoError(t, err)
	parts := made("parts.mp4", append(x264, "-movflags", "frag_keyframe+empty_moov")...)
	add("matroska, cut", "a.mkv", mkv[:len(mkv)*2/3])
	add("stream, cut in a packet", "a.ts", ts[:len(ts)*2/3/188*188+50])
	add("flv, cut", "a.flv", flvFilm[:len(flvFilm)/2])
	add("avi, cut", "a.avi", avi[:len(avi)/2])
	add("parts, cut", "a.mp4", parts[:len(parts)*7/10])
	at := bytes.Index(plain, []byte("mdat")) + 8
	add("turned bits in the pictures", "a.mp4", flipped(plain, at+100, at+len(plain)/2, 60))
	index := bytes.LastIndex(plain, []byte("moov"))
	add("turned bits in the index", "a.mp4", flipped(plain, index+16, len(plain), 25))
	add("turned bits in matroska", "a.mkv", flipped(mkv, 300, len(mkv), 80))
	add("turned bits in a stream", "a.ts", flipped(ts, 188*4, len(ts), 80))
	add("turned bits in an avi", "a.avi", flipped(avi, 40, len(avi), 80))
	add("packets lost", "a.ts", without(ts, 7))
	add("the size changes", "a.ts", append(bytes.Clone(ts), read("other.ts", "-f", "lavfi", "-i", "color=0x207050:s=160x96:r=10", "-t", "1", "-c:v", "libx264", "-pix_fmt", "yuv420p")...))
	return out
}

// pictures and containers that need no tool to be made, but for one small PNG and JPEG.
func oddments(t *testing.T, dir, listens string) []hostile {
	t.Helper()
	png, err := os.ReadFile(odd(t, dir, "dot.png", "-f", "lavfi", "-i", "color=0x207050:s=64x96", "-frames:v", "1"))
	require.NoError(t, err)
	jpg, err := os.ReadFile(odd(t, dir, "dot.jpg", "-f", "lavfi", "-i", "color=0x207050:s=64x96", "-frames:v", "1"))
	require.NoError(t, err)
	app1 := append([]byte{0xff, 0xe1, 0, byte(2 + len(canary) + 6)}, []byte("Exif\x00\x00"+canary)...)
	var out []hostile
	still := func(name, file string, parts ...[]byte) {
		out = append(out, hostile{name: name, file: file, content: bytes.Join(parts, nil), picture: true})
	}
	refused := func(class, name, file string, parts ...[]byte) {
		out = append(out, hostile{name: name, file: file, content: bytes.Join(parts, nil), class: class})
	}
	add := func(name, file string, parts ...[]byte) { refused("", name, file, parts...) }
	still("words in a jpeg", "a.jpg", jpg[:2], app1, jpg[2:])
	still("a jpeg with an archive behind", "a.jpg", jpg, zipped(t, canary, 100))
	still("a jpeg cut off", "a.jpg", jpg[:len(jpg)*2/3])
	still("turned bits in a jpeg", "a.jpg", flipped(jpg, len(jpg)/2, len(jpg)-2, 20))
	still("a png with 16 MB of words", "a.png", pngWith(png, "zTXt", append([]byte("k\x00\x00"), deflated(t, 16<<20)...)))
	still("a png with 16 MB of colours", "a.png", pngWith(png, "iCCP", append([]byte("k\x00\x00"), deflated(t, 16<<20)...)))
	still("a png with words", "a.png", pngWith(png, "tEXt", []byte("Comment\x00"+canary)))
	still("a png of 2³¹ pictures", "a.png", pngWith(png, "acTL", words32(0x7fffffff, 0)))
	still("turned bits in a png", "a.png", flipped(png, 60, len(png)-12, 10))
	refused("too-many-pixels", "a webp of 16384²", "a.webp", []byte("RIFF\x16\x00\x00\x00WEBPVP8X\x0a\x00\x00\x00\x00\x00\x00\x00\xff\x3f\x00\xff\x3f\x00"))
	add("a gif of one frame larger than it", "a.gif", gif(16, 60000, 1, 10, ""))
	add("a gif with words and a script", "a.gif", gif(16, 16, 3, 20, canary+"<script src=http://"+listens+">"))
	add("a gif that rests a minute", "a.gif", gif(16, 16, 2, 6000, ""))
	add("a gif of 1000 pictures", "a.gif", gif(16, 16, 1000, 2, ""))
	add("a gif without an end", "a.gif", gif(16, 16, 3, 20, "")[:40])
	add("flv, arrays in arrays", "a.flv", flv(append([]byte("\x02\x00\x0aonMetaData"), bytes.Repeat([]byte{0x0a, 0, 0, 0, 1}, 4000)...)))
	add("flv, an array of 2³²", "a.flv", flv([]byte("\x02\x00\x0aonMetaData\x0a\xff\xff\xff\xff")))
	add("asf that goes in circles", "a.wmv", []byte("\x30\x26\xb2\x75\x8e\x66\xcf\x11\xa6\xd9\x00\xaa\x00\x62\xce\x6c"), make([]byte, 4096))
	add("ogg of nothing", "a.ogv", bytes.Repeat([]byte("OggS\x00\x02\x00\x00\x00\x00\x00\x00\x00\x00"+canary), 200))
	add("program stream of nothing", "a.mpg", bytes.Repeat([]byte("\x00\x00\x01\xba\x44\x00\x04\x00\x04\x01\x01\x89\xc3\xf8\x00\x00\x01\xe0\xff\xff"), 500))
	add("avi, lists in lists", "a.avi", []byte("RIFF\x00\x00\x00\x00AVI "), bytes.Repeat([]byte("LIST\xff\xff\xff\x7fhdrl"), 3000))
	add("matroska, a word of 2⁶⁰", "a.mkv", element(0x1a45dfa3, []byte("\x42\x82\x88matroska")), element(0x18538067, append(element(0x1f43b675, make([]byte, 8)), 0x12, 0x54, 0xc3, 0x67, 0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe)))
	add("matroska, found by itself", "a.mkv", element(0x1a45dfa3, []byte("\x42\x82\x88matroska")), element(0x18538067, append(element(0x114d9b74, bytes.Repeat(element(0x4dbb, append(element(0x53ab, []byte{0x11, 0x4d, 0x9b, 0x74}), element(0x53ac, []byte{0})...)), 50)), element(0x1f43b675, make([]byte, 20))...)))
	add("a paper with a link", "a.pdf", []byte("%PDF-1.7\n1 0 obj<</OpenAction<</S/URI/URI(http://"+listens+"/)>>>>endobj\n%%EOF"))
	add("a paper that is a bomb", "a.docx", zipped(t, "word/document.xml", 40<<20))
	refused("audio-only", "a sound named film", "a.mp4", []byte("RIFF\x24\x00\x00\x00WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00\x44\xac\x00\x00\x88\x58\x01\x00\x02\x00\x10\x00data\x00\x00\x00\x00"))
	return out
}
