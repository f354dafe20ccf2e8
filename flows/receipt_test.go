package flows_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"clipcase/flows"
)

// What is needed to see later that nobody rewrote what was received goes into the
// chat, where whoever runs the service cannot change it.
func TestTheSummaryTellsReceiptsAndTheKey(t *testing.T) {
	t.Parallel()
	cat, digest := builtin(t), strings.Repeat("ab", 32)
	c := &flows.Case{
		ID: "CC0001", Lang: "zh", Scenario: "account-ban", Submitted: noon(),
		Exhibits: []flows.Exhibit{{ID: "e1", State: flows.ExhibitProbed, SHA256: digest, Blob: "b", File: flows.File{Name: "a.mp4"}}},
		Packs:    []flows.Pack{{Channel: "douyin-app", State: flows.PackReady, Words: "w"}},
	}
	c.History = flows.AppendEntry(nil, noon(), "received", "exhibit", "e1", "sha256", digest)
	told := func(k *flows.Packer) string {
		items := k.Items(c, &c.Packs[0])
		var lines []string
		for _, b := range items[len(items)-1].Screen.Blocks {
			lines = append(lines, flows.Render(cat, "zh", b.Text))
		}
		return strings.Join(lines, "\n")
	}
	receipt := c.Receipt("e1")
	for _, k := range []*flows.Packer{flows.NewPacker(cat).Signed("AB CD").Linked(), flows.NewPacker(cat).Linked().Signed("AB CD")} {
		words := told(k)
		require.Contains(t, words, "1. "+receipt[:12]+"…"+receipt[52:])
		require.Contains(t, words, "AB CD")
	}
	require.NotContains(t, told(flows.NewPacker(cat)), receipt[:12], "without a signature there is nothing to compare")
}
