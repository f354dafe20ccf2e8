package main

import (
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/caarlos0/env/v11"

	"clipcase/flows"
	"clipcase/media"
)

// Secret is a value that never prints: not with %v, not in a log, not in JSON.
type Secret string

const hidden = "(hidden)"

// officialAPI is where bots speak to Telegram unless the operator has a server of his own.
const officialAPI = "https://api.telegram.org"

func (s Secret) String() string               { return hidden }
func (s Secret) GoString() string             { return hidden }
func (s Secret) LogValue() slog.Value         { return slog.StringValue(hidden) }
func (s Secret) MarshalText() ([]byte, error) { return []byte(hidden), nil }

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
	CatalogDir    string `env:"CATALOG_DIR"`
	Workers       string `env:"WORKERS" envDefault:"1"`
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
	CatalogDir    string
	Workers       int
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
		SMTPURL:       Secret(c.url("SMTP_URL", r.SMTPURL, "smtp", "smtps")),
		LogLevel:      c.level(r.LogLevel),
		LogJSON:       c.oneOf("LOG_FORMAT", r.LogFormat, "text", "json") == "json",
	}
	for _, item := range list(r.TSAURLs) {
		s.TSAURLs = append(s.TSAURLs, c.url("TSA_URLS", item, "http", "https"))
	}
	s.Access = c.access(r.Access, s)
	c.together(r)
	if len(c.found) > 0 {
		return settings{}, c.found
	}
	return s, nil
}

// reachable says whether people other than the operator can reach the service:
// through the chat, or because it listens on more than loopback.
func (s settings) reachable() bool { return s.BotToken != "" || !loopback(s.Listen) }

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

type checker struct{ found badConfig }

func (c *checker) wrong(variable, key string, pairs ...any) {
	c.found = append(c.found, mistake{variable, flows.T("config."+key, pairs...)})
}

func (c *checker) url(variable, value string, schemes ...string) string {
	if value == "" {
		return ""
	}
	u, err := url.Parse(value)
	if err != nil || !slices.Contains(schemes, u.Scheme) || (u.Host == "" && u.Path == "") || (u.Host == "" && strings.HasPrefix(u.Scheme, "http")) {
		c.wrong(variable, "url", "schemes", strings.Join(schemes, ":// / ")+"://")
		return ""
	}
	return value
}

func (c *checker) token(value string) Secret {
	if value == "" {
		return ""
	}
	id, rest, ok := strings.Cut(value, ":")
	if _, err := strconv.ParseInt(id, 10, 64); !ok || err != nil || len(rest) < 8 || strings.ContainsAny(rest, " \t/:?#") {
		c.wrong("TELEGRAM_BOT_TOKEN", "token")
		return ""
	}
	return Secret(value)
}

// webhook must be https for Telegram's own servers; one's own server may take http.
func (c *checker) webhook(value, api string) string {
	if strings.HasPrefix(api, officialAPI) {
		return c.url("TELEGRAM_WEBHOOK_URL", value, "https")
	}
	return c.url("TELEGRAM_WEBHOOK_URL", value, "https", "http")
}

func (c *checker) blobs(value string) Secret {
	if !strings.Contains(value, "://") {
		return Secret(value)
	}
	u, err := url.Parse(value)
	if err != nil || u.Scheme != "file" || u.Host != "" || !filepath.IsAbs(u.Path) {
		c.wrong("BLOB_URL", "blobs")
		return ""
	}
	return Secret(value)
}

func (c *checker) webhookSecret(value string) Secret {
	for _, r := range value {
		if !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '_' || r == '-') {
			c.wrong("TELEGRAM_WEBHOOK_SECRET", "secret")
			return ""
		}
	}
	if len(value) > 256 {
		c.wrong("TELEGRAM_WEBHOOK_SECRET", "secret")
		return ""
	}
	return Secret(value)
}

func (c *checker) folder(variable, value string) string {
	if value == "" {
		return ""
	}
	path, err := filepath.Abs(value)
	if err != nil {
		c.wrong(variable, "folder")
		return ""
	}
	if info, err := os.Stat(path); err != nil || !info.IsDir() {
		c.wrong(variable, "folder")
		return ""
	}
	return path
}

func (c *checker) dataDir(value string) string {
	path, err := filepath.Abs(value)
	if err == nil {
		err = os.MkdirAll(path, 0o700)
	}
	if err == nil {
		var probe *os.File
		if probe, err = os.CreateTemp(path, ".write-*"); err == nil {
			err = probe.Close()
			if gone := os.Remove(probe.Name()); err == nil {
				err = gone
			}
		}
	}
	if err != nil {
		c.wrong("DATA_DIR", "data")
		return ""
	}
	return path
}

