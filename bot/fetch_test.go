package bot

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/go-telegram/bot/models"
	"github.com/stretchr/testify/require"

	"clipcase/flows"
	"clipcase/internal/telegramtest"
)

// sent lets a person send data as a file and gives its reference.
func (s *stand) sent(t *testing.T, m telegramtest.Media) string {
	t.Helper()
	before := len(s.talk.heard())
	stop := s.run(t)
	s.tg.User(7, "zh").SendDocument(m)
	require.Eventually(t, func() bool { return len(s.talk.heard()) > before }, 5*time.Second, 5*time.Millisecond)
	stop()
	heard := s.talk.heard()
	return heard[len(heard)-1].File.Ref
}

func pattern(n int) []byte {
	data := make([]byte, n)
	for i := range data {
		data[i] = byte(i * 7)
	}
	return data
}

func TestFetch(t *testing.T) {
	t.Parallel()
	data := pattern(300_000)
	s := newStand(t, nil)
	ref := s.sent(t, telegramtest.Media{Name: "a.mp4", Data: data})
	for _, offset := range []int64{0, 1, 100_000, 299_999, 300_000} {
		r, from, size, err := s.Fetch(t.Context(), ref, offset)
		require.NoError(t, err, offset)
		require.EqualValues(t, len(data), size)
		got, err := io.ReadAll(r)
		require.NoError(t, err)
		require.NoError(t, r.Close())
		require.True(t, bytes.Equal(data[from:], got), offset)
		require.Equal(t, offset, from, "a range was asked for")
	}
}

func TestFetchFaults(t *testing.T) {
	t.Parallel()
	data := pattern(300_000)
	for name, c := range map[string]struct {
		fault func(*telegramtest.Faults)
		open  flows.Class // "" = opens
		read  bool        // reading gives all
	}{
		"cut":                      {func(f *telegramtest.Faults) { f.CutDownload(1000) }, "", false},
		"fewer bytes, as if whole": {func(f *telegramtest.Faults) { f.ShortDownload(1000) }, flows.Unavailable, false},
		"link expired once":        {func(f *telegramtest.Faults) { f.BreakDownload(404) }, "", true},
		"link expired twice":       {func(f *telegramtest.Faults) { f.BreakDownload(404, 404) }, flows.Unavailable, false},
		"server error":             {func(f *telegramtest.Faults) { f.BreakDownload(500) }, flows.Unavailable, false},
		"getFile away":             {func(f *telegramtest.Faults) { f.Reply5xx("getFile", 502, 1) }, flows.Unavailable, false},
		"hangs":                    {func(f *telegramtest.Faults) { f.HangDownload(time.Minute) }, flows.Unavailable, false},
		"server restarted":         {func(f *telegramtest.Faults) { f.Restart() }, "", true},
		"slow but moving":          {func(f *telegramtest.Faults) { f.SlowDownload(400_000) }, "", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStand(t, func(c *Config) { c.Pace.Stall = 500 * time.Millisecond; c.Pace.Poll = time.Second })
			ref := s.sent(t, telegramtest.Media{Name: "a.mp4", Data: data})
			c.fault(s.tg.Faults)
			r, _, _, err := s.Fetch(t.Context(), ref, 0)
			if c.open != "" {
				require.Equal(t, c.open, flows.ClassOf(err))
				require.NotContains(t, err.Error(), s.tg.Token())
				return
			}
			require.NoError(t, err)
			got, err := io.ReadAll(r)
			require.NoError(t, r.Close())
			if c.read {
				require.NoError(t, err)
				require.True(t, bytes.Equal(data, got))
			} else {
				require.Error(t, err, "a cut download must not look complete")
			}
		})
	}
}

func TestFetchRefusals(t *testing.T) {
	t.Parallel()
	s := newStand(t, nil)
	big := s.sent(t, telegramtest.Media{Name: "a.mp4", Bytes: 21 << 20})
	for ref, key := range map[string]string{big: "bot.fetch.too-big", "tg:nosuchfile": "bot.fetch.gone", "upload:1": "bot.fetch.gone", "tg:": "bot.fetch.gone"} {
		_, _, _, err := s.Fetch(t.Context(), ref, 0)
		var e *flows.Error
		require.True(t, errors.As(err, &e), ref)
		require.Equal(t, flows.UserMedia, e.Class)
		require.Equal(t, key, e.Text.Key)
	}
}

