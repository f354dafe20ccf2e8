package main

import (
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"clipcase/flows"
	"clipcase/internal/flowstest"
	"clipcase/media"
	"clipcase/storage"
)

// A mail carries a link to the first recording, the same each time; what shows a
// face, channels that punish links and what was taken back get none.
func TestEvidenceLinksOfMails(t *testing.T) {
	t.Parallel()
	r, err := storage.Open(t.Context(), storage.Config{DataDir: t.TempDir(), Log: slog.New(slog.DiscardHandler), Clock: time.Now, IDs: newID})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, r.Close()) })
	video := &media.Probe{Kind: media.KindVideo, Duration: 3}
	sum := strings.Repeat("ab", 32)
	c := &flows.Case{
		ID: "CC0001", Actor: "tg:1", Chat: "tg:1", Lang: "zh", Scenario: "account-ban", Created: time.Now(), Expires: time.Now().Add(time.Hour),
		Exhibits: []flows.Exhibit{
			{ID: "e1", Slot: "picture", State: flows.ExhibitProbed, Probe: &media.Probe{Kind: media.KindImage}, Blob: "cases/CC0001/originals/p", SHA256: strings.Repeat("0", 64)},
			{ID: "e2", Slot: "recording", State: flows.ExhibitProbed, Probe: video, Blob: "cases/CC0001/originals/" + sum, SHA256: sum, Bytes: 7, File: flows.File{Name: "录屏.mp4"}},
		},
	}
	_, err = r.Cases().Commit(t.Context(), flows.Commit{Case: c, Now: time.Now()})
	require.NoError(t, err)
	c, err = r.Cases().Case(t.Context(), c.ID)
	require.NoError(t, err)
	l := &evidence{doors: r.Doors(), cases: r.Cases(), cat: flowstest.Catalogue(t), public: "https://x.example", clock: time.Now}
	ask := func(c *flows.Case, channel string) string {
		got, err := l.Evidence(t.Context(), c, []flows.Pack{{Channel: channel}})
		require.NoError(t, err)
		return got
	}
	for _, channel := range []string{"douyin-app", "douyin-dm", "wechat", "weibo", "generic", "no-such"} {
		require.Empty(t, ask(c, channel), channel)
	}
	address := ask(c, "email")
	token, ok := strings.CutPrefix(address, "https://x.example/e/")
	require.True(t, ok, address)
	require.Equal(t, address, ask(c, "booklet"), "there is one")
	c, err = r.Cases().Update(t.Context(), c.ID, func(c *flows.Case) ([]flows.Effect, error) {
		require.Equal(t, flows.LinkMade, c.LinkNoted(sum, ""))
		c.History = nil // whoever made it died before it was noted
		return nil, nil
	})
	require.NoError(t, err)
	require.Equal(t, address, ask(c, "email"))
	require.Equal(t, address, ask(c, "email"), "it is noted once")
	link, err := r.Doors().OpenLink(t.Context(), token, false)
	require.NoError(t, err)
	require.Equal(t, []any{c.Exhibits[1].Blob, "录屏.mp4", "video/mp4", sum}, []any{link.Blob, link.Name, link.MIME, link.SHA256})

	face := *c
	face.Scenario, face.Exhibits = "account-stolen", []flows.Exhibit{c.Exhibits[1]}
	for _, s := range l.cat.Scenarios() {
		for _, slot := range s.Exhibits {
			if slot.Consent != "" {
				face.Scenario, face.Exhibits[0].Slot = s.ID, slot.ID
			}
		}
	}
	require.Empty(t, ask(&face, "email"), "what shows a face or a paper")

	require.NoError(t, r.Doors().RevokeLink(t.Context(), c.ID, token))
	c, err = r.Cases().Update(t.Context(), c.ID, func(c *flows.Case) ([]flows.Effect, error) {
		c.NoteLink(flows.LinkRevoked, sum, "", time.Now())
		return nil, nil
	})
	require.NoError(t, err)
	require.Empty(t, ask(c, "email"), "its owner took it back")
	before := *c
	before.History = nil
	require.Empty(t, ask(&before, "email"), "its owner took it back just now")
	left, err := r.Doors().Links(t.Context(), c.ID)
	require.NoError(t, err)
	require.Empty(t, left)
	require.Equal(t, []string{"linked", "revoked"}, []string{c.History[0].What, c.History[1].What})
}
