package uploadtest

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"clipcase/flows"
	"clipcase/flows/pass"
	"clipcase/media"
)

// Codes and people of the world: two people with a grant each.
const (
	Mine     = "aaaaaaaaaaaaaaaaaaaaaaaaaa" // grant of Me
	Foreign  = "bbbbbbbbbbbbbbbbbbbbbbbbbb" // grant of another person
	Expired  = "cccccccccccccccccccccccccc" // grant of Me that has ended
	Renewed  = "dddddddddddddddddddddddddd" // a later grant of Me
	Unknown  = "eeeeeeeeeeeeeeeeeeeeeeeeee" // nobody's
	Me       = "web:me"
	Other    = "web:other"
	CaseID   = "CC0001"
	maxFiles = 40
)

// World plays the doors, the conversation, the cases and the disk. Its fields may
// be set before it is used.
type World struct {
	mu      sync.Mutex
	now     time.Time
	grants  map[string]pass.Grant
	uploads map[string]pass.Upload
	entered map[string]bool
	kase    *flows.Case
	free    int64
	busy    string // what there is too much of
	banned  bool
	used    int64
	watched float64

	// Before and After are asked when an event is handled, before and after it is
	// committed; an error ends the handling there.
	Before, After func(flows.Event) error
	// Door is asked before every call of a door, by its name.
	Door func(call string) error
}

// New is a world in which nothing was uploaded yet, with much room.
func New() *World {
	w := &World{
		now: time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC), uploads: map[string]pass.Upload{}, entered: map[string]bool{},
		kase: &flows.Case{ID: CaseID, Actor: Me, Chat: Me, Lang: "zh"}, free: 1 << 50,
	}
	grant := func(id, actor string, until time.Duration) pass.Grant {
		return pass.Grant{ID: id, Actor: actor, Chat: actor, Lang: "zh", Bytes: pass.GrantBytes, Files: maxFiles, Expires: w.now.Add(until)}
	}
	w.grants = map[string]pass.Grant{
		Mine: grant("hash-mine", Me, pass.GrantTTL), Foreign: grant("hash-foreign", Other, pass.GrantTTL),
		Expired: grant("hash-expired", Me, -time.Second), Renewed: grant("hash-renewed", Me, 3*pass.GrantTTL),
	}
	return w
}

// Now is the world's clock.
func (w *World) Now() time.Time { w.mu.Lock(); defer w.mu.Unlock(); return w.now }

// Pass lets time go by.
func (w *World) Pass(d time.Duration) { w.mu.Lock(); defer w.mu.Unlock(); w.now = w.now.Add(d) }

// Limit changes what my grants may hold.
func (w *World) Limit(bytes int64, files int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for code, g := range w.grants {
		g.Bytes, g.Files = bytes, files
		w.grants[code] = g
	}
}

// Room changes how much may still be written.
func (w *World) Room(bytes int64) { w.mu.Lock(); defer w.mu.Unlock(); w.free = bytes }

// Busy makes too many of one thing, by the name of its limit.
func (w *World) Busy(what string) { w.mu.Lock(); defer w.mu.Unlock(); w.busy = what }

// Ban shuts me out.
func (w *World) Ban() { w.mu.Lock(); defer w.mu.Unlock(); w.banned = true }

// Use says how many bytes the person has handed in today.
func (w *World) Use(bytes int64) { w.mu.Lock(); defer w.mu.Unlock(); w.used = bytes }

// Watch says how many seconds of recordings the person has handed in today.
func (w *World) Watch(seconds float64) { w.mu.Lock(); defer w.mu.Unlock(); w.watched = seconds }

// Chat moves my conversation to another chat.
func (w *World) Chat(chat string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for code, g := range w.grants {
		g.Chat = chat
		w.grants[code] = g
	}
}

// Record is an upload's record; ok is false if there is none.
func (w *World) Record(id string) (u pass.Upload, ok bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	u, ok = w.uploads[id]
	return u, ok
}

// Records are all there are.
func (w *World) Records() []pass.Upload {
	w.mu.Lock()
	defer w.mu.Unlock()
	all := make([]pass.Upload, 0, len(w.uploads))
	for _, u := range w.uploads {
		all = append(all, u)
	}
	slices.SortFunc(all, func(a, b pass.Upload) int { return strings.Compare(a.ID, b.ID) })
	return all
}

// Exhibits are what my case has.
func (w *World) Exhibits() []flows.Exhibit {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.kase.Exhibits)
}

// Alter changes my case.
func (w *World) Alter(change func(*flows.Case)) { w.mu.Lock(); defer w.mu.Unlock(); change(w.kase) }

// Store marks every exhibit as stored and measured.
func (w *World) Store() {
	w.Alter(func(c *flows.Case) {
		for i := range c.Exhibits {
			e := &c.Exhibits[i]
			if e.State == flows.ExhibitFetching {
				e.State, e.SHA256, e.Bytes, e.Blob = flows.ExhibitProbed, e.File.Unique, e.File.Bytes, "cases/x"
				e.Probe = &media.Probe{Kind: media.KindVideo, Duration: 184, Width: 1080, Height: 2340}
			}
		}
	})
}

func (w *World) door(call string) error {
	if w.Door == nil {
		return nil
	}
	return w.Door(call)
}

func notFound() error {
	return &flows.Error{Class: flows.NotFound, Text: flows.T("talk.absent")}
}

