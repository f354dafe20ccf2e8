package telegramtest

import (
	"fmt"
	"path/filepath"

	"github.com/go-telegram/bot/models"
)

// Media is a file that a person sends: the bytes come from Data, from Path or,
// with neither, are made up (Bytes of them, cheap at any size).
type Media struct {
	Name, MIME              string // MIME "" = by the name
	Data                    []byte
	Path                    string
	Bytes                   int64
	Width, Height, Duration int // 0 = read from the file
	Caption                 string
	From                    string // not "": forwarded from someone of this name
	Origin                  *models.MessageOrigin
	ReplyTo                 int
	Thumb                   []byte // JPEG
}

func (u *User) blob(m Media) *blob {
	switch {
	case m.Data != nil:
		return blobOf(m.Name, m.Data)
	case m.Path != "":
		name := m.Name
		if name == "" {
			name = filepath.Base(m.Path)
		}
		b, err := blobAt(name, m.Path)
		if err != nil {
			u.s.fail("send a file: %v", err)
		}
		return b
	default:
		return &blob{name: m.Name, size: m.Bytes}
	}
}

// draft makes the message; mu is not held.
func (u *User) draft(kind string, in Media) *Message {
	b := u.blob(in)
	seen := look(b)
	m := &Message{}
	u.s.mu.Lock()
	f := u.s.store(kind, b)
	if in.MIME != "" {
		f.MIME = in.MIME
	}
	f.Width, f.Height, f.Duration = in.Width, in.Height, in.Duration
	if f.Width == 0 || f.Height == 0 {
		f.Width, f.Height = seen.width, seen.height
	}
	if f.Duration == 0 {
		f.Duration = seen.duration
	}
	if kind == kindPhoto {
		f.Name, f.MIME = "", "image/jpeg"
	}
	if in.Thumb != nil {
		thumb := u.s.store(kindThumbnail, blobOf("thumb.jpg", in.Thumb))
		size := look(thumb.blob)
		thumb.Width, thumb.Height = size.width, size.height
		f.Thumbnail = thumb
	}
	m.File = f
	m.Caption, m.CaptionEntities = in.Caption, commandsIn(in.Caption)
	m.ForwardOrigin = in.Origin
	if in.From != "" {
		m.ForwardOrigin = u.s.forwarded(in.From)
	}
	f.attach(&m.Message)
	u.s.mu.Unlock()
	return u.quoting(m, in.ReplyTo)
}

// SendVideo sends a video as apps do: with name, size and duration.
func (u *User) SendVideo(m Media) int { return u.say(u.draft(kindVideo, m)) }

// SendDocument sends a file as a file, byte for byte.
func (u *User) SendDocument(m Media) int { return u.say(u.draft(kindDocument, m)) }

// SendPhoto sends a picture; a smaller size of it is listed first only with Thumb.
func (u *User) SendPhoto(m Media) int { return u.say(u.draft(kindPhoto, m)) }

// SendAnimation sends what Telegram calls an animation: GIFs and videos without sound.
func (u *User) SendAnimation(m Media) int { return u.say(u.draft(kindAnimation, m)) }

// SendVideoNote sends a round video.
func (u *User) SendVideoNote(m Media) int { return u.say(u.draft(kindVideoNote, m)) }

// SendVoice sends a voice message.
func (u *User) SendVoice(m Media) int { return u.say(u.draft(kindVoice, m)) }

// SendAudio sends music.
func (u *User) SendAudio(m Media) int { return u.say(u.draft(kindAudio, m)) }

// SendSticker sends a sticker.
func (u *User) SendSticker() int {
	return u.say(u.draft(kindSticker, Media{Name: "sticker.webp", Bytes: 20 << 10}))
}

// SendLocation sends a place.
func (u *User) SendLocation(latitude, longitude float64) int {
	m := &Message{}
	m.Location = &models.Location{Latitude: latitude, Longitude: longitude}
	return u.say(m)
}

// SendContact sends a phone number.
func (u *User) SendContact(phone, name string) int {
	m := &Message{}
	m.Contact = &models.Contact{PhoneNumber: phone, FirstName: name}
	return u.say(m)
}

// ForwardText forwards a text that someone of this name wrote.
func (u *User) ForwardText(from, text string) int {
	m := &Message{}
	m.Text, m.Entities = text, commandsIn(text)
	u.s.mu.Lock()
	m.ForwardOrigin = u.s.forwarded(from)
	u.s.mu.Unlock()
	return u.say(m)
}

// Forward forwards a video that someone else sent, with a caption if it had one.
func (u *User) Forward(m Media) int {
	if m.From == "" && m.Origin == nil {
		m.From = "Someone"
	}
	return u.SendVideo(m)
}

// Item is one part of an album.
type Item struct {
	Photo, Document bool // neither: a video
	Media
}

// Album sends several files as one album: each is its own update with the same
// media_group_id, as Telegram does it.
func (u *User) Album(items ...Item) []int {
	u.s.mu.Lock()
	album := fmt.Sprintf("1%015d", u.s.serial())
	u.s.mu.Unlock()
	var ids []int
	for _, item := range items {
		kind := kindVideo
		if item.Photo {
			kind = kindPhoto
		}
		if item.Document {
			kind = kindDocument
		}
		m := u.draft(kind, item.Media)
		m.MediaGroupID = album
		ids = append(ids, u.say(m))
	}
	return ids
}
