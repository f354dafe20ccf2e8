package main

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"strings"
	"time"

	"github.com/caarlos0/env/v11"

	"clipcase/flows"
)

// Secret is a value that never prints: not with %v, not in a log, not in JSON.
type Secret string

const hidden = "(hidden)"

// officialAPI is where bots speak to Telegram unless the operator has a server of his own.
const officialAPI = "https://api.telegram.org"

func (s Secret) String() string               { return hidden }
func (s Secret) GoString() string             { return hidden }
func (s Secret) LogValue() slog.Value         { return slog.StringValue(hidden) }
func (s Secret) MarshalJSON() ([]byte, error) { return json.Marshal(hidden) }

// Reveal gives the value to whoever needs it to speak to a server.
func (s Secret) Reveal() string { return string(s) }

// raw is the environment as it is written; every value is checked by readConfig,
// so that all mistakes are told at once and in the same words.
type raw struct {
	BotToken      string `env:"TELEGRAM_BOT_TOKEN"`
	APIURL        string `env:"TELEGRAM_API_URL" envDefault:"https://api.telegram.org"`
	LocalFiles    string `env:"TELEGRAM_LOCAL_FILES"`
	WebhookURL    string `env:"TELEGRAM_WEBHOOK_URL"`
	WebhookSecret string `env:"TELEGRAM_WEBHOOK_SECRET"`
	Proxy         string `env:"TELEGRAM_PROXY"`
	StaffChat     string `env:"STAFF_CHAT_ID"`
	Operator      string `env:"OPERATOR"`
	RedisURL      string `env:"REDIS_URL"`
	BlobURL       string `env:"BLOB_URL"`
	DataDir       string `env:"DATA_DIR" envDefault:"./data"`
	Listen        string `env:"LISTEN_ADDR" envDefault:"127.0.0.1:8080"`
	PublicURL     string `env:"PUBLIC_URL"`
	Access        string `env:"ACCESS"`
	AdminIDs      string `env:"ADMIN_IDS"`
	DailyMinutes  string `env:"DAILY_MINUTES" envDefault:"120"`
	DailyBytes    string `env:"DAILY_BYTES" envDefault:"4GB"`
	Retention     string `env:"RETENTION" envDefault:"30d"`
	Draft         string `env:"RETENTION_DRAFT"`
	Delivered     string `env:"RETENTION_DELIVERED"`
	Closed        string `env:"RETENTION_CLOSED"`
	CatalogDir    string `env:"CATALOG_DIR"`
	Workers       string `env:"WORKERS" envDefault:"1"`
	ReadScreens   string `env:"READ_SCREENS" envDefault:"on"`
	SMTPURL       string `env:"SMTP_URL"`
	TSAURLs       string `env:"TSA_URLS"`
	LogLevel      string `env:"LOG_LEVEL" envDefault:"info"`
	LogFormat     string `env:"LOG_FORMAT" envDefault:"text"`
}

// settings is a checked environment.
type settings struct {
	BotToken      Secret
	APIURL        string
	LocalFiles    string // absolute folder; "" = cloud server
	WebhookURL    string
	WebhookSecret Secret
	Proxy         Secret // a proxy address may carry a password
	StaffChat     int64  // 0 = none
	Operator      string // who runs it, for the first screen; "" = no name given
	RedisURL      Secret // "" = private redis-server in DataDir
	BlobURL       Secret // "" = folder in DataDir
	DataDir       string // absolute
	Listen        string
	PublicURL     string // without the last slash
	Access        flows.AccessMode
	Admins        []string // actors, "tg:42"
	DailySeconds  float64
	DailyBytes    int64
	Retention     time.Duration
	Draft         time.Duration // of what was never handed in; at most Retention
	Delivered     time.Duration // after everything was handed out; at most Retention
	Closed        time.Duration // after it was cancelled or answered; at most Retention
	CatalogDir    string
	Workers       int
	ReadScreens   bool // words on the screen are read
	SMTPURL       Secret
	TSAURLs       []string
	LogLevel      slog.Level
	LogJSON       bool
}

// mistake is one wrong variable: its name and the words that say what to write.
type mistake struct {
	Variable string
	Text     flows.Text
}

