package main

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"clipcase/flows"
	"clipcase/internal/flowstest"
)

const goodToken = "123456789:AAF-abcdefghijklmnopqrstuvwxyz01234"

func TestConfigDefaults(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	set, err := readConfig([]string{"DATA_DIR=" + dir, "ACCESS=", "HOME=/x"})
	require.NoError(t, err)
	require.Equal(t, settings{
		APIURL: officialAPI, DataDir: dir, Listen: "127.0.0.1:8080", Access: flows.AccessOpen,
		DailySeconds: 7200, DailyBytes: 4e9, Retention: 30 * 24 * time.Hour, Draft: 30 * 24 * time.Hour,
		Delivered: 30 * 24 * time.Hour, Closed: 30 * 24 * time.Hour, Workers: 1, ReadScreens: true,
	}, set)
}

func TestConfigReadsEverything(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	set, err := readConfig([]string{
		"TELEGRAM_BOT_TOKEN=" + goodToken, "TELEGRAM_API_URL=http://127.0.0.1:8081", "TELEGRAM_LOCAL_FILES=" + dir,
		"TELEGRAM_WEBHOOK_URL=https://clip.example.org/telegram/webhook", "TELEGRAM_WEBHOOK_SECRET=abcDEF_-12345678", "TELEGRAM_PROXY=socks5://u:p@127.0.0.1:1080",
		"STAFF_CHAT_ID=-1001234567890", "REDIS_URL=redis://:pw@127.0.0.1:6379/0", "BLOB_URL=file://" + dir, "DATA_DIR=" + dir,
		"LISTEN_ADDR=0.0.0.0:9000", "PUBLIC_URL=https://clip.example.org/", "ACCESS=list", "ADMIN_IDS=42, tg:43", "DAILY_MINUTES=5", "DAILY_BYTES=500MB",
		"RETENTION=7", "RETENTION_DRAFT=2d", "RETENTION_DELIVERED=96h", "RETENTION_CLOSED=3", "CATALOG_DIR=" + dir, "WORKERS=2", "READ_SCREENS=off", "SMTP_URL=smtp://box%40clip.example:x@mail.example.org", "TSA_URLS=https://a.example.org,https://b.example.org",
		"LOG_LEVEL=debug", "LOG_FORMAT=json",
	})
	require.NoError(t, err)
	require.Equal(t, int64(-1001234567890), set.StaffChat)
	require.Equal(t, "https://clip.example.org", set.PublicURL)
	require.Equal(t, []string{"tg:42", "tg:43"}, set.Admins)
	require.Equal(t, flows.AccessList, set.Access)
	require.InDelta(t, 300, set.DailySeconds, 0)
	require.Equal(t, int64(500e6), set.DailyBytes)
	require.Equal(t, 7*24*time.Hour, set.Retention)
	require.Equal(t, 2*24*time.Hour, set.Draft)
	require.Equal(t, 4*24*time.Hour, set.Delivered)
	require.Equal(t, 3*24*time.Hour, set.Closed)
	require.Len(t, set.TSAURLs, 2)
	require.Equal(t, slog.LevelDebug, set.LogLevel)
	require.True(t, set.LogJSON)
}

func TestAccessDependsOnWhoCanReach(t *testing.T) {
	t.Parallel()
	for environ, want := range map[string]flows.AccessMode{
		"":                         flows.AccessOpen,
		"LISTEN_ADDR=localhost:80": flows.AccessOpen,
		"LISTEN_ADDR=[::1]:80":     flows.AccessOpen,
		"LISTEN_ADDR=0.0.0.0:80 PUBLIC_URL=http://localhost:80":                  flows.AccessInvite,
		"LISTEN_ADDR=:80 PUBLIC_URL=https://clip.example.org":                    flows.AccessInvite,
		"LISTEN_ADDR=192.168.1.5:80 PUBLIC_URL=https://clip.example.org":         flows.AccessInvite,
		"PUBLIC_URL=https://clip.example.org":                                    flows.AccessInvite,
		"TELEGRAM_BOT_TOKEN=" + goodToken:                                        flows.AccessInvite,
		"LISTEN_ADDR=0.0.0.0:80 PUBLIC_URL=https://clip.example.org ACCESS=open": flows.AccessOpen,
	} {
		set, err := readConfig(append(strings.Fields(environ), "DATA_DIR="+t.TempDir()))
		require.NoError(t, err, environ)
		require.Equal(t, want, set.Access, environ)
	}
}

