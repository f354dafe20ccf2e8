package telegramtest

import (
	"os"
	"path/filepath"
	"strings"
)

const (
	maxPhotoBytes = 10 << 20
	maxPhotoSides = 10000 // width + height
	maxPhotoRatio = 20
	maxThumbBytes = 200 << 10
	maxThumbSide  = 320
	readsUpTo     = 10 << 20 // a video above this is not read by the server
)

// fileIn is one file as a call describes it.
type fileIn struct {
	kind, what              string
	value                   string // file_id, URL, attach://, file://
	upload                  *blob  // of the part with the field's own name
	thumb                   string
	thumbUpload             *blob
	width, height, duration int
	plain                   bool // no content type detection
	streaming               bool
}

// take gives the stored file for what a call sends.
func (q *request) take(in fileIn) (*File, error) {
	b := in.upload
	if name, ok := strings.CutPrefix(in.value, "attach://"); ok {
		if b = q.uploads[name]; b == nil {
			return nil, bad("there is no %s in the request", in.what)
		}
	}
	if path, ok := strings.CutPrefix(in.value, "file://"); ok && b == nil && q.s.cfg.local != "" {
		var err error
		if b, err = localBlob(path); err != nil {
			return nil, err
		}
	}
	if b == nil {
		return q.again(in)
	}
	if b.size == 0 {
		return nil, bad("file must be non-empty")
	}
	if b.size > q.s.uploadLimit() {
		return nil, &Refusal{Code: 413, Text: "Request Entity Too Large"}
	}
	thumb, err := q.thumbnail(in)
	if err != nil {
		return nil, err
	}
	seen := look(b)
	if in.kind == kindPhoto {
		return q.s.photo(b, seen)
	}
	f := q.s.store(in.kind, b)
	f.Thumbnail, f.Streaming = thumb, in.streaming
	silent := seen.mp4 && !seen.sound
	moving := seen.image == "gif" || silent
	switch {
	case in.kind == kindAnimation && !moving && seen.mp4:
		f.Kind = kindVideo // it has sound
	case in.kind == kindAnimation && !moving:
		f.Kind = kindDocument
	case in.kind == kindDocument && !in.plain && moving:
		f.Kind = kindAnimation
	case in.kind == kindVideo && seen.image == "gif":
		f.Kind = kindAnimation
	case in.kind == kindVideo && !seen.mp4:
		f.Kind = kindDocument
	}
	if f.Kind == kindAnimation {
		f.Altered = true
		if seen.image == "gif" {
			f.Name, f.MIME = f.Name+".mp4", "video/mp4"
		}
	}
	f.measure(in, seen)
	return f, nil
}

// measure fills in size and duration: what the call says, else what the server
// reads, which it does not do for large files.
func (f *File) measure(in fileIn, seen facts) {
	if f.Kind == kindDocument {
		return
	}
	f.Width, f.Height, f.Duration = in.width, in.height, in.duration
	if f.Size > readsUpTo {
		if in.width == 0 || in.height == 0 || in.duration == 0 {
			f.Guessed = true
			f.Width, f.Height, f.Duration = 320, 320, 0
		}
		return
	}
	if f.Width == 0 || f.Height == 0 {
		f.Width, f.Height = seen.width, seen.height
	}
	if f.Duration == 0 {
		f.Duration = seen.duration
	}
}

// again is a send by file_id or by URL.
func (q *request) again(in fileIn) (*File, error) {
	if in.value == "" {
		return nil, bad("there is no %s in the request", in.what)
	}
	if strings.HasPrefix(in.value, "http://") || strings.HasPrefix(in.value, "https://") {
		return nil, bad("failed to get HTTP URL content") // the fake reaches no network
	}
	f := q.s.files[in.value]
	if f == nil {
		return nil, bad("wrong file identifier/HTTP URL specified")
	}
	if f.Kind != in.kind {
		return nil, bad("can't use file of type %s as %s", f.Kind, in.kind)
	}
	return f, nil
}

func (s *Server) photo(b *blob, seen facts) (*File, error) {
	switch {
	case b.size > maxPhotoBytes:
		return nil, bad("file of size %d bytes is too big for a photo; the maximum size is %d bytes", b.size, maxPhotoBytes)
	case seen.image == "":
		return nil, bad("IMAGE_PROCESS_FAILED")
	case seen.width+seen.height > maxPhotoSides,
		max(seen.width, seen.height) > maxPhotoRatio*min(seen.width, seen.height):
		return nil, bad("PHOTO_INVALID_DIMENSIONS")
	}
	f := s.store(kindPhoto, b)
	f.Width, f.Height, f.Altered = seen.width, seen.height, true
	f.Name, f.MIME = "", "image/jpeg"
	return f, nil
}

// thumbnail checks the thumbnail; Telegram ignores a wrong one, the fake refuses it.
func (q *request) thumbnail(in fileIn) (*File, error) {
	b := in.thumbUpload
	if name, ok := strings.CutPrefix(in.thumb, "attach://"); ok {
		if b = q.uploads[name]; b == nil {
			return nil, bad("there is no thumbnail in the request")
		}
	}
	if path, ok := strings.CutPrefix(in.thumb, "file://"); ok && b == nil && q.s.cfg.local != "" {
		var err error
		if b, err = localBlob(path); err != nil {
			return nil, err
		}
	}
	if b == nil {
		if in.thumb != "" {
			return nil, bad("thumbnail must be uploaded as a new file")
		}
		return nil, nil
	}
	seen := look(b)
	switch {
	case b.size == 0:
		return nil, bad("file must be non-empty")
	case b.size > maxThumbBytes:
		return nil, bad("file of size %d bytes is too big for a thumbnail; the maximum size is %d bytes", b.size, maxThumbBytes)
	case seen.image != "jpeg":
		return nil, bad("thumbnail must be a JPEG")
	case max(seen.width, seen.height) > maxThumbSide:
		return nil, bad("thumbnail must not be larger than %d pixels", maxThumbSide)
	}
	f := q.s.store(kindThumbnail, b)
	f.Width, f.Height = seen.width, seen.height
	return f, nil
}

func localBlob(path string) (*blob, error) {
	info, err := os.Stat(path)
	if err != nil || !filepath.IsAbs(path) {
		return nil, bad("wrong file path specified")
	}
	if !info.Mode().IsRegular() {
		return nil, bad("file must be a regular file")
	}
	b, err := blobAt(filepath.Base(path), path)
	if err != nil {
		return nil, bad("can't read the file")
	}
	return b, nil
}
