package main

import (
	"math/rand/v2"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"clipcase/internal/telegramtest"
)

// killPhases are where a process is killed, in turn.
var killPhases = []string{"ingest", "render", "send"}

// asked is a whole number from the environment: CLIPCASE_KILLS says how many
// kills TestKills makes (make kills: 30), CLIPCASE_SEED when they come.
func asked(t *testing.T, name string, otherwise int) int {
	t.Helper()
	raw := os.Getenv(name)
	if raw == "" {
		return otherwise
	}
	n, err := strconv.Atoi(raw)
	require.NoError(t, err, name)
	return n
}

var (
	numbered = regexp.MustCompile(`图 (\d+) `)
	promised = regexp.MustCompile(`(?:下面依次是|一共) (.*?)，`)
	digits   = regexp.MustCompile(`\d+`)
)

// TestKills kills serve with -9 while a file is fetched, while pieces are
// rendered and while they are sent, and starts it again: no case is lost, no
// piece is missing, and at most one message is there twice for a kill inside a
// send, marked as sent again.
func TestKills(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(2026, uint64(asked(t, "CLIPCASE_SEED", 11))))
	h := newHouse(t, telegramtest.New(t), "DAILY_MINUTES=100000")
	clip := recording(t)
	h.start()
	for i := range asked(t, "CLIPCASE_KILLS", len(killPhases)) {
		phase := killPhases[i%len(killPhases)]
		p := h.person(int64(1000 + i))
		p.until(clip, phase)
		time.Sleep(time.Duration(random.IntN(900)) * time.Millisecond) // the moment of the kill is what is random here
		h.kill()
		h.tg.Faults.Clear()
		again := time.Now()
		h.start()
		p.finish(phase)
		p.intact(phase)
		t.Logf("kill %d in %s: whole %.1f s after the restart", i+1, phase, time.Since(again).Seconds())
	}
}

// until lives the main job up to a phase.
func (p *person) until(clip, phase string) {
	p.t.Helper()
	if phase == "ingest" {
		p.server().Faults.SlowDownload(150_000)
	}
	p.user.SendDocument(telegramtest.Media{Path: clip, Name: "录屏.mp4", Caption: "/appeal 账号被误封"})
	if phase == "ingest" {
		p.called("getFile", "")
		return
	}
	p.handIn()
	if phase == "send" {
		p.called("sendPhoto", p.id())
	}
}

func (p *person) server() *telegramtest.Server { return p.house.tg }
func (p *person) id() string                   { return strconv.FormatInt(p.chat.ID(), 10) }

// called waits until the bot made a call for this person that was not there before.
func (p *person) called(method, chat string) {
	p.t.Helper()
	before := 0
	if chat == "" {
		before = p.house.fetched
	}
	require.Eventually(p.t, func() bool {
		n := 0
		for _, c := range p.server().Calls(method) {
			if chat == "" || c.Params["chat_id"] == chat {
				n++
			}
		}
		if n > before && chat == "" {
			p.house.fetched = n
		}
		return n > before
	}, patience, 10*time.Millisecond, "no %s", method)
}

// handIn presses the way forward until the case is handed in.
func (p *person) handIn() {
	p.t.Helper()
	for !strings.Contains(p.press(""), "开始做文件") {
		require.Less(p.t, p.taps, 8, "%s", lateTranscript{p.chat})
	}
}

// finish goes on after the restart and waits for the summary, which comes last.
func (p *person) finish(phase string) {
	p.t.Helper()
	if phase == "ingest" {
		p.handIn()
	}
	p.text("文件指纹")
}

// intact checks that each file of the pack came, in order, at most one of them
// twice, and that one marked.
func (p *person) intact(phase string) {
	p.t.Helper()
	of := 0
	for _, n := range digits.FindAllString(promised.FindString(p.chat.Await(patience, func(m telegramtest.Message) bool { return m.Mine() && promised.MatchString(m.Words()) }).Words()), -1) {
		k, err := strconv.Atoi(n)
		require.NoError(p.t, err)
		of += k
	}
	count, again := map[int]int{}, 0
	for _, m := range p.sent() {
		n := numbered.FindStringSubmatch(m.Words())
		require.NotNil(p.t, n, "a file without its number: %q", m.Words())
		number, err := strconv.Atoi(n[1])
		require.NoError(p.t, err)
		count[number]++
		if strings.Contains(m.Words(), "重发") {
			again++
		}
	}
	require.Positive(p.t, of)
	doubles := 0
	for i := 1; i <= of; i++ {
		require.Positive(p.t, count[i], "file %d of %d is missing\n%s", i, of, lateTranscript{p.chat})
		doubles += count[i] - 1
	}
	require.LessOrEqual(p.t, doubles, 1, "%s", lateTranscript{p.chat})
	require.LessOrEqual(p.t, doubles, again, "a repeated file is not marked\n%s", lateTranscript{p.chat})
	if phase != "send" {
		require.Zero(p.t, doubles)
	}
	cases := map[string]bool{}
	for _, m := range p.chat.Messages() {
		for _, id := range caseNumber.FindAllString(m.Words(), -1) {
			cases[id] = true
		}
	}
	require.Len(p.t, cases, 1, "one recording makes one case\n%s", lateTranscript{p.chat})
}

var caseNumber = regexp.MustCompile(`CC\d{4,}`)
