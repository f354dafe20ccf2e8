package flows

import "clipcase/flows/wording"

// maxHits is how many places are shown; more would be a wall.
const maxHits = 6

// stopped is what in a person's words a filter may stop, as lines of the last look
// before handing in, and the button that has it said without.
func (t *turn) stopped(c *Case, words string) (lines []Block, offer []Choice) {
	hits := wording.Find(t.cat.Wording(), t.session.Lang, words)
	if len(hits) == 0 {
		return nil, nil
	}
	if c.Neutral {
		return []Block{{Style: StyleNote, Text: T("talk.wording.on")}}, []Choice{{ID: "wording", Label: T("talk.wording.off"), On: true}}
	}
	lines = append(lines, Block{Style: StyleNote, Text: T("talk.wording.found")})
	shown := map[string]bool{}
	for _, h := range hits {
		if shown[h.Found] {
			continue
		}
		if shown[h.Found] = true; len(shown) > maxHits {
			break
		}
		key := "talk.wording.say"
		if h.Say == "" {
			key = "talk.wording.out"
		}
		lines = append(lines, Block{Style: StyleItem, Text: T(key, "found", Shorten(h.Found, 40), "say", h.Say)})
	}
	return lines, []Choice{{ID: "wording", Label: T("talk.wording.use")}}
}
