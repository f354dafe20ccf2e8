package bot

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	telegram "github.com/go-telegram/bot"
)

// outcome sorts how a call that shows something ended.
type outcome int

const (
	done      outcome = iota
	unsent            // nothing was shown: may be repeated
	uncertain         // may have been shown
	doubtful          // may have been shown, but is as likely to fail each time until the server is back
	held              // nothing was shown, and not before fate.after
	blocked           // the person does not want it, or the chat is gone
	moved             // the chat is another now: fate.chat
	refused           // Telegram will not have it so, however often it is sent
	tooLarge          // the file is over the server's limit
	rejected          // the token or the server's address is wrong
)

// fate is how a call ended and what follows from it.
type fate struct {
	outcome outcome
	after   time.Duration
	chat    int64
	err     error
}

// gone are Telegram's words for a chat that cannot be written to any more.
func gone() []string {
	return []string{"chat not found", "user not found", "peer_id_invalid", "have no rights to send", "not enough rights to send", "bot is not a member", "chat_write_forbidden"}
}

// judge says how a call ended by its error.
func judge(err error) fate {
	var (
		flood  *telegram.TooManyRequestsError
		move   *telegram.MigrateError
		wire   *wireError
		status *statusError
	)
	switch {
	case err == nil:
		return fate{outcome: done}
	case errors.As(err, &flood):
		return fate{outcome: held, after: max(time.Duration(flood.RetryAfter)*time.Second, time.Second), err: err}
	case errors.As(err, &move):
		return fate{outcome: moved, chat: int64(move.MigrateToChatID), err: err}
	case errors.Is(err, telegram.ErrorForbidden):
		return fate{outcome: blocked, err: err}
	case errors.Is(err, telegram.ErrorBadRequest):
		if says(err, gone()...) {
			return fate{outcome: blocked, err: err}
		}
		if says(err, "request entity too large", "file is too big") {
			return fate{outcome: tooLarge, err: err}
		}
		return fate{outcome: refused, err: err}
	case errors.Is(err, telegram.ErrorUnauthorized), errors.Is(err, telegram.ErrorNotFound):
		return fate{outcome: rejected, err: err}
	case errors.Is(err, telegram.ErrorConflict):
		return fate{outcome: unsent, err: err}
	case errors.As(err, &wire):
		if wire.left {
			return fate{outcome: uncertain, err: err}
		}
		return fate{outcome: unsent, err: err}
	case errors.As(err, &status):
		switch status.status {
		case http.StatusRequestEntityTooLarge:
			return fate{outcome: tooLarge, err: err}
		case http.StatusGatewayTimeout, http.StatusBadGateway: // a proxy's word: the server may have done it all the same
			return fate{outcome: doubtful, err: err}
		default:
			return fate{outcome: unsent, err: err}
		}
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return fate{outcome: uncertain, err: err}
	default: // an answer that could not be read: the call may have had its effect
		return fate{outcome: uncertain, err: err}
	}
}

// says looks for Telegram's words in an error, whatever their case.
func says(err error, phrases ...string) bool {
	words := strings.ToLower(err.Error())
	for _, phrase := range phrases {
		if strings.Contains(words, phrase) {
			return true
		}
	}
	return false
}
