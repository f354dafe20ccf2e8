package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"clipcase/flows"
	"clipcase/flows/pass"
	"clipcase/media"
	"clipcase/storage"
)

// world is a running program with a case of one person's in it, and people who
// have no business with that case.
type world struct {
	t     *testing.T
	addr  string
	dir   string
	serve *process
	redis *storage.Redis
	doors *storage.Doors
	blobs *storage.Blobs

	owner   *caller
	other   *caller // a session of somebody else's
	expired *caller // the owner's, over
	nobody  *caller

	kase    *flows.Case
	token   string    // of the case's page
	foreign string    // token of a case of the other's
	link    pass.Link // evidence link to the piece
	grant   string    // of the owner's uploads
	upload  string    // an unfinished upload of the owner's
	invite  string
	login   string

	secrets map[string]string // what must never stand in a log, and what it is
}

// newWorld starts the program without a bot on a Redis that the test looks into.
func newWorld(t *testing.T, env ...string) *world {
	t.Helper()
	dir, addr := place(t)
	w := &world{t: t, addr: addr, dir: filepath.Join(dir, "data"), secrets: map[string]string{}}
	base := redisServer(t, "--appendonly", "no", "--maxmemory-policy", "noeviction")
	w.serve = launch(t, append([]string{"DATA_DIR=" + w.dir, "LISTEN_ADDR=" + addr, "REDIS_URL=" + base, "LOG_LEVEL=debug"}, env...), "serve")
	ready(t, addr)
	log := slog.New(slog.DiscardHandler)
	var err error
	w.redis, err = storage.Open(t.Context(), storage.Config{RedisURL: base, DataDir: filepath.Join(dir, "test"), Log: log, Clock: time.Now, IDs: newID})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, w.redis.Close()) })
	w.doors = w.redis.Doors()
	w.blobs, err = storage.OpenBlobs(t.Context(), storage.BlobConfig{URL: filepath.Join(w.dir, "blobs")})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, w.blobs.Close()) })
	w.people()
	w.things()
	return w
}

// ctx is of the program's time: it ends with the test.
func (w *world) ctx() context.Context { return w.t.Context() }

// secret notes what no log may hold.
func (w *world) secret(value, what string) string {
	w.secrets[value] = what
	return value
}

// admitted is somebody who may use the service, with a session.
func (w *world) admitted(actor string) *caller {
	w.t.Helper()
	gate := w.redis.Gate(nil)
	code, err := gate.Invite(w.ctx(), ownerActor, 1, time.Now().Add(time.Hour))
	require.NoError(w.t, err)
	require.NoError(w.t, gate.Redeem(w.ctx(), code, actor, time.Now()))
	cookie, s, err := w.doors.OpenSession(w.ctx(), actor, "en")
	require.NoError(w.t, err)
	c := w.caller(cookie)
	c.session, c.csrf = s, w.secret(s.CSRF, "form token")
	return c
}

func (w *world) people() {
	w.owner, w.other = w.admitted(pass.WebActor("one")), w.admitted(pass.WebActor("two"))
	w.expired = w.admitted(w.owner.session.Actor)
	key := "clipcase:door:session:" + w.expired.session.ID
	n, err := w.redis.Client().Exists(w.ctx(), key).Result()
	require.NoError(w.t, err)
	require.EqualValues(w.t, 1, n, "where sessions are kept")
	require.NoError(w.t, w.redis.Client().HSet(w.ctx(), key, "expires", time.Now().Add(-time.Minute).UnixMilli()).Err())
	w.nobody = w.caller("")
}

func (w *world) things() {
	w.kase = w.newCase(w.owner.session.Actor)
	w.token = w.caseToken(w.kase)
	w.foreign = w.caseToken(w.newCase(w.other.session.Actor))
	piece := w.kase.Packs[0].Pieces[0]
	var err error
	w.link, err = w.doors.NewLink(w.ctx(), pass.Link{Case: w.kase.ID, Blob: piece.Blob, Name: piece.Name, MIME: "image/jpeg", Bytes: piece.Bytes, SHA256: piece.SHA256, Channel: w.kase.Packs[0].Channel})
	require.NoError(w.t, err)
	w.secret(w.link.Token, "evidence link")
	// That a link was opened is noted once a day: then no later look changes the case.
	require.Equal(w.t, http.StatusOK, w.nobody.get("/e/"+w.link.Token).status)
	w.kase, err = w.redis.Cases().Case(w.ctx(), w.kase.ID)
	require.NoError(w.t, err)
	w.grant = w.newGrant(w.owner)
	w.upload = w.begun(w.grant)
	w.invite, err = w.redis.Gate(nil).Invite(w.ctx(), ownerActor, 100, time.Now().Add(time.Hour))
	require.NoError(w.t, err)
	w.secret(w.invite, "invitation")
	w.login = w.newLogin(w.owner.session.Actor)
}

