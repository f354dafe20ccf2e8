package main

import (
	"errors"
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
	"unicode"
	"unicode/utf8"

	"clipcase/flows"
	"clipcase/media"
	"clipcase/post"
	"clipcase/storage"
)

// checker reads single values and collects what is wrong with them.
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
	if err := storage.CheckBlobURL(value); err != nil {
		text := flows.T("config.blobs")
		var told *flows.Error
		if errors.As(err, &told) {
			text = told.Text
		}
		c.found = append(c.found, mistake{"BLOB_URL", text})
		return ""
	}
	return Secret(value)
}

func (c *checker) mail(value string) Secret {
	if value == "" {
		return ""
	}
	if _, err := post.New(post.Config{URL: value}); err != nil {
		c.wrong("SMTP_URL", "mail")
		return ""
	}
	return Secret(value)
}

func (c *checker) webhookSecret(value string) Secret {
	for _, r := range value {
		letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
		if !letter && (r < '0' || r > '9') && r != '_' && r != '-' {
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
	if err != nil || !(n > 0 && n <= 1e6) { // also for NaN
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

// days reads 30, 30d or, as Go writes durations, 720h; at least one day.
func (c *checker) days(variable, value string) time.Duration {
	const day = 24 * time.Hour
	span, err := time.ParseDuration(value)
	if n, convErr := strconv.Atoi(strings.TrimSuffix(value, "d")); convErr == nil {
		span, err = time.Duration(min(max(n, 0), 1e5))*day, nil
	}
	if err != nil || span < day || span > 3650*day {
		c.wrong(variable, "days")
		return 0
	}
	return span
}

// shorter is how long cases in one state are kept: as long as the rest unless
// something shorter is written.
func (c *checker) shorter(variable, value string, retention time.Duration) time.Duration {
	if value == "" {
		return retention
	}
	span := c.days(variable, value)
	if retention > 0 && span > retention {
		c.wrong(variable, "shorter")
	}
	return span
}

// line is one short line that people will read.
func (c *checker) line(variable, value string) string {
	if utf8.RuneCountInString(value) > 60 || strings.ContainsFunc(value, unicode.IsControl) || !utf8.ValidString(value) {
		c.wrong(variable, "line")
		return ""
	}
	return value
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
	// pages carry people's evidence: beyond this machine only by https. Naming an
	// address of this machine says that nobody else gets here, as in a container
	// whose port is published on loopback.
	if _, _, err := net.SplitHostPort(r.Listen); err == nil && !loopback(r.Listen) && r.PublicURL == "" {
		c.wrong("PUBLIC_URL", "public_missing")
	}
}
