package bot

import (
	"time"

	"github.com/go-telegram/bot/models"

	"clipcase/flows"
)

// file is what a person sent that can be evidence; nil for everything else.
func (b *Bot) file(m *models.Message) *flows.File {
	var f flows.File
	switch {
	case m.Animation != nil: // carries document too: a silent recording in the messenger's clothes
		a := m.Animation
		f = flows.File{Ref: a.FileID, Unique: a.FileUniqueID, Name: a.FileName, MIME: a.MimeType, Bytes: a.FileSize,
			Sent: flows.SentAnimation, Width: a.Width, Height: a.Height, Duration: float64(a.Duration)}
	case m.Video != nil:
		v := m.Video
		f = flows.File{Ref: v.FileID, Unique: v.FileUniqueID, Name: v.FileName, MIME: v.MimeType, Bytes: v.FileSize,
			Sent: flows.SentVideo, Width: v.Width, Height: v.Height, Duration: float64(v.Duration)}
	case m.VideoNote != nil:
		v := m.VideoNote
		f = flows.File{Ref: v.FileID, Unique: v.FileUniqueID, MIME: "video/mp4", Bytes: int64(v.FileSize),
			Sent: flows.SentRound, Width: v.Length, Height: v.Length, Duration: float64(v.Duration)}
	case m.Document != nil:
		d := m.Document
		f = flows.File{Ref: d.FileID, Unique: d.FileUniqueID, Name: d.FileName, MIME: d.MimeType, Bytes: d.FileSize, Sent: flows.SentFile}
	case m.Audio != nil: // no picture will be found in it; it is kept all the same
		a := m.Audio
		f = flows.File{Ref: a.FileID, Unique: a.FileUniqueID, Name: a.FileName, MIME: a.MimeType, Bytes: a.FileSize, Sent: flows.SentFile, Duration: float64(a.Duration)}
	case len(m.Photo) > 0:
		largest := m.Photo[0]
		for _, p := range m.Photo[1:] {
			if p.Width*p.Height > largest.Width*largest.Height {
				largest = p
			}
		}
		f = flows.File{Ref: largest.FileID, Unique: largest.FileUniqueID, MIME: "image/jpeg", Bytes: int64(largest.FileSize),
			Sent: flows.SentPhoto, Width: largest.Width, Height: largest.Height}
	default:
		return nil
	}
	f.Ref = fileRef + f.Ref
	f.TooBig = !b.cfg.local() && f.Bytes > cloudFetch
	if m.ForwardOrigin != nil {
		f.Forwarded, f.Origin = true, origin(m.ForwardOrigin)
	}
	return &f
}

// fileRef begins every reference to a file that Telegram keeps.
const fileRef = "tg:"

// origin is where a forward comes from, without names: kind and time of the
// first message.
func origin(o *models.MessageOrigin) string {
	date := 0
	switch {
	case o.MessageOriginUser != nil:
		date = o.MessageOriginUser.Date
	case o.MessageOriginHiddenUser != nil:
		date = o.MessageOriginHiddenUser.Date
	case o.MessageOriginChat != nil:
		date = o.MessageOriginChat.Date
	case o.MessageOriginChannel != nil:
		date = o.MessageOriginChannel.Date
	}
	if date == 0 {
		return string(o.Type)
	}
	return string(o.Type) + " " + time.Unix(int64(date), 0).UTC().Format(time.RFC3339)
}

// other names what a person sent that no step can use.
func other(m *models.Message) string {
	switch {
	case m.Voice != nil:
		return "voice"
	case m.Sticker != nil:
		return "sticker"
	case m.Location != nil, m.Venue != nil:
		return "location"
	case m.Contact != nil:
		return "contact"
	case m.Poll != nil:
		return "poll"
	case m.Story != nil:
		return "story"
	case m.PaidMedia != nil:
		return "paid"
	case m.Dice != nil, m.Game != nil:
		return "game"
	}
	return "unknown"
}

// serviceMessage says whether Telegram itself wrote the message. Anything else
// that we cannot name is something a person sent, and gets an answer.
func serviceMessage(m *models.Message) bool {
	return len(m.NewChatMembers) > 0 || m.LeftChatMember != nil || m.NewChatTitle != "" || len(m.NewChatPhoto) > 0 ||
		m.DeleteChatPhoto || m.GroupChatCreated || m.SupergroupChatCreated || m.ChannelChatCreated ||
		m.MessageAutoDeleteTimerChanged != nil || m.MigrateToChatID != 0 || m.MigrateFromChatID != 0 || m.PinnedMessage != nil ||
		m.ForumTopicCreated != nil || m.ForumTopicEdited != nil || m.ForumTopicClosed != nil || m.ForumTopicReopened != nil ||
		m.GeneralForumTopicHidden != nil || m.GeneralForumTopicUnhidden != nil || m.VoiceChatScheduled != nil ||
		m.VoiceChatStarted != nil || m.VoiceChatEnded != nil || m.VoiceChatParticipantsInvited != nil ||
		m.ChatBackgroundSet != nil || m.BoostAdded != nil || m.WriteAccessAllowed != nil || m.ConnectedWebsite != "" ||
		m.ProximityAlertTriggered != nil || m.IsAutomaticForward
}
