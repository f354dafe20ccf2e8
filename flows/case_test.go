package flows_test

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"clipcase/flows"
	"clipcase/media"
)

// open is a case that was handed in with one measured exhibit and two packs.
func open() *flows.Case {
	return &flows.Case{
		Schema: flows.CaseSchema, ID: "CC0042", Actor: "tg:42", Chat: "tg:42", Lang: "zh", Scenario: "account-ban",
		Submitted: noon(), Expires: noon().AddDate(0, 0, 30),
		Exhibits: []flows.Exhibit{{ID: "e1", State: flows.ExhibitProbed, Probe: &media.Probe{Kind: media.KindVideo, Duration: 30}}},
		Packs:    []flows.Pack{{Channel: "douyin-app", State: flows.PackPlanned, Fate: flows.FateUnsent}, {Channel: "email", State: flows.PackPlanned, Fate: flows.FateUnsent}},
	}
}

func conflicts(t *testing.T, err error) {
	t.Helper()
	require.Equal(t, flows.Conflict, flows.ClassOf(err), "%v", err)
}

func TestExhibitTransitions(t *testing.T) {
	t.Parallel()
	now := noon()
	stored := flows.Stored{Blob: "b", SHA256: "aa", Bytes: 5}
	probe := media.Probe{Kind: media.KindVideo, Duration: 30, Width: 1080, Height: 2340}
	steps := map[string]func(c *flows.Case) ([]flows.Effect, error){
		"stored": func(c *flows.Case) ([]flows.Effect, error) { return c.ExhibitStored("e1", stored, now) },
		"other": func(c *flows.Case) ([]flows.Effect, error) {
			return c.ExhibitStored("e1", flows.Stored{SHA256: "bb"}, now)
		},
		"probed": func(c *flows.Case) ([]flows.Effect, error) { return c.ExhibitProbed("e1", probe, now) },
		"refused": func(c *flows.Case) ([]flows.Effect, error) {
			return c.ExhibitRefused("e1", &media.Refusal{Code: media.RefusedEmpty, Err: errors.New("x")}, now)
		},
		"lost": func(c *flows.Case) ([]flows.Effect, error) {
			return c.ExhibitLost("e1", flows.Problem{Class: flows.Unavailable, Text: flows.T("talk.busy"), Incident: "i1"}, now)
		},
	}
	// What each step makes of each state; "" is a conflict.
	want := map[flows.ExhibitState]map[string]flows.ExhibitState{
		flows.ExhibitFetching: {"stored": flows.ExhibitStored, "probed": "", "refused": flows.ExhibitRefused, "lost": flows.ExhibitRefused, "other": flows.ExhibitStored},
		flows.ExhibitStored:   {"stored": flows.ExhibitStored, "other": "", "probed": flows.ExhibitProbed, "refused": flows.ExhibitRefused, "lost": ""},
		flows.ExhibitProbed:   {"stored": flows.ExhibitProbed, "other": "", "probed": flows.ExhibitProbed, "refused": "", "lost": ""},
		flows.ExhibitRefused:  {"other": "", "probed": "", "refused": flows.ExhibitRefused, "lost": flows.ExhibitRefused},
	}
	for state, row := range want {
		for step, after := range row {
			c := open()
			c.Exhibits[0].State, c.Exhibits[0].SHA256 = state, "aa"
			_, err := steps[step](c)
			if after == "" {
				conflicts(t, err)
				require.Equal(t, state, c.Exhibits[0].State)
				continue
			}
			require.NoError(t, err, "%s of %s", step, state)
			require.Equal(t, after, c.Exhibits[0].State, "%s of %s", step, state)
			again, err := steps[step](c)
			if step != "other" {
				require.NoError(t, err, "%s twice", step)
				require.Empty(t, again, "%s twice is told once", step)
			}
		}
	}
	c := open()
	_, err := c.ExhibitStored("e9", stored, now)
	require.Equal(t, flows.NotFound, flows.ClassOf(err))
	c.Cancel(now)
	for _, step := range steps {
		_, err := step(c)
		conflicts(t, err)
	}
}

