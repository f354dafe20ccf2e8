package jobs

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/hibiken/asynq"

	"clipcase/flows"
)

// Jobs runs the servers, the relay and the sweep of one process.
type Jobs struct {
	cfg     Config
	queue   *queue
	worker  *worker
	servers []server
	relay   *relay
	sweep   *sweep

	cancel context.CancelFunc
	wg     *sync.WaitGroup
	once   sync.Once
}

type server struct {
	*asynq.Server
	mux *asynq.ServeMux
}

// New puts the parts together; nothing runs before Start.
func New(cfg Config, deps Deps) (*Jobs, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	if err := deps.check(cfg); err != nil {
		return nil, err
	}
	if deps.Stored == nil {
		deps.Stored = func(string) {}
	}
	if deps.Gone == nil {
		deps.Gone = func(string) {}
	}
	if deps.Meter == nil {
		deps.Meter = noMeter{}
	}
	hold := leases{redis: deps.Redis, ttl: cfg.Stale, beat: cfg.Beat}
	remember := notes{redis: deps.Redis}
	stopping, cancel := context.WithCancel(context.Background())
	j := &Jobs{cfg: cfg, cancel: cancel, wg: &sync.WaitGroup{}}
	j.queue = &queue{
		client:    asynq.NewClientFromRedisClient(deps.Redis),
		inspector: asynq.NewInspectorFromRedisClient(deps.Redis),
		leases:    hold, clock: cfg.Clock,
	}
	j.worker = &worker{cfg: cfg, cases: deps.Cases, leases: hold, meter: deps.Meter, stopping: stopping, wg: j.wg, log: cfg.Log}
	tell := &alerts{chat: cfg.Staff, commits: deps.Commits, redis: deps.Redis, clock: cfg.Clock, log: cfg.Log}
	gone := &forget{redis: deps.Redis, cases: deps.Cases, blobs: deps.Blobs, disk: deps.Disk, commits: deps.Commits, signer: deps.Signer, queue: j.queue, tells: deps.Progress, told: deps.Gone, clock: cfg.Clock, log: cfg.Log}

	dated := &stamps{redis: deps.Redis, queue: j.queue, cases: deps.Cases, blobs: deps.Blobs, stamper: deps.Stamper, sealer: deps.Sealer, notes: remember, cfg: cfg, log: cfg.Log}

	none := func(*flows.Case) []string { return nil }
	small := &previews{dir: cfg.Dir, made: deps.Previewer, cases: deps.Cases, blobs: deps.Blobs, log: cfg.Log}
	reads := deps.Reader != nil && deps.Reader.Reads()
	if cfg.Ingest {
		g := &ingest{cfg: cfg, queue: j.queue, reads: reads, cases: deps.Cases, blobs: deps.Blobs, disk: deps.Disk, fetcher: deps.Fetcher, inspector: deps.Inspector, previews: small, stored: deps.Stored, notes: remember, alerts: tell, log: cfg.Log}
		j.serve(deps, 4, map[string]int{queueIngest: 1}, kindIngest, g.run, none)
	}
	if cfg.Process {
		p := &process{cfg: cfg, cases: deps.Cases, links: deps.Links, blobs: deps.Blobs, disk: deps.Disk, preparer: deps.Preparer, linker: deps.Linker, progress: deps.Progress, meter: deps.Meter, alerts: tell, log: cfg.Log}
		if deps.Reader != nil {
			seen := &screens{cfg: cfg, cases: deps.Cases, blobs: deps.Blobs, reader: deps.Reader, words: deps.Words, small: small, log: cfg.Log}
			j.serve(deps, 1, map[string]int{queueRead: 1}, kindRead, seen.run, none)
		}
		if deps.Ahead != nil {
			low := *p
			low.preparer, low.progress = deps.Ahead, nil
			a := &early{process: &low, queue: j.queue, reads: reads}
			j.serve(deps, 1, map[string]int{queueEarly: 1}, kindEarly, a.run, none)
		}
		if dated.on() {
			j.serve(deps, 2, map[string]int{queueStamp: 1}, kindStamp, dated.run, none)
		}
		person := func(c *flows.Case) []string { return []string{"person:" + c.Actor} }
		j.serve(deps, cfg.Workers, map[string]int{queueUrgent: 4, queueNormal: 1}, kindProcess, p.run, person)
	}
	if cfg.Deliver {
		d := &deliver{cfg: cfg, cases: deps.Cases, courier: deps.Courier, packer: deps.Packer, notes: remember, alerts: tell, log: cfg.Log}
		chat := func(c *flows.Case) []string { return []string{"chat:" + c.Chat} }
		j.serve(deps, 4, map[string]int{queueDeliver: 1}, kindDeliver, d.run, chat)
	}
	if cfg.Deliver && deps.Mailman != nil {
		m := &mail{cfg: cfg, cases: deps.Cases, blobs: deps.Blobs, mailman: deps.Mailman, notes: remember, alerts: tell, log: cfg.Log}
		j.serve(deps, 2, map[string]int{queueMail: 1}, kindMail, m.run, none)
	}
	if cfg.Relay {
		j.relay = &relay{
			outbox: deps.Outbox, cases: deps.Cases, talk: deps.Talk, queue: j.queue, forget: gone, stamps: dated,
			leases: hold, token: cfg.IDs(), clock: cfg.Clock, first: cfg.Later, log: cfg.Log, tries: map[string]failing{},
		}
	}
	if cfg.Sweep {
		j.sweep = &sweep{
			cfg: cfg, cases: deps.Cases, disk: deps.Disk, queue: j.queue, forget: gone, stamps: dated, notes: remember, alerts: tell,
			leases: hold, token: cfg.IDs(), log: cfg.Log, waiting: map[string]time.Time{},
			places: &places{queue: j.queue, cases: deps.Cases, progress: deps.Progress, last: map[string]int{}},
		}
	}
	return j, nil
}

