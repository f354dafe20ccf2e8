package ffmpeg

import (
	"os"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"clipcase/flows/prepare"
	"clipcase/media/ffmpeg/cage"
)

var _ prepare.Engine = (*Engine)(nil)

func TestMain(m *testing.M) {
	cage.Enter()
	code := m.Run()
	if code == 0 {
		if err := goleak.Find(); err != nil {
			_, _ = os.Stderr.WriteString(err.Error() + "\n")
			code = 1
		}
	}
	os.Exit(code)
}

// shared is one engine for all tests, as in production: they share its budget.
var shared = sync.OnceValues(func() (*Engine, error) { return New(Config{}) })

func engine(t testing.TB) *Engine {
	t.Helper()
	e, err := shared()
	require.NoError(t, err)
	return e
}
