package dossier

import (
	"slices"
	"time"

	"clipcase/flows/catalog"
	"clipcase/media"
)

// Story is all that the summary tells: the record, and what people are told
// beside it.
type Story struct {
	Record   *Record
	Scenario catalog.Scenario
	Made     time.Time // in the zone that dates are told in
	Answers  []catalog.PasteAnswer
	Slots    []string // name of the exhibit each of Record.Originals stands for, in the story's language
	Arrived  []string // how each of them reached us, in the same language; none or an empty one = by its grade
	Packs    []Pack
	Moments  []Moment  // the seconds that matter, named or chosen, at most one an original
	Screen   []Seen    // lines on the screen that say something about the matter, in order; at most SeenShown
	Stamped  []Stamped // who else says when an original was there
	Received time.Time // when the first of them arrived, in the zone that dates are told in; zero = not known
	Frames   []Frame   // the story board; only a Book has it

	// What the custody page of a Book tells besides, as far as it is known when it
	// is made.
	Came   []time.Time // when each of Record.Originals arrived, in the zone that dates are told in; none or zero = not known
	Course []Noted     // what was done with them since, in order
	Head   string      // hash of the last line of the history that Course tells; "" = there is none yet
	Link   string      // an evidence link that its owner made; "" = none. Only a Book shows it
}

// ForOthers is the story as others may see it: the originals are named, with their
// hashes, as absent, and what stands on their screens stays with them.
func (s Story) ForOthers() Story {
	r := *s.Record
	r.Originals, r.Pieces, r.Timeline, s.Screen = slices.Clone(r.Originals), slices.Clone(r.Pieces), nil, nil
	for i := range r.Originals {
		r.Originals[i].Absent = true
	}
	for i := range r.Pieces {
		if recipe := r.Pieces[i].Recipe; recipe != nil {
			told := *recipe
			told.Plan.Caption = ""
			r.Pieces[i].Recipe = &told
		}
	}
	s.Record = &r
	return s
}

// Moment is the stretch of an original that matters.
type Moment struct {
	Original string // SHA-256
	Range    media.Range
}

// Stamped is what an authority for time stamps says of an original.
type Stamped struct {
	Original string // SHA-256
	By       string // what its certificate calls it
	At       time.Time
}

// Pack is what the summary says of one channel.
type Pack struct {
	Channel catalog.Channel
	Subject string // "" = none
	Words   string
	Failed  string // why there are no pieces, told to the person; "" = there are
}
