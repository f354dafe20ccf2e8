package catalog

import (
	"errors"
	"testing"
)

// FuzzLoad feeds any bytes as every kind of file: the answer is a catalogue or
// mistakes with a file and a line, never a crash.
func FuzzLoad(f *testing.F) {
	for _, seed := range []string{goodChannel, goodScenario, "refused.empty: 空", "- {id: a, name: {zh: a, en: b}}", "a: &x [*x]", "? {a: b}: c", "id: [", "{{", "\x00", "tiers: [{recipes: [{kind: video}]}]"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, name := range []string{channelFile, scenarioFile, "abilities.yaml", "words/zh/own.yaml"} {
			c, err := load(overlay(map[string]string{name: string(data)}))
			var found Mistakes
			switch {
			case err == nil:
				c.Say("zh", "refused.empty", nil)
			case !errors.As(err, &found):
				t.Fatalf("%s: %v", name, err)
			default:
				for _, one := range found {
					if one.File == "" || one.Line < 1 || one.Text == "" {
						t.Fatalf("%s: mistake without a place: %+v", name, one)
					}
				}
			}
		}
	})
}
