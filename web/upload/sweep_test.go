package upload_test

import (
	"bytes"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"clipcase/flows"
	"clipcase/flows/pass"
	"clipcase/internal/uploadtest"
	"clipcase/web/upload"
)

func TestSweep(t *testing.T) {
	t.Parallel()
	refused := func(c *flows.Case) {
		c.Exhibits[0].State, c.Exhibits[0].Problem = flows.ExhibitRefused, &flows.Problem{}
	}
	for name, c := range map[string]struct {
		whole bool // a whole file, or half a one
		then  func(b *bundle)
		state pass.UploadState // "" = no record
		files int              // left in the folder
	}{
		"half a file waits a day":             {false, func(b *bundle) { b.world.Pass(24 * time.Hour) }, pass.UploadReceiving, 2},
		"half a file can go on an hour later": {false, func(b *bundle) { b.world.Pass(2 * time.Hour) }, pass.UploadReceiving, 2},
		"half a file does not wait longer":    {false, func(b *bundle) { b.world.Pass(24*time.Hour + 1) }, "", 0},
		"entered, not stored yet":             {true, func(b *bundle) { b.world.Pass(48 * time.Hour) }, pass.UploadEntered, 2},
		"stored":                              {true, func(b *bundle) { b.world.Store() }, pass.UploadStored, 0},
		"could not be fetched":                {true, func(b *bundle) { b.world.Alter(refused) }, "", 0},
		"taken out of the case":               {true, func(b *bundle) { b.world.Alter(func(c *flows.Case) { c.Exhibits[0].Removed = true }) }, "", 0},
		"the case was cancelled":              {true, func(b *bundle) { b.world.Alter(func(c *flows.Case) { c.Cancelled = c.Created.AddDate(1, 0, 0) }) }, "", 0},
		"no case took it, just now":           {true, func(b *bundle) { b.world.Alter(func(c *flows.Case) { c.Exhibits = nil }) }, pass.UploadEntered, 2},
		"no case took it":                     {true, func(b *bundle) { b.world.Alter(func(c *flows.Case) { c.Exhibits = nil }); b.world.Pass(time.Hour) }, "", 0},
		"stored as something else": {true, func(b *bundle) {
			b.world.Store()
			b.world.Alter(func(c *flows.Case) { c.Exhibits[0].SHA256 = "other" })
		}, pass.UploadStored, 2},
		"the same content was there already": {true, func(b *bundle) { b.world.Alter(func(c *flows.Case) { c.Exhibits[0].File.Ref = "tg:1" }) }, pass.UploadStored, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := start(t)
			at := b.begin(1000)
			n := 500
			if c.whole {
				n = 1000
			}
			require.Equal(t, http.StatusNoContent, b.patch(at, 0, noise(n)).status)
			c.then(b)
			b.sweep()
			b.sweep()
			rec, ok := b.world.Record(strings.TrimPrefix(at, "/files/"))
			require.Equal(t, c.state != "", ok)
			require.Equal(t, c.state, rec.State)
			require.Len(t, b.files(), c.files)
		})
	}
}

// What was deleted with its case leaves no file behind, not for a moment; strange
// files stay, and so does what has just begun.
func TestSweepRemovesWhatHasNoRecord(t *testing.T) {
	t.Parallel()
	b := start(t)
	at := b.begin(1000)
	id := strings.TrimPrefix(at, "/files/")
	require.NoError(t, b.world.ForgetUpload(t.Context(), id))
	require.NoError(t, os.WriteFile(filepath.Join(b.dir, "README"), nil, 0o600))
	require.Equal(t, http.StatusNotFound, b.ask("HEAD", at, nil).status)
	other := strings.TrimPrefix(b.begin(1000), "/files/")
	b.sweep()
	require.ElementsMatch(t, []string{"README", other, other + ".json"}, b.files()) // a name of ours may begin with a digit
}

func TestRunEndsWithItsContext(t *testing.T) {
	t.Parallel()
	b := start(t)
	on := true
	b.world.Before = func(flows.Event) error {
		return when(&on, &flows.Error{Class: flows.Unavailable, Text: flows.T("talk.busy")})
	}
	b.send(noise(1000))
	on = false
	stop, done := b.run()
	b.uploads.Wake()
	require.Eventually(t, func() bool { return len(b.world.Exhibits()) == 1 }, 10*time.Second, time.Millisecond)
	stop()
	require.NoError(t, <-done)
}

// Two browsers, or one that is impatient, never pass the quota or the room.
func TestRaces(t *testing.T) {
	t.Parallel()
	for name, limit := range map[string]func(*uploadtest.World){
		"quota of bytes": func(w *uploadtest.World) { w.Limit(350, 40) },
		"quota of files": func(w *uploadtest.World) { w.Limit(1<<30, 3) },
		"room":           func(w *uploadtest.World) { w.Room(3 * 4 * 100) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := start(t)
			limit(b.world)
			var group sync.WaitGroup
			status := make(chan int, 30)
			for range 30 {
				group.Go(func() {
					got, err := b.try(t.Context(), "POST", "/files/", nil, "Upload-Length", "100")
					if err == nil {
						status <- got.status
					}
				})
			}
			group.Wait()
			close(status)
			count := map[int]int{}
			for s := range status {
				count[s]++
			}
			require.Equal(t, 3, count[http.StatusCreated], count)
			require.Len(t, b.world.Records(), 3)
		})
	}
}

