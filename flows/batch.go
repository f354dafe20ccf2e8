package flows

import (
	"slices"
	"time"

	"clipcase/media"
)

// together is how long after a file another one counts as sent with it: one
// answer is enough for both.
const together = 3 * time.Second

// maxLeft is how many files that were not taken in one answer names.
const maxLeft = 10

// batch is the files the one in hand came with: those of its album, or those that
// came just before.
func (t *turn) batch() *Batch {
	b := &t.session.Batch
	if b.Album != t.event.Album || b.Album == "" && t.now.Sub(b.At) >= together {
		*b = Batch{Album: t.event.Album}
	}
	b.At = t.now
	return b
}

func (b *Batch) leave(f File, why Text) {
	f.Name = record(f.Name)
	b.Left = append(b.Left, Left{Name: fileName(f), Why: why})
}

// tally answers the files that came together: how many were taken in, which were
// not and why. The answer waits for the rest of them and takes the place of the
// one before.
func (t *turn) tally(b *Batch) {
	taken, left := len(b.Taken), len(b.Left)
	t.undo = t.undo || b.Words
	b.Words = t.undo
	step := t.session.Step
	listed := step == "" || step == "exhibits" || step == "scenario" // the screen lists what is there
	switch {
	case left > 0 && taken+left > 1:
		t.say(T("talk.file.tally", "count", taken+left, "taken", taken, "left", left))
		for _, l := range b.Left[:min(left, maxLeft)] {
			t.notes = append(t.notes, Block{Style: StyleItem, Text: T("talk.file.tally.left", "name", l.Name, "why", l.Why)})
		}
	case left > 0:
		t.hint(T("talk.file.tally.left", "name", b.Left[0].Name, "why", b.Left[0].Why))
	case listed:
	case taken == 1:
		t.hint(T("talk.file.added", "name", fileName(t.kase.Exhibit(b.Taken[0]).File)))
	default:
		t.hint(T("talk.file.several", "count", taken))
	}
	t.reask()
	if t.screen != nil && t.screen.Step == "exhibits" {
		t.guessed(b)
	}
	t.late = b.Album != "" || taken+left > 1
}

// guessed says where pictures were put if they could have gone elsewhere.
func (t *turn) guessed(b *Batch) {
	s, _ := t.scenario()
	var slots []Text
	seen := map[string]bool{}
	for _, id := range b.Taken {
		if t.kase == nil || t.kase.ID != b.Case {
			return
		}
		e := t.kase.Exhibit(id)
		if e == nil || e.Removed || e.Placed || e.Slot == "" || FileKind(e.File) != media.KindImage || seen[e.Slot] {
			continue
		}
		takers := 0
		for _, slot := range s.Exhibits {
			if slices.Contains(slot.Accept, string(media.KindImage)) {
				takers++
			}
		}
		if takers > 1 {
			seen[e.Slot] = true
			slots = append(slots, t.slotName(e.Slot))
		}
	}
	if len(slots) > 0 {
		t.screen.Blocks = slices.Insert(t.screen.Blocks, len(t.notes), Block{Style: StyleNote, Text: T("talk.file.guessed", "slots", slots)})
	}
}
