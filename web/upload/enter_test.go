package upload_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"clipcase/flows"
	"clipcase/flows/pass"
	"clipcase/internal/uploadtest"
	"clipcase/web/upload"
)

func TestAFileEntersItsCase(t *testing.T) {
	t.Parallel()
	b := start(t)
	data := noise(1 << 20)
	at := b.begin(int64(len(data)), "Upload-Metadata", meta("filename", `C:\phone\录屏 1.mp4`, "filetype", "video/MP4", "slot", "recording"))
	half := len(data) / 2
	require.Equal(t, http.StatusNoContent, b.patch(at, 0, data[:half]).status)
	require.Equal(t, half, b.offset(at))
	require.Empty(t, b.world.Exhibits())
	last := b.patch(at, half, data[half:], "Upload-Sum", strings.ToUpper(sumOf(data)))
	require.Equal(t, http.StatusNoContent, last.status)

	rec, ok := b.world.Record(strings.TrimPrefix(at, "/files/"))
	require.True(t, ok)
	require.Equal(t, pass.UploadEntered, rec.State)
	require.Equal(t, sumOf(data), rec.SHA256)
	require.Equal(t, rec.SHA256, rec.Claimed)
	require.Equal(t, uploadtest.CaseID, rec.Case)
	require.Equal(t, []flows.File{{
		Ref: "upload:" + rec.ID, Unique: sumOf(data), Name: "录屏 1.mp4", MIME: "video/mp4", Bytes: int64(len(data)), Sent: flows.SentUpload,
	}}, filesOf(b))
	require.Equal(t, "recording", b.world.Exhibits()[0].Slot)

	for _, offset := range []int64{0, 1000, int64(len(data))} {
		r, from, bytes, err := b.uploads.Fetch(t.Context(), rec.Ref(), offset)
		require.NoError(t, err)
		got, err := io.ReadAll(r)
		require.NoError(t, errors.Join(err, r.Close()))
		require.Equal(t, offset, from)
		require.Equal(t, int64(len(data)), bytes)
		require.Equal(t, sumOf(data[offset:]), sumOf(got))
	}
	b.world.Store()
	b.sweep()
	b.sweep()
	rec, _ = b.world.Record(rec.ID)
	require.Equal(t, pass.UploadStored, rec.State)
	require.Empty(t, b.files())
	_, _, _, err := b.uploads.Fetch(t.Context(), rec.Ref(), 0)
	require.Equal(t, flows.UserMedia, flows.ClassOf(err))
}

func filesOf(b *bundle) []flows.File {
	var files []flows.File
	for _, e := range b.world.Exhibits() {
		files = append(files, e.File)
	}
	return files
}

// Wherever the process dies after the last byte, the file enters once.
func TestEntersOnceWhereverItDies(t *testing.T) {
	t.Parallel()
	boom := errors.New("the process died here")
	unavailable := &flows.Error{Class: flows.Unavailable, Text: flows.T("talk.busy"), Err: boom}
	for name, broken := range map[string]func(*uploadtest.World, *bool){
		"before it is recorded as received": func(w *uploadtest.World, on *bool) { w.Door = failing("ChangeUpload", 0, on, unavailable) },
		"before the conversation hears it": func(w *uploadtest.World, on *bool) {
			w.Before = func(flows.Event) error { return when(on, unavailable) }
		},
		"after the conversation heard it": func(w *uploadtest.World, on *bool) {
			w.After = func(flows.Event) error { return when(on, unavailable) }
		},
		"before its case is found":         func(w *uploadtest.World, on *bool) { w.Door = failing("Load", 0, on, unavailable) },
		"before it is recorded as entered": func(w *uploadtest.World, on *bool) { w.Door = failing("ChangeUpload", 1, on, unavailable) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := start(t)
			data := noise(100_000)
			at := b.begin(int64(len(data)))
			on := true
			broken(b.world, &on)
			require.Equal(t, http.StatusNoContent, b.patch(at, 0, data).status, "its bytes are safe: the client is done")
			rec, _ := b.world.Record(strings.TrimPrefix(at, "/files/"))
			require.NotEqual(t, pass.UploadEntered, rec.State)
			on = false
			b.restart()
			for range 3 {
				b.sweep()
			}
			rec, _ = b.world.Record(rec.ID)
			require.Equal(t, pass.UploadEntered, rec.State)
			require.Equal(t, sumOf(data), rec.SHA256)
			require.Len(t, b.world.Exhibits(), 1)
		})
	}
}

