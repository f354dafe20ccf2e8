package telegramtest

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestWhatBecomesOfFiles(t *testing.T) {
	t.Parallel()
	s := New(t)
	u := s.User(5, "").Started()
	loud, silent := film(720, 1280, 12, true, 10), film(720, 1280, 12, false, 10)
	measures := args{"width": 720, "height": 1280, "duration": 12}
	large := film(720, 1280, 12, true, 11<<20)
	cases := []struct {
		name, method, field, file string
		data                      []byte
		params                    args
		kind, mime                string
		guessed                   bool
		width                     int
	}{
		{"gif as document", "sendDocument", "document", "x.gif", moving(), nil, "Animation", "video/mp4", false, 16},
		{"gif kept", "sendDocument", "document", "x.gif", moving(), args{"disable_content_type_detection": true}, "Document", "image/gif", false, 0},
		{"gif as animation", "sendAnimation", "animation", "x.gif", moving(), nil, "Animation", "video/mp4", false, 16},
		{"gif as video", "sendVideo", "video", "x.gif", moving(), nil, "Animation", "video/mp4", false, 16},
		{"silent video as document", "sendDocument", "document", "x.mp4", silent, nil, "Animation", "video/mp4", false, 720},
		{"silent video kept as file", "sendDocument", "document", "x.mp4", silent, args{"disable_content_type_detection": true}, "Document", "video/mp4", false, 0},
		{"silent video as video", "sendVideo", "video", "x.mp4", silent, nil, "Video", "video/mp4", false, 720},
		{"video read by the server", "sendVideo", "video", "x.mp4", loud, nil, "Video", "video/mp4", false, 720},
		{"large video unmeasured", "sendVideo", "video", "x.mp4", large, nil, "Video", "video/mp4", true, 320},
		{"large video measured", "sendVideo", "video", "x.mp4", large, measures, "Video", "video/mp4", false, 720},
		{"text as video", "sendVideo", "video", "x.txt", []byte("no film"), nil, "Document", "text/plain", false, 0},
		{"photo", "sendPhoto", "photo", "x.jpg", picture(30, 20), nil, "Photo", "image/jpeg", false, 30},
	}
	for _, c := range cases {
		params := merge(args{"chat_id": 5, c.field: "attach://" + c.file}, c.params)
		r := call(t, s, c.method, params, map[string][]byte{c.file: c.data})
		require.True(t, r.OK, "%s: %s", c.name, r.Description)
		f := u.Last().File
		require.Equal(t, c.kind, f.Kind, c.name)
		require.Equal(t, c.mime, f.MIME, c.name)
		require.Equal(t, c.guessed, f.Guessed, c.name)
		require.Equal(t, c.width, f.Width, c.name)
		require.Equal(t, c.kind == "Animation" || c.kind == "Photo", f.Altered, c.name)
		got, err := f.Bytes()
		require.NoError(t, err)
		require.Equal(t, c.data, got, c.name)
	}
}

func TestAlbumsAndSendingAgain(t *testing.T) {
	t.Parallel()
	s := New(t)
	u := s.User(5, "").Started()
	media := []args{{"type": "document", "media": "attach://a", "caption": "<b>1</b>", "parse_mode": "HTML", "thumbnail": "attach://t"},
		{"type": "document", "media": "attach://b"}}
	files := map[string][]byte{"a": moving(), "b": []byte("two"), "t": picture(32, 18)}
	require.True(t, call(t, s, "sendMediaGroup", args{"chat_id": 5, "media": media}, files).OK)
	all := u.FromBot()
	require.Len(t, all, 2)
	require.Equal(t, "Document", all[0].File.Kind, "albums keep a GIF a file")
	require.Equal(t, "1", all[0].Caption)
	require.Equal(t, 32, all[0].File.Thumbnail.Width)
	require.Equal(t, all[0].MediaGroupID, all[1].MediaGroupID)

	r := call(t, s, "sendDocument", args{"chat_id": 5, "document": all[0].File.ID}, nil)
	require.True(t, r.OK, r.Description)
	require.Equal(t, all[0].File.ID, u.Last().File.ID)

	s.Faults.BreakGroup(2)
	r = call(t, s, "sendMediaGroup", args{"chat_id": 5, "media": media}, files)
	require.Equal(t, `Bad Request: failed to send message #2 with the error message "WEBPAGE_MEDIA_EMPTY"`, r.Description)
	require.Len(t, u.FromBot(), 4, "the first item stays in the chat")
}

func TestLocalMode(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := New(t, Local(dir))
	u := s.User(5, "")
	id := u.SendDocument(Media{Name: "a.mp4", Bytes: 21 << 20})
	r := call(t, s, "getFile", args{"file_id": u.Messages()[id-1].File.ID}, nil)
	require.True(t, r.OK, r.Description)
	var file struct {
		Path string `json:"file_path"`
	}
	require.NoError(t, json.Unmarshal(r.Result, &file))
	require.True(t, filepath.IsAbs(file.Path))
	info, err := os.Stat(file.Path)
	require.NoError(t, err)
	require.Equal(t, int64(21<<20), info.Size())
	got, err := fetch("GET", s.URL()+"/file/bot"+s.Token()+"/"+file.Path, "", nil)
	require.NoError(t, err)
	require.Equal(t, 404, got.Status, "files are not served over HTTP")

	r = call(t, s, "sendDocument", args{"chat_id": 5, "document": "file://" + file.Path}, nil)
	require.True(t, r.OK, r.Description)
	require.Equal(t, int64(21<<20), u.Last().File.Size)
	require.Equal(t, "Bad Request: wrong file path specified",
		call(t, s, "sendDocument", args{"chat_id": 5, "document": "file:///nowhere/x"}, nil).Description)
	require.True(t, call(t, s, "sendDocument", args{"chat_id": 5}, map[string][]byte{"document": make([]byte, 51<<20)}).OK, "more than 50 MB go up")
	require.True(t, call(t, s, "setWebhook", args{"url": "http://127.0.0.1:9/x"}, nil).OK, "plain http is allowed")
}
