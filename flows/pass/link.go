package pass

import "time"

// Link is an evidence link: whoever has it sees one file, as long as the case
// lives and the owner has not revoked it.
type Link struct {
	Token   string    `json:"token"`
	Case    string    `json:"case"`
	Blob    string    `json:"blob"`
	Name    string    `json:"name"` // file name offered, as the piece or original is called
	MIME    string    `json:"mime"`
	Bytes   int64     `json:"bytes"`
	SHA256  string    `json:"sha256"`
	Channel string    `json:"channel,omitempty"` // of a piece; "" = an original
	Of      []string  `json:"of,omitempty"`      // exhibits a piece was made of
	Created time.Time `json:"created"`
	Views   int64     `json:"-"` // how often it was opened
}
