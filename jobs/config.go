package jobs

import (
	"errors"
	"log/slog"
	"time"

	"github.com/redis/go-redis/v9"

	"clipcase/flows"
)

// Config is what jobs may do. Zero values take the defaults named.
type Config struct {
	Dir     string        // folder for attempts; required where Process runs
	Alone   bool          // no other process works with this Redis or in Dir: what one held is over, leftovers may go
	Workers int           // cases processed at once; 1
	Ingest  bool          // run the ingest server (needs Fetcher)
	Deliver bool          // run the deliver server (needs Courier)
	Process bool          // run the process server
	Sweep   bool          // run the sweep
	Relay   bool          // run the relay
	Staff   string        // chat that gets alerts, "tg:42"; "" = alerts are only logged
	Signer  string        // fingerprint of the key that cases are signed with, told in documents; "" = not told
	Remind  time.Duration // how long before the end people are reminded; flows.RemindBefore

	Beat      time.Duration // sign of life of running work; 5 s
	Stale     time.Duration // work without a sign of life for so long is taken over; 20 s
	Sweeping  time.Duration // between two sweeps; 10 s
	Watching  time.Duration // between two looks whether the case was cancelled; 0.5 s
	Poll      time.Duration // asynq's look for new tasks; 80 ms
	Stop      time.Duration // asynq's patience at the end; 4 s
	Tries     int           // tries of one download that breaks off before it is given up; 6
	Stall     time.Duration // a download without a byte for so long is cut; 60 s
	Attempts  int           // tries of one pack before it is given up; 2
	Later     time.Duration // first wait after Unavailable or a failed try; 2 s
	DiskWait  time.Duration // a wait for disk space is told after; 30 s
	AwayWait  time.Duration // a wait for a file's source that cannot be reached is told after; 1 min
	DiskAlarm float64       // share of the disk in use that is told to the staff; 0.85
	QueueLong time.Duration // a case waiting longer is told to the staff; 30 min
	Restamp   time.Duration // first wait for an authority that did not answer, longer each time; 1 min
	GiveUp    time.Duration // a delivery that cannot be made, or a download whose source is away, is stopped after; 48 h

	Log   *slog.Logger     // required
	Clock func() time.Time // required
	IDs   func() string    // required: random, URL-safe, at least 64 bits
}

// Deps are the parts jobs work with. Fetcher and Courier may be nil where
// Ingest and Deliver are off; Previewer, Ahead, Progress, Meter and Stamper may be nil.
type Deps struct {
	Redis     redis.UniversalClient
	Cases     Cases
	Outbox    Outbox
	Commits   Commits
	Links     Links
	Blobs     Blobs
	Disk      Disk
	Fetcher   Fetcher
	Inspector Inspector
	Previewer Previewer
	Reader    Reader                         // may be nil: screens are not read
	Words     func(scenario string) []string // that mark the key moment on a screen; nil with no Reader
	Preparer  Preparer
	Ahead     Preparer // the same at the lowest priority, for drafts; nil = nothing is made before a case is handed in
	Courier   Courier
	Packer    Packer
	Mailman   Mailman // nil = no mails are sent from here
	Talk      Talk
	Signer    Signer // of receipts for what was deleted
	Progress  Progress
	Meter     Meter
	Linker    Linker           // nil = there are no pages to lead to
	Stamper   Stamper          // nil = nothing is stamped
	Sealer    Sealer           // signs what is stamped; required with Stamper
	Gone      func(id string)  // told after a case was deleted, maybe more than once; must not block; nil = nobody
	Stored    func(ref string) // told after the original of a reference is stored; must not block; nil = nobody
}

func (c Config) withDefaults() (Config, error) {
	if c.Log == nil || c.Clock == nil || c.IDs == nil {
		return c, errors.New("jobs: Log, Clock and IDs are required")
	}
	if c.Process && c.Dir == "" {
		return c, errors.New("jobs: Dir is required to process")
	}
	orInt(&c.Workers, 1)
	orInt(&c.Tries, 6)
	orInt(&c.Attempts, 2)
	or(&c.Remind, flows.RemindBefore)
	or(&c.Beat, 5*time.Second)
	or(&c.Stale, 20*time.Second)
	or(&c.Sweeping, 10*time.Second)
	or(&c.Watching, 500*time.Millisecond)
	or(&c.Poll, 80*time.Millisecond)
	or(&c.Stop, 4*time.Second)
	or(&c.Stall, time.Minute)
	or(&c.Later, 2*time.Second)
	or(&c.DiskWait, 30*time.Second)
	or(&c.AwayWait, time.Minute)
	or(&c.QueueLong, 30*time.Minute)
	or(&c.Restamp, time.Minute)
	or(&c.GiveUp, 48*time.Hour)
	if c.DiskAlarm <= 0 {
		c.DiskAlarm = 0.85
	}
	return c, nil
}

func (d Deps) check(c Config) error {
	var errs []error
	need := func(ok bool, what string) {
		if !ok {
			errs = append(errs, errors.New("jobs: "+what+" is missing"))
		}
	}
	need(d.Redis != nil, "Redis")
	need(d.Cases != nil, "Cases")
	need(d.Outbox != nil, "Outbox")
	need(d.Commits != nil, "Commits")
	need(d.Blobs != nil, "Blobs")
	need(!c.Ingest || d.Fetcher != nil, "Fetcher")
	need(!c.Ingest || d.Inspector != nil, "Inspector")
	need(!c.Ingest && !c.Process && !c.Sweep && !c.Relay || d.Disk != nil, "Disk")
	need(!c.Process || d.Preparer != nil, "Preparer")
	need(!c.Process || d.Links != nil, "Links")
	need(!c.Deliver || d.Courier != nil, "Courier")
	need(!c.Deliver || d.Packer != nil, "Packer")
	need(!c.Relay && !c.Sweep || d.Signer != nil, "Signer")
	need(d.Stamper == nil || d.Sealer != nil, "Sealer")
	need(!c.Relay || d.Talk != nil, "Talk")
	return errors.Join(errs...)
}

func or(d *time.Duration, value time.Duration) {
	if *d <= 0 {
		*d = value
	}
}

func orInt(n *int, value int) {
	if *n <= 0 {
		*n = value
	}
}

// noMeter counts nothing.
type noMeter struct{}

func (noMeter) Made(string, int)           {}
func (noMeter) Spent(string, float64)      {}
func (noMeter) Failed(string, flows.Class) {}
