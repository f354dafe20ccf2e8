package entry

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// FuzzLocal: wherever a page is told to send someone, it stays here, also for
// browsers that drop tabs and line ends and take \ for /.
func FuzzLocal(f *testing.F) {
	for _, to := range []string{"/", "/case/abc?x=1", "//evil.example", "/\\evil.example", "/\t/evil.example", "/..//evil.example", "https://evil.example", "/%2f%2fevil.example"} {
		f.Add(to)
	}
	base, err := url.Parse("https://clip.example/login/x")
	require.NoError(f, err)
	f.Fuzz(func(t *testing.T, to string) {
		got := local(to)
		read := strings.NewReplacer("\t", "", "\n", "", "\r", "", "\\", "/").Replace(got)
		u, err := base.Parse(read)
		require.NoError(t, err)
		require.Equal(t, "https://clip.example", u.Scheme+"://"+u.Host)
		require.Equal(t, got, read)
		require.Equal(t, got, local(got))

		w := httptest.NewRecorder()
		http.Redirect(w, httptest.NewRequest(http.MethodGet, "/login/x", nil), got, http.StatusSeeOther)
		require.True(t, strings.HasPrefix(w.Header().Get("Location"), "/"))
		require.False(t, strings.HasPrefix(w.Header().Get("Location"), "//"))
	})
}
