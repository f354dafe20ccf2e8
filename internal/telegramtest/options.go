package telegramtest

import (
	"net/http"
	"time"

	"github.com/go-telegram/bot/models"
)

// Option changes a Server before it starts.
type Option func(*config)

type config struct {
	local        string // folder of a server in --local mode; "" = cloud
	token        string
	bot          models.User
	now          func() time.Time
	callbackLife time.Duration
	webhookBase  string
	webhookDelay time.Duration
	client       *http.Client
	flood        *Flood
	addr         string
}

const (
	cloudDownload = 20 << 20
	cloudUpload   = 50 << 20
	localUpload   = 2000 << 20
	linkLife      = time.Hour
	updateLife    = 24 * time.Hour
	callbackWait  = 150 * time.Second // unfetched callback queries are dropped after this
)

func defaults() config {
	return config{
		token: "424242:telegramtest-token_AAAAAAAAAAAAAAAA",
		bot: models.User{ID: 424242, IsBot: true, FirstName: "Clipcase", Username: "clipcase_test_bot",
			CanJoinGroups: true},
		now:          time.Now,
		callbackLife: 30 * time.Second,
		webhookDelay: time.Second,
		client:       &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: time.Minute},
		addr:         "127.0.0.1:0",
	}
}

// Local makes the server one in --local mode: getFile answers absolute paths
// under dir and no file is served over HTTP, nothing is too big to download,
// uploads may have 2000 MB and may be file:// paths, webhooks may be plain http.
func Local(dir string) Option { return func(c *config) { c.local = dir } }

// Token sets the bot's token (default: a fixed one, see Server.Token).
func Token(token string) Option { return func(c *config) { c.token = token } }

// BotUser sets what getMe answers.
func BotUser(u models.User) Option { return func(c *config) { c.bot = u } }

// Clock sets the clock that dates messages and ends the life of links, updates
// and callback queries. Waiting (long polls, slow downloads) is real time.
func Clock(now func() time.Time) Option { return func(c *config) { c.now = now } }

// CallbackLife sets how long a pressed button waits for its answer (default 30 s).
func CallbackLife(d time.Duration) Option { return func(c *config) { c.callbackLife = d } }

// WebhookTo sends what goes to the webhook to base (scheme and host of a server
// on loopback) instead, so that a cloud server's https rule can be kept in tests.
func WebhookTo(base string) Option { return func(c *config) { c.webhookBase = base } }

// WebhookDelay sets the first wait before an update is sent to the webhook
// again; it doubles each time (default 1 s). The first repeat is sent at once.
func WebhookDelay(d time.Duration) Option { return func(c *config) { c.webhookDelay = d } }

// Address sets where the server listens (default 127.0.0.1:0).
func Address(addr string) Option { return func(c *config) { c.addr = addr } }

// Flood is a flood control that is enforced. The zero fields mean: not limited.
type Flood struct {
	PerChat float64 // messages and edits a second in one chat
	Burst   int     // of them at once
	Overall float64 // a second, all chats together
	Wait    int     // seconds named in retry_after; 0 = as long as needed, at least 1
}

// Limit switches flood control on (default: off).
func Limit(f Flood) Option { return func(c *config) { c.flood = &f } }
