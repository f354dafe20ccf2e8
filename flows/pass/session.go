package pass

import (
	"strings"
	"time"
)

// Session is one browser that is logged in as one person.
type Session struct {
	ID      string    `json:"id"`    // hash of the cookie: safe to log and to compare
	Actor   string    `json:"actor"` // "web:…", or "tg:42" when a link of the bot logged it in
	CSRF    string    `json:"csrf"`  // must come back with every form
	Lang    string    `json:"lang"`  // zh or en
	Created time.Time `json:"created"`
	Expires time.Time `json:"expires"`
}

// How long things last. A session is as long as the files are kept by default; a
// login link only as long as it takes to open it.
const (
	SessionTTL = 30 * 24 * time.Hour
	LoginTTL   = 15 * time.Minute
	OwnerTTL   = 24 * time.Hour // of the link printed at start
	GrantTTL   = 24 * time.Hour
)

// Login is a link that logs a browser in once.
type Login struct {
	Actor   string    `json:"actor"`
	Lang    string    `json:"lang"`
	To      string    `json:"to"` // page to go to afterwards: "/" or "/case/<token>"
	Expires time.Time `json:"expires"`
}

// webPrefix begins the actor and the chat of a person who has no messenger.
const webPrefix = "web:"

// WebActor is the actor, and the chat, of a person known by id.
func WebActor(id string) string { return webPrefix + id }

// IsWeb says whether an actor or chat has no messenger: what is said to it stands
// on its pages.
func IsWeb(chat string) bool { return strings.HasPrefix(chat, webPrefix) }