func TestTheLastExhibitSetsTheWorkOff(t *testing.T) {
	t.Parallel()
	c := open()
	c.Exhibits = append(c.Exhibits, flows.Exhibit{ID: "e2", State: flows.ExhibitStored}, flows.Exhibit{ID: "e3", State: flows.ExhibitFetching})
	effects, err := c.ExhibitProbed("e2", media.Probe{}, noon())
	require.NoError(t, err)
	require.Empty(t, effects, "one is still on its way")
	claimed, err := c.ClaimPacks("w")
	require.NoError(t, err)
	require.False(t, claimed)
	effects, err = c.ExhibitRefused("e3", &media.Refusal{Code: media.RefusedEmpty}, noon())
	require.NoError(t, err)
	require.Equal(t, flows.EffectShow, effects[0].Kind)
	require.Equal(t, flows.EffectProcess, effects[1].Kind)

	none := open()
	none.Exhibits[0].State = flows.ExhibitStored
	effects, err = none.ExhibitRefused("e1", &media.Refusal{Code: media.RefusedEmpty}, noon())
	require.NoError(t, err)
	require.Len(t, effects, 2, "why this file, and that nothing is left")
	for _, p := range none.Packs {
		require.Equal(t, flows.PackFailed, p.State)
	}
}

func TestPackTransitions(t *testing.T) {
	t.Parallel()
	c, now := open(), noon()
	for range 2 {
		ok, err := c.ClaimPacks("w1")
		require.NoError(t, err)
		require.True(t, ok)
		require.Equal(t, 1, c.Packs[0].Tries, "its own again is the same try")
	}
	ok, err := c.ClaimPacks("w2")
	require.NoError(t, err)
	require.True(t, ok, "taken over")
	_, err = c.PackReady("w1", flows.Pack{Channel: "douyin-app"}, now)
	conflicts(t, err)
	_, err = c.PackFailed("w1", "email", flows.Problem{}, now)
	conflicts(t, err)
	require.Equal(t, 2, c.Packs[0].Tries)

	c.Packs = append(c.Packs, flows.Pack{Channel: "generic", State: flows.PackPlanned})
	effects, err := c.PackReady("w2", flows.Pack{Channel: "douyin-app", Words: "x", Pieces: []flows.Piece{{Name: "a"}}, Moments: []flows.KeyMoment{{Exhibit: "e1"}}}, now)
	require.NoError(t, err)
	require.Len(t, c.Packs[0].Moments, 1)
	require.Len(t, effects, 1)
	require.Equal(t, flows.EffectDeliver, effects[0].Kind)
	effects, err = c.PackFailed("w2", "email", flows.Problem{Class: flows.Internal, Text: flows.T("talk.busy"), Incident: "i7"}, now)
	require.NoError(t, err)
	require.Equal(t, flows.EffectShow, effects[0].Kind)
	require.Equal(t, flows.EffectProcess, effects[1].Kind, "a pack was planned in the meantime")
	_, err = c.PackReady("w2", flows.Pack{Channel: "douyin-app"}, now)
	conflicts(t, err)

	_, err = c.DeliveryBegun("douyin-app", 1, now)
	conflicts(t, err)
	for range 2 {
		_, err = c.DeliveryBegun("douyin-app", 0, now)
		require.NoError(t, err)
	}
	require.NoError(t, c.DeliveryStopped("douyin-app", 0, now))
	require.Len(t, c.Resume(), 1)
	require.Empty(t, c.Resume())
	effects, err = c.Delivered("douyin-app", 0, now)
	require.NoError(t, err)
	require.Equal(t, now.Add(48*time.Hour), effects[0].After)
	effects, err = c.Delivered("douyin-app", 0, now)
	require.NoError(t, err)
	require.Empty(t, effects, "one follow-up clock")
	conflicts(t, c.DeliveryStopped("douyin-app", 0, now))
	_, err = c.Delivered("email", 0, now)
	conflicts(t, err)
}