func TestFetchFromALocalServer(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	data := pattern(1000)
	s := newStand(t, func(c *Config) { c.LocalFiles = dir }, telegramtest.Local(dir))
	ref := s.sent(t, telegramtest.Media{Name: "a.mp4", Data: data})
	r, from, size, err := s.Fetch(t.Context(), ref, 10)
	require.NoError(t, err)
	require.EqualValues(t, 10, from)
	require.EqualValues(t, 1000, size)
	got, err := io.ReadAll(r)
	require.NoError(t, err)
	require.NoError(t, r.Close())
	require.True(t, bytes.Equal(data[10:], got))

	heard := s.talk.heard()
	require.False(t, heard[0].File.TooBig)
	huge := s.sent(t, telegramtest.Media{Name: "b.mp4", Bytes: 21 << 20})
	require.NotEqual(t, ref, huge)
	require.False(t, s.talk.heard()[1].File.TooBig, "a local server has no such limit")
}

func TestLocalName(t *testing.T) {
	t.Parallel()
	const token = "1:T"
	for path, want := range map[string]string{
		"/data/1:T/videos/file_0.mp4":                     "1:T/videos/file_0.mp4",
		"/data/videos/file_0.mp4":                         "videos/file_0.mp4",
		"/var/lib/telegram-bot-api/1:T/videos/file_0.mp4": "1:T/videos/file_0.mp4",
		"/var/lib/telegram-bot-api/1~T/videos/file_0.mp4": "1~T/videos/file_0.mp4",
		"/etc/passwd":                     "",
		"/data/../etc/passwd":             "",
		"/data":                           "",
		"/x/1:T/../../etc/passwd":         "",
		"/data/1:T/../../../../etc/passw": "",
		"/database/file":                  "",
	} {
		got, err := localName("/data", token, path)
		require.Equal(t, want, got, path)
		require.Equal(t, want == "", err != nil, path)
	}
}

func TestLocalFilesOutsideTheFolderAreRefused(t *testing.T) {
	t.Parallel()
	dir, outside := t.TempDir(), t.TempDir()
	secret := filepath.Join(outside, "secret")
	require.NoError(t, os.WriteFile(secret, []byte("secret"), 0o600))
	s := newStand(t, func(c *Config) { c.LocalFiles = dir }, telegramtest.Local(dir))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "real"), []byte("real"), 0o600))
	require.NoError(t, os.Symlink(secret, filepath.Join(dir, "out")))
	require.NoError(t, os.Symlink("real", filepath.Join(dir, "in")))
	require.NoError(t, os.Symlink(outside, filepath.Join(dir, "folder")))
	require.NoError(t, os.Mkdir(filepath.Join(dir, "dir"), 0o700))
	for _, path := range []string{secret, dir + "/out", dir + "/in", dir + "/folder/secret", dir + "/dir", dir + "/nosuch", dir + "/../x"} {
		_, _, _, err := s.openLocal(fileAt(path, 0), 0)
		require.Error(t, err, path)
	}
	_, _, _, err := s.openLocal(fileAt(dir+"/real", 5), 0)
	require.Error(t, err, "another length than announced")
	r, _, _, err := s.openLocal(fileAt(dir+"/real", 4), 0)
	require.NoError(t, err)
	require.NoError(t, r.Close())

	cloud := newStand(t, nil)
	_, _, _, err = cloud.openLocal(fileAt("/etc/passwd", 0), 0)
	require.ErrorContains(t, err, "TELEGRAM_LOCAL_FILES")
}

func fileAt(path string, size int64) *models.File {
	return &models.File{FilePath: path, FileSize: size}
}

func TestReadingFewerOrMoreBytesThanAnnouncedIsAnError(t *testing.T) {
	t.Parallel()
	for announced, want := range map[int64]error{6: io.ErrUnexpectedEOF, 5: nil} {
		r := &exact{ReadCloser: io.NopCloser(bytes.NewReader([]byte("hello"))), left: announced}
		_, err := io.ReadAll(r)
		require.ErrorIs(t, err, want)
	}
	_, err := io.ReadAll(&exact{ReadCloser: io.NopCloser(bytes.NewReader([]byte("hello"))), left: 4})
	require.Error(t, err)
}
