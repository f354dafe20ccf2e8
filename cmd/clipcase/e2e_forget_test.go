package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"clipcase/flows"
	"clipcase/flows/dossier/sign"
	"clipcase/internal/telegramtest"
	"clipcase/storage"
)

// traces are what must not be found after a deletion, by what it is.
type traces map[string][]byte

// TestDeletedIsGoneEverywhere hands a case in, starts a second one, lets Telegram
// refuse whatever the bot says, so that people's words wait in letters, and has
// both deleted. Then nothing of them is in Redis, its files, the files of the
// service or its log; what comes through at last is the signed receipts.
func TestDeletedIsGoneEverywhere(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "later")
	h := newHouse(t, telegramtest.New(t), laterFile+"="+file)
	h.start()
	p := h.person(81)
	const first, second, name, other = "秘密词句甲乙丙丁", "秘密词句戊己庚辛", "机密录屏-unmistakable.mp4", "另一个机密-unmistakable.mp4"
	clip := shortClip(t)
	content, err := os.ReadFile(clip)
	require.NoError(t, err)
	sum := sha256.Sum256(content)
	find := traces{
		"words": []byte(first), "words of the draft": []byte(second), "name": []byte("unmistakable"),
		"hash": []byte(hex.EncodeToString(sum[:])), "bytes": content[len(content)/2 : len(content)/2+64],
	}

	p.user.Command("appeal " + first)
	p.tap("发私信")
	p.tap("下一步")
	p.screen("请把录屏")
	p.user.SendDocument(telegramtest.Media{Path: clip, Name: name})
	p.text("可以用")
	p.handIn()
	p.text("文件指纹")
	require.Eventually(t, func() bool { return strings.Count(h.log.String(), "msg=delivered") == 1 }, patience, look)
	any := p.sent()[0].ID

	h.tg.Faults.When(func(c telegramtest.Call) bool {
		return strings.HasPrefix(c.Method, "send") || strings.HasPrefix(c.Method, "edit")
	},
		-1, telegramtest.What{DropBefore: true})
	p.user.Command("appeal " + second)
	p.user.SendDocument(telegramtest.Media{Path: shortClip(t), Name: other})
	keeps := beside(t, h.dir)
	require.Eventually(t, func() bool { return len(keeps.search(t, "clipcase:letter:*", find)) > 0 }, patience, look, "words wait in letters")
	require.NotEmpty(t, keeps.search(t, "*", find))
	require.NotEmpty(t, below(t, h.dir, find), "the search finds what is there")
	require.Eventually(t, func() bool {
		c, err := keeps.Cases().Case(t.Context(), "CC0002")
		return err == nil && c.Exhibits[0].State == flows.ExhibitProbed
	}, patience, look)

	p.user.Command("delete")
	press := func() (data string) {
		state, err := keeps.Cases().Load(t.Context(), "tg:81", time.Now())
		require.NoError(t, err)
		s := state.Session
		if s.Step != "forget" || s.Last.Step != "forget" {
			return ""
		}
		return s.Last.Step + ":" + s.Last.Token + ":all"
	}
	require.Eventually(t, func() bool { return press() != "" }, patience, look)
	p.user.PressForged(any, press())
	require.Eventually(t, func() bool { return strings.Count(h.log.String(), `msg="case deleted"`) == 2 }, patience, look)
	require.Eventually(t, func() bool { return len(keeps.search(t, "*", find)) == 0 }, patience, look, "%v", lateSearch{keeps, t, find})
	require.NoError(t, os.WriteFile(file, []byte("1m"), 0o600)) // the second pass, for what was written in that moment
	require.Eventually(t, func() bool {
		left, err := keeps.Client().Exists(t.Context(), "clipcase:jobs:forgot").Result()
		return err == nil && left == 0
	}, patience, look)
	require.Eventually(t, func() bool { return len(below(t, h.dir, find)) == 0 }, patience, look, "%v", lateBelow{h.dir, t, find})
	tasks, err := keeps.Client().Keys(t.Context(), "asynq:*:t:*").Result()
	require.NoError(t, err)
	require.Empty(t, tasks)
	for what, trace := range find {
		require.NotContains(t, h.log.String(), string(trace), what)
	}

	h.tg.Faults.Clear()
	before := len(p.chat.Messages())
	for _, id := range []string{"CC0001", "CC0002"} {
		receipt := p.text("删除回执 " + id).Words()
		text, by, err := sign.CheckNote([]byte(receipt))
		require.NoError(t, err, receipt)
		require.Contains(t, text, "case: "+id+"\n")
		key, err := sign.Open(filepath.Join(h.dir, keyFile), nil)
		require.NoError(t, err)
		require.Equal(t, key.Fingerprint(), by.Fingerprint())
	}
	for _, m := range p.chat.Messages()[before:] {
		for what, trace := range find {
			require.NotContains(t, m.Words(), string(trace), what)
		}
	}
}