// badConfig is every mistake of an environment.
type badConfig []mistake

func (b badConfig) Error() string {
	names := make([]string, len(b))
	for i, m := range b {
		names[i] = m.Variable
	}
	return "wrong settings: " + strings.Join(names, ", ")
}

// readConfig checks the environment and returns every mistake at once.
func readConfig(environ []string) (settings, error) {
	var r raw
	if err := env.ParseWithOptions(&r, env.Options{Environment: filled(environ)}); err != nil {
		return settings{}, fmt.Errorf("read environment: %w", err)
	}
	var c checker
	s := settings{
		BotToken:      c.token(r.BotToken),
		APIURL:        c.url("TELEGRAM_API_URL", r.APIURL, "http", "https"),
		LocalFiles:    c.folder("TELEGRAM_LOCAL_FILES", r.LocalFiles),
		WebhookURL:    c.webhook(r.WebhookURL, r.APIURL),
		WebhookSecret: c.webhookSecret(r.WebhookSecret),
		Proxy:         Secret(c.url("TELEGRAM_PROXY", r.Proxy, "http", "https", "socks5")),
		StaffChat:     c.number("STAFF_CHAT_ID", r.StaffChat),
		Operator:      c.line("OPERATOR", r.Operator),
		RedisURL:      Secret(c.url("REDIS_URL", r.RedisURL, "redis", "rediss", "unix", "redis+sentinel", "rediss+sentinel")),
		BlobURL:       c.blobs(r.BlobURL),
		DataDir:       c.dataDir(r.DataDir),
		Listen:        c.listen(r.Listen),
		PublicURL:     c.public(r.PublicURL),
		Admins:        c.admins(r.AdminIDs),
		DailySeconds:  60 * c.positive("DAILY_MINUTES", r.DailyMinutes),
		DailyBytes:    c.size("DAILY_BYTES", r.DailyBytes),
		Retention:     c.days("RETENTION", r.Retention),
		CatalogDir:    c.folder("CATALOG_DIR", r.CatalogDir),
		Workers:       c.workers(r.Workers),
		ReadScreens:   c.oneOf("READ_SCREENS", r.ReadScreens, "on", "off") == "on",
		SMTPURL:       c.mail(r.SMTPURL),
		LogLevel:      c.level(r.LogLevel),
		LogJSON:       c.oneOf("LOG_FORMAT", r.LogFormat, "text", "json") == "json",
	}
	for _, item := range list(r.TSAURLs) {
		s.TSAURLs = append(s.TSAURLs, c.url("TSA_URLS", item, "http", "https"))
	}
	s.Draft = c.shorter("RETENTION_DRAFT", r.Draft, s.Retention)
	s.Delivered = c.shorter("RETENTION_DELIVERED", r.Delivered, s.Retention)
	s.Closed = c.shorter("RETENTION_CLOSED", r.Closed, s.Retention)
	s.Access = c.access(r.Access, s)
	if s.SMTPURL != "" && s.Access == flows.AccessOpen && s.reachable() {
		c.wrong("SMTP_URL", "mail.open")
	}
	c.together(r)
	if len(c.found) > 0 {
		return settings{}, c.found
	}
	return s, nil
}

// reachable says whether people other than the operator can reach the service:
// through the chat, because it listens on more than loopback, or because
// something in front of it does.
func (s settings) reachable() bool {
	return s.BotToken != "" || !loopback(s.Listen) || strings.HasPrefix(s.PublicURL, "https://")
}

// filled are the variables that are set to something; an empty one counts as
// absent, since compose files pass `X=${X}`.
func filled(environ []string) map[string]string {
	set := map[string]string{}
	for _, entry := range environ {
		name, value, _ := strings.Cut(entry, "=")
		if value = strings.TrimSpace(value); value != "" {
			set[name] = value
		}
	}
	return set
}

func list(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == ' ' || r == ';' })
}

// inClear says whether pages may be asked for from elsewhere, though the operator
// says that they are this machine's own, as in a container.
func (s settings) inClear() bool {
	u, err := url.Parse(s.PublicURL)
	return err == nil && u.Scheme == "http" && !loopback(s.Listen)
}

func loopback(addr string) bool {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return false
	}
	if host == "localhost" {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}
