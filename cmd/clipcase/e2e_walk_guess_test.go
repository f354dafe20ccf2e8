package main

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// guess is a request with one made-up secret in it.
type guess struct {
	name string
	make func(secret string) ask3
	by   *caller
	fine []int // answers besides 404 and 429
}

func (w *world) guesses() []guess {
	path := func(method, before, after string, header ...string) func(string) ask3 {
		return func(secret string) ask3 {
			return ask3{method: method, path: before + url.PathEscape(secret) + after, header: header}
		}
	}
	// what somebody without a session sends with the forms of the first page
	form := func(to, field string) func(string) ask3 {
		return func(secret string) ask3 {
			q := ask3{method: "POST", path: to, form: url.Values{"csrf": {nothing}}, header: []string{"Cookie", "clipcase-form=" + nothing, "Sec-Fetch-Site", "same-origin"}}
			if field == "" {
				q.path += url.PathEscape(secret)
			} else {
				q.form.Set(field, secret)
			}
			return q
		}
	}
	grant := []string{"Upload-Grant", w.grant, "Tus-Resumable", "1.0.0"}
	part := append(slices.Clone(grant), "Upload-Offset", "0", "Content-Type", "application/offset+octet-stream")
	return []guess{
		{"case page", path("GET", "/case/", ""), w.other, nil},
		{"case page by nobody", path("GET", "/case/", ""), w.nobody, nil},
		{"archive", path("GET", "/dl/", "/all.zip"), w.other, nil},
		{"download", path("GET", "/dl/", "/original/e1"), w.other, nil},
		{"file of an own case", path("GET", "/dl/"+w.foreign+"/original/", ""), w.other, nil},
		{"evidence", path("GET", "/e/", ""), w.nobody, nil},
		{"evidence file", path("GET", "/e/", "/file"), w.nobody, nil},
		{"login", path("GET", "/login/", ""), w.nobody, nil},
		{"grant", path("GET", "/upload/", ""), w.nobody, nil},
		{"state of a grant", path("GET", "/upload/", "/state"), w.nobody, nil},
		{"upload", path("HEAD", "/files/", "", grant...), w.nobody, nil},
		{"upload's bytes", path("PATCH", "/files/", "", part...), w.nobody, nil},
		{"upload's end", path("DELETE", "/files/", "", grant...), w.nobody, nil},
		{"grant of an upload", func(secret string) ask3 {
			return ask3{method: "HEAD", path: "/files/" + w.upload, header: []string{"Upload-Grant", url.PathEscape(secret), "Tus-Resumable", "1.0.0"}}
		}, w.nobody, nil},
		{"cookie", func(secret string) ask3 {
			return ask3{method: "GET", path: "/case/" + w.token, header: []string{"Cookie", "clipcase=" + url.PathEscape(secret)}}
		}, w.nobody, nil},
		{"case number", func(secret string) ask3 {
			return ask3{method: "GET", path: "/thumb/e1/0?case=CC" + strconv.Itoa(len(secret)*37)}
		}, w.other, nil},
		{"login, pressed", form("/login/", ""), w.nobody, nil},
		{"invitation, pressed", form("/i/", ""), w.nobody, nil},
		{"invitation, typed", form("/start", "code"), w.nobody, nil},
		{"return code", form("/return", "code"), w.nobody, []int{422}},
	}
}

// made is a secret as somebody might guess it: of the right form, one letter beside
// a real one, or of no form at all.
func (w *world) made(r *rand.Rand) string {
	const letters = "abcdefghijklmnopqrstuvwxyz234567"
	random := func(n int) string {
		b := make([]byte, n)
		for i := range b {
			b[i] = letters[r.IntN(len(letters))]
		}
		return string(b)
	}
	odd := []string{"..", "../..", "%00", "null", "*", "clipcase:door:case:*", "'\"<script>", "１２３４ ５６７８ ９０１２", strings.Repeat("a", 2000), "a\r\nb", strings.ToUpper(nothing), nothing + "a", "1234 5678 9012"}
	switch r.IntN(8) {
	case 0:
		return odd[r.IntN(len(odd))]
	case 1:
		real := []string{w.token, w.link.Token, w.grant, w.upload, w.login, w.invite, w.owner.cookie}[r.IntN(7)]
		i := r.IntN(len(real))
		other := letters[r.IntN(len(letters))]
		if real[i] == other {
			other = letters[(strings.IndexByte(letters, other)+1)%len(letters)]
		}
		return real[:i] + string(other) + real[i+1:]
	case 2:
		return strconv.FormatInt(1e11+r.Int64N(9e11), 10)
	}
	return random(26)
}

