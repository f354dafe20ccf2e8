package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"path/filepath"
	"sync"
	"time"

	"clipcase/flows"
	"clipcase/flows/catalog"
	"clipcase/flows/pass"
	"clipcase/web/casepage"
	"clipcase/web/entry"
	"clipcase/web/guide"
	"clipcase/web/page"
	"clipcase/web/upload"
	"clipcase/web/wizard"
)

// ownerActor is who runs the program on a machine without a bot.
const ownerActor = "web:owner"

// pages is everything people see in a browser.
type pages struct {
	entry   *entry.Entry
	wizard  *wizard.Wizard
	uploads *upload.Uploads
	cases   *casepage.Pages
	guide   *guide.Guide
}

// newPages puts the pages together; nil without the role.
func (s *service) newPages(cat *catalog.Catalog) error {
	if !s.roles.web {
		return nil
	}
	if s.set.inClear() {
		s.log.Warn("pages can be reached from other machines without https: publish the port on this machine only, or set PUBLIC_URL to an https address", "listen", s.set.Listen)
	}
	shared, err := page.New(cat, s.log)
	if err != nil {
		return fmt.Errorf("pages: %w", err)
	}
	doors, cases := s.redis.Doors(), s.redis.Cases()
	p := &pages{}
	p.entry, err = entry.New(entry.Config{
		Operator: s.set.Operator, RetentionDays: int(s.set.Retention / (24 * time.Hour)), DraftDays: int(s.set.Draft / (24 * time.Hour)),
		DeliveredDays: int(s.set.Delivered / (24 * time.Hour)), ClosedDays: int(s.set.Closed / (24 * time.Hour)), PublicURL: s.set.PublicURL, Access: s.set.Access,
		TrustProxy: s.set.PublicURL != "",
	}, doors, s.talk, shared, s.log, s.app.clock)
	if err != nil {
		return fmt.Errorf("pages: %w", err)
	}
	p.uploads, err = upload.New(upload.Config{
		Dir: filepath.Join(s.set.DataDir, "uploads"), Daily: s.set.DailyBytes, Seconds: s.set.DailySeconds, Face: p.face, Clock: s.app.clock, Log: s.log,
	}, doors, s.talk, s.blobs, cases, p.entry, shared)
	if err != nil {
		return fmt.Errorf("pages: %w", err)
	}
	p.wizard, err = wizard.New(wizard.Config{Original: originalAddress, Log: s.log, Clock: s.app.clock, IDs: newID},
		s.talk, cases, doors, s.redis.Progress(), p.entry, cat, shared, s.blobs)
	if err != nil {
		return fmt.Errorf("pages: %w", err)
	}
	p.cases, err = casepage.New(casepage.Config{Bags: s.bags, Key: s.key, Mails: s.mailbox() != "", PublicURL: s.set.PublicURL, Clock: s.app.clock, IDs: newID, Log: s.log},
		doors, cases, s.talk, s.blobs, p.entry, cat, shared)
	if err != nil {
		return fmt.Errorf("pages: %w", err)
	}
	if p.guide, err = guide.New(cat, p.entry, shared, s.app.printed, s.log); err != nil {
		return fmt.Errorf("pages: %w", err)
	}
	s.pages = p
	return nil
}

// parts mounts the pages. What no part knows is absent.
func (p *pages) parts() []func(*http.ServeMux) {
	return []func(*http.ServeMux){
		p.entry.Routes, p.wizard.Routes, p.uploads.Routes, p.cases.Routes, p.guide.Routes,
		func(mux *http.ServeMux) { mux.HandleFunc("/", p.entry.Absent) },
	}
}

// run does what pages need done in the background until ctx ends.
func (p *pages) run(ctx context.Context) error {
	running, stop := context.WithCancel(ctx)
	defer stop()
	var wg sync.WaitGroup
	var swept, watched error
	wg.Go(func() { swept = p.uploads.Run(running) })
	wg.Go(func() { watched = p.wizard.Run(running) })
	wg.Wait()
	return errors.Join(swept, watched)
}

// face is in which language a page is shown, and the token of the visitor's forms.
func (p *pages) face(r *http.Request) (lang, csrf string) {
	v, err := p.entry.Visitor(r)
	if err != nil {
		return v.Lang, "" // nobody, or nobody who can be known now: the page needs no session
	}
	return v.Lang, v.Session.CSRF
}

// originalAddress is where an original plays in the browser.
func originalAddress(token string, _ *flows.Case, exhibit string) string {
	return "/dl/" + url.PathEscape(token) + "/original/" + url.PathEscape(exhibit)
}

// hosts are the names the pages answer to besides this machine's own.
func (s *service) hosts() []string {
	names := []string{s.set.Listen}
	if u, err := url.Parse(s.set.PublicURL); err == nil && u.Host != "" {
		names = append(names, u.Host)
	}
	return names
}

// ownerLink is printed where there is no bot to give links: whoever starts the
// program comes in by it. Listening on this machine alone is no login, since
// behind a proxy everyone comes from here.
func (s *service) ownerLink(ctx context.Context) (string, error) {
	code, err := s.redis.Doors().NewLogin(ctx, pass.Login{
		Actor: ownerActor, Lang: s.app.lang, To: "/", Expires: s.app.clock().Add(pass.OwnerTTL),
	})
	if err != nil {
		return "", fmt.Errorf("link of the owner: %w", err)
	}
	base := s.set.PublicURL
	if base == "" {
		base = "http://" + s.web.Addr()
	}
	return base + "/login/" + code, nil
}