func (j *Jobs) serve(deps Deps, concurrency int, queues map[string]int, kind string, do work, others func(*flows.Case) []string) {
	mux := asynq.NewServeMux()
	mux.Handle(kind, j.worker.handler(kind, do, others))
	j.servers = append(j.servers, server{mux: mux, Server: asynq.NewServerFromRedisClient(deps.Redis, asynq.Config{
		Concurrency: concurrency, Queues: queues,
		TaskCheckInterval: j.cfg.Poll, DelayedTaskCheckInterval: 2 * j.cfg.Poll,
		RetryDelayFunc:  func(n int, err error, _ *asynq.Task) time.Duration { return retryDelay(n, err, j.cfg.Later) },
		IsFailure:       isFailure,
		ShutdownTimeout: j.cfg.Stop,
		Logger:          asynqLog{j.cfg.Log}, LogLevel: asynq.WarnLevel,
	})})
}

// Start begins to work. After an error nothing runs.
func (j *Jobs) Start() error {
	if j.cfg.Alone {
		j.inherit()
	}
	if j.cfg.Process {
		j.sweepFolders()
	}
	for i, s := range j.servers {
		if err := s.Start(s.mux); err != nil {
			for _, running := range j.servers[:i] {
				running.Shutdown()
			}
			return fmt.Errorf("start work: %w", err)
		}
	}
	if j.relay != nil {
		j.wg.Go(func() { j.relay.run(j.worker.stopping) })
	}
	if j.sweep != nil {
		j.wg.Go(func() { j.sweep.run(j.worker.stopping) })
	}
	return nil
}

// Stop ends all work and blocks until it has ended. It may be called again, also
// without Start. Order: no new tasks; running work is cancelled, gives back
// what it holds and goes back into the queue; asynq's own goroutines; ours.
func (j *Jobs) Stop() {
	j.once.Do(func() {
		for _, s := range j.servers {
			s.Stop()
		}
		j.cancel()
		var all sync.WaitGroup
		for _, s := range j.servers {
			all.Go(s.Shutdown)
		}
		all.Wait()
	})
	j.wg.Wait()
}

// Lengths counts what waits and what runs, by queue.
func (j *Jobs) Lengths() (waiting, running map[string]int, err error) { return j.queue.lengths() }

var errNothing = errors.New("nothing to do")
