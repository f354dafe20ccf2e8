package web

import (
	"context"
	"encoding/json"
	"net/http"
	"sync"
	"time"
)

// Check is one thing that must hold for the service to be ready.
type Check struct {
	Name string
	// Run returns an error whose text an operator can act on; it holds no
	// secret and no path outside the service's own.
	Run func(ctx context.Context) error
}

const (
	checkTimeout = 4 * time.Second
	checkEvery   = time.Second // answers are kept so long: asking often costs nothing
)

type verdict struct {
	Name   string `json:"name"`
	OK     bool   `json:"ok"`
	Reason string `json:"reason,omitempty"`
}

type answer struct {
	Ready  bool      `json:"ready"`
	Checks []verdict `json:"checks"`
}

// readiness answers /readyz: 200 when every check holds, else 503, with reasons.
type readiness struct {
	checks []Check

	mu   sync.Mutex
	last answer
	at   time.Time
}

// ServeHTTP implements http.Handler.
func (r *readiness) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	got := r.look(req.Context())
	body, err := json.MarshalIndent(got, "", "  ")
	if err != nil { // strings and booleans always marshal
		panic(err)
	}
	w.Header().Set("Content-Type", "application/json")
	if !got.Ready {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	_, _ = w.Write(append(body, '\n')) // the client may be gone
}

func (r *readiness) look(ctx context.Context) answer {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.at.IsZero() && time.Since(r.at) < checkEvery {
		return r.last
	}
	// a client that leaves must not make the next one see "context canceled"
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), checkTimeout)
	defer cancel()
	got := answer{Ready: true, Checks: make([]verdict, len(r.checks))}
	var wg sync.WaitGroup
	for i, check := range r.checks {
		wg.Go(func() {
			got.Checks[i] = verdict{Name: check.Name, OK: true}
			if err := check.Run(ctx); err != nil {
				got.Checks[i] = verdict{Name: check.Name, Reason: err.Error()}
			}
		})
	}
	wg.Wait()
	for _, v := range got.Checks {
		got.Ready = got.Ready && v.OK
	}
	r.last, r.at = got, time.Now()
	return got
}