func (c *checker) number(variable, value string) int64 {
	if value == "" {
		return 0
	}
	n, err := strconv.ParseInt(value, 10, 64)
	if err != nil || n == 0 {
		c.wrong(variable, "number")
		return 0
	}
	return n
}

func (c *checker) listen(value string) string {
	_, port, err := net.SplitHostPort(value)
	if n, perr := strconv.Atoi(port); err != nil || perr != nil || n < 0 || n > 65535 {
		c.wrong("LISTEN_ADDR", "listen")
		return ""
	}
	return value
}

func (c *checker) public(value string) string {
	before := len(c.found)
	value = c.url("PUBLIC_URL", value, "http", "https")
	if len(c.found) > before || value == "" {
		return ""
	}
	u, err := url.Parse(value)
	if err != nil || u.RawQuery != "" || u.Fragment != "" || u.User != nil || (u.Path != "" && u.Path != "/") {
		c.wrong("PUBLIC_URL", "public")
		return ""
	}
	if u.Scheme == "http" && u.Hostname() != "localhost" && !loopback(net.JoinHostPort(u.Hostname(), "1")) {
		c.wrong("PUBLIC_URL", "public_https")
		return ""
	}
	return strings.TrimSuffix(value, "/")
}

func (c *checker) admins(value string) []string {
	var actors []string
	for _, item := range list(value) {
		n, err := strconv.ParseInt(strings.TrimPrefix(item, "tg:"), 10, 64)
		if err != nil || n <= 0 {
			c.wrong("ADMIN_IDS", "admins")
			return nil
		}
		actors = append(actors, "tg:"+strconv.FormatInt(n, 10))
	}
	return actors
}

func (c *checker) positive(variable, value string) float64 {
	n, err := strconv.ParseFloat(value, 64)
	if err != nil || n <= 0 || n > 1e6 {
		c.wrong(variable, "minutes")
		return 0
	}
	return n
}

func (c *checker) size(variable, value string) int64 {
	var s media.Size
	if err := s.UnmarshalText([]byte(value)); err != nil || s <= 0 {
		c.wrong(variable, "size")
		return 0
	}
	return int64(s)
}

func (c *checker) days(variable, value string) time.Duration {
	n, err := strconv.Atoi(strings.TrimSuffix(value, "d"))
	if err != nil || n < 1 || n > 3650 {
		c.wrong(variable, "days")
		return 0
	}
	return time.Duration(n) * 24 * time.Hour
}

func (c *checker) workers(value string) int {
	n, err := strconv.Atoi(value)
	if err != nil || n < 1 || n > 64 {
		c.wrong("WORKERS", "workers", "cores", runtime.NumCPU())
		return 0
	}
	return n
}

func (c *checker) level(value string) slog.Level {
	var level slog.Level
	if err := level.UnmarshalText([]byte(value)); err != nil {
		c.wrong("LOG_LEVEL", "one_of", "values", "debug / info / warn / error")
	}
	return level
}

func (c *checker) oneOf(variable, value string, allowed ...string) string {
	if !slices.Contains(allowed, value) {
		c.wrong(variable, "one_of", "values", strings.Join(allowed, " / "))
	}
	return value
}

func (c *checker) access(value string, s settings) flows.AccessMode {
	if value == "" {
		if s.reachable() {
			return flows.AccessInvite
		}
		return flows.AccessOpen
	}
	return flows.AccessMode(c.oneOf("ACCESS", value, string(flows.AccessInvite), string(flows.AccessList), string(flows.AccessOpen)))
}

// together checks what only several variables show.
func (c *checker) together(r raw) {
	if r.WebhookURL != "" && r.WebhookSecret == "" {
		c.wrong("TELEGRAM_WEBHOOK_SECRET", "secret_missing")
	}
	if r.WebhookURL != "" && r.BotToken == "" {
		c.wrong("TELEGRAM_BOT_TOKEN", "token_for_webhook")
	}
	if r.LocalFiles != "" && strings.HasPrefix(r.APIURL, officialAPI) {
		c.wrong("TELEGRAM_API_URL", "api_for_local")
	}
	if r.Access == string(flows.AccessList) && r.AdminIDs == "" {
		c.wrong("ADMIN_IDS", "admins_for_list")
	}
}
