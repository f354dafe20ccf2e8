package jobs

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"

	"clipcase/flows"
)

// The kinds of tasks.
const (
	kindIngest  = "ingest"
	kindProcess = "process"
	kindRead    = "read"
	kindEarly   = "early"
	kindDeliver = "deliver"
	kindStamp   = "stamp"
	kindMail    = "mail"
)

// The queues. Ingest and deliver wait for networks, urgent and normal for the
// processor; read and early take what these leave.
const (
	queueIngest  = "ingest"
	queueUrgent  = "urgent"
	queueNormal  = "normal"
	queueRead    = "read"
	queueEarly   = "early"
	queueDeliver = "deliver"
	queueStamp   = "stamp"
	queueMail    = "mail"
)

// allQueues lists them in the order of a case's way.
func allQueues() []string {
	return []string{queueIngest, queueUrgent, queueNormal, queueRead, queueEarly, queueDeliver, queueStamp, queueMail}
}

// keyPrefix stands before every Redis key of ours; asynq has its own.
const keyPrefix = "clipcase:jobs:"

// task names one piece of work. It is the whole payload: everything else is
// read from the case when the work begins.
type task struct {
	Kind    string `json:"-"`
	Case    string `json:"case"`
	Exhibit string `json:"exhibit,omitempty"`
	Channel string `json:"channel,omitempty"`
	Round   int    `json:"round,omitempty"`

	queue string
	state string // what there is to do, so that a new need has a new id
}

func (t task) payload() []byte {
	raw, err := json.Marshal(t)
	if err != nil { // strings and numbers always marshal
		panic(err)
	}
	return raw
}

// id names the work for asynq: the same need has the same id while it is queued.
func (t task) id() string {
	if t.state != "" {
		return t.subject() + ":" + t.state
	}
	return t.subject()
}

// subject names what is worked on; at most one worker holds it at a time.
func (t task) subject() string {
	switch t.Kind {
	case kindIngest, kindRead:
		return t.Kind + ":" + t.Case + ":" + t.Exhibit
	case kindMail:
		return t.Kind + ":" + t.Case + ":" + strconv.Itoa(t.Round)
	case kindDeliver:
		return t.Kind + ":" + t.Case + ":" + t.Channel + ":" + strconv.Itoa(t.Round)
	default:
		return t.Kind + ":" + t.Case
	}
}

// toMake says whether the pack still waits for a worker to finish it.
func toMake(p *flows.Pack) bool {
	return p.State == flows.PackPlanned || p.State == flows.PackRendering
}

// processTask is the work on the packs of c, false when there is none. Its id
// changes with every pack added and every try, so that neither a task that is
// just ending nor one that was lost with its worker swallows the need.
func processTask(c *flows.Case, urgent bool) (task, bool) {
	hash := sha256.New()
	found := false
	for i := range c.Packs {
		if p := &c.Packs[i]; toMake(p) {
			found = true
			hash.Write(fmt.Appendf(nil, "%s/%d/%d;", p.Channel, p.Round, p.Tries))
		}
	}
	queue := queueNormal
	if urgent {
		queue = queueUrgent
	}
	return task{Kind: kindProcess, Case: c.ID, queue: queue, state: hex.EncodeToString(hash.Sum(nil)[:6])}, found
}

// earlyTask is the work on a draft, false when there is none. Its id changes with
// everything the pieces depend on.
func earlyTask(c *flows.Case) (task, bool) {
	key := c.EarlyKey()
	return task{Kind: kindEarly, Case: c.ID, queue: queueEarly, state: key}, key != ""
}

func ingestTask(id, exhibit string) task {
	return task{Kind: kindIngest, Case: id, Exhibit: exhibit, queue: queueIngest}
}

func readTask(id, exhibit string) task {
	return task{Kind: kindRead, Case: id, Exhibit: exhibit, queue: queueRead}
}

func stampTask(id string) task { return task{Kind: kindStamp, Case: id, queue: queueStamp} }

// deliverTask is the handing out of what there is of a pack. Its id changes with
// every piece that is made, so that a task which is just ending does not swallow
// the part that came meanwhile.
func deliverTask(id string, p *flows.Pack) task {
	state := strconv.Itoa(p.Made())
	if !toMake(p) {
		state = "whole"
	}
	return task{Kind: kindDeliver, Case: id, Channel: p.Channel, Round: p.Round, queue: queueDeliver, state: state}
}

// mailTask is the sending of the mail numbered n of a case.
func mailTask(id string, n int) task {
	return task{Kind: kindMail, Case: id, Round: n, queue: queueMail}
}

// casePrefix holds all blobs of a case.
func casePrefix(id string) string { return "cases/" + id + "/" }

// attemptPrefix holds what one try of the work on a case made.
func attemptPrefix(id, token string) string { return casePrefix(id) + "attempts/" + token + "/" }
