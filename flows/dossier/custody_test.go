package dossier_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"clipcase/flows"
	"clipcase/flows/dossier"
	"clipcase/internal/flowstest"
)

// The custody page tells what is known and claims nothing else.
func TestCustodyPage(t *testing.T) {
	t.Parallel()
	cat := flowstest.Catalogue(t)
	at := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	mine, gone := strings.Repeat("ab", 32), strings.Repeat("cd", 32)
	scenario, ok := cat.Scenario("account-ban")
	require.True(t, ok)
	bare := dossier.Story{Scenario: scenario, Made: at, Record: &dossier.Record{Case: "CC0042", Originals: []dossier.Original{{Name: "录屏.mp4", SHA256: mine, Grade: "file"}}}}
	last := func(s dossier.Story, lang string) string {
		sections := s.Book(cat, lang).Sections
		var out []string
		for _, p := range sections[len(sections)-1].Parts {
			out = append(append(out, p.Text), p.Items...)
			for _, row := range p.Rows {
				out = append(out, row...)
			}
		}
		return strings.Join(out, "\n")
	}
	got := last(bare, "zh")
	require.Contains(t, got, "以“文件”方式发来")
	for _, unknown := range []string{"什么时候到", "时间戳：", "经过", "钥匙"} {
		require.NotContains(t, got, unknown)
	}

	history := flows.AppendEntry(nil, at, "received", "exhibit", "e1", "sha256", mine)
	history = flows.AppendEntry(history, at.Add(time.Minute), "received", "exhibit", "e2", "sha256", gone)
	history = flows.AppendEntry(history, at.Add(2*time.Minute), "measured", "exhibit", "e1")
	history = flows.AppendEntry(history, at.Add(3*time.Minute), "stamped", "over", "x", "authority", "Test Authority")
	history = flows.AppendEntry(history, at.Add(3*time.Minute+time.Second), "stamped", "over", "y", "authority", "Test Authority")
	full := bare
	full.Record.Signer, full.Came = "6b1f 02aa", []time.Time{at.In(flows.Zone())}
	full.Stamped = []dossier.Stamped{{Original: mine, By: "Test Authority", At: at}, {Original: gone, By: "Another", At: at}}
	full.Course, full.Head = dossier.Course(cat, "zh", history, map[string]string{mine: "录屏.mp4"}), "f00d"
	got = last(full, "zh")
	for _, known := range []string{"2026-11-22 17:00 (UTC+08:00)", "2026-11-22 17:00  收到“录屏.mp4”", "2026-11-22 17:01  收到一个文件", "Test Authority 盖了时间戳", "f00d", "6b1f 02aa", "由 Test Authority（不是我们）证明"} {
		require.Contains(t, got, known)
	}
	require.Equal(t, 1, strings.Count(got, "盖了时间戳"), "what repeats within a minute is told once")
	require.NotContains(t, got, "Another", "of a file that is not in the book")

	full.Course = nil
	for i := range 40 {
		full.Course = append(full.Course, dossier.Noted{At: at.Add(time.Duration(i) * time.Minute), Text: "x"})
	}
	require.Contains(t, last(full, "en"), "(16 more lines are left out here)")
}
