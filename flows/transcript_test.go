package flows_test

import (
	"flag"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"clipcase/flows"
)

// TestTranscripts plays each scenario from first contact to the follow-up
// question and compares what a person reads, in both languages. What the person
// does begins with >>>, a file from the bot with <<<.
func TestTranscripts(t *testing.T) {
	t.Parallel()
	cat := builtin(t)
	for _, s := range cat.Scenarios() {
		for _, lang := range cat.Languages() {
			t.Run(s.ID+"."+lang, func(t *testing.T) {
				t.Parallel()
				c := newChat(t, cat, lang, flows.Config{BotName: "clipcase_bot"})
				c.command("start", "")
				c.press(s.ID)
				for range 3 {
					if c.seen.Step == "exhibits" {
						break
					}
					if c.seen.Step == "can" {
						c.press(c.seen.Rows[0][0].ID)
					}
					c.forward()
				}
				require.Equal(t, "exhibits", c.seen.Step)
				for i, slot := range s.Exhibits {
					if !slot.Required {
						continue
					}
					c.now = c.now.Add(20 * time.Second)
					f := video(i + 1)
					if slot.Accept[0] == "document" {
						f.Name, f.MIME, f.Duration = "脚本.docx", "application/octet-stream", 0
					}
					c.file(f, "")
					c.ingest()
				}
				c.forward()
				if c.seen.Step == "key" {
					c.text("00:12")
				}
				require.Equal(t, "statement", c.seen.Step)
				c.press("ask")
				for c.seen.Step == "question" {
					c.text(map[string]string{"zh": "照实回答", "en": "A plain answer"}[lang])
				}
				require.Equal(t, "review", c.seen.Step)
				c.forward()
				require.True(t, c.handed())
				c.process()
				require.Equal(t, flows.PackDelivered, c.kase().Packs[0].State)
				c.clock(flows.FollowUpAfter)
				require.Equal(t, "follow", c.seen.Step)
				c.forward()
				require.Equal(t, flows.FateSent, c.kase().Packs[0].Fate)
				golden(t, filepath.Join("testdata", "transcripts", s.ID+"."+lang+".txt"), c.log.String())
			})
		}
	}
}

// golden compares with a file; `go test ./flows -update` writes it.
func golden(t *testing.T, path, got string) {
	t.Helper()
	if flag.Lookup("update").Value.String() == "true" {
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(got), 0o644))
		return
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, string(want), got)
}
