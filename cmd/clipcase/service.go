package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"clipcase/bot"
	"clipcase/flows"
	"clipcase/flows/catalog"
	"clipcase/flows/dossier/casebag"
	"clipcase/flows/dossier/sign"
	"clipcase/flows/prepare"
	"clipcase/jobs"
	"clipcase/media/ffmpeg"
	"clipcase/post"
	"clipcase/storage"
	"clipcase/web"
)

// stopWithin is how long the parts may take to stop; SIGTERM promises 10 s.
const stopWithin = 8 * time.Second

// sessionsOutlive is how much longer than its last case a conversation is
// remembered, so that an answer about a case that has ended is understood.
const sessionsOutlive = 7 * 24 * time.Hour

// cloudFetchLimit is the largest file Telegram's own server gives to a bot.
const cloudFetchLimit = 20 << 20

// service is everything one process of serve runs.
type service struct {
	set   settings
	roles roles
	app   *app
	log   *slog.Logger

	key   *sign.Key
	redis *storage.Redis
	blobs *storage.Blobs
	bags  *casebag.Maker
	gate  *storage.Gate
	talk  *lateTalk
	post  *post.Post // nil without SMTP_URL
	bot   *bot.Bot   // nil without a token or the role
	jobs  *jobs.Jobs
	pages *pages      // nil without the role
	web   *web.Server // nil without the role
}

// newService opens what the service stands on and puts the parts together. What
// was opened is closed again if a later part fails.
func newService(ctx context.Context, set settings, r roles, a *app) (*service, error) {
	s := &service{set: set, roles: r, app: a, log: newLogger(set, a.err)}
	if err := s.open(ctx); err != nil {
		return nil, errors.Join(err, s.close())
	}
	return s, nil
}

func (s *service) open(ctx context.Context) error {
	cat, err := s.app.catalogue(s.set.CatalogDir)
	if err != nil {
		return s.app.trouble(codeUsage, err, "catalog", "why", err.Error())
	}
	engine, versions, err := newTools(ctx, s.set.ReadScreens, filepath.Join(s.set.DataDir, "work"), s.log)
	if err != nil {
		return s.app.trouble(codeFailed, err, "tools", "why", err.Error())
	}
	if s.redis, err = storage.Open(ctx, storage.Config{RedisURL: s.set.RedisURL.Reveal(), DataDir: s.set.DataDir, SessionTTL: s.set.Retention + sessionsOutlive, Log: s.log, Clock: s.app.clock, IDs: newID}); err != nil {
		return s.app.trouble(codeFailed, err, "redis", "why", err.Error())
	}
	if s.blobs, err = s.app.openBlobs(ctx, s.set); err != nil {
		return err
	}
	s.key, err = sign.Open(filepath.Join(s.set.DataDir, keyFile), rand.Reader)
	if err != nil {
		return err
	}
	if s.bags, err = casebag.New(cat, s.blobs, s.key, agent()); err != nil {
		return err
	}
	s.gate = s.redis.Gate(s.blobs.Usage)
	admins := s.set.Admins
	if s.set.BotToken == "" {
		admins = append(admins, ownerActor)
	}
	if err := s.gate.SetAdmins(ctx, admins...); err != nil {
		return s.app.trouble(codeFailed, err, "redis", "why", err.Error())
	}
	if err := s.newPost(); err != nil {
		return err
	}
	behind := engine.Behind()
	preparer, err := prepare.New(prepare.Config{Catalog: cat, Engine: engine, Behind: behind, Reader: engine, Clock: s.app.clock, Tools: versions})
	if err != nil {
		return fmt.Errorf("preparing: %w", err)
	}
	ahead, err := prepare.New(prepare.Config{Catalog: cat, Engine: behind, Reader: behind, Clock: s.app.clock, Tools: versions})
	if err != nil {
		return fmt.Errorf("preparing ahead: %w", err)
	}
	s.talk, err = newLateTalk(func(botName string) (*flows.Engine, error) {
		return flows.New(s.talkConfig(botName), cat, s.redis.Cases(), s.gate, s.app.clock, newID)
	})
	if err != nil {
		return fmt.Errorf("conversation: %w", err)
	}
	if err := s.newBot(cat); err != nil {
		return err
	}
	if err := s.newPages(cat); err != nil {
		return err
	}
	metrics := web.NewMetrics()
	packer := flows.NewPacker(cat).Signed(s.key.Fingerprint())
	if s.set.PublicURL != "" {
		packer = packer.Linked()
	}
	if s.post != nil {
		packer = packer.Mailed()
	}
	if err := s.newJobs(engine, behind, preparer, ahead, cat, packer, metrics); err != nil {
		return err
	}
	metrics.WithQueues(s.jobs.Lengths)
	metrics.WithRefusals(s.gate.Refusals)
	return s.newWeb(metrics)
}

