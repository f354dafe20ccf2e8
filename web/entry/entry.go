package entry

import (
	"crypto/rand"
	"embed"
	"encoding/base32"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"clipcase/flows"
	"clipcase/flows/pass"
	"clipcase/web/page"
)

//go:embed templates/*.html
var templateFiles embed.FS

// Config is what the operator decides about who comes in.
type Config struct {
	Operator      string           // who runs this service, as people read it; "" = words that say so
	RetentionDays int              // files are deleted this many days later; 0 = 30
	DraftDays     int              // the same of what was never handed in; 0 = RetentionDays
	DeliveredDays int              // the same from when everything was handed out; 0 = RetentionDays
	ClosedDays    int              // the same from when a case was cancelled or answered; 0 = RetentionDays
	PublicURL     string           // address of the pages without the last slash; "" = as the browser says
	Access        flows.AccessMode // "" = invite
	// TrustProxy takes the visitor's address from X-Forwarded-For when the
	// request comes from a loopback or private address.
	TrustProxy bool
	Random     io.Reader // source of secrets; nil = crypto/rand
}

// Entry knows who a request is from.
type Entry struct {
	cfg    Config
	secure bool   // cookies only over https
	origin string // of PublicURL, "" = none
	doors  Doors
	talk   Talk
	pages  *page.Pages
	set    *page.Set
	log    *slog.Logger
	clock  func() time.Time
	twice  *repeats
}

// New checks the configuration and reads the pages.
func New(cfg Config, doors Doors, talk Talk, pages *page.Pages, log *slog.Logger, clock func() time.Time) (*Entry, error) {
	if doors == nil || talk == nil || pages == nil || log == nil || clock == nil {
		return nil, errors.New("entry: doors, talk, pages, log and clock are needed")
	}
	e := &Entry{cfg: cfg, doors: doors, talk: talk, pages: pages, log: log, clock: clock, twice: newRepeats(clock)}
	if err := e.configure(); err != nil {
		return nil, err
	}
	files, err := fs.Sub(templateFiles, "templates")
	if err != nil {
		return nil, fmt.Errorf("entry: %w", err)
	}
	if e.set, err = pages.Set("entry", files); err != nil {
		return nil, fmt.Errorf("entry: %w", err)
	}
	return e, nil
}

func (e *Entry) configure() error {
	if e.cfg.RetentionDays == 0 {
		e.cfg.RetentionDays = 30
	}
	for _, days := range []*int{&e.cfg.DraftDays, &e.cfg.DeliveredDays, &e.cfg.ClosedDays} {
		if *days == 0 {
			*days = e.cfg.RetentionDays
		}
	}
	if e.cfg.Random == nil {
		e.cfg.Random = rand.Reader
	}
	if e.cfg.Access == "" {
		e.cfg.Access = flows.AccessInvite
	}
	switch e.cfg.Access {
	case flows.AccessInvite, flows.AccessList, flows.AccessOpen:
	default:
		return fmt.Errorf("entry: access %q: want invite, list or open", e.cfg.Access)
	}
	e.cfg.PublicURL = strings.TrimSuffix(e.cfg.PublicURL, "/")
	if e.cfg.PublicURL == "" {
		return nil
	}
	u, err := url.Parse(e.cfg.PublicURL)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return errors.New("entry: PublicURL: want http:// or https:// and a host")
	}
	e.secure = u.Scheme == "https"
	e.origin = u.Scheme + "://" + u.Host
	return nil
}

// Routes adds what entry itself answers. What it leaves to the caller: "/" and
// every page of the other parts, each behind Member, and Absent for the rest.
func (e *Entry) Routes(mux *http.ServeMux) {
	mux.HandleFunc("POST /start", e.start)
	mux.Handle("GET /i/{code}", e.OutsideOnly(http.HandlerFunc(e.showInvite)))
	mux.HandleFunc("POST /i/{code}", e.redeem)
	mux.Handle("GET /login/{code}", e.OutsideOnly(http.HandlerFunc(e.showLogin)))
	mux.HandleFunc("POST /login/{code}", e.useLogin)
	mux.Handle("GET /return", e.OutsideOnly(http.HandlerFunc(e.showReturn)))
	mux.HandleFunc("POST /return", e.useReturn)
	mux.HandleFunc("POST /forget", e.forget)
	mux.Handle("GET /code", e.Member(e.showCode))
	mux.Handle("POST /code", e.Member(e.makeCode))
	mux.HandleFunc("POST /lang", e.setLang)
	mux.Handle("GET /logout", e.Member(e.showLogout))
	mux.Handle("POST /logout", e.Member(e.logout))
	mux.Handle("GET /assets/", e.pages.Assets())
}

// secret is 26 characters a–z, 2–7: 128 bits.
func (e *Entry) secret() (string, error) {
	var raw [16]byte
	if _, err := io.ReadFull(e.cfg.Random, raw[:]); err != nil {
		return "", fmt.Errorf("entry: randomness: %w", err)
	}
	return strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(raw[:])), nil
}

// newActor is a person nobody knows yet.
func (e *Entry) newActor() (string, error) {
	id, err := e.secret()
	return pass.WebActor(id), err
}
