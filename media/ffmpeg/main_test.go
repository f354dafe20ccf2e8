package ffmpeg

import (
	"os"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	"golang.org/x/sync/semaphore"

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

// shared is asked what it can do once for all tests.
var shared = sync.OnceValues(func() (*Engine, error) { return New(Config{Threads: 1}) })

// engine has one processor of its own: as many tests work at once as there are
// processors, and none waits for another's small encode to end.
func engine(t testing.TB) *Engine {
	t.Helper()
	e, err := shared()
	require.NoError(t, err)
	own := *e
	own.budget, own.side = semaphore.NewWeighted(1), semaphore.NewWeighted(1)
	return &own
}
