package telegramtest

import "fmt"

// Refusal is an answer other than ok, as the Bot API gives it.
type Refusal struct {
	Code       int    // HTTP status and error_code
	Text       string // description
	RetryAfter int    // seconds, with 429
	MigrateTo  int64  // chat id, with 400 after a group became a supergroup
}

func (r *Refusal) Error() string { return fmt.Sprintf("%d %s", r.Code, r.Text) }

func bad(format string, args ...any) error {
	return &Refusal{Code: 400, Text: "Bad Request: " + fmt.Sprintf(format, args...)}
}

func forbidden(text string) error { return &Refusal{Code: 403, Text: "Forbidden: " + text} }

func conflict(text string) error { return &Refusal{Code: 409, Text: "Conflict: " + text} }

func tooMany(retryAfter int) error {
	return &Refusal{Code: 429, Text: fmt.Sprintf("Too Many Requests: retry after %d", retryAfter), RetryAfter: retryAfter}
}
