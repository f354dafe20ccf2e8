package bot

import (
	"errors"
	"log/slog"
	"net/url"
	"path/filepath"
	"regexp"
	"time"
)

// Telegram's limits on what passes through its own server, in bytes, and what a
// server of the operator's own takes in local mode.
const (
	cloudFetch  int64 = 20 << 20
	cloudUpload int64 = 50 << 20
	localUpload int64 = 2000 << 20
)

// Config says which bot this is and how it reaches Telegram.
type Config struct {
	Token         string // of BotFather; never logged
	APIURL        string // the Bot API server; "" = https://api.telegram.org
	LocalFiles    string // folder of a local-mode server, readable here; "" = the cloud's limits hold
	Proxy         string // URL of an http, https or socks5 proxy; "" = as the environment says
	WebhookURL    string // registered verbatim; "" = long polling
	WebhookSecret string // 1-256 of A-Za-z0-9_-, demanded with every webhook request
	StaffChat     int64  // where alerts go; 0 = only the log

	Log   *slog.Logger
	Clock func() time.Time
	IDs   func() string // short random incident numbers
	Pace  Pace
}

// Pace is how fast the bot works; zero fields take the defaults named here.
type Pace struct {
	PerChat  time.Duration // between messages of one chat: 1 s
	Burst    int           // messages of a chat that may go without a gap after a rest: 8, a head, the pictures and the words
	PerGroup time.Duration // between messages of a group: 3 s
	Overall  float64       // messages a second over all chats: 25
	First    time.Duration // before work that goes on is told of; what is done sooner needs no word: 1 s
	Edit     time.Duration // between edits of one progress message: 5 s
	Stall    time.Duration // a transfer without a byte for this long is ended: 60 s
	Patience time.Duration // longest wait on Telegram's word within one delivery: 60 s
	Claim    time.Duration // a chat waits this long for a sender that died; a living one extends its claim: 15 s
	Retry    time.Duration // before a failed call is tried again, doubling up to 30 s: 1 s
	Poll     time.Duration // how long Telegram holds a getUpdates open: 50 s
	Senders  int           // messages sent at the same time: 8
	Handlers int           // chats answered at the same time: 16
	Tries    int           // before an update that always fails is skipped: 5
}

var (
	tokenShape  = regexp.MustCompile(`^[0-9]+:[A-Za-z0-9_-]+$`)
	secretShape = regexp.MustCompile(`^[A-Za-z0-9_-]{1,256}$`)
)

// check fills defaults in and names everything that is wrong.
func (c *Config) check() error {
	var wrong []error
	say := func(words string) { wrong = append(wrong, errors.New(words)) }
	if !tokenShape.MatchString(c.Token) {
		say("the bot token has not the form 123456:ABC…")
	}
	if c.APIURL == "" {
		c.APIURL = "https://api.telegram.org"
	}
	if u, err := url.Parse(c.APIURL); err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		say("the address of the Bot API server is no http or https URL")
	}
	if c.Proxy != "" {
		if u, err := url.Parse(c.Proxy); err != nil || u.Host == "" {
			say("the proxy is no URL")
		}
	}
	if c.WebhookURL != "" && !secretShape.MatchString(c.WebhookSecret) {
		say("a webhook needs a secret of 1-256 characters A-Z a-z 0-9 _ -")
	}
	if c.LocalFiles != "" && !filepath.IsAbs(c.LocalFiles) {
		say("the folder of the local Bot API server must be an absolute path")
	}
	if c.Log == nil || c.Clock == nil || c.IDs == nil {
		say("log, clock and ids are needed")
	}
	c.Pace.fill()
	return errors.Join(wrong...)
}

func (p *Pace) fill() {
	duration := func(d *time.Duration, standard time.Duration) {
		if *d <= 0 {
			*d = standard
		}
	}
	number := func(n *int, standard int) {
		if *n <= 0 {
			*n = standard
		}
	}
	duration(&p.PerChat, time.Second)
	duration(&p.PerGroup, 3*time.Second)
	duration(&p.First, time.Second)
	duration(&p.Edit, 5*time.Second)
	duration(&p.Stall, time.Minute)
	duration(&p.Patience, time.Minute)
	duration(&p.Claim, 15*time.Second)
	duration(&p.Retry, time.Second)
	duration(&p.Poll, 50*time.Second)
	number(&p.Burst, 8)
	number(&p.Senders, 8)
	number(&p.Handlers, 16)
	number(&p.Tries, 5)
	if p.Overall <= 0 {
		p.Overall = 25
	}
}

// local says whether the operator's own server lifts the cloud's limits.
func (c *Config) local() bool { return c.LocalFiles != "" }

// uploadLimit is the largest file that can be sent, in bytes.
func (c *Config) uploadLimit() int64 {
	if c.local() {
		return localUpload
	}
	return cloudUpload
}