func when(on *bool, err error) error {
	if *on {
		return err
	}
	return nil
}

// failing lets a door fail after it worked spare times.
func failing(door string, spare int, on *bool, err error) func(string) error {
	return func(call string) error {
		if !*on || call != door {
			return nil
		}
		if spare > 0 {
			spare--
			return nil
		}
		return err
	}
}

// The process dies between two bytes: what HEAD says is on disk, and the hash of
// the whole is right whatever became of the kept state.
func TestGoesOnAfterTheProcessDied(t *testing.T) {
	t.Parallel()
	data := noise(700_000)
	first := 300_000
	for name, change := range map[string]func(t *testing.T, path string){
		"as it was":            func(*testing.T, string) {},
		"state lost":           func(t *testing.T, path string) { require.NoError(t, os.Remove(path+".json")) },
		"state torn":           func(t *testing.T, path string) { require.NoError(t, os.Truncate(path+".json", 40)) },
		"more on disk":         func(t *testing.T, path string) { grow(t, path, data[first:first+77_777]) },
		"less on disk":         func(t *testing.T, path string) { require.NoError(t, os.Truncate(path, 123_456)) },
		"nothing on disk":      func(t *testing.T, path string) { require.NoError(t, os.Truncate(path, 0)) },
		"state of other bytes": func(t *testing.T, path string) { otherState(t, path) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := start(t)
			at := b.begin(int64(len(data)))
			require.Equal(t, http.StatusNoContent, b.patch(at, 0, data[:first]).status)
			change(t, filepath.Join(b.dir, strings.TrimPrefix(at, "/files/")))
			b.restart()
			offset := b.offset(at)
			require.Equal(t, b.size(strings.TrimPrefix(at, "/files/")), int64(offset))
			require.Equal(t, http.StatusNoContent, b.patch(at, offset, data[offset:], "Upload-Sum", sumOf(data)).status)
			rec, ok := b.world.Record(strings.TrimPrefix(at, "/files/"))
			require.True(t, ok)
			require.Equal(t, sumOf(data), rec.SHA256)
		})
	}
}

func grow(t *testing.T, path string, more []byte) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	require.NoError(t, err)
	_, err = f.Write(more)
	require.NoError(t, errors.Join(err, f.Close()))
}

// otherState puts the state of another upload of the same length beside the file.
func otherState(t *testing.T, path string) {
	t.Helper()
	o := start(t)
	at := o.begin(700_000)
	require.Equal(t, http.StatusNoContent, o.patch(at, 0, make([]byte, 300_000)).status)
	raw, err := os.ReadFile(filepath.Join(o.dir, strings.TrimPrefix(at, "/files/")+".json"))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(path+".json", raw, 0o600))
}

// A connection that breaks in the middle of a request keeps what came.
func TestKeepsWhatCameBeforeTheBreak(t *testing.T) {
	t.Parallel()
	b := start(t)
	data := noise(900_000)
	at := b.begin(int64(len(data)))
	ctx, cancel := context.WithCancel(t.Context())
	read, write := io.Pipe()
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, err := b.try(ctx, "PATCH", at, read, "Upload-Offset", "0", "Content-Type", "application/offset+octet-stream")
		require.Error(t, err)
	}()
	_, err := write.Write(data[:400_000])
	require.NoError(t, err)
	id := strings.TrimPrefix(at, "/files/")
	require.Eventually(t, func() bool { return b.size(id) > 0 }, 10*time.Second, time.Millisecond)
	cancel()
	require.NoError(t, errors.Join(read.Close(), write.Close()))
	<-done
	require.Eventually(t, func() bool { return b.offset(at) > 0 }, 10*time.Second, 5*time.Millisecond)
	offset := b.offset(at)
	require.LessOrEqual(t, offset, 400_000)
	require.Equal(t, http.StatusNoContent, b.patch(at, offset, data[offset:]).status)
	rec, _ := b.world.Record(id)
	require.Equal(t, sumOf(data), rec.SHA256)
}