func TestReleaseGivesTheTryBack(t *testing.T) {
	t.Parallel()
	c := open()
	_, err := c.ClaimPacks("w1")
	require.NoError(t, err)
	effects := c.ReleasePacks("w1")
	require.Equal(t, flows.EffectProcess, effects[0].Kind)
	require.Equal(t, 0, c.Packs[0].Tries)
	require.Equal(t, flows.PackPlanned, c.Packs[0].State)
	require.Empty(t, c.ReleasePacks("w1"))
}

func TestWorkOnAnEndedCaseIsRefused(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(*flows.Case){
		"cancelled":   func(c *flows.Case) { c.Cancel(noon()) },
		"quarantined": func(c *flows.Case) { c.Quarantined = true },
	} {
		c := open()
		_, err := c.ClaimPacks("w")
		require.NoError(t, err, name)
		end(c)
		_, err = c.PackReady("w", flows.Pack{Channel: "email"}, noon())
		conflicts(t, err)
		_, err = c.ClaimPacks("w")
		conflicts(t, err)
		require.Empty(t, flows.NewPacker(builtin(t)).Items(&flows.Case{Quarantined: true}, &c.Packs[0]))
	}
}

func TestRemindAndExpire(t *testing.T) {
	t.Parallel()
	c := open()
	require.Empty(t, c.Expire(noon()))
	soon := c.Expires.Add(-time.Hour)
	require.Len(t, c.Remind(soon), 1)
	require.Empty(t, c.Remind(soon))
	effects := c.Expire(c.Expires.Add(time.Second))
	require.Equal(t, flows.EffectShow, effects[0].Kind)
	require.Equal(t, flows.EffectForget, effects[1].Kind)
	require.NotEqual(t, flows.CaseOpen, c.State(c.Expires.Add(time.Second)))
}

func TestTextSurvivesStorage(t *testing.T) {
	t.Parallel()
	cat := builtin(t)
	text := flows.T("talk.status.pack", "channel", flows.Text{Plain: "邮箱 {{.x}}"}, "state",
		flows.T("talk.forget.done", "cases", []flows.Text{{Plain: "CC1"}, flows.T("talk.slot.other")}, "count", 2))
	want := flows.Render(cat, "zh", text)
	raw, err := json.Marshal(text)
	require.NoError(t, err)
	var back flows.Text
	require.NoError(t, json.Unmarshal(raw, &back))
	require.Equal(t, want, flows.Render(cat, "zh", back))
	require.Contains(t, want, "邮箱 {{.x}}")
	require.Contains(t, want, "CC1、其他材料")

	count := flows.T("deliver.count.image", "count", 1)
	raw, err = json.Marshal(count)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(raw, &back))
	require.Equal(t, "1 picture", flows.Render(cat, "en", back), "numbers stay numbers")
}

// TestStoredForm holds the stored forms of schema 1 fast: whoever changes one
// sees it here and adds a schema and its upgrade, not a silent break.
func TestStoredForm(t *testing.T) {
	t.Parallel()
	c := newChat(t, builtin(t), "zh", flows.Config{})
	f := video(1)
	c.do(flows.Event{Kind: flows.EventCommand, Command: "appeal", Text: "账号被误封", File: &f, Message: "tg:42:1"})
	for !c.handed() {
		c.forward()
	}
	c.ingest()
	c.process()
	for name, raw := range map[string][]byte{"session.json": c.store.Sessions[c.actor], "case.json": c.store.Cases["CC0042"]} {
		var pretty map[string]any
		require.NoError(t, json.Unmarshal(raw, &pretty))
		indented, err := json.MarshalIndent(pretty, "", " ")
		require.NoError(t, err)
		golden(t, filepath.Join("testdata", "schema1", name), string(indented)+"\n")
	}
	raw, err := os.ReadFile(filepath.Join("testdata", "schema1", "case.json"))
	require.NoError(t, err)
	var k flows.Case
	require.NoError(t, json.Unmarshal(raw, &k))
	require.Equal(t, flows.CaseSchema, k.Schema)
	require.Equal(t, flows.PackDelivered, k.Packs[0].State)
	require.Equal(t, "账号被误封", k.Statement)
}
