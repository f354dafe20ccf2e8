package bot

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	telegram "github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"

	"clipcase/flows"
	"clipcase/flows/catalog"
)

// Bot is one Telegram bot. Everything it must remember lies with the
// dependencies; several may run, each with its own goroutines.
type Bot struct {
	cfg    Config
	log    *slog.Logger
	clock  func() time.Time
	cat    *catalog.Catalog
	talk   Talk
	mail   Mailbox
	ledger Ledger
	notes  Notes
	files  Files
	watch  Watch

	api   *telegram.Bot
	wire  *wire
	pacer *pacer
	turns *turns
	board *board
	seats chan struct{} // chats answered at the same time

	name    atomic.Pointer[string]
	closing sync.Map // ids of letters shown that the mailbox does not know of yet
	langs   sync.Map // chat → language it is spoken to in

	life sync.Mutex // guards root and calls.Add against calls.Wait
	root context.Context
	work sync.WaitGroup // webhook requests and answers to presses under way
}

// New makes a bot that has not yet spoken to Telegram. An error names every
// mistake in cfg.
func New(cfg Config, cat *catalog.Catalog, talk Talk, mail Mailbox, ledger Ledger, notes Notes, files Files, watch Watch) (*Bot, error) {
	if err := cfg.check(); err != nil {
		return nil, fmt.Errorf("bot: %w", err)
	}
	wire, err := newWire(&cfg)
	if err != nil {
		return nil, fmt.Errorf("bot: %w", err)
	}
	b := &Bot{
		cfg: cfg, log: cfg.Log, clock: cfg.Clock, cat: cat,
		talk: talk, mail: mail, ledger: ledger, notes: notes, files: files, watch: watch,
		wire: wire, pacer: newPacer(cfg.Pace, cfg.Clock), turns: newTurns(), seats: make(chan struct{}, cfg.Pace.Handlers),
	}
	b.board = newBoard(b)
	b.api, err = telegram.New(cfg.Token,
		telegram.WithServerURL(strings.TrimRight(cfg.APIURL, "/")),
		telegram.WithHTTPClient(cfg.Pace.Poll, methods{wire}),
		telegram.WithSkipGetMe(),
		telegram.WithErrorsHandler(func(err error) { b.log.Debug("bot library", "error", mask(err.Error(), cfg.Token)) }),
		telegram.WithDebugHandler(func(string, ...any) {}),
		telegram.WithDefaultHandler(func(context.Context, *telegram.Bot, *models.Update) {}),
	)
	if err != nil {
		return nil, errors.New("bot: " + mask(err.Error(), cfg.Token))
	}
	return b, nil
}

// Username is the bot's name without @, "" until Telegram told it.
func (b *Bot) Username() string {
	if name := b.name.Load(); name != nil {
		return *name
	}
	return ""
}

// Run receives and sends until ctx ends, and returns within 5 s after. That
// Telegram is away is no reason to return.
func (b *Bot) Run(ctx context.Context) error {
	b.life.Lock()
	if b.root != nil {
		b.life.Unlock()
		return errors.New("bot: runs already")
	}
	b.root = ctx
	b.life.Unlock()

	var group sync.WaitGroup
	for range b.cfg.Pace.Senders {
		group.Go(func() { b.sendLetters(ctx) })
	}
	group.Go(func() { b.board.show(ctx) })
	group.Go(func() {
		if b.meet(ctx) != nil || b.receiveBy(ctx) != nil {
			return // only the end of ctx ends these
		}
		group.Go(func() { b.introduce(ctx) })
		if b.cfg.WebhookURL == "" {
			b.poll(ctx)
		}
	})
	<-ctx.Done()
	group.Wait()
	b.life.Lock()
	b.root = nil
	b.life.Unlock()
	b.work.Wait()
	b.wire.client.CloseIdleConnections()
	return nil
}

// begin counts a piece of work that Run waits for; ok is false when the bot does
// not run.
func (b *Bot) begin() (ctx context.Context, end func(), ok bool) {
	b.life.Lock()
	defer b.life.Unlock()
	if b.root == nil || b.root.Err() != nil {
		return nil, nil, false
	}
	b.work.Add(1)
	return b.root, b.work.Done, true
}

// grace gives what is on its way when ctx ends three seconds to arrive.
func grace(ctx context.Context) (context.Context, context.CancelFunc) {
	late, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() {
		timer := time.NewTimer(3 * time.Second)
		defer timer.Stop()
		select {
		case <-timer.C:
			cancel()
		case <-late.Done():
		}
	})
	return late, func() { cancel(); stop() }
}

// after is the context for writing down what has happened already.
func after(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), 4*time.Second)
}

// render and say put words together in a language of the catalogue.
func (b *Bot) render(lang string, t flows.Text) string {
	return flows.Render(b.cat, b.lang(lang), t)
}

func (b *Bot) say(lang, key string, args map[string]any) string {
	return b.cat.Say(b.lang(lang), key, args)
}

// lang is a language the catalogue speaks.
func (b *Bot) lang(lang string) string {
	if lang == "" {
		return "zh"
	}
	return lang
}

// remember notes in which language a chat is spoken to, for what has no screen.
func (b *Bot) remember(ctx context.Context, chat, lang string) {
	if lang == "" {
		return
	}
	if known, ok := b.langs.Swap(chat, lang); ok && known == lang {
		return
	}
	if err := b.notes.SetNote(ctx, "lang:"+chat, lang, 60*24*time.Hour); err != nil {
		b.log.Warn("the language of a chat could not be noted", "error", err)
	}
}

// spoken is the language a chat is spoken to in.
func (b *Bot) spoken(ctx context.Context, chat string) string {
	if known, ok := b.langs.Load(chat); ok {
		if lang, ok := known.(string); ok {
			return lang
		}
	}
	lang, err := b.notes.Note(ctx, "lang:"+chat)
	if err != nil || lang == "" {
		return "zh"
	}
	b.langs.Store(chat, lang)
	return lang
}
