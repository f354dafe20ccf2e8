package pass

import (
	"strconv"
	"time"

	"clipcase/media"
)

// Grant lets whoever holds its code upload for one person, into one case or into
// what they are putting together now.
type Grant struct {
	ID      string    `json:"id"` // hash of the code
	Actor   string    `json:"actor"`
	Chat    string    `json:"chat"`           // where the conversation goes on
	Case    string    `json:"case,omitempty"` // bound to this case; "" = to the person
	Lang    string    `json:"lang"`
	Bytes   int64     `json:"bytes"` // all its uploads together at most
	Files   int       `json:"files"` // uploads at most
	Expires time.Time `json:"expires"`
}

// Limits of what comes in through the web.
const (
	MaxFile    = 2 << 30 // bytes of one file
	GrantBytes = 8 << 30
	GrantFiles = 40
)

// InWords is a limit as people count it: 2 GiB are 2 GB to them.
func InWords(bytes int64) string {
	if bytes >= 1<<30 && bytes%(1<<30) == 0 {
		return strconv.FormatInt(bytes>>30, 10) + " GB"
	}
	return media.FormatBytes(bytes)
}

// UploadState says how far an upload is.
type UploadState string

// receiving → received → entered → stored; of one that is taken back, refused or
// too old nothing is kept, not even the record.
const (
	UploadReceiving UploadState = "receiving" // bytes are coming, or may come again
	UploadReceived  UploadState = "received"  // all bytes are on disk, hash known
	UploadEntered   UploadState = "entered"   // the conversation has taken it as an exhibit
	UploadStored    UploadState = "stored"    // the original is in the blob store; the upload's own file is gone
)

// Upload is one upload's own record: every request about it is judged by this.
type Upload struct {
	ID      string      `json:"id"` // 26 characters a–z2–7, ours
	Grant   string      `json:"grant"`
	Actor   string      `json:"actor"`
	Chat    string      `json:"chat"`
	Case    string      `json:"case,omitempty"`
	Slot    string      `json:"slot,omitempty"` // exhibit slot it was chosen for
	Name    string      `json:"name"`           // as the browser says: hostile, for the record only
	MIME    string      `json:"mime"`
	Lang    string      `json:"lang"`
	Bytes   int64       `json:"bytes"`             // whole size, as declared and enforced
	Claimed string      `json:"claimed,omitempty"` // SHA-256 (hex) the browser reckoned
	SHA256  string      `json:"sha256,omitempty"`  // SHA-256 (hex) of what was received
	State   UploadState `json:"state"`
	Created time.Time   `json:"created"`
	Touched time.Time   `json:"touched"` // last bytes
}

// Ref is the reference by which the upload is fetched as an exhibit's file.
func (u Upload) Ref() string { return refPrefix + u.ID }

// Event is the id of the event by which the upload enters the conversation: the
// same however often it is reported.
func (u Upload) Event() string { return refPrefix + u.ID }

const refPrefix = "upload:"
