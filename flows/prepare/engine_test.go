package prepare_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"image"
	"image/jpeg"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"clipcase/flows"
	"clipcase/flows/dossier"
	"clipcase/flows/prepare"
	"clipcase/internal/flowstest"
	"clipcase/media"
)

// engine makes pieces of a few bytes, all as planned. The name of an original
// says what it is: "long" 200 s, "settled" with known moments, "bad" refused, "picture", "document", "text".
type engine struct {
	mu         sync.Mutex
	chosen     int
	size       int64                 // of each piece that may have as much; 0 = 100 bytes
	floor      int64                 // no piece can be made of less
	spoil      func(*media.Made)     // changes what came out
	leave      map[string]media.Code // pieces left out, by part of their name
	unreadable []float64             // moments of which no still can be made
	blind      string                // number of an original of which no still can be made
	failure    error                 // of Render
	seen       func(media.Job)       // looks at jobs
	beside     []media.Comparison    // what was asked for
}

func (e *engine) Inspect(_ context.Context, path string) (media.Probe, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return media.Probe{}, err
	}
	p := media.Probe{Kind: media.KindVideo, Format: "mov", Duration: 12, Width: 720, Height: 1280, FPS: 30, Codec: "h264", Frames: 360, Bytes: int64(len(content))}
	switch text := string(content); {
	case strings.HasPrefix(text, "bad"):
		return media.Probe{}, &media.Refusal{Code: media.RefusedTruncated, Err: errors.New("ends early")}
	case strings.HasPrefix(text, "picture"):
		return media.Probe{Kind: media.KindImage, Format: "png", Width: 720, Height: 1280, Codec: "png", Frames: 1}, nil
	case strings.HasPrefix(text, "document"):
		return media.Probe{Kind: media.KindDocument, Format: "pdf"}, nil
	case strings.HasPrefix(text, "text"):
		return media.Probe{Kind: media.KindDocument, Format: "txt"}, nil
	case strings.HasPrefix(text, "first"), strings.HasPrefix(text, "second"), strings.HasPrefix(text, "other"):
		p.Duration, p.Frames = 40, 1200
	case strings.HasPrefix(text, "compared "):
		if p.Duration, err = strconv.ParseFloat(strings.TrimPrefix(text, "compared "), 64); err != nil {
			return media.Probe{}, err
		}
	case strings.HasPrefix(text, "long"):
		p.Duration, p.Frames = 200, 6000
	case strings.HasPrefix(text, "settled"):
		p.Settled = []float64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}
	case strings.HasPrefix(text, "several"):
		p.Pictures, p.Sounds = media.Choice{Taken: 2, Of: 2}, media.Choice{Taken: 1, Of: 3}
	case strings.HasPrefix(text, "damaged"):
		p.Damaged = true
	}
	return p, nil
}

func (e *engine) Choose(_ context.Context, _ string, _ media.Probe, length float64) (media.Range, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.chosen++
	return media.Range{Start: 80, End: 80 + length}, nil
}

func (e *engine) Render(ctx context.Context, job media.Job, report func(media.Progress), made func(media.Made)) ([]media.Made, error) {
	if e.failure != nil {
		return nil, e.failure
	}
	if e.seen != nil {
		e.seen(job)
	}
	var out []media.Made
	var errs []error
	for i, p := range job.Pieces {
		if err := ctx.Err(); err != nil {
			return out, err
		}
		if r := e.refused(p); r != nil || p.Kind == media.KindImage && e.blind != "" && strings.HasPrefix(filepath.Base(job.Path), e.blind) {
			if r == nil {
				r = &media.Refusal{Code: media.RefusedUnreadable}
			}
			errs = append(errs, r)
			continue
		}
		report(media.Progress{Index: i, Name: p.Name, Done: 0.5})
		content := []byte(p.Name + strings.Repeat(".", 100))
		if strings.HasPrefix(p.Name, "frame-") || strings.HasPrefix(p.Name, "key-") { // is looked into
			var picture bytes.Buffer
			if err := jpeg.Encode(&picture, image.NewGray(image.Rect(0, 0, 36, 64)), nil); err != nil {
				return out, err
			}
			content = picture.Bytes()
		}
		if err := os.WriteFile(filepath.Join(job.Dir, p.Name), content, 0o600); err != nil {
			return out, err
		}
		sum := sha256.Sum256(content)
		m := media.Made{Piece: p, File: p.Name, Bytes: int64(len(content)), SHA256: hex.EncodeToString(sum[:]), Width: p.Width, Height: p.Height,
			Duration: p.Range.Length(), FPS: p.FPS, Codec: p.Codec}
		if e.size > 0 {
			m.Bytes = e.size
			if p.MaxBytes > 0 {
				m.Bytes = min(m.Bytes, p.MaxBytes)
			}
		}
		m.Fit = media.Fits(p, m)
		if e.spoil != nil {
			e.spoil(&m)
		}
		made(m)
		out = append(out, m)
	}
	return out, errors.Join(errs...)
}

