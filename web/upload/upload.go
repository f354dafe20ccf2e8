package upload

import (
	"crypto/rand"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"clipcase/flows"
	"clipcase/flows/pass"
	"clipcase/web/page"
)

//go:embed templates
var templateFiles embed.FS

// Config says where files are kept and how much is taken.
type Config struct {
	Dir     string        // folder of its own, made if absent; for this process alone
	MaxFile int64         // bytes of one file at most; 0 = pass.MaxFile
	Daily   int64         // bytes a person may hand in on one day; 0 = no limit
	Seconds float64       // of recordings a person may hand in on one day; 0 = no limit
	Every   time.Duration // between two sweeps; 0 = 10 s
	Kept    time.Duration // how long an unfinished upload waits for more bytes; 0 = 24 h

	// Face is in which language a page is shown to whoever asks and the CSRF
	// value of their session, "" without one. Required.
	Face  func(*http.Request) (lang, csrf string)
	Clock func() time.Time // required
	// IDs makes ids of uploads: 26 characters a–z, 2–7, never the same twice;
	// nil = from crypto/rand.
	IDs func() string
	Log *slog.Logger // required
}

// Uploads takes in files.
type Uploads struct {
	cfg      Config
	doors    Doors
	talk     Talk
	disk     Disk
	cases    Cases
	visitors Visitors
	pages    *page.Pages
	set      *page.Set
	log      *slog.Logger
	store    *store
	tus      http.Handler
	room     sync.Mutex    // held from looking at the disk until the record is kept
	held     int64         // bytes that forms may still need; guarded by room
	wake     chan struct{} // asks for a sweep soon
}

// New makes the folder and reads the pages; nothing runs before Run, and requests
// are answered from Routes on.
func New(cfg Config, doors Doors, talk Talk, disk Disk, cases Cases, visitors Visitors, pages *page.Pages) (*Uploads, error) {
	if doors == nil || talk == nil || disk == nil || cases == nil || visitors == nil || pages == nil {
		return nil, errors.New("upload: doors, talk, disk, cases, visitors and pages are needed")
	}
	if cfg.Dir == "" || cfg.Clock == nil || cfg.Log == nil || cfg.Face == nil {
		return nil, errors.New("upload: Dir, Face, Clock and Log are required")
	}
	if cfg.MaxFile < 0 || cfg.MaxFile > pass.MaxFile {
		return nil, fmt.Errorf("upload: MaxFile %d: want at most %d", cfg.MaxFile, int64(pass.MaxFile))
	}
	if cfg.MaxFile == 0 {
		cfg.MaxFile = pass.MaxFile
	}
	if cfg.Every <= 0 {
		cfg.Every = 10 * time.Second
	}
	if cfg.Kept <= 0 {
		cfg.Kept = 24 * time.Hour
	}
	if cfg.IDs == nil {
		cfg.IDs = func() string { return strings.ToLower(rand.Text()) }
	}
	dir, err := filepath.Abs(cfg.Dir)
	if err != nil {
		return nil, fmt.Errorf("upload: folder: %w", err)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("upload: folder: %w", err)
	}
	files, err := fs.Sub(templateFiles, "templates")
	if err != nil {
		return nil, fmt.Errorf("upload: templates: %w", err)
	}
	set, err := pages.Set("upload", files)
	if err != nil {
		return nil, fmt.Errorf("upload: %w", err)
	}
	u := &Uploads{
		cfg: cfg, doors: doors, talk: talk, disk: disk, cases: cases, visitors: visitors, pages: pages, set: set,
		log: cfg.Log, store: newStore(dir), wake: make(chan struct{}, 1),
	}
	if u.tus, err = u.newTus(); err != nil {
		return nil, fmt.Errorf("upload: %w", err)
	}
	return u, nil
}

// filesPath is where tus is spoken.
const filesPath = "/files/"

// Routes adds the pages and the protocol. Bodies below /files/ and /upload/ are
// bounded here, not by the caller.
func (u *Uploads) Routes(mux *http.ServeMux) {
	mux.Handle("GET /upload/{grant}", u.visitors.OutsideOnly(http.HandlerFunc(u.show)))
	mux.HandleFunc("POST /upload/{grant}", u.form)
	mux.HandleFunc("GET /upload/{grant}/state", u.state)
	mux.HandleFunc(strings.TrimSuffix(filesPath, "/"), u.files)
	mux.HandleFunc(filesPath, u.files)
}

// Wake asks Run for a sweep soon, such as when a case has stored its files.
func (u *Uploads) Wake() {
	select {
	case u.wake <- struct{}{}:
	default: // one is asked for already
	}
}

func classed(class flows.Class, key string, err error, pairs ...any) *flows.Error {
	return &flows.Error{Class: class, Text: flows.T(key, pairs...), Err: err}
}
