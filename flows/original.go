package flows

import "time"

// Sidecar is what stands beside an original in the blob store: enough to rebuild
// its case when Redis is lost.
type Sidecar struct {
	Case     string    `json:"case"`
	Actor    string    `json:"actor"`
	Chat     string    `json:"chat"`
	Lang     string    `json:"lang"`
	Scenario string    `json:"scenario"`
	Exhibit  string    `json:"exhibit"`
	Slot     string    `json:"slot"`
	File     File      `json:"file"`
	SHA256   string    `json:"sha256"` // filled by the blob store
	Bytes    int64     `json:"bytes"`
	Received time.Time `json:"received"`
}

// Stored is an original that is safely on disk.
type Stored struct {
	Blob   string
	SHA256 string
	Bytes  int64
}
