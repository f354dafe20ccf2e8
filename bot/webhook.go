package bot

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"io"
	"net/http"
	"time"
)

const (
	updateLimit = 1 << 20 // bytes; Telegram's updates are far smaller
	updateWait  = 40 * time.Second
)

// Webhook takes Telegram's requests while Run runs. It answers 200 only after
// the update is committed; anything else makes Telegram send it again.
func (b *Bot) Webhook() http.Handler {
	secret := sha256.Sum256([]byte(b.cfg.WebhookSecret))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		if r.Method != http.MethodPost {
			w.Header().Set("Allow", http.MethodPost)
			w.WriteHeader(http.StatusMethodNotAllowed)
			return
		}
		given := sha256.Sum256([]byte(r.Header.Get("X-Telegram-Bot-Api-Secret-Token")))
		if b.cfg.WebhookSecret == "" || subtle.ConstantTimeCompare(given[:], secret[:]) != 1 {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, updateLimit))
		if err != nil {
			var large *http.MaxBytesError
			if errors.As(err, &large) {
				w.WriteHeader(http.StatusRequestEntityTooLarge)
				return
			}
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		a, err := arrive(raw)
		if err != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		if err := b.receive(r.Context(), a); err != nil {
			b.log.Warn("an update was not committed: Telegram will send it again", "update", a.id, "error", err)
			w.Header().Set("Retry-After", "2")
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		w.WriteHeader(http.StatusOK)
	})
}

// receive handles an update in its chat's turn. It ends with the bot or with
// the request.
func (b *Bot) receive(ctx context.Context, a arrival) error {
	root, end, ok := b.begin()
	if !ok {
		return errors.New("the bot does not run")
	}
	defer end()
	ctx, cancel := context.WithTimeout(ctx, updateWait)
	defer cancel()
	defer context.AfterFunc(root, cancel)() //nolint:contextcheck // the end of the bot ends the request too
	before, leave := b.turns.join(a.chat)
	if before != nil {
		select {
		case <-before:
		case <-ctx.Done():
			b.work.Go(func() { <-before; leave() }) // those behind keep their order
			return ctx.Err()
		}
	}
	defer leave()
	select {
	case b.seats <- struct{}{}:
		defer func() { <-b.seats }()
	case <-ctx.Done():
		return ctx.Err()
	}
	return b.handle(ctx, a)
}