// keeper is the Redis of a running service.
type keeper struct{ *storage.Redis }

func beside(t *testing.T, dir string) keeper {
	t.Helper()
	r, err := storage.OpenBeside(t.Context(), storage.Config{DataDir: dir, Log: slog.New(slog.DiscardHandler), Clock: time.Now, IDs: newID})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, r.Close()) })
	return keeper{r}
}

// search looks through every key that matches and says where something is.
func (k keeper) search(t *testing.T, match string, find traces) (where []string) {
	t.Helper()
	ctx, c := context.Background(), k.Client()
	keys, err := c.Keys(ctx, match).Result()
	require.NoError(t, err)
	for _, key := range keys {
		kind, err := c.Type(ctx, key).Result()
		require.NoError(t, err)
		var value any
		switch kind {
		case "string":
			value, err = c.Get(ctx, key).Result()
		case "hash":
			value, err = c.HGetAll(ctx, key).Result()
		case "list":
			value, err = c.LRange(ctx, key, 0, -1).Result()
		case "set":
			value, err = c.SMembers(ctx, key).Result()
		case "zset":
			value, err = c.ZRange(ctx, key, 0, -1).Result()
		case "none":
			continue // it ended in between
		default:
			require.Fail(t, "a kind of key the test does not know", kind)
		}
		if err == redis.Nil { //nolint:errorlint // go-redis returns the sentinel itself
			continue
		}
		require.NoError(t, err)
		body := fmt.Sprint(key, value)
		for what, trace := range find {
			quoted, err := json.Marshal(string(trace))
			require.NoError(t, err)
			if strings.Contains(body, string(trace)) || strings.Contains(body, strings.Trim(string(quoted), `"`)) {
				where = append(where, key+": "+what)
			}
		}
	}
	return where
}

// below looks through every file of a folder.
func below(t *testing.T, dir string, find traces) (where []string) {
	t.Helper()
	require.NoError(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if os.IsNotExist(err) {
			return nil // removed in between
		}
		if err != nil || d.Type()&fs.ModeType != 0 && !d.IsDir() {
			return err
		}
		var body []byte
		if !d.IsDir() {
			if body, err = os.ReadFile(path); err != nil && !os.IsNotExist(err) {
				return err
			}
		}
		for what, trace := range find {
			if bytes.Contains(body, trace) || strings.Contains(path, string(trace)) {
				where = append(where, path+": "+what)
			}
		}
		return nil
	}))
	return where
}

// lateSearch and lateBelow are written only if a test fails.
type lateSearch struct {
	keeper
	t    *testing.T
	find traces
}

func (l lateSearch) String() string { return strings.Join(l.search(l.t, "*", l.find), "\n") }

type lateBelow struct {
	dir  string
	t    *testing.T
	find traces
}

func (l lateBelow) String() string { return strings.Join(below(l.t, l.dir, l.find), "\n") }