// Grant is one of upload.Doors.
func (w *World) Grant(_ context.Context, code string) (pass.Grant, error) {
	if err := w.door("Grant"); err != nil {
		return pass.Grant{}, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	g, ok := w.grants[code]
	if !ok || !g.Expires.After(w.now) {
		return pass.Grant{}, notFound()
	}
	return g, nil
}

// BeginUpload is one of upload.Doors.
func (w *World) BeginUpload(_ context.Context, u pass.Upload, quota pass.Grant) error {
	if err := w.door("BeginUpload"); err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if _, again := w.uploads[u.ID]; again {
		return nil
	}
	bytes, files := u.Bytes, 1
	for _, other := range w.uploads {
		if other.Grant == quota.ID {
			bytes, files = bytes+other.Bytes, files+1
		}
	}
	if bytes > quota.Bytes || files > quota.Files {
		return &flows.Error{Class: flows.Conflict, Text: flows.T("talk.conflict"), Err: errors.New("over quota")}
	}
	w.uploads[u.ID] = u
	return nil
}

// Upload is one of upload.Doors.
func (w *World) Upload(_ context.Context, id string) (pass.Upload, error) {
	if err := w.door("Upload"); err != nil {
		return pass.Upload{}, err
	}
	u, ok := w.Record(id)
	if !ok {
		return pass.Upload{}, notFound()
	}
	return u, nil
}

// ChangeUpload is one of upload.Doors.
func (w *World) ChangeUpload(_ context.Context, id string, change func(*pass.Upload) error) (pass.Upload, error) {
	if err := w.door("ChangeUpload"); err != nil {
		return pass.Upload{}, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	u, ok := w.uploads[id]
	if !ok {
		return pass.Upload{}, notFound()
	}
	if err := change(&u); err != nil {
		return pass.Upload{}, err
	}
	w.uploads[id] = u
	return u, nil
}

// Uploads is one of upload.Doors.
func (w *World) Uploads(_ context.Context, actor string) ([]pass.Upload, error) {
	if err := w.door("Uploads"); err != nil {
		return nil, err
	}
	all := slices.DeleteFunc(w.Records(), func(u pass.Upload) bool { return u.Actor != actor })
	slices.SortStableFunc(all, func(a, b pass.Upload) int { return b.Created.Compare(a.Created) })
	return all, nil
}

// EachUpload is one of upload.Doors.
func (w *World) EachUpload(_ context.Context, each func(pass.Upload) error) error {
	if err := w.door("EachUpload"); err != nil {
		return err
	}
	for _, u := range w.Records() {
		if err := each(u); err != nil {
			return err
		}
	}
	return nil
}

// ForgetUpload is one of upload.Doors.
func (w *World) ForgetUpload(_ context.Context, id string) error {
	if err := w.door("ForgetUpload"); err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.uploads, id)
	return nil
}

// Handle makes an exhibit of each file, once for each event.
func (w *World) Handle(_ context.Context, event flows.Event) (flows.Screen, error) {
	if w.Before != nil {
		if err := w.Before(event); err != nil {
			return flows.Screen{}, err
		}
	}
	w.mu.Lock()
	if !w.entered[event.ID] {
		w.entered[event.ID] = true
		e := flows.Exhibit{ID: "e" + string(rune('1'+len(w.kase.Exhibits))), Slot: event.Slot, File: *event.File, State: flows.ExhibitFetching, Received: w.now}
		w.kase.Exhibits = append(w.kase.Exhibits, e)
	}
	w.mu.Unlock()
	if w.After != nil {
		return flows.Screen{}, w.After(event)
	}
	return flows.Screen{}, nil
}

// Free is upload.Disk.
func (w *World) Free(context.Context) (int64, error) {
	if err := w.door("Free"); err != nil {
		return 0, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.free, nil
}

// Case is one of upload.Cases.
func (w *World) Case(_ context.Context, id string) (*flows.Case, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if id != w.kase.ID {
		return nil, notFound()
	}
	return w.copied(), nil
}

// Load is one of upload.Cases.
func (w *World) Load(_ context.Context, actor string, _ time.Time) (flows.State, error) {
	if err := w.door("Load"); err != nil {
		return flows.State{}, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	s := flows.State{Person: flows.Person{Actor: actor, Banned: w.banned, BytesUsed: w.used, SecondsUsed: w.watched}}
	if actor == Me {
		s.Case = w.copied()
	}
	return s, nil
}

func (w *World) copied() *flows.Case {
	c := *w.kase
	c.Exhibits = slices.Clone(c.Exhibits)
	return &c
}

// Visitors lets everyone through until the world is Busy; it is upload.Visitors.
type Visitors struct{ world *World }

// Absent is one of upload.Visitors.
func (Visitors) Absent(w http.ResponseWriter, _ *http.Request) {
	http.Error(w, "absent", http.StatusNotFound)
}

// Limit is one of upload.Visitors.
func (v Visitors) Limit(w http.ResponseWriter, _ *http.Request, what string, _ int, _ time.Duration) bool {
	v.world.mu.Lock()
	defer v.world.mu.Unlock()
	if v.world.busy != what {
		return true
	}
	http.Error(w, "too many", http.StatusTooManyRequests)
	return false
}

// OutsideOnly is one of upload.Visitors.
func (Visitors) OutsideOnly(next http.Handler) http.Handler { return next }
