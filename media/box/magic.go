package box

import (
	"strings"

	"clipcase/media"
)

// magic is one way to recognise a format.
type magic struct {
	offset int
	bytes  []byte
	info   Info
	walk   walker
	code   media.Code // not empty: recognised in order to be refused
}

func (m magic) refusal() error {
	if m.code == "" {
		return nil
	}
	return refuse(m.code, "starts with %q", m.bytes)
}

func magics() []magic {
	video := func(f Format, demuxer string) Info {
		return Info{Kind: media.KindVideo, Format: f, Demuxer: demuxer}
	}
	image := func(f Format, demuxer string) Info {
		return Info{Kind: media.KindImage, Format: f, Demuxer: demuxer}
	}
	yes := func(at int, s string, info Info, walk walker) magic {
		return magic{offset: at, bytes: []byte(s), info: info, walk: walk}
	}
	no := func(at int, s string, code media.Code) magic {
		return magic{offset: at, bytes: []byte(s), code: code}
	}
	return []magic{
		yes(0, "\x1a\x45\xdf\xa3", video(Matroska, "matroska"), walkMatroska),
		yes(8, "AVI ", video(AVI, "avi"), walkRIFF),
		yes(8, "WEBP", image(WebP, "webp_pipe"), walkWebP),
		no(8, "WAVEfmt", media.RefusedAudioOnly),
		yes(0, "\x00\x00\x01\xba", video(MPEGPS, "mpeg"), nil),
		yes(0, "FLV\x01", video(FLV, "flv"), nil),
		yes(0, "\x30\x26\xb2\x75\x8e\x66\xcf\x11\xa6\xd9\x00\xaa\x00\x62\xce\x6c", video(ASF, "asf"), nil),
		yes(0, "OggS", video(Ogg, "ogg"), nil),
		yes(0, "\xff\xd8\xff", image(JPEG, "jpeg_pipe"), walkJPEG),
		yes(0, "\x89PNG\r\n\x1a\n", image(PNG, "png_pipe"), walkPNG),
		yes(0, "GIF87a", Info{Kind: media.KindGIF, Format: GIF, Demuxer: "gif"}, walkGIF),
		yes(0, "GIF89a", Info{Kind: media.KindGIF, Format: GIF, Demuxer: "gif"}, walkGIF),
		yes(0, "%PDF-", Info{Kind: media.KindDocument, Format: PDF}, nil),
		yes(0, "PK\x03\x04", Info{Kind: media.KindDocument, Format: DOCX}, walkZip),
		no(0, "PK\x05\x06", media.RefusedNotMedia),
		no(0, "ID3", media.RefusedAudioOnly),
		no(0, "fLaC", media.RefusedAudioOnly),
		no(0, "#!AMR", media.RefusedAudioOnly),
		no(0, "#!SILK", media.RefusedAudioOnly),
		no(0, "\x02#!SILK", media.RefusedAudioOnly),
		no(0, "\xff\xf1", media.RefusedAudioOnly),
		no(0, "\xff\xf9", media.RefusedAudioOnly),
		no(0, "\xff\xfb", media.RefusedAudioOnly),
		no(0, "\xff\xf3", media.RefusedAudioOnly),
		no(0, "\x00\x00\x01\xb3", media.RefusedUnsupported), // bare MPEG video
		no(0, "\x00\x00\x00\x01\x67", media.RefusedUnsupported),
		no(0, ".RMF", media.RefusedUnsupported),
		no(0, "II*\x00", media.RefusedUnsupported),
		no(0, "MM\x00*", media.RefusedUnsupported),
		no(0, "\xff\xfe", media.RefusedNotMedia), // UTF-16 text
		no(0, "\xfe\xff", media.RefusedNotMedia),
	}
}

// isTransport finds the sync byte in every packet of the head: 188 bytes, or
// 192 with a time stamp before each packet.
func isTransport(head []byte) bool {
	for _, shape := range []struct{ first, step int }{{0, 188}, {4, 192}} {
		packets := 0
		for at := shape.first; at < len(head); at += shape.step {
			if head[at] != 0x47 {
				packets = -1
				break
			}
			packets++
		}
		if packets >= 3 {
			return true
		}
	}
	return false
}

// isBox says whether the file starts with a box that an MP4 or QuickTime file
// may start with.
func isBox(head []byte) bool {
	if len(head) < 8 {
		return false
	}
	switch string(head[4:8]) {
	case "ftyp", "moov", "mdat", "wide", "free", "skip", "pnot", "styp", "moof", "sidx":
		return true
	}
	return false
}

// recogniseText tells lists that point elsewhere from plain text; both are
// looked at by their beginning, as the tools do.
func recogniseText(head []byte) (Info, walker, error) {
	start := strings.ToLower(strings.TrimLeft(strings.TrimPrefix(string(head), "\ufeff"), " \t\r\n"))
	for _, prefix := range []string{
		"#extm3u", "#ext-x-", "ffconcat", "[playlist]", "[reference]", "v=0\r", "v=0\n", "<mpd", "<smoothstreamingmedia", "<asx", "<smil",
		"# vobsub index", "rtsptext", "http://", "https://", "file:", "concat:", "dcmp",
	} {
		if strings.HasPrefix(start, prefix) {
			return Info{}, nil, refuse(media.RefusedPlaylist, "starts with %q", prefix)
		}
	}
	if strings.HasPrefix(start, "<") {
		for _, tag := range []string{"<mpd", "<smoothstreamingmedia", "<playlist", "<asx", "<smil"} {
			if strings.Contains(start, tag) {
				return Info{}, nil, refuse(media.RefusedPlaylist, "contains %q", tag)
			}
		}
		return Info{}, nil, refuse(media.RefusedNotMedia, "markup")
	}
	return Info{Kind: media.KindDocument, Format: Text}, walkText, nil
}
