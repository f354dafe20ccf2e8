package casepage

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"clipcase/flows"
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