func TestDamagedOnTheWay(t *testing.T) {
	t.Parallel()
	b := start(t)
	data := noise(1000)
	at := b.begin(1000)
	got := b.patch(at, 0, data, "Upload-Sum", sumOf(data[1:]))
	require.Equal(t, 460, got.status)
	require.Contains(t, got.body, "路上坏了")
	require.Empty(t, b.world.Exhibits())
	require.Empty(t, b.world.Records())
	require.Empty(t, b.files())
	require.Equal(t, http.StatusNotFound, b.ask("HEAD", at, nil).status)
	require.Equal(t, http.StatusBadRequest, b.patch(b.begin(1000), 0, data, "Upload-Sum", "nonsense").status)
}

// A browser that reckoned its hash before the process died is believed after.
func TestWhatTheBrowserReckonedOutlivesTheProcess(t *testing.T) {
	t.Parallel()
	b := start(t)
	data := noise(1000)
	at := b.begin(1000)
	on := true
	b.world.Door = failing("ChangeUpload", 0, &on, &flows.Error{Class: flows.Unavailable, Text: flows.T("talk.busy")})
	require.Equal(t, http.StatusNoContent, b.patch(at, 0, data, "Upload-Sum", sumOf(data)).status)
	on = false
	b.restart()
	b.sweep()
	rec, _ := b.world.Record(strings.TrimPrefix(at, "/files/"))
	require.Equal(t, sumOf(data), rec.Claimed)
}

func TestTheDaysShareIsAskedBeforeTheFirstByte(t *testing.T) {
	t.Parallel()
	b := start(t)
	b.change = func(c *upload.Config) { c.Daily = 1000 }
	b.restart()
	b.world.Use(400)
	over := b.ask("POST", "/files/", nil, "Upload-Length", "601", "Upload-Metadata", meta("filename", "a.mp4", "filetype", "video/mp4"))
	require.Equal(t, http.StatusRequestEntityTooLarge, over.status)
	require.Contains(t, over.body, "今天能交的总量是 1 kB")
	b.begin(600)
}

func TestTheDaysMinutesAreAskedBeforeTheFirstByte(t *testing.T) {
	t.Parallel()
	b := start(t)
	b.change = func(c *upload.Config) { c.Seconds = 600 }
	b.restart()
	b.world.Watch(500)
	ask := func(mime, seconds string) answer {
		return b.ask("POST", "/files/", nil, "Upload-Length", "5", "Upload-Metadata", meta("filename", "a", "filetype", mime, "seconds", seconds))
	}
	over := ask("video/mp4", "125.5")
	require.Equal(t, http.StatusRequestEntityTooLarge, over.status)
	require.Contains(t, over.body, "too_big")
	require.Contains(t, over.body, "今天只能再交 1:40")
	require.Regexp(t, `20\d\d-\d\d-\d\d 00:00（北京时间）以后`, over.body)
	for _, seconds := range []string{"100", "0", "", "NaN", "-1", "1e300", "words"} { // unknown: measured when it is here
		require.Equal(t, http.StatusCreated, ask("video/mp4", seconds).status, seconds)
	}
	b.world.Watch(600)
	none := ask("video/mp4", "")
	require.Equal(t, http.StatusRequestEntityTooLarge, none.status)
	require.Contains(t, none.body, "每人每天 10 分钟的上限")
	require.Equal(t, http.StatusCreated, ask("image/png", "").status)
}

func TestOnePersonCannotReserveTheDisk(t *testing.T) {
	t.Parallel()
	b := start(t)
	b.world.Limit(1<<40, 1000)
	for range pass.GrantBytes / pass.MaxFile {
		b.begin(pass.MaxFile)
	}
	over := b.ask("POST", "/files/", nil, "Upload-Length", "1", "Upload-Metadata", meta("filename", "a.mp4", "filetype", "video/mp4"))
	require.Equal(t, http.StatusRequestEntityTooLarge, over.status)
	require.Contains(t, over.body, "还占着位置")
}
