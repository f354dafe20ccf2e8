package storage

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"clipcase/flows"
)

// Every version that was ever stored has a frozen document in testdata; its
// draft must be there after loading.
func TestStoredDocumentsOfAllVersionsAreRead(t *testing.T) {
	t.Parallel()
	require.Len(t, sessionUpgrades(), flows.SessionSchema-1)
	require.Len(t, caseUpgrades(), flows.CaseSchema-1)
	for v := 1; v <= flows.SessionSchema; v++ {
		s, err := decodeSession(fixtureOf(t, fmt.Sprintf("session.v%d.json", v)))
		require.NoError(t, err)
		require.Equal(t, flows.SessionSchema, s.Schema)
		require.Equal(t, "tg:42", s.Actor)
		require.Equal(t, "statement", s.Step)
		require.Equal(t, "CC0042", s.Case)
		require.Equal(t, "account-ban", s.Draft.Scenario)
		require.Equal(t, "账号被误封", s.Draft.Statement)
		require.True(t, s.Told["send-as-file"])
	}
	for v := 1; v <= flows.CaseSchema; v++ {
		c, err := decodeCase(fixtureOf(t, fmt.Sprintf("case.v%d.json", v)))
		require.NoError(t, err)
		require.Equal(t, flows.CaseSchema, c.Schema)
		require.Equal(t, "CC0042", c.ID)
		require.Equal(t, "账号被误封", c.Statement)
		require.Len(t, c.Exhibits, 1)
		require.Equal(t, flows.ExhibitProbed, c.Exhibits[0].State)
		require.InDelta(t, 30.03, c.Exhibits[0].Probe.Duration, 1e-9)
		require.Equal(t, flows.PackPlanned, c.Packs[0].State)
	}
}

func TestUpgradesRunInOrder(t *testing.T) {
	t.Parallel()
	rename := func(from, to string) upgrade {
		return func(doc map[string]any) map[string]any {
			doc[to] = doc[from]
			delete(doc, from)
			return doc
		}
	}
	upgrades := []upgrade{rename("a", "b"), rename("b", "c")}
	for _, stored := range []string{`{"schema":1,"a":7}`, `{"schema":2,"b":7}`, `{"schema":3,"c":7}`} {
		var got struct{ Schema, C int }
		require.NoError(t, decode(stored, 3, upgrades, &got))
		require.Equal(t, struct{ Schema, C int }{3, 7}, got)
	}
}

func TestDocumentsThatCannotBeReadSayWhy(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		`{"schema":99}`: "stored by a newer clipcase (schema 99, this one knows 1)",
		`{"schema":0}`:  "has schema 0",
		`{}`:            "has schema 0",
		`{`:             "stored document",
		``:              "stored document",
	} {
		_, err := decodeSession(body)
		require.ErrorContains(t, err, want, body)
		_, err = decodeCase(body)
		require.ErrorContains(t, err, want, body)
	}
}

func fixtureOf(t *testing.T, name string) string {
	t.Helper()
	body, err := os.ReadFile(filepath.Join("testdata", name))
	require.NoError(t, err)
	return string(body)
}
