package bot

import (
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestConfigNamesEveryMistake(t *testing.T) {
	t.Parallel()
	right := Config{Token: "1:T", Log: slog.New(slog.DiscardHandler), Clock: time.Now, IDs: func() string { return "x" }}
	require.NoError(t, right.check())
	require.Equal(t, "https://api.telegram.org", right.APIURL)
	require.Equal(t, 50*time.Second, right.Pace.Poll)
	for name, spoil := range map[string]func(*Config){
		"bot token":          func(c *Config) { c.Token = "secret" },
		"Bot API server":     func(c *Config) { c.APIURL = "ftp://x" },
		"proxy":              func(c *Config) { c.Proxy = "::" },
		"webhook needs":      func(c *Config) { c.WebhookURL = "https://x.org" },
		"absolute path":      func(c *Config) { c.LocalFiles = "rel" },
		"log, clock and ids": func(c *Config) { c.Log = nil },
		"clock and ids are":  func(c *Config) { c.Clock = nil },
		"1-256 characters":   func(c *Config) { c.WebhookURL, c.WebhookSecret = "https://x.org", "bad secret" },
	} {
		c := right
		spoil(&c)
		err := c.check()
		require.Error(t, err, name)
		require.ErrorContains(t, err, name)
	}
	both := Config{}
	require.ErrorContains(t, both.check(), "bot token")
	require.ErrorContains(t, both.check(), "log, clock")
}