func (e *engine) refused(p media.Piece) error {
	if p.Kind == media.KindImage && slices.Contains(e.unreadable, p.Range.Start) {
		return &media.Refusal{Code: media.RefusedUnreadable}
	}
	if p.MaxBytes > 0 && p.MaxBytes < e.floor {
		return &media.Refusal{Code: media.RefusedCannotFit}
	}
	for part, code := range e.leave {
		if strings.Contains(p.Name, part) {
			return &media.Refusal{Code: code}
		}
	}
	return nil
}

// Trace gives pictures that never repeat to "first", the same 2 s later to "second".
func (e *engine) Trace(_ context.Context, path string, p media.Probe) (media.Trace, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return media.Trace{}, err
	}
	shift := map[bool]int{true: 20}[strings.HasPrefix(string(content), "second")]
	var t media.Trace
	for k := range int(p.Duration * media.TracePictures) {
		number := uint64(k-shift+1000) / 3
		if strings.HasPrefix(string(content), "other") {
			number += 100_000
		}
		random := rand.New(rand.NewPCG(number, 1))
		for range media.TraceSide * media.TraceSide / 64 {
			gray := byte(random.UintN(256))
			t.Pictures = append(t.Pictures, bytes.Repeat([]byte{gray}, 64)...)
		}
	}
	return t, nil
}

func (e *engine) Beside(_ context.Context, c media.Comparison, report func(float64), to string) error {
	e.beside = append(e.beside, c)
	report(0.5)
	return os.WriteFile(to, []byte("compared "+strconv.FormatFloat(c.Length, 'f', -1, 64)), 0o600)
}

func (e *engine) Thumbnail(_ context.Context, _ string, _ media.Probe, _ float64, side int, to string) error {
	return os.WriteFile(to, []byte("jpeg"), 0o600)
}

// observer keeps what it hears.
type observer struct {
	packs    []flows.Pack // as they stay
	parts    []flows.Pack // handed on before
	progress []flows.WorkProgress
	failure  error
	cancel   context.CancelFunc
}

func (o *observer) Progress(p flows.WorkProgress) { o.progress = append(o.progress, p) }

func (o *observer) Pack(_ context.Context, p flows.Pack) error {
	if p.State == flows.PackRendering {
		o.parts = append(o.parts, p)
		return o.failure
	}
	o.packs = append(o.packs, p)
	if o.cancel != nil {
		o.cancel()
	}
	return o.failure
}

// clock moves by a second whenever it is read.
func clock() func() time.Time {
	var mu sync.Mutex
	now := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	return func() time.Time {
		mu.Lock()
		defer mu.Unlock()
		now = now.Add(time.Second)
		return now
	}
}

// request is a case with files of these contents, by name.
func request(t *testing.T, channels []string, files ...string) prepare.Request {
	t.Helper()
	req := prepare.Request{
		Case: "CC0042", Scenario: "account-ban", Lang: "zh", Statement: "我的账号在 11 月 20 日被误封。请核实。",
		Dir: t.TempDir(), Now: time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC), Original: true,
	}
	in := t.TempDir()
	for i, file := range files {
		name, content, _ := strings.Cut(file, "=")
		path := filepath.Join(in, string(rune('a'+i)))
		require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
		req.Exhibits = append(req.Exhibits, prepare.Exhibit{ID: "e" + strconv.Itoa(i+1), Path: path, Name: name, Grade: flows.GradeFile})
	}
	for _, id := range channels {
		req.Channels = append(req.Channels, prepare.Channel{ID: id})
	}
	return req
}

func run(t *testing.T, e *engine, req prepare.Request, obs *observer) (*dossier.Record, error) {
	t.Helper()
	c := flowstest.Catalogue(t)
	p, err := prepare.New(prepare.Config{Catalog: c, Engine: e, Clock: clock()})
	require.NoError(t, err)
	return p.Run(t.Context(), req, obs)
}
