package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"

	"clipcase/flows"
	"clipcase/storage"
)

// Free space below which the doctor complains: a share of the disk and bytes.
const (
	leastShare = 0.05
	leastBytes = 2_000_000_000
)

// folderFindings tries to write where data goes and looks how much fits.
func (a *app) folderFindings(s settings) []finding {
	what := a.say("cli.doctor.folder", "dir", s.DataDir)
	dir := s.DataDir
	for { // the folder may not exist yet: the nearest that does must take it
		if _, err := os.Stat(dir); err == nil || dir == filepath.Dir(dir) {
			break
		}
		dir = filepath.Dir(dir)
	}
	probe, err := os.CreateTemp(dir, ".doctor-*")
	if err != nil {
		return []finding{{bad, what, "", a.say("cli.mend.folder", "dir", dir)}}
	}
	if err := errors.Join(probe.Close(), os.Remove(probe.Name())); err != nil {
		return []finding{{bad, what, err.Error(), a.say("cli.mend.folder", "dir", dir)}}
	}
	out := []finding{{good, what, "", ""}}
	var st unix.Statfs_t
	if err := unix.Statfs(dir, &st); err != nil {
		return append(out, finding{bad, a.say("cli.doctor.disk"), err.Error(), ""})
	}
	free, all := float64(st.Bavail)*float64(st.Bsize), float64(st.Blocks)*float64(st.Bsize)
	f := finding{good, a.say("cli.doctor.disk"), flows.FormatBytes(int64(free)), ""}
	switch {
	case free < leastShare*all:
		f.mark, f.mend = bad, a.say("cli.mend.disk")
	case free < leastBytes:
		f.mark, f.mend = poor, a.say("cli.mend.disk")
	}
	return append(out, f)
}

// redisFindings looks at the Redis of the operator, or starts a private one in
// a folder of its own to see that it works; a running one is not touched.
func (a *app) redisFindings(ctx context.Context, s settings) []finding {
	what := a.say("cli.doctor.redis")
	cfg := storage.Config{
		RedisURL: s.RedisURL.Reveal(), Log: slog.New(slog.DiscardHandler), Clock: a.clock, IDs: func() string { return "doctor" },
	}
	mend := a.say("cli.mend.redis.url")
	if cfg.RedisURL == "" {
		what, mend = a.say("cli.doctor.redis.private"), a.say("cli.mend.redis.private")
		dir, err := os.MkdirTemp("", "clipcase-doctor-")
		if err != nil {
			return []finding{{bad, what, err.Error(), ""}}
		}
		defer func() { _ = os.RemoveAll(dir) }() // leftovers in TMPDIR harm nobody
		cfg.DataDir = dir
	}
	ctx, cancel := context.WithTimeout(ctx, 15*time.Second)
	defer cancel()
	r, err := storage.Open(ctx, cfg)
	if err != nil {
		return []finding{{bad, what, hide(err, s), mend}}
	}
	aof, eviction, version, err := r.Policies(ctx)
	if err = errors.Join(err, r.Close()); err != nil {
		return []finding{{bad, what, hide(err, s), mend}}
	}
	out := []finding{{good, what, version, ""}, {good, a.say("cli.doctor.aof"), "", ""}, {good, a.say("cli.doctor.eviction"), eviction, ""}}
	if !aof {
		out[1].mark, out[1].mend = bad, a.say("cli.mend.aof")
	}
	if eviction != "noeviction" {
		out[2].mark, out[2].mend = bad, a.say("cli.mend.eviction")
	}
	return out
}

// tokenFindings asks Telegram who we are. Errors never show the token, which
// stands in the address.
func (a *app) tokenFindings(ctx context.Context, s settings) []finding {
	what := a.say("cli.doctor.token")
	if s.BotToken.Reveal() == "" {
		return []finding{{poor, what, "", a.say("cli.mend.token.none")}}
	}
	client := &http.Client{Timeout: 15 * time.Second}
	if proxy := s.Proxy.Reveal(); proxy != "" {
		u, err := url.Parse(proxy)
		if err != nil {
			return []finding{{bad, what, "", a.say("cli.mend.reach", "server", s.APIURL)}}
		}
		client.Transport = &http.Transport{Proxy: http.ProxyURL(u)}
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.APIURL+"/bot"+s.BotToken.Reveal()+"/getMe", nil)
	if err != nil {
		return []finding{{bad, what, "", a.say("cli.mend.reach", "server", s.APIURL)}}
	}
	resp, err := client.Do(req)
	if err != nil {
		return []finding{{bad, what, "", a.say("cli.mend.reach", "server", s.APIURL)}}
	}
	defer func() { _ = resp.Body.Close() }() // only read
	var answer struct {
		OK     bool `json:"ok"`
		Result struct {
			Username string `json:"username"`
		} `json:"result"`
	}
	switch err := json.NewDecoder(http.MaxBytesReader(nil, resp.Body, 1<<16)).Decode(&answer); {
	case resp.StatusCode == http.StatusUnauthorized || resp.StatusCode == http.StatusNotFound:
		return []finding{{bad, what, "", a.say("cli.mend.token")}}
	case err != nil || !answer.OK:
		return []finding{{bad, what, resp.Status, a.say("cli.mend.reach", "server", s.APIURL)}}
	}
	return []finding{{good, what, "@" + answer.Result.Username, ""}}
}

// hide is an error's text without the address of Redis, which may hold a password.
func hide(err error, s settings) string {
	if s.RedisURL.Reveal() != "" {
		var op *net.OpError
		if errors.As(err, &op) {
			return op.Err.Error()
		}
		return ""
	}
	return err.Error()
}

// alive asks the running server whether it lives, for container health checks.
func (a *app) alive(ctx context.Context) error {
	s, err := readConfig(os.Environ())
	if err != nil {
		return err
	}
	host, port, err := net.SplitHostPort(s.Listen)
	if err != nil {
		return fmt.Errorf("LISTEN_ADDR: %w", err)
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+net.JoinHostPort(host, port)+"/healthz", nil)
	if err != nil {
		return err
	}
	resp, err := (&http.Client{Timeout: 4 * time.Second}).Do(req)
	if err != nil {
		return a.failed(err, "cli.failed.live")
	}
	defer func() { _ = resp.Body.Close() }() // only its status matters
	if resp.StatusCode != http.StatusOK {
		return a.failed(nil, "cli.failed.live")
	}
	return nil
}
