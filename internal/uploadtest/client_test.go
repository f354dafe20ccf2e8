package uploadtest_test

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"clipcase/internal/uploadtest"
)

// scripts is where `make scripts` puts the client of the protocol.
const scripts = "../../web/scripts"

// An independent client of the protocol, tus-js-client in Node, does what clients
// do and what attackers do: testdata/client.js says what is expected of each.
func TestIndependentClient(t *testing.T) {
	t.Parallel()
	node, err := exec.LookPath("node")
	require.NoError(t, err, "Node runs the client: make deps")
	_, err = os.Stat(filepath.Join(scripts, "node_modules", "tus-js-client"))
	require.NoError(t, err, "the client is not there: make scripts")

	world := uploadtest.New()
	_, handler, err := world.Start(filepath.Join(t.TempDir(), "uploads"), slog.New(slog.DiscardHandler), nil)
	require.NoError(t, err)
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)

	module, err := filepath.Abs(filepath.Join(scripts, "node_modules", "tus-js-client", "lib.es5", "node", "index.js"))
	require.NoError(t, err)
	cmd := exec.CommandContext(t.Context(), node, "testdata/client.js", module, server.URL, uploadtest.Mine, uploadtest.Foreign, uploadtest.Expired)
	var out, trouble bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &trouble
	require.NoError(t, cmd.Run(), "%s\n%s", out.String(), trouble.String())

	var ran []string
	require.NoError(t, json.Unmarshal(out.Bytes(), &ran))
	require.Equal(t, []string{
		"create", "resume", "wrong offset", "too large", "deferred length", "foreign id", "dots", "method override", "expired grant", "terminate", "damaged",
	}, ran)
	require.Len(t, world.Exhibits(), 2, "only what was uploaded whole and in order enters the case")
}
