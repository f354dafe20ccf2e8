package flows

import "clipcase/media"

// Item is one message of a delivery. Items are sent in order, each under a
// ledger entry made of case, channel, round and ID, so that a delivery goes on
// where it stopped.
type Item struct {
	ID     string  `json:"id"`               // head, file:<name>, …, words, notes, more, summary
	Screen *Screen `json:"screen,omitempty"` // a message of words; nil for a file
	File   *Parcel `json:"file,omitempty"`
}

// Parcel is one file on its way to the person.
type Parcel struct {
	Name     string     `json:"name"`
	Kind     media.Kind `json:"kind"`
	Blob     string     `json:"blob"`
	Bytes    int64      `json:"bytes"`
	Width    int        `json:"width,omitempty"`
	Height   int        `json:"height,omitempty"`
	Duration float64    `json:"duration,omitempty"`
	Thumb    string     `json:"thumb,omitempty"`
	Line     Text       `json:"line"`            // caption
	Exact    bool       `json:"exact,omitempty"` // as a document, byte for byte, even if it could be shown inline
}

// WorkProgress is what the person sees while packs are made.
type WorkProgress struct {
	Case    string  `json:"case"`
	Place   int     `json:"place"` // cases before this one; 0 = being worked on
	Step    string  `json:"step"`  // stage, probe, plan, render, verify, document
	Channel string  `json:"channel,omitempty"`
	Percent float64 `json:"percent"` // 0..100 of all work of the case
	Left    float64 `json:"left"`    // seconds; negative = unknown
	Done    bool    `json:"done,omitempty"`
	Stopped bool    `json:"stopped,omitempty"` // with Done: it ended before everything was made
}