func (s *service) talkConfig(botName string) flows.Config {
	limit := int64(cloudFetchLimit)
	if s.set.LocalFiles != "" {
		limit = 0
	}
	var made flows.Links
	if s.set.PublicURL != "" {
		made = &links{doors: s.redis.Doors(), public: s.set.PublicURL, clock: s.app.clock}
	}
	return flows.Config{
		Mailbox: s.mailbox(), Links: made, Operator: s.set.Operator, RetentionDays: int(s.set.Retention / (24 * time.Hour)), DraftDays: int(s.set.Draft / (24 * time.Hour)),
		DeliveredDays: int(s.set.Delivered / (24 * time.Hour)), ClosedDays: int(s.set.Closed / (24 * time.Hour)), PublicURL: s.set.PublicURL, Access: s.set.Access,
		DailyBytes: s.set.DailyBytes, DailySeconds: s.set.DailySeconds, FetchLimit: limit, BotName: botName,
	}
}

func (s *service) newBot(cat *catalog.Catalog) error {
	if s.set.BotToken == "" || !s.roles.bot && !s.roles.web {
		return nil
	}
	var err error
	s.bot, err = bot.New(bot.Config{
		Token: s.set.BotToken.Reveal(), APIURL: s.set.APIURL, LocalFiles: s.set.LocalFiles, Proxy: s.set.Proxy.Reveal(),
		WebhookURL: s.set.WebhookURL, WebhookSecret: s.set.WebhookSecret.Reveal(), StaffChat: s.set.StaffChat,
		Log: s.log, Clock: s.app.clock, IDs: newID,
	}, cat, s.talk, s.redis.Mailbox(), s.redis.Ledger(), s.redis.Notes(), s.blobs, s.redis.Progress())
	if err != nil {
		return fmt.Errorf("bot: %w", err)
	}
	return nil
}

// newJobs fetches and brings wherever a front end runs; what belongs to one that
// does not run here waits for it.
func (s *service) newJobs(engine, behind *ffmpeg.Engine, preparer, ahead *prepare.Preparer, cat *catalog.Catalog, packer *flows.Packer, meter *web.Metrics) error {
	from := fetchers{}
	to := couriers{}
	if s.roles.bot && s.bot != nil {
		from["tg"], to.bot = s.bot, s.bot
	}
	if s.pages != nil {
		from["upload"] = s.pages.uploads
	}
	carries := len(from) > 0
	asker, err := newAsker(s.set.TSAURLs)
	if err != nil {
		return fmt.Errorf("time stamps: %w", err)
	}
	deps := jobs.Deps{
		Redis: s.redis.Client(), Cases: s.redis.Cases(), Outbox: s.redis.Outbox(), Commits: s.redis.Cases(), Links: s.redis.Doors(),
		Blobs: s.blobs, Disk: s.blobs, Inspector: engine, Previewer: engine, Reader: behind, Words: marking(cat), Preparer: preparer, Ahead: ahead, Packer: packer, Talk: s.talk, Signer: s.key,
		Progress: s.redis.Progress(), Meter: meter, Fetcher: from, Courier: to, Stamper: asker, Sealer: s.bags,
	}
	if s.set.PublicURL != "" {
		deps.Linker = &evidence{doors: s.redis.Doors(), cases: s.redis.Cases(), cat: cat, public: s.set.PublicURL, clock: s.app.clock}
	}
	if s.post != nil {
		deps.Mailman = mailman{s.post}
	}
	if s.pages != nil {
		deps.Stored = func(string) { s.pages.uploads.Wake() } // its file can go
		deps.Gone = deps.Stored                               // the files of what was on its way into it, too
	}
	staff := ""
	if s.set.StaffChat != 0 {
		staff = "tg:" + strconv.FormatInt(s.set.StaffChat, 10)
	}
	s.jobs, err = jobs.New(jobs.Config{
		Dir: filepath.Join(s.set.DataDir, "work"), Alone: s.set.RedisURL == "", Workers: s.set.Workers,
		Ingest: carries, Deliver: carries, Process: s.roles.worker, Sweep: s.roles.worker, Relay: s.roles.bot || s.roles.worker,
		Staff: staff, Signer: s.key.Fingerprint(), Log: s.log, Clock: s.app.clock, IDs: newID,
	}, deps)
	if err != nil {
		return fmt.Errorf("jobs: %w", err)
	}
	return nil
}

