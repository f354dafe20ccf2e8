package telegramtest

import (
	"context"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestReply429(t *testing.T) {
	t.Parallel()
	c := newClock()
	s := New(t, Clock(c.now))
	u := s.User(5, "").Started()
	s.User(6, "").Started()
	s.Faults.Reply429("sendMessage", 7, 1)
	r := call(t, s, "sendMessage", args{"chat_id": 5, "text": "x"}, nil)
	require.Equal(t, 429, r.Status)
	require.Equal(t, "Too Many Requests: retry after 7", r.Description)
	require.Equal(t, 7, r.Parameters.RetryAfter)
	require.Equal(t, "7", r.Header.Get("Retry-After"))
	require.True(t, call(t, s, "sendMessage", args{"chat_id": 6, "text": "x"}, nil).OK, "other chats go on")
	require.Empty(t, s.Early())
	require.Equal(t, 429, call(t, s, "sendMessage", args{"chat_id": 5, "text": "x"}, nil).Status)
	require.Len(t, s.Early(), 1, "a call before retry_after is over is noticed")
	c.advance(7 * time.Second)
	require.True(t, call(t, s, "sendMessage", args{"chat_id": 5, "text": "x"}, nil).OK)
	require.Len(t, u.FromBot(), 1)
	require.Empty(t, s.Violations())
}

func TestReply5xxAndWhen(t *testing.T) {
	t.Parallel()
	s := New(t)
	s.User(5, "").Started()
	s.Faults.Reply5xx("", 502, 1)
	s.Faults.When(func(c Call) bool { return c.Params["text"] == "bad day" }, -1, What{Refuse: &Refusal{Code: 500, Text: "no"}})
	require.Equal(t, 502, call(t, s, "sendMessage", args{"chat_id": 5, "text": "x"}, nil).Status)
	require.Equal(t, 500, call(t, s, "sendMessage", args{"chat_id": 5, "text": "bad day"}, nil).Status)
	require.True(t, call(t, s, "sendMessage", args{"chat_id": 5, "text": "x"}, nil).OK)
}

func TestDroppedBeforeAndAfter(t *testing.T) {
	t.Parallel()
	s := New(t)
	u := s.User(5, "").Started()
	s.Faults.DropBefore("sendMessage", 1)
	_, err := send(s, "sendMessage", args{"chat_id": 5, "text": "before"}, nil)
	require.Error(t, err)
	require.Empty(t, u.Messages())
	s.Faults.DropAfter("sendMessage", 1)
	_, err = send(s, "sendMessage", args{"chat_id": 5, "text": "after"}, nil)
	require.Error(t, err)
	require.Equal(t, "after", u.Last().Text)
	s.Faults.Lose("sendMessage", 502, 1)
	require.Equal(t, 502, call(t, s, "sendMessage", args{"chat_id": 5, "text": "lost"}, nil).Status)
	require.Equal(t, "lost", u.Last().Text)
	require.Empty(t, s.Violations())
	for _, c := range s.Calls("sendMessage") {
		require.True(t, c.Dropped)
	}
}

func link(t *testing.T, s *Server, id string) string {
	t.Helper()
	r := call(t, s, "getFile", args{"file_id": id}, nil)
	require.True(t, r.OK, r.Description)
	path := struct {
		Path string `json:"file_path"`
	}{}
	require.NoError(t, decodeLoose(r.Result, &path))
	return s.URL() + "/file/bot" + s.Token() + "/" + path.Path
}

func fetchFile(t *testing.T, url, ranges string) (int, []byte, error) {
	t.Helper()
	req, err := http.NewRequest(http.MethodGet, url, nil)
	require.NoError(t, err)
	req.Close = true
	if ranges != "" {
		req.Header.Set("Range", ranges)
	}
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer func() { require.NoError(t, resp.Body.Close()) }()
	data, err := io.ReadAll(resp.Body)
	return resp.StatusCode, data, err
}

func TestDownloads(t *testing.T) {
	t.Parallel()
	c := newClock()
	s := New(t, Clock(c.now))
	u := s.User(5, "")
	id := u.SendDocument(Media{Name: "a.mp4", Bytes: 300_000})
	file := u.Messages()[id-1].File
	want, err := file.Bytes()
	require.NoError(t, err)
	url := link(t, s, file.ID)
	require.Equal(t, url, link(t, s, file.ID), "the path stays")

	status, data, err := fetchFile(t, url, "")
	require.NoError(t, err)
	require.Equal(t, 200, status)
	require.Equal(t, want, data)
	status, data, err = fetchFile(t, url, "bytes=299990-")
	require.NoError(t, err)
	require.Equal(t, 206, status)
	require.Equal(t, want[299990:], data)

	s.Faults.CutDownload(1000, 0)
	_, data, err = fetchFile(t, url, "")
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	require.Equal(t, want[:1000], data)
	_, data, err = fetchFile(t, url, "")
	require.Error(t, err)
	require.Empty(t, data)
	s.Faults.ShortDownload(7)
	_, data, err = fetchFile(t, url, "")
	require.NoError(t, err)
	require.Len(t, data, 7)
	s.Faults.BreakDownload(500)
	status, _, _ = fetchFile(t, url, "")
	require.Equal(t, 500, status)
	s.Faults.SlowDownload(3_000_000)
	began := time.Now()
	_, data, err = fetchFile(t, url, "")
	require.NoError(t, err)
	require.Equal(t, want, data)
	require.Greater(t, time.Since(began), 80*time.Millisecond)
	s.Faults.Clear()

	s.Faults.Restart()
	status, _, _ = fetchFile(t, url, "")
	require.Equal(t, 404, status, "old links are gone after a restart")
	again := link(t, s, file.ID)
	require.NotEqual(t, url, again)
	c.advance(61 * time.Minute)
	status, _, _ = fetchFile(t, again, "")
	require.Equal(t, 404, status, "a link lives for an hour")
}

func TestHangingDownloadEndsWithTheClient(t *testing.T) {
	t.Parallel()
	s := New(t)
	u := s.User(5, "")
	id := u.SendDocument(Media{Name: "a.mp4", Bytes: 10})
	url := link(t, s, u.Messages()[id-1].File.ID)
	s.Faults.HangDownload(time.Hour)
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	require.NoError(t, err)
	_, err = http.DefaultClient.Do(req)
	require.ErrorIs(t, err, context.DeadlineExceeded)
}

func TestRestartEndsPolls(t *testing.T) {
	t.Parallel()
	s := New(t)
	got := polling(t, s)
	s.Faults.Restart()
	require.Equal(t, 502, (<-got).Status)
}

func TestFloodControl(t *testing.T) {
	t.Parallel()
	c := newClock()
	s := New(t, Clock(c.now), Limit(Flood{PerChat: 1, Burst: 3, Overall: 30}))
	s.User(5, "").Started()
	for range 3 {
		require.True(t, call(t, s, "sendMessage", args{"chat_id": 5, "text": "x"}, nil).OK)
	}
	r := call(t, s, "editMessageText", args{"chat_id": 5, "message_id": 1, "text": "y"}, nil)
	require.Equal(t, 429, r.Status, "edits count")
	require.Equal(t, 1, r.Parameters.RetryAfter)
	require.True(t, call(t, s, "sendChatAction", args{"chat_id": 5, "action": "typing"}, nil).Status == 429, "nothing passes before retry_after")
	c.advance(time.Second)
	require.True(t, call(t, s, "editMessageText", args{"chat_id": 5, "message_id": 1, "text": "y"}, nil).OK)
}