// Two clients that finish the same upload at once enter it once.
func TestFinishedTwiceAtOnce(t *testing.T) {
	t.Parallel()
	b := start(t)
	data := noise(200_000)
	at := b.begin(int64(len(data)))
	require.Equal(t, http.StatusNoContent, b.patch(at, 0, data[:100_000]).status)
	var group sync.WaitGroup
	for range 6 {
		group.Go(func() {
			_, _ = b.try(t.Context(), "PATCH", at, bytes.NewReader(data[100_000:]), "Upload-Offset", "100000", "Content-Type", "application/offset+octet-stream")
		})
	}
	group.Wait()
	b.sweep()
	if b.offset(at) < len(data) { // each interrupted the one before it
		require.Equal(t, http.StatusNoContent, b.patch(at, b.offset(at), data[b.offset(at):]).status)
	}
	require.Len(t, b.world.Exhibits(), 1)
	require.Equal(t, sumOf(data), b.world.Exhibits()[0].File.Unique)
}

// form is the body of a form with a file.
func form(t *testing.T, name string, data []byte, slot string) (io.Reader, string) {
	t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	if slot != "" {
		require.NoError(t, w.WriteField("slot", slot))
	}
	part, err := w.CreateFormFile("file", name)
	require.NoError(t, err)
	_, err = part.Write(data)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return &body, w.FormDataContentType()
}

func TestPlainForm(t *testing.T) {
	t.Parallel()
	page := "/upload/" + uploadtest.Mine
	for name, c := range map[string]struct {
		prepare func(*uploadtest.World)
		name    string
		bytes   int
		cut     bool
		status  int
		says    string
	}{
		"a file":          {nil, "录屏.mp4", 300_000, false, http.StatusSeeOther, ""},
		"no file":         {nil, "", 0, false, http.StatusBadRequest, "再选一次"},
		"an empty file":   {nil, "a.mp4", 0, false, http.StatusBadRequest, "再选一次"},
		"breaks off":      {nil, "a.mp4", 300_000, true, http.StatusBadRequest, "断了"},
		"too large":       {nil, "a.mp4", 600_000, false, http.StatusRequestEntityTooLarge, "太大"},
		"a bit too large": {nil, "a.mp4", 500_001, false, http.StatusRequestEntityTooLarge, "太大"},
		"over the grant":  {func(w *uploadtest.World) { w.Limit(100_000, 9) }, "a.mp4", 300_000, false, http.StatusRequestEntityTooLarge, "用完"},
		"no room":         {func(w *uploadtest.World) { w.Room(100_000) }, "a.mp4", 300_000, false, http.StatusInsufficientStorage, "空间"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := start(t)
			b.limit(500_000)
			if c.prepare != nil {
				c.prepare(b.world)
			}
			data := noise(c.bytes)
			body, kind := form(t, c.name, data, "recording")
			if c.cut {
				raw, err := io.ReadAll(body)
				require.NoError(t, err)
				body = bytes.NewReader(raw[:len(raw)-100])
			}
			got := b.ask("POST", page, body, "Content-Type", kind)
			require.Equal(t, c.status, got.status, got.body)
			require.Contains(t, got.body, c.says)
			if c.status != http.StatusSeeOther {
				require.Empty(t, b.world.Records())
				require.Empty(t, b.files())
				return
			}
			require.Equal(t, page, got.header.Get("Location"))
			require.Len(t, b.world.Exhibits(), 1)
			recs := b.world.Records()
			require.Len(t, recs, 1)
			require.Equal(t, sumOf(data), recs[0].SHA256)
			require.Equal(t, int64(len(data)), recs[0].Bytes)
			require.Equal(t, "recording", recs[0].Slot)
			b.world.Store()
			shown := b.ask("GET", page, nil)
			require.Contains(t, shown.body, "收到 ")
			require.Contains(t, shown.body, "录屏.mp4")
		})
	}
	b := start(t)
	body, kind := form(t, "a.mp4", []byte("x"), "")
	require.Equal(t, http.StatusNotFound, b.ask("POST", "/upload/"+uploadtest.Unknown, body, "Content-Type", kind).status)
	require.Equal(t, http.StatusNotFound, b.ask("GET", "/upload/"+uploadtest.Unknown, nil).status)
	require.Equal(t, http.StatusNotFound, b.ask("GET", "/upload/"+uploadtest.Unknown+"/state", nil).status)
}

// limit starts the service anew with smaller files.
func (b *bundle) limit(most int64) {
	b.t.Helper()
	b.change = func(c *upload.Config) { c.MaxFile = most }
	b.restart()
}

func TestConfigIsChecked(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*upload.Config){
		"no folder":  func(c *upload.Config) { c.Dir = "" },
		"no clock":   func(c *upload.Config) { c.Clock = nil },
		"no log":     func(c *upload.Config) { c.Log = nil },
		"no face":    func(c *upload.Config) { c.Face = nil },
		"huge files": func(c *upload.Config) { c.MaxFile = pass.MaxFile + 1 },
	} {
		_, _, err := uploadtest.New().Start(t.TempDir(), quiet(), change)
		require.Error(t, err, name)
	}
	_, err := upload.New(upload.Config{}, nil, nil, nil, nil, nil, nil)
	require.Error(t, err)
	_, _, err = uploadtest.New().Start(fmt.Sprintf("%s/a/b", t.TempDir()), quiet(), nil)
	require.NoError(t, err)
}
