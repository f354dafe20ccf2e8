package main

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
)

// result is one side of a row, measured once.
type result struct {
	Row     string             `json:"row"`
	Input   string             `json:"input"`
	Side    string             `json:"side"`
	Round   int                `json:"round"`
	Version string             `json:"version"` // of input and, where it is clipcase's work, program
	Sitting string             `json:"sitting"`
	Cost    cost               `json:"cost"`
	Files   []file             `json:"files"`
	Facts   map[string]float64 `json:"facts,omitempty"`
}

// file is one thing that was made.
type file struct {
	Name    string   `json:"name"`
	Channel string   `json:"channel"`
	Kind    string   `json:"kind"`
	Bytes   int64    `json:"bytes"`
	Width   int      `json:"width"`
	Height  int      `json:"height"`
	FPS     float64  `json:"fps"`
	Start   float64  `json:"start"` // of the recording, seconds
	End     float64  `json:"end"`
	Lead    float64  `json:"lead,omitempty"` // seconds of a GIF before its stretch begins
	Over    []string `json:"over,omitempty"` // limits that are not kept
	SSIM    *float64 `json:"ssim,omitempty"`
	Read    *float64 `json:"read,omitempty"` // share of the original's text that is read in it too
}

// key is what makes a result the one that is looked for.
func (r result) key() string {
	return fmt.Sprint(r.Row, "|", r.Input, "|", r.Side, "|", r.Round, "|", r.Version)
}

// store keeps results as lines of a file, each written as soon as it is there.
// Its methods may be called at once from several goroutines.
type store struct {
	mu    sync.Mutex
	path  string
	found map[string]result
}

// load reads what earlier sittings left. A last line that was cut off is dropped.
func load(path string) (*store, error) {
	s := &store{path: path, found: map[string]result{}}
	data, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return s, nil
	}
	if err != nil {
		return nil, err
	}
	if whole := bytes.LastIndexByte(data, '\n') + 1; whole < len(data) {
		data = data[:whole]
		if err := os.WriteFile(path, data, 0o644); err != nil {
			return nil, err
		}
	}
	lines := bufio.NewScanner(bytes.NewReader(data))
	lines.Buffer(nil, 1<<24)
	for n := 1; lines.Scan(); n++ {
		var r result
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			return nil, fmt.Errorf("%s, line %d: %w (-fresh forgets it)", path, n, err)
		}
		s.found[r.key()] = r
	}
	return s, lines.Err()
}

func (s *store) get(like result) (result, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, ok := s.found[like.key()]
	return r, ok
}

func (s *store) put(r result) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	line, err := json.Marshal(r)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(s.path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	if _, err := f.Write(append(line, '\n')); err != nil {
		return errors.Join(err, f.Close())
	}
	if err := f.Close(); err != nil {
		return err
	}
	s.found[r.key()] = r
	return nil
}

// sum names a file's content.
func sum(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer func() { _ = f.Close() }() // only read
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)[:6]), nil
}
