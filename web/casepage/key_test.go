package casepage

import (
	"bytes"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"clipcase/flows"
	"clipcase/flows/dossier/sign"
)

// Whoever asks gets the key, without a session, as minisign reads it.
func TestTheKeyIsPublic(t *testing.T) {
	t.Parallel()
	m, h := setup(t)
	m.actor = ""
	body := get(t, h, "/key").Body.String()
	key := testKey(t)
	require.Contains(t, body, key.Fingerprint())
	require.Contains(t, body, `href="/key/clipcase.pub"`)
	w := get(t, h, "/key/clipcase.pub")
	require.Equal(t, string(key.Public()), w.Body.String())

	dir := t.TempDir()
	for name, content := range map[string][]byte{"m": []byte("manifest"), "m.minisig": key.Sign([]byte("manifest"), "x"), "clipcase.pub": w.Body.Bytes()} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), content, 0o600))
	}
	cmd := exec.Command("minisign", "-V", "-p", "clipcase.pub", "-m", "m")
	cmd.Dir = dir
	said, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", said)

	m.actor = "web:me"
	body = get(t, h, "/case/"+token).Body.String()
	require.Contains(t, body, key.Fingerprint())
	require.Contains(t, body, `href="/key"`)
	require.Contains(t, body, m.cases["CC0001"].Head())
	m.full = true
	require.Equal(t, http.StatusTooManyRequests, get(t, h, "/key").Code)
	require.Equal(t, http.StatusTooManyRequests, get(t, h, "/key/clipcase.pub").Code)
}

// What others do with links stands in the history, which still holds.
func TestLinksStandInTheHistory(t *testing.T) {
	t.Parallel()
	m, h := setup(t)
	c := m.cases["CC0001"]
	c.History = flows.AppendEntry(nil, noon, "received", "exhibit", "e1", "sha256", c.Exhibits[0].SHA256)
	require.Contains(t, get(t, h, "/case/"+token).Body.String(), c.Receipt("e1"), "the receipt is shown")
	const file = "20261122-CC0001-1of1.jpg"
	require.Equal(t, http.StatusSeeOther, post(t, h, "/case/"+token, "do", "link", "file", "douyin-app/"+file).Code)
	for range 3 {
		require.Equal(t, http.StatusOK, get(t, h, "/e/link"+file).Code)
	}
	require.Equal(t, http.StatusSeeOther, post(t, h, "/case/"+token, "do", "revoke", "link", "link"+file).Code)
	require.Equal(t, http.StatusSeeOther, post(t, h, "/case/"+token, "do", "revoke", "link", "link"+file).Code, "once more is no failure")
	var what []string
	for _, e := range c.History {
		what = append(what, e.What)
	}
	require.Equal(t, "received linked viewed revoked", strings.Join(what, " "))
	_, _, _, err := flows.CheckHistory(flows.HistoryLines(c.History))
	require.NoError(t, err)
	body := get(t, h, "/case/"+token).Body.String()
	require.Contains(t, body, "收回了一个链接")
	require.NotContains(t, body, "{{")
}

func testKey(t *testing.T) *sign.Key {
	t.Helper()
	key, err := sign.New(bytes.NewReader(bytes.Repeat([]byte{7}, 32)))
	require.NoError(t, err)
	return key
}