// Every mistake names its variable and says in both languages what to write,
// without repeating the value.
func TestConfigMistakes(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	table := []struct{ environ, variable string }{
		{"TELEGRAM_BOT_TOKEN=hunter2", "TELEGRAM_BOT_TOKEN"},
		{"TELEGRAM_BOT_TOKEN=abc:" + strings.Repeat("x", 35), "TELEGRAM_BOT_TOKEN"},
		{"TELEGRAM_BOT_TOKEN=123:short", "TELEGRAM_BOT_TOKEN"},
		{"TELEGRAM_BOT_TOKEN=" + goodToken + "/getMe", "TELEGRAM_BOT_TOKEN"},
		{"TELEGRAM_API_URL=api.telegram.org", "TELEGRAM_API_URL"},
		{"TELEGRAM_API_URL=ftp://x", "TELEGRAM_API_URL"},
		{"TELEGRAM_LOCAL_FILES=/no/such/folder TELEGRAM_API_URL=http://h", "TELEGRAM_LOCAL_FILES"},
		{"TELEGRAM_LOCAL_FILES=/tmp", "TELEGRAM_API_URL"},
		{"TELEGRAM_WEBHOOK_URL=https://h/x TELEGRAM_BOT_TOKEN=" + goodToken, "TELEGRAM_WEBHOOK_SECRET"},
		{"TELEGRAM_WEBHOOK_URL=https://h/x TELEGRAM_WEBHOOK_SECRET=abcdefgh", "TELEGRAM_BOT_TOKEN"},
		{"TELEGRAM_WEBHOOK_URL=http://h/x TELEGRAM_WEBHOOK_SECRET=abcdefgh TELEGRAM_BOT_TOKEN=" + goodToken, "TELEGRAM_WEBHOOK_URL"},
		{"TELEGRAM_WEBHOOK_SECRET=a!b", "TELEGRAM_WEBHOOK_SECRET"},
		{"TELEGRAM_WEBHOOK_SECRET=" + strings.Repeat("x", 257), "TELEGRAM_WEBHOOK_SECRET"},
		{"TELEGRAM_PROXY=127.0.0.1:1080", "TELEGRAM_PROXY"},
		{"STAFF_CHAT_ID=@staff", "STAFF_CHAT_ID"},
		{"STAFF_CHAT_ID=0", "STAFF_CHAT_ID"},
		{"REDIS_URL=127.0.0.1:6379", "REDIS_URL"},
		{"REDIS_URL=http://127.0.0.1:6379", "REDIS_URL"},
		{"BLOB_URL=s3://Bucket", "BLOB_URL"},
		{"BLOB_URL=s3://bucket/folder", "BLOB_URL"},
		{"BLOB_URL=gs://bucket", "BLOB_URL"},
		{"BLOB_URL=file://host/x", "BLOB_URL"},
		{"DATA_DIR=" + file, "DATA_DIR"},
		{"DATA_DIR=/proc/nowhere", "DATA_DIR"},
		{"LISTEN_ADDR=8080", "LISTEN_ADDR"},
		{"LISTEN_ADDR=127.0.0.1:http", "LISTEN_ADDR"},
		{"LISTEN_ADDR=127.0.0.1:70000", "LISTEN_ADDR"},
		{"PUBLIC_URL=clip.example.org", "PUBLIC_URL"},
		{"LISTEN_ADDR=0.0.0.0:80", "PUBLIC_URL"},
		{"LISTEN_ADDR=:80", "PUBLIC_URL"},
		{"PUBLIC_URL=http://clip.example.org", "PUBLIC_URL"},
		{"PUBLIC_URL=https://clip.example.org/path", "PUBLIC_URL"},
		{"PUBLIC_URL=https://u:p@clip.example.org", "PUBLIC_URL"},
		{"ACCESS=everyone", "ACCESS"},
		{"ACCESS=list", "ADMIN_IDS"},
		{"ADMIN_IDS=@me", "ADMIN_IDS"},
		{"ADMIN_IDS=-5", "ADMIN_IDS"},
		{"DAILY_MINUTES=0", "DAILY_MINUTES"},
		{"DAILY_MINUTES=2h", "DAILY_MINUTES"},
		{"DAILY_MINUTES=NaN", "DAILY_MINUTES"},
		{"DAILY_BYTES=lots", "DAILY_BYTES"},
		{"DAILY_BYTES=0", "DAILY_BYTES"},
		{"RETENTION=0", "RETENTION"},
		{"RETENTION=23h", "RETENTION"},
		{"RETENTION_DRAFT=23h", "RETENTION_DRAFT"},
		{"RETENTION_DRAFT=31d", "RETENTION_DRAFT"},
		{"RETENTION_DELIVERED=23h", "RETENTION_DELIVERED"},
		{"RETENTION_DELIVERED=31d", "RETENTION_DELIVERED"},
		{"RETENTION_CLOSED=0", "RETENTION_CLOSED"},
		{"RETENTION_CLOSED=31d", "RETENTION_CLOSED"},
		{"OPERATOR=" + strings.Repeat("长", 61), "OPERATOR"},
		{"CATALOG_DIR=/no/such/folder", "CATALOG_DIR"},
		{"WORKERS=0", "WORKERS"},
		{"WORKERS=many", "WORKERS"},
		{"READ_SCREENS=perhaps", "READ_SCREENS"},
		{"SMTP_URL=mail.example.org:25", "SMTP_URL"},
		{"TSA_URLS=https://a.example.org,b", "TSA_URLS"},
		{"LOG_LEVEL=loud", "LOG_LEVEL"},
		{"LOG_FORMAT=xml", "LOG_FORMAT"},
	}
	words := flowstest.Catalogue(t)
	for _, test := range table {
		t.Run(test.environ[:min(40, len(test.environ))], func(t *testing.T) {
			t.Parallel()
			environ := strings.Fields(test.environ)
			if !strings.HasPrefix(test.environ, "DATA_DIR") {
				environ = append(environ, "DATA_DIR="+t.TempDir())
			}
			_, err := readConfig(environ)
			var wrong badConfig
			require.ErrorAs(t, err, &wrong)
			require.Len(t, wrong, 1, "%v", wrong)
			require.Equal(t, test.variable, wrong[0].Variable)
			for _, lang := range []string{"zh", "en"} {
				said := flows.Render(words, lang, wrong[0].Text)
				require.NotContains(t, said, "config.", "no bare key")
				require.NotContains(t, said, "<no value>")
				require.NotContains(t, said, "hunter2")
				require.NotEmpty(t, said)
			}
		})
	}
}