func (w *world) caseToken(c *flows.Case) string {
	token, err := w.doors.CaseToken(w.ctx(), c.ID)
	require.NoError(w.t, err)
	return w.secret(token, "case page")
}

func (w *world) newLogin(actor string) string {
	code, err := w.doors.NewLogin(w.ctx(), pass.Login{Actor: actor, Lang: "en", To: "/"})
	require.NoError(w.t, err)
	return w.secret(code, "login link")
}

// used is a login link that somebody has used.
func (w *world) used() string {
	code := w.newLogin(w.owner.session.Actor)
	_, err := w.doors.UseLogin(w.ctx(), code)
	require.NoError(w.t, err)
	return code
}

func (w *world) newGrant(c *caller) string {
	code, err := w.doors.NewGrant(w.ctx(), pass.Grant{Actor: c.session.Actor, Chat: c.session.Actor, Lang: "en"})
	require.NoError(w.t, err)
	return w.secret(code, "grant")
}

// begun is an upload of ten bytes of which none has come.
func (w *world) begun(grant string) string {
	a := w.nobody.do(ask3{method: "POST", path: "/files/", header: []string{"Upload-Grant", grant, "Tus-Resumable", "1.0.0", "Upload-Length", "10", "Upload-Metadata", "filename YS5tcDQ="}})
	require.Equal(w.t, http.StatusCreated, a.status, a.body)
	return w.secret(strings.TrimPrefix(a.header.Get("Location"), "/files/"), "upload")
}

// polyglot is a page, a script and a picture, whatever it is called.
const polyglot = "<svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"alert(1)\"/><html><script>alert(document.cookie)</script>"

// badName is a file name that would end a header, turn its reader round and leave
// its folder.
const badName = "..\\../\u202e4pm.\u2066\r\nSet-Cookie: a=b\r\n\"录;屏\x00.html"

// newCase keeps a case that was handed in and prepared: a recording, a page that
// says it is one, a document, a file that its owner took out again; two pieces.
func (w *world) newCase(actor string) *flows.Case {
	w.t.Helper()
	id, err := w.redis.Cases().ReserveCase(w.ctx())
	require.NoError(w.t, err)
	now := time.Now()
	c := &flows.Case{
		Schema: flows.CaseSchema, ID: id, Actor: actor, Chat: actor, Lang: "en", Scenario: "bug-report",
		Statement: "words of " + actor, Created: now, Submitted: now, Expires: now.Add(720 * time.Hour),
	}
	video := &media.Probe{Kind: media.KindVideo, Duration: 30, Width: 1080, Height: 2340, Codec: "h264"}
	w.hand(c, "e1", "screen.mp4", strings.Repeat("0123456789", 100), video)
	w.hand(c, "e2", badName, polyglot, &media.Probe{Kind: media.KindDocument})
	w.hand(c, "e3", "taken out.mp4", "removed", video)
	w.hand(c, "e4", "poly.svg", polyglot, video)
	w.hand(c, "e5", "poly.html", polyglot, video)
	c.Exhibits[2].Removed = true
	pack := flows.Pack{Channel: "douyin-app", State: flows.PackDelivered, Fate: flows.FateUnsent, Ready: now, Words: "words to paste"}
	for i, name := range []string{"20261122-" + id + "-1of2.jpg", "20261122-" + id + "-2of2.gif"} {
		key, body := "cases/"+id+"/attempts/a/"+name, strings.Repeat("piece", 1+i)
		w.put(key, body)
		pack.Pieces = append(pack.Pieces, flows.Piece{Name: name, Number: i + 1, Kind: media.KindImage, Blob: key, Bytes: int64(len(body)), SHA256: hashOf(body)})
	}
	c.Packs = []flows.Pack{pack}
	w.put(flows.PreviewBlob(id, "e1", 0), "\xff\xd8jpeg")
	outcome, err := w.redis.Cases().Commit(w.ctx(), flows.Commit{Event: "walk:" + id, Case: c, Now: now})
	require.NoError(w.t, err)
	require.Equal(w.t, flows.Saved, outcome)
	c, err = w.redis.Cases().Case(w.ctx(), id)
	require.NoError(w.t, err)
	return c
}

