package ffmpeg

import (
	"os"
	"sync"
	"time"

	"clipcase/media"
)

// pageKey names what was read: a file as it was, at a moment.
type pageKey struct {
	path  string
	bytes int64
	made  time.Time
	at    float64
}

func keyOf(path string, at float64) (pageKey, error) {
	stat, err := os.Stat(path)
	if err != nil {
		return pageKey{}, err
	}
	return pageKey{path, stat.Size(), stat.ModTime(), at}, nil
}

// pages remembers what was read last.
type pages struct {
	mu    sync.Mutex
	order []pageKey // the oldest first
	lines map[pageKey][]media.Line
}

func newPages() *pages { return &pages{lines: map[pageKey][]media.Line{}} }

func (p *pages) get(key pageKey) ([]media.Line, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	lines, ok := p.lines[key]
	return lines, ok
}

func (p *pages) put(key pageKey, lines []media.Line) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, ok := p.lines[key]; !ok {
		p.order = append(p.order, key)
	}
	p.lines[key] = lines
	for len(p.order) > mostPages {
		delete(p.lines, p.order[0])
		p.order = p.order[1:]
	}
}
