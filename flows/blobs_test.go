package flows_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"clipcase/flows"
)

// Everything that names a file of a try keeps it; a mail only while it is sent.
func TestWhatACaseNames(t *testing.T) {
	t.Parallel()
	at := func(attempt string) string { return "cases/CC0001/attempts/" + attempt + "/x" }
	post := func(state flows.PostState, attempt string) flows.Pack {
		return flows.Pack{Post: &flows.Post{State: state, Blob: at(attempt)}}
	}
	c := &flows.Case{
		ID:       "CC0001",
		Sheet:    "cases/CC0001/preview/sheet-1.jpg",
		Exhibits: []flows.Exhibit{{Blob: "cases/CC0001/originals/a"}, {}},
		Packs: []flows.Pack{
			{Attempt: "claimed", Pieces: []flows.Piece{{Blob: at("piece"), Thumb: at("thumb")}, {}}},
			post(flows.PostSending, "sending"), post(flows.PostSent, "sent"), post(flows.PostRefused, "refused"),
		},
		Early:  &flows.Early{Pack: flows.Pack{Pieces: []flows.Piece{{Blob: at("early")}}}},
		Stamps: []flows.Stamp{{Reply: flows.StampFile{Blob: "cases/CC0001/stamps/a"}, Chain: &flows.StampFile{Blob: "cases/CC0001/stamps/b"}}},
	}
	require.ElementsMatch(t, []string{
		"cases/CC0001/originals/a", "cases/CC0001/preview/sheet-1.jpg", at("piece"), at("thumb"), at("sending"), at("early"), "cases/CC0001/stamps/a", "cases/CC0001/stamps/b",
	}, c.Blobs())
	for attempt, used := range map[string]bool{
		"piece": true, "thumb": true, "sending": true, "early": true, "sent": false, "refused": false, "claimed": false, "pie": false, "": false,
	} {
		require.Equal(t, used, c.UsesAttempt(attempt), attempt)
	}
}
