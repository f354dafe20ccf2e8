package telegramtest

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"io"
	"mime/multipart"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// args are parameters; what is no string is sent as JSON.
type args map[string]any

type reply struct {
	OK          bool            `json:"ok"`
	Result      json.RawMessage `json:"result"`
	Code        int             `json:"error_code"`
	Description string          `json:"description"`
	Parameters  struct {
		RetryAfter int   `json:"retry_after"`
		MigrateTo  int64 `json:"migrate_to_chat_id"`
	} `json:"parameters"`
	Status int         `json:"-"`
	Header http.Header `json:"-"`
}

func (r reply) id(t *testing.T) int {
	t.Helper()
	var m struct {
		ID int `json:"message_id"`
	}
	require.True(t, r.OK, r.Description)
	require.NoError(t, json.Unmarshal(r.Result, &m))
	return m.ID
}

func send(s *Server, method string, params args, files map[string][]byte) (reply, error) {
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for k, v := range params {
		text, ok := v.(string)
		if !ok {
			raw, err := json.Marshal(v)
			if err != nil {
				return reply{}, err
			}
			text = string(raw)
		}
		if err := form.WriteField(k, text); err != nil {
			return reply{}, err
		}
	}
	for name, data := range files {
		w, err := form.CreateFormFile(name, name)
		if err != nil {
			return reply{}, err
		}
		if _, err := w.Write(data); err != nil {
			return reply{}, err
		}
	}
	if err := form.Close(); err != nil {
		return reply{}, err
	}
	return fetch(http.MethodPost, s.URL()+"/bot"+s.Token()+"/"+method, form.FormDataContentType(), &body)
}

func fetch(verb, url, kind string, body io.Reader) (reply, error) {
	req, err := http.NewRequest(verb, url, body)
	if err != nil {
		return reply{}, err
	}
	req.Header.Set("Content-Type", kind)
	req.Close = true
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return reply{}, err
	}
	defer func() { _ = resp.Body.Close() }()
	out := reply{Status: resp.StatusCode, Header: resp.Header}
	return out, json.NewDecoder(resp.Body).Decode(&out)
}

func call(t *testing.T, s *Server, method string, params args, files map[string][]byte) reply {
	t.Helper()
	r, err := send(s, method, params, files)
	require.NoError(t, err)
	return r
}

func picture(w, h int) []byte {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, w, h)), nil); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// padded is data followed by zeros, size bytes in all.
func padded(data []byte, size int) []byte {
	return append(data, make([]byte, size-len(data))...)
}

func moving() []byte {
	var b bytes.Buffer
	p := color.Palette{color.Black, color.White}
	one := image.NewPaletted(image.Rect(0, 0, 16, 9), p)
	if err := gif.EncodeAll(&b, &gif.GIF{Image: []*image.Paletted{one, one}, Delay: []int{10, 10}}); err != nil {
		panic(err)
	}
	return b.Bytes()
}

func box(kind string, parts ...[]byte) []byte {
	body := bytes.Join(parts, nil)
	head := binary.BigEndian.AppendUint32(nil, uint32(8+len(body)))
	return append(append(head, kind...), body...)
}

// film is an MP4 with the boxes that say what it is, and padding.
func film(w, h, seconds int, sound bool, padding int) []byte {
	mvhd := make([]byte, 100)
	binary.BigEndian.PutUint32(mvhd[12:], 1000)
	binary.BigEndian.PutUint32(mvhd[16:], uint32(seconds*1000))
	track := func(handler string, w, h int) []byte {
		tkhd := make([]byte, 84)
		binary.BigEndian.PutUint32(tkhd[40:], 0x10000)
		binary.BigEndian.PutUint32(tkhd[76:], uint32(w)<<16)
		binary.BigEndian.PutUint32(tkhd[80:], uint32(h)<<16)
		return box("trak", box("tkhd", tkhd), box("mdia", box("hdlr", make([]byte, 8), []byte(handler), make([]byte, 13))))
	}
	tracks := track("vide", w, h)
	if sound {
		tracks = append(tracks, track("soun", 0, 0)...)
	}
	return bytes.Join([][]byte{box("ftyp", []byte("isom")), box("moov", box("mvhd", mvhd), tracks), box("mdat", make([]byte, padding))}, nil)
}

// clock is a clock that tests move.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func newClock() *clock { return &clock{at: time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)} }

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// decodeLoose decodes an answer without minding further fields.
func decodeLoose(raw []byte, dst any) error { return json.Unmarshal(raw, dst) }
