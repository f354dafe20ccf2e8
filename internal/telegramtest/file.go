package telegramtest

import (
	"fmt"
	"io"
	"mime"
	"path/filepath"
	"strings"
	"time"

	"github.com/go-telegram/bot/models"
)

// Kinds of files, as Telegram's error texts name them.
const (
	kindPhoto     = "Photo"
	kindVideo     = "Video"
	kindAnimation = "Animation"
	kindDocument  = "Document"
	kindVideoNote = "VideoNote"
	kindVoice     = "VoiceNote"
	kindAudio     = "Audio"
	kindSticker   = "Sticker"
	kindThumbnail = "Thumbnail"
)

// File is a file as Telegram keeps it.
type File struct {
	ID, UniqueID string
	Kind         string // Photo, Video, Animation, Document, VideoNote, VoiceNote, Audio, Sticker, Thumbnail
	Name, MIME   string
	Size         int64
	Width        int // of what is shown; 320 with Guessed
	Height       int
	Duration     int // seconds
	Streaming    bool
	Altered      bool // Telegram made another file of it: photos, animations
	Guessed      bool // a video over 10 MB sent without its measures: a grey square of 0:00
	Thumbnail    *File

	blob  *blob
	path  string // of the last getFile; "" = none
	until time.Time
}

// Bytes reads the whole file as it was sent.
func (f *File) Bytes() ([]byte, error) {
	r, err := f.blob.open()
	if err != nil {
		return nil, err
	}
	defer func() { _ = r.Close() }()
	return io.ReadAll(r)
}

// SHA256 is the hash of the file as it was sent, in hex.
func (f *File) SHA256() (string, error) { return f.blob.sum() }

// store gives b an id; mu is held.
func (s *Server) store(kind string, b *blob) *File {
	n := s.serial()
	f := &File{
		ID:       fmt.Sprintf("%sAgACAgQAAx%08dBAAD", prefixOf(kind), n),
		UniqueID: fmt.Sprintf("AQAD%08dAAx", n),
		Kind:     kind, Name: b.name, MIME: mimeOf(b.name), Size: b.size, blob: b,
	}
	s.files[f.ID] = f
	return f
}

func prefixOf(kind string) string {
	if kind == kindVoice {
		return "AwAC"
	}
	return strings.ToUpper(kind[:1]) + "g" // ids of different kinds look different, as Telegram's do
}

func mimeOf(name string) string {
	switch ext := strings.ToLower(filepath.Ext(name)); ext {
	case ".mp4", ".m4v":
		return "video/mp4"
	case ".mov":
		return "video/quicktime"
	case ".webm":
		return "video/webm"
	case ".avi":
		return "video/x-msvideo"
	case ".mkv":
		return "video/x-matroska"
	case ".gif":
		return "image/gif"
	case ".jpg", ".jpeg":
		return "image/jpeg"
	case ".png":
		return "image/png"
	case ".heic":
		return "image/heic"
	case ".pdf":
		return "application/pdf"
	case ".txt", ".md":
		return "text/plain"
	default:
		if t, _, err := mime.ParseMediaType(mime.TypeByExtension(ext)); err == nil {
			return t
		}
		return "application/octet-stream"
	}
}

func (f *File) folder() string {
	switch f.Kind {
	case kindPhoto:
		return "photos"
	case kindVideo:
		return "videos"
	case kindAnimation:
		return "animations"
	case kindVideoNote:
		return "video_notes"
	case kindVoice:
		return "voice"
	case kindAudio:
		return "music"
	case kindSticker:
		return "stickers"
	case kindThumbnail:
		return "thumbnails"
	}
	return "documents"
}

func (f *File) size() models.PhotoSize {
	return models.PhotoSize{FileID: f.ID, FileUniqueID: f.UniqueID, Width: f.Width, Height: f.Height, FileSize: int(f.Size)}
}

func (f *File) thumb() *models.PhotoSize {
	if f.Thumbnail == nil {
		return nil
	}
	p := f.Thumbnail.size()
	return &p
}

// attach puts the file into the message the way Telegram describes it.
func (f *File) attach(m *models.Message) {
	switch f.Kind {
	case kindPhoto:
		m.Photo = nil
		if f.Thumbnail != nil {
			m.Photo = append(m.Photo, f.Thumbnail.size())
		}
		m.Photo = append(m.Photo, f.size())
	case kindVideo:
		m.Video = &models.Video{FileID: f.ID, FileUniqueID: f.UniqueID, Width: f.Width, Height: f.Height,
			Duration: f.Duration, Thumbnail: f.thumb(), FileName: f.Name, MimeType: f.MIME, FileSize: f.Size}
	case kindAnimation:
		m.Animation = &models.Animation{FileID: f.ID, FileUniqueID: f.UniqueID, Width: f.Width, Height: f.Height,
			Duration: f.Duration, Thumbnail: f.thumb(), FileName: f.Name, MimeType: f.MIME, FileSize: f.Size}
		m.Document = f.document() // Telegram sends both
	case kindVideoNote:
		m.VideoNote = &models.VideoNote{FileID: f.ID, FileUniqueID: f.UniqueID, Length: f.Width, Duration: f.Duration,
			Thumbnail: f.thumb(), FileSize: int(f.Size)}
	case kindVoice:
		m.Voice = &models.Voice{FileID: f.ID, FileUniqueID: f.UniqueID, Duration: f.Duration, MimeType: "audio/ogg", FileSize: f.Size}
	case kindAudio:
		m.Audio = &models.Audio{FileID: f.ID, FileUniqueID: f.UniqueID, Duration: f.Duration, FileName: f.Name, MimeType: f.MIME, FileSize: f.Size}
	case kindSticker:
		m.Sticker = &models.Sticker{FileID: f.ID, FileUniqueID: f.UniqueID, Width: 512, Height: 512}
	default:
		m.Document = f.document()
	}
}

func (f *File) document() *models.Document {
	return &models.Document{FileID: f.ID, FileUniqueID: f.UniqueID, Thumbnail: f.thumb(), FileName: f.Name, MimeType: f.MIME, FileSize: f.Size}
}