func (w *world) hand(c *flows.Case, exhibit, name, body string, probe *media.Probe) {
	w.t.Helper()
	side := flows.Sidecar{Case: c.ID, Actor: c.Actor, Chat: c.Chat, Lang: "en", Scenario: c.Scenario, Exhibit: exhibit, Slot: "recording", Received: c.Created}
	stored, err := w.blobs.PutOriginal(w.ctx(), side, strings.NewReader(body))
	require.NoError(w.t, err)
	c.Exhibits = append(c.Exhibits, flows.Exhibit{
		ID: exhibit, Slot: "recording", State: flows.ExhibitProbed, Blob: stored.Blob, SHA256: stored.SHA256, Bytes: stored.Bytes, Probe: probe,
		File: flows.File{Ref: "upload:" + exhibit, Name: name, Bytes: stored.Bytes, Sent: flows.SentUpload}, Received: c.Created,
	})
}

func (w *world) put(key, body string) {
	w.t.Helper()
	path := filepath.Join(w.t.TempDir(), "blob")
	require.NoError(w.t, os.WriteFile(path, []byte(body), 0o600))
	require.NoError(w.t, w.blobs.PutPiece(w.ctx(), key, path))
}

func hashOf(body string) string {
	s := sha256.Sum256([]byte(body))
	return hex.EncodeToString(s[:])
}

// again forgets what limits have counted.
func (w *world) again() {
	w.t.Helper()
	keys, err := w.redis.Client().Keys(w.ctx(), "clipcase:door:rate:*").Result()
	require.NoError(w.t, err)
	if len(keys) > 0 {
		require.NoError(w.t, w.redis.Client().Del(w.ctx(), keys...).Err())
	}
}

// unhurt is what must hold after whatever was done to the program.
func (w *world) unhurt() {
	w.t.Helper()
	w.again()
	require.Equal(w.t, http.StatusOK, w.owner.get("/case/"+w.token).status)
	c, err := w.redis.Cases().Case(w.ctx(), w.kase.ID)
	require.NoError(w.t, err)
	require.Equal(w.t, w.kase.Revision, c.Revision, "nobody has changed the case")
	require.NotContains(w.t, w.serve.words(), "panicked")
	require.NotContains(w.t, w.serve.words(), "level=ERROR")
}

// down ends the program and looks for secrets in everything it wrote.
func (w *world) down() {
	w.t.Helper()
	require.Less(w.t, w.serve.end(syscall.SIGTERM), unhurried)
	require.NoError(w.t, w.serve.err)
	said := ownerLinkLine.ReplaceAllString(w.serve.words(), "")
	for value, what := range w.secrets {
		require.NotContains(w.t, said, value, "%s stands in the log", what)
	}
}

// caller is one browser, without a memory for cookies but what it is given.
type caller struct {
	w       *world
	cookie  string
	csrf    string
	session pass.Session
	client  *http.Client
}

func (w *world) caller(cookie string) *caller {
	if cookie != "" {
		w.secret(cookie, "cookie")
	}
	transport := &http.Transport{DisableCompression: true, MaxIdleConnsPerHost: 32}
	w.t.Cleanup(transport.CloseIdleConnections)
	return &caller{w: w, cookie: cookie, client: &http.Client{
		Transport: transport, Timeout: 30 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// ask3 is one request.
type ask3 struct {
	method, path string
	form         url.Values
	header       []string
	stream       bool // an answer that does not end: only its beginning is read
}

type answered struct {
	status int
	header http.Header
	body   string
}

func (c *caller) get(path string, header ...string) answered {
	return c.do(ask3{method: "GET", path: path, header: header})
}

// post sends a form as a page of ours would.
func (c *caller) post(path string, form url.Values) answered {
	if form == nil {
		form = url.Values{}
	}
	if form.Get("csrf") == "" {
		form.Set("csrf", c.csrf)
	}
	return c.do(ask3{method: "POST", path: path, form: form, header: []string{"Origin", "http://" + c.w.addr}})
}

func (c *caller) do(q ask3) answered {
	c.w.t.Helper()
	var body io.Reader = http.NoBody
	if q.form != nil {
		body = strings.NewReader(q.form.Encode())
	}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, q.method, "http://"+c.w.addr+q.path, body)
	require.NoError(c.w.t, err)
	if q.form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if c.cookie != "" {
		req.AddCookie(&http.Cookie{Name: "clipcase", Value: c.cookie})
	}
	for i := 0; i+1 < len(q.header); i += 2 {
		req.Header.Add(q.header[i], q.header[i+1])
	}
	resp, err := c.client.Do(req)
	require.NoError(c.w.t, err, "%s %s", q.method, q.path)
	defer func() { _ = resp.Body.Close() }()
	var out bytes.Buffer
	if q.stream {
		_, err = io.CopyN(&out, resp.Body, 6)
	} else {
		_, err = out.ReadFrom(resp.Body)
	}
	require.NoError(c.w.t, err, "%s %s", q.method, q.path)
	resp.Header.Del("Date")
	return answered{resp.StatusCode, resp.Header, out.String()}
}
