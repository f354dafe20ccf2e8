package dossier

import (
	"clipcase/flows"
	"clipcase/media"
)

// Record is case.json and the answer to --json.
type Record struct {
	Case      string      `json:"case"`
	Scenario  string      `json:"scenario"`
	Statement string      `json:"statement"`
	Answers   []Answer    `json:"answers"` // to the scenario's questions, in their order
	Originals []Original  `json:"originals"`
	Pieces    []Piece     `json:"pieces"`
	Timeline  []Seen      `json:"timeline"` // what came to stand on the screen, as far as it was read
	Warnings  []string    `json:"warnings"`
	Tools     media.Tools `json:"tools"` // the pieces were made with, where a recipe names no others
	Timings   Timings     `json:"timings"`
	Signer    string      `json:"signer,omitempty"` // fingerprint of the key that signs the bag with this record; "" = none does

	// Broken is, by channel, what kept all of its files from being made where it
	// is no fault of the originals'.
	Broken map[string]error `json:"-"`
}

// Broke notes that nothing could be made for a channel.
func (r *Record) Broke(channel string, err error) {
	if r.Broken == nil {
		r.Broken = map[string]error{}
	}
	r.Broken[channel] = err
}

// Answer is what the person said to one question.
type Answer struct {
	ID       string `json:"id"` // of the question, in the scenario
	Question string `json:"question"`
	Answer   string `json:"answer"`
}

// Original is one file handed in. Media fields are null where the file has none.
type Original struct {
	File     string   `json:"file"` // below the case's folder, begins with data/
	Name     string   `json:"name"` // as it was sent, in composed characters
	SHA256   string   `json:"sha256"`
	Bytes    int64    `json:"bytes"`
	Duration *float64 `json:"duration"`
	Width    *int     `json:"width"`
	Height   *int     `json:"height"`
	FPS      *float64 `json:"fps"`
	Codec    *string  `json:"codec"`
	Grade    string   `json:"grade"`  // file, video, forwarded, unknown
	Status   string   `json:"status"` // ok, damaged, refused
	Absent   bool     `json:"absent,omitempty"`
	Error    *Error   `json:"error,omitempty"`
}

// Error says why an original was refused.
type Error struct {
	Class string `json:"class"`
	Text  string `json:"text"`
}

// Piece is one file made for a channel.
type Piece struct {
	Channel  string         `json:"channel"`
	File     string         `json:"file"`
	SHA256   string         `json:"sha256"`
	Bytes    int64          `json:"bytes"`
	Kind     media.Kind     `json:"kind"`
	Width    *int           `json:"width"`
	Height   *int           `json:"height"`
	Duration *float64       `json:"duration"`
	FPS      *float64       `json:"fps"`
	Codec    *string        `json:"codec"`
	Label    *string        `json:"label"`
	Original *string        `json:"original"` // SHA-256 of the original it was made from
	Range    *[2]float64    `json:"range"`
	Beside   *flows.Beside  `json:"beside,omitempty"` // what is shown next to each other; original is then null, Left and Right are SHA-256
	Fit      []media.Fit    `json:"fit"`
	Quality  *media.Quality `json:"quality"`
	Recipe   *Recipe        `json:"recipe"` // null where it is not known
}

// Timings are seconds of the work.
type Timings struct {
	Probe      float64 `json:"probe"`
	Render     float64 `json:"render"`
	Document   float64 `json:"document"`
	FirstPiece float64 `json:"first_piece"`
	Total      float64 `json:"total"`
}

// Where the summary stands in a bag.
const (
	SummaryText = "data/summary.md"
	SummaryPage = "data/summary.html"
)

// Named says of every path below data/ that the record accounts for: what was handed
// in, what was made of it, and what is written of the whole case.
func (r *Record) Named() map[string]bool {
	named := map[string]bool{"data/case.json": true, SummaryText: true, SummaryPage: true}
	for _, o := range r.Originals {
		named[o.File] = true
	}
	for _, p := range r.Pieces {
		named[p.File] = true
	}
	return named
}
