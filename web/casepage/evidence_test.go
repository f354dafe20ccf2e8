package casepage

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"clipcase/flows"
	"clipcase/flows/pass"
)

// Others are shown an original only once it was looked at and found good; one that
// turns out to be bad is shown no longer.
func TestOnlyGoodOriginalsHaveLinks(t *testing.T) {
	t.Parallel()
	for state, offered := range map[flows.ExhibitState]bool{
		flows.ExhibitProbed: true, flows.ExhibitRefused: false, flows.ExhibitStored: false, flows.ExhibitFetching: false,
	} {
		t.Run(string(state), func(t *testing.T) {
			t.Parallel()
			m, h := setup(t)
			e := &m.cases["CC0001"].Exhibits[0]
			e.State = state
			button := `name="file" value="original/` + e.ID + `"`
			download := `href="/dl/` + token + `/original/` + e.ID + `"`
			body := get(t, h, "/case/"+token).Body.String()
			require.Contains(t, body, download, "its owner can have it back")
			if !offered {
				require.NotContains(t, body, button)
				require.Equal(t, http.StatusNotFound, post(t, h, "/case/"+token, "do", "link", "file", "original/e1").Code)
				require.Empty(t, m.links)
				return
			}
			require.Contains(t, body, button)
			require.Equal(t, http.StatusSeeOther, post(t, h, "/case/"+token, "do", "link", "file", "original/e1").Code)
			require.Len(t, m.links, 1)
			at := "/e/" + url.PathEscape(slices.Collect(maps.Keys(m.links))[0])
			require.Equal(t, http.StatusOK, get(t, h, at).Code)
			e.State = flows.ExhibitRefused
			require.Equal(t, http.StatusNotFound, get(t, h, at).Code)
			require.Equal(t, http.StatusNotFound, get(t, h, at+"/file").Code)
		})
	}
}

// Links are told at the address of the pages; where none is set, at the one the
// browser came by, so that a port that the system chose is the right one.
func TestLinksAreToldAsTheBrowserCame(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ set, host, want string }{
		"set":                  {"https://x.example", "127.0.0.1:40123", "https://x.example/e/"},
		"chosen by the system": {"", "127.0.0.1:40123", "http://127.0.0.1:40123/e/"},
		"by name":              {"", "localhost:8080", "http://localhost:8080/e/"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, h := setupAt(t, c.set)
			require.Equal(t, http.StatusSeeOther, post(t, h, "/case/"+token, "do", "link", "file", "douyin-app/20261122-CC0001-1of1.jpg").Code)
			body := getFrom(t, h, c.host, "/case/"+token).Body.String()
			require.Contains(t, body, `<input readonly value="`+c.want+"link20261122-CC0001-1of1.jpg")
		})
	}
}

// Whatever breaks off in between, the history tells of no link that does not exist
// and of every one that was taken back; doing it again puts it right.
func TestTheHistoryOfLinksThatBreakOff(t *testing.T) {
	t.Parallel()
	m, h := setup(t)
	made, taken := []string{"do", "link", "file", "original/e1"}, []string{"do", "revoke", "link", ""}
	for _, step := range []struct {
		fails string
		form  []string
		links int
		noted string
	}{
		{"make", made, 0, ""},
		{"note", made, 1, ""},
		{"", made, 1, "linked"},
		{"", made, 1, "linked"},
		{"note", taken, 1, "linked"},
		{"revoke", taken, 1, "linked revoked"},
		{"", taken, 0, "linked revoked"},
		{"", taken, 0, "linked revoked"},
		{"", made, 1, "linked revoked linked"},
	} {
		for name := range m.links {
			taken[3] = name
		}
		m.fails = step.fails
		code := post(t, h, "/case/"+token, step.form...).Code
		require.Equal(t, step.fails == "", code == http.StatusSeeOther, "%+v", step)
		require.Len(t, m.links, step.links, "%+v", step)
		var noted []string
		for _, e := range m.cases["CC0001"].History {
			if e.What == flows.LinkMade || e.What == flows.LinkRevoked {
				noted = append(noted, e.What)
			}
		}
		require.Equal(t, step.noted, strings.Join(noted, " "), "%+v", step)
	}
}

// Another case's link is not told of, let alone taken back.
func TestAnotherCasesLinkStays(t *testing.T) {
	t.Parallel()
	m, h := setup(t)
	m.links["foreign"] = pass.Link{Token: "foreign", Case: "CC0009"}
	require.Equal(t, http.StatusSeeOther, post(t, h, "/case/"+token, "do", "revoke", "link", "foreign").Code)
	require.Len(t, m.links, 1)
	require.Empty(t, m.cases["CC0001"].LinkNoted("", ""))
}
