package prepare

import (
	"context"
	"time"

	"clipcase/flows"
	"clipcase/flows/dossier"
	"clipcase/media"
)

// Engine measures and renders media; media/ffmpeg has the one that is used.
// Errors that are the file's fault are *media.Refusal; anything else is ours.
// Every method may be called again; a cancelled ctx ends the work within 2 s and
// leaves no file under a piece's name.
type Engine interface {
	// Inspect measures a file and refuses what cannot be used.
	Inspect(ctx context.Context, path string) (media.Probe, error)
	// Choose finds the stretch of about length seconds where most happens.
	Choose(ctx context.Context, path string, probe media.Probe, length float64) (media.Range, error)
	// Render makes the pieces of job in their order and measures each. made is
	// called once for every piece as soon as it stands under its name, report
	// often in between; both from the calling goroutine's tree, never at once.
	// A piece that cannot be made legibly within its limit is left out and
	// returned in the error (errors.Join of *media.Refusal) beside the others.
	Render(ctx context.Context, job media.Job, report func(media.Progress), made func(media.Made)) ([]media.Made, error)
	// Trace reads as much of a recording as it takes to lay it beside another.
	Trace(ctx context.Context, path string, probe media.Probe) (media.Trace, error)
	// Beside writes an H.264 video of two recordings next to each other, never larger
	// than its limit; report hears how much is done, 0..1.
	Beside(ctx context.Context, c media.Comparison, report func(done float64), to string) error
	// Thumbnail writes a JPEG of the picture at a time, longer side at most side pixels, under 200 kB.
	Thumbnail(ctx context.Context, path string, probe media.Probe, at float64, side int, to string) error
}

// Request is one case as preparing sees it.
type Request struct {
	Case      string
	Scenario  string
	Lang      string
	Statement string
	Answers   map[string]string
	Exhibits  []Exhibit
	Key       *flows.KeyMoment // Exhibit refers to Exhibits[].ID
	Channels  []Channel        // made in this order
	Offset    *float64         // seconds by which a comparison's right recording shows the same later; nil = is found
	Dir       string           // existing folder that receives data/…
	HandOver  string           // existing folder that receives the record and the summary below data/, as others may see them; "" = none
	Now       time.Time
	Wording   Wording
	Early     bool              // the words are still being written: they are left aside, and nothing is made that tells of the whole case
	Signer    string            // fingerprint of the key that will sign the finished folder; "" = none will
	History   []flows.Entry     // of the case so far; nil = none is kept
	Stamped   []dossier.Stamped // what authorities said of the originals so far
	// Arrived hears of the originals once their hashes are known, before anything is
	// made of them: each has its File, Name, SHA256 and Bytes. What it returns takes
	// the place of History and Stamped; an error ends the work. nil = these are all.
	Arrived func(ctx context.Context, originals []dossier.Original) ([]flows.Entry, []dossier.Stamped, error)

	Link string // an evidence link that the owner made, for channels that take links; "" = none
	// Fetch gives a path to read what Channel.Earlier names by its blob, until
	// release is called; nil where there are no earlier attempts.
	Fetch    func(ctx context.Context, blob string) (path string, release func(), err error)
	Original bool // command line: put the originals under data/original and make no thumbnails; the worker has blobs and messages
}

// Wording says what becomes of words that a channel's filter may stop.
type Wording string

// Nobody has looked yet: they are named in a warning. The person wants them said
// neutrally, or saw them and keeps them.
const (
	WordingTold    Wording = ""
	WordingNeutral Wording = "neutral"
	WordingKept    Wording = "kept"
)

// Exhibit is one original.
type Exhibit struct {
	ID     string
	Slot   string
	Path   string // readable; never changed
	Name   string // as sent, for the record
	Grade  flows.Grade
	At     time.Time    // when it reached us; zero = not known
	Came   flows.Text   // how it reached us, in words; the zero Text = by its grade
	SHA256 string       // hex if known; "" = is computed
	Probe  *media.Probe // if known
	Seen   []media.Seen // what stands on its screen; nil = not known, is read
}

// Channel is one pack to make.
type Channel struct {
	ID    string
	Tier  int
	Extra bool // also the recipes made on request

	// Earlier is what an attempt before this one already published of the pack:
	// its Pieces with a Blob are taken as they are, as far as they are still
	// planned, and its Warnings and the day in the names (Begun) are kept. Every
	// piece is made smaller than what of it is known as too big (Over).
	Earlier flows.Pack
}

// Observer hears how the work goes. Calls come one at a time.
type Observer interface {
	Progress(flows.WorkProgress)
	// Pack receives a pack each time more of it is made: in state rendering with
	// what is there so far, in state ready as it stays. Pieces are all of the pack
	// in the order of handing in; those still to be made have no SHA256, and come
	// only while it is rendering. Finished ones stand in Request.Dir as
	// data/<channel>/<name>, but for those of Channel.Earlier, which keep their
	// Blob; the words as data/<channel>/message.txt. Blob is for the caller to
	// fill; Thumb is a path below Request.Dir. A pack without pieces comes only
	// for a channel that takes words only: of any other the record tells why
	// nothing could be made. An error ends the work.
	Pack(ctx context.Context, pack flows.Pack) error
}