// marking gives the words that mark the key moment of a scenario on a screen.
func marking(cat *catalog.Catalog) func(scenario string) []string {
	return func(scenario string) []string {
		s, _ := cat.Scenario(scenario) // one that is gone has no words
		return s.Moments
	}
}

func (s *service) newWeb(metrics *web.Metrics) error {
	if !s.roles.web {
		return nil
	}
	cfg := web.Config{
		Addr: s.set.Listen, Checks: s.checks(), Metrics: metrics, Log: s.log,
		Parts: s.pages.parts(), Large: []string{"/files", "/upload/"}, Hosts: s.hosts(), Secure: strings.HasPrefix(s.set.PublicURL, "https://"),
	}
	if s.bot != nil && s.set.WebhookURL != "" {
		cfg.Webhook = s.bot.Webhook()
	}
	var err error
	if s.web, err = web.New(cfg); err != nil {
		return fmt.Errorf("web: %w", err)
	}
	return nil
}

// run starts everything, waits for ctx to end, and stops everything.
//
// Start: web first, so that a taken port is told before any work begins; then
// jobs; then the bot, which brings new work.
// Stop: the bot and the jobs at once (the bot takes in nothing more, running work
// goes back into the queue); then web; then blobs and Redis, which all others use.
func (s *service) run(ctx context.Context) (err error) {
	defer func() { err = errors.Join(err, s.close()) }()
	if s.web != nil {
		if err := s.web.Start(ctx); err != nil {
			return s.cannotListen(err)
		}
	}
	if err := s.jobs.Start(); err != nil {
		return err
	}
	running, stop := context.WithCancel(context.WithoutCancel(ctx))
	var wg sync.WaitGroup
	if s.bot != nil && s.roles.bot {
		wg.Go(func() {
			if err := s.bot.Run(running); err != nil {
				s.log.Error("bot ended", "err", err)
			}
		})
	}
	if s.pages != nil {
		wg.Go(func() {
			if err := s.pages.run(running); err != nil {
				s.log.Error("pages ended", "err", err)
			}
		})
	}
	s.greet(ctx)
	if s.bot != nil && s.roles.bot {
		wg.Go(func() { s.acquaint(running) })
	}
	<-ctx.Done()
	wg.Go(s.jobs.Stop)
	stop()
	wg.Wait()
	if s.web != nil {
		within, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopWithin/4)
		defer cancel()
		if err := s.web.Stop(within); err != nil {
			s.log.Warn("web server was cut off", "err", err)
		}
	}
	return nil
}

func (s *service) cannotListen(err error) error {
	if errors.Is(err, syscall.EADDRINUSE) {
		return s.app.trouble(codeFailed, err, "port", "addr", s.set.Listen)
	}
	return s.app.trouble(codeFailed, err, "listen", "addr", s.set.Listen, "why", err.Error())
}

// close ends what open began; it may be called at any point.
func (s *service) close() error {
	var errs []error
	if s.jobs != nil {
		s.jobs.Stop()
	}
	if s.blobs != nil {
		errs = append(errs, s.blobs.Close())
		s.blobs = nil
	}
	if s.redis != nil {
		errs = append(errs, s.redis.Close())
	}
	return errors.Join(errs...)
}

func (a *app) openBlobs(ctx context.Context, set settings) (*storage.Blobs, error) {
	address := set.BlobURL.Reveal()
	if address == "" {
		address = filepath.Join(set.DataDir, "blobs")
	}
	blobs, err := storage.OpenBlobs(ctx, storage.BlobConfig{
		URL: address, Dir: filepath.Join(set.DataDir, "transit"), Log: newLogger(set, a.err),
	})
	if err != nil {
		return nil, a.trouble(codeFailed, err, "blobs", "why", a.why(err))
	}
	return blobs, nil
}

func newLogger(set settings, out io.Writer) *slog.Logger {
	options := &slog.HandlerOptions{Level: set.LogLevel}
	if set.LogJSON {
		return slog.New(slog.NewJSONHandler(out, options))
	}
	return slog.New(slog.NewTextHandler(out, options))
}

// newID is a random name of 80 bits in letters that may stand in paths and keys.
func newID() string {
	var raw [10]byte
	_, _ = rand.Read(raw[:]) // never fails: the runtime ends the program instead
	return hex.EncodeToString(raw[:])
}

// onPath says whether a tool can be found.
func onPath(tool string) bool {
	for _, dir := range filepath.SplitList(os.Getenv("PATH")) {
		if info, err := os.Stat(filepath.Join(dir, tool)); err == nil && !info.IsDir() && info.Mode()&0o111 != 0 {
			return true
		}
	}
	return false
}