func TestAllMistakesAtOnce(t *testing.T) {
	t.Parallel()
	_, err := readConfig([]string{"DATA_DIR=" + t.TempDir(), "WORKERS=0", "RETENTION=x", "PUBLIC_URL=ftp://h", "TELEGRAM_BOT_TOKEN=no"})
	var wrong badConfig
	require.ErrorAs(t, err, &wrong)
	require.Len(t, wrong, 4)
}

func TestSecretsNeverPrint(t *testing.T) {
	t.Parallel()
	set, err := readConfig([]string{"DATA_DIR=" + t.TempDir(), "TELEGRAM_BOT_TOKEN=" + goodToken, "REDIS_URL=redis://:hunter2@h", "SMTP_URL=smtp://u:hunter2@h?from=box@clip.example", "TELEGRAM_PROXY=http://u:hunter2@h"})
	require.NoError(t, err)
	raw, err := json.Marshal(set)
	require.NoError(t, err)
	var logged strings.Builder
	slog.New(slog.NewJSONHandler(&logged, nil)).Info("x", "token", set.BotToken, "all", set)
	for _, text := range []string{fmt.Sprintf("%v %+v %#v %s", set, set, set, set.BotToken), string(raw), logged.String()} {
		require.NotContains(t, text, "hunter2")
		require.NotContains(t, text, goodToken)
	}
	require.Equal(t, goodToken, set.BotToken.Reveal())
}

func TestPagesInClearTextAreWarnedOf(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		listen, public string
		want           bool
	}{
		{"0.0.0.0:8080", "http://localhost:8080", true},
		{"0.0.0.0:8080", "https://clip.example.org", false},
		{"127.0.0.1:8080", "http://localhost:8080", false},
		{"127.0.0.1:8080", "", false},
	} {
		require.Equal(t, c.want, settings{Listen: c.listen, PublicURL: c.public}.inClear(), "%+v", c)
	}
}