// Ten thousand guesses find nothing, make nothing, and are all told the same.
func TestWalkGuesses(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "ACCESS=invite")
	const all, workers = 10000, 8
	kinds := w.guesses()
	for _, g := range kinds { // so that what is made once is there
		g.by.do(g.make(nothing))
	}
	before, size := w.keys(), w.resident()
	var mu sync.Mutex
	said := map[string]map[string]bool{} // kind → bodies of a 404
	counted := map[int]int{}
	var wg sync.WaitGroup
	for worker := range workers {
		wg.Go(func() {
			r := rand.New(rand.NewPCG(20261122, uint64(worker)))
			for i := range all / workers {
				g := kinds[i%len(kinds)]
				secret := w.made(r)
				q := g.make(secret)
				a := g.by.do(q)
				mu.Lock()
				counted[a.status]++
				switch {
				case a.status == http.StatusNotFound && strings.Trim(secret, "abcdefghijklmnopqrstuvwxyz234567") != "":
					// no secret at all, and perhaps another route's address
				case a.status == http.StatusNotFound:
					if said[g.name] == nil {
						said[g.name] = map[string]bool{}
					}
					said[g.name][backPattern.ReplaceAllString(a.body, "")] = true
				case a.status != http.StatusTooManyRequests && !slices.Contains(g.fine, a.status) && !harmless(a, q):
					t.Errorf("%s: %s %.80s: %d\n%s", g.name, q.method, q.path, a.status, a.body)
				}
				for _, c := range a.header.Values("Set-Cookie") {
					if strings.HasPrefix(c, "clipcase=") {
						t.Errorf("%s: a session was made", g.name)
					}
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	t.Logf("answers by status: %v; memory grew by %d MB", counted, (w.resident()-size)>>20)
	for kind, bodies := range said {
		require.Len(t, bodies, 1, "%s: all that is not there looks the same", kind)
	}
	require.Empty(t, newKeys(before, w.keys()), "nothing was kept")
	rates, err := w.redis.Client().Keys(w.ctx(), "clipcase:door:rate:*").Result()
	require.NoError(t, err)
	require.Less(t, len(rates), 50, "counting has its bound")
	for _, key := range rates {
		ttl, err := w.redis.Client().PTTL(w.ctx(), key).Result()
		require.NoError(t, err)
		require.Positive(t, ttl, "and its end")
	}
	require.Less(t, w.resident()-size, int64(100<<20))
	w.unhurt()
	w.down()
}

// harmless are the answers to guesses that are no guess: an empty one leads to
// another route, one with dots is sent where it means.
func harmless(a answered, q ask3) bool {
	switch {
	case a.status == http.StatusTemporaryRedirect || a.status == http.StatusMovedPermanently:
		return strings.HasPrefix(a.header.Get("Location"), "/")
	case strings.HasPrefix(q.path, "/files/"):
		return a.status == http.StatusMethodNotAllowed
	}
	return false
}

// resident is how much memory the program has, in bytes.
func (w *world) resident() int64 {
	w.t.Helper()
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", w.serve.cmd.Process.Pid))
	require.NoError(w.t, err)
	_, rest, _ := strings.Cut(string(raw), "VmRSS:")
	kb, err := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
	require.NoError(w.t, err)
	return kb << 10
}

// rounds is how often a difference in time must show, each time on the same
// side, before it is one of the program's and not of a busy machine.
const rounds = 5

// What is somebody else's is answered as fast as what does not exist. Medians of
// interleaved requests may differ by a fifth or, on a machine that does other
// things too, by half a millisecond. What tells something tells it in every
// round, so the first round within the bounds is the last.
func TestWalkTellsNothingByTime(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "ACCESS=open")
	grant := []string{"Upload-Grant", w.newGrant(w.other), "Tus-Resumable", "1.0.0"}
	for name, pair := range map[string][2]ask3{
		"case page":    {{method: "GET", path: "/case/" + w.token}, {method: "GET", path: "/case/" + nothing}},
		"download":     {{method: "GET", path: "/dl/" + w.token + "/original/e1"}, {method: "GET", path: "/dl/" + nothing + "/original/e1"}},
		"archive":      {{method: "GET", path: "/dl/" + w.token + "/all.zip"}, {method: "GET", path: "/dl/" + nothing + "/all.zip"}},
		"picture":      {{method: "GET", path: "/thumb/e1/0?case=" + w.kase.ID}, {method: "GET", path: "/thumb/e1/0?case=CC9999"}},
		"upload":       {{method: "HEAD", path: "/files/" + w.upload, header: grant}, {method: "HEAD", path: "/files/" + nothing, header: grant}},
		"a used login": {{method: "GET", path: "/login/" + w.used()}, {method: "GET", path: "/login/" + nothing}},
	} {
		slower := map[bool]int{} // by whether the foreign one was
		for round := range rounds {
			foreign, absent := w.timed(name, pair)
			t.Logf("%s, round %d: foreign %s, absent %s", name, round+1, foreign, absent)
			if (foreign - absent).Abs() <= max(500*time.Microsecond, absent/5) {
				break
			}
			slower[foreign > absent]++
		}
		require.Less(t, max(slower[true], slower[false]), rounds, "%s: the time tells whether it exists", name)
	}
}

// timed is the median time of each of two requests, asked in turn.
func (w *world) timed(name string, pair [2]ask3) (first, second time.Duration) {
	w.t.Helper()
	w.again()
	var took [2][]time.Duration
	for i := range 40 {
		for _, side := range []int{i % 2, 1 - i%2} {
			begun := time.Now()
			a := w.other.do(pair[side])
			took[side] = append(took[side], time.Since(begun))
			require.Equal(w.t, http.StatusNotFound, a.status, name)
		}
	}
	return median(took[0]), median(took[1])
}

func median(all []time.Duration) time.Duration {
	slices.Sort(all)
	return all[len(all)/2]
}
