package rederive

import "clipcase/media"

// State is what came of one file.
type State string

// The states of files.
const (
	Same      State = "same"      // byte for byte
	Alike     State = "alike"     // it looks the same; Likeness says how much
	Other     State = "other"     // it cannot have come from the original as the record says
	Unknown   State = "unknown"   // it could not be made again: Why says what is missing
	Unnamed   State = "unnamed"   // it lies in the bag, and the record does not name it: nothing says how it came to be
	Unchecked State = "unchecked" // it is not made again: Why says why, and what of it was held against the record
)

// Report is what was found. Lists are never null.
type Report struct {
	OK        bool        `json:"ok"`        // every file that is made of an original was made again and is the same or looks the same, and there is none that the record does not name
	Exact     bool        `json:"exact"`     // the tools are those of the record: the same bytes are to be expected
	Recorded  media.Tools `json:"recorded"`  // tools, as the bag says
	Here      media.Tools `json:"here"`      // tools of this machine
	Originals []Original  `json:"originals"` // those the record names
	Files     []File      `json:"files"`
}

// Original is one of the record's originals.
type Original struct {
	File   string `json:"file"`
	SHA256 string `json:"sha256"` // as it is in the bag; "" = it is not there
	State  State  `json:"state"`  // same, other (not what the record names), unknown (not in the bag, or not to be used)
	Why    string `json:"why,omitempty"`
}

// File is one file of a channel.
type File struct {
	File     string          `json:"file"`
	State    State           `json:"state"`
	Expected State           `json:"expected"` // same where the tools are the same and the encoder allows it, else alike
	Likeness *media.Likeness `json:"likeness"` // null where the bytes decide
	Recipe   State           `json:"recipe"`   // same, or other: the record names filters or settings that were not these
	Why      string          `json:"why,omitempty"`
}

// Lies says whether the record tells of another way of making the file than the one
// that gave it. Where the bytes may differ, so may the tries that led to them.
func (f File) Lies() bool { return f.Recipe == Other && (f.Expected == Same || f.State == Same) }

// judge says whether all of it holds.
func (r *Report) judge() {
	r.OK = true
	for _, o := range r.Originals {
		r.OK = r.OK && o.State != Other
	}
	for _, f := range r.Files {
		switch f.State {
		case Other, Unknown, Unnamed:
			r.OK = false
		}
		r.OK = r.OK && !f.Lies()
	}
}
