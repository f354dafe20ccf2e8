package browsertest

import (
	"net"
	"os"
	"strconv"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
)

// Ports that the system gives to nobody who does not ask for them by number: a
// server of a test's can end and come back to its own.
const (
	firstPort = 20000
	ports     = 12000
)

// tried counts the ports that this process has tried.
var tried atomic.Int64 //nolint:gochecknoglobals // the ports are those of the whole process

// Address is an address on loopback that nobody listens on, for a server of the
// test's that may be ended and started again.
func Address(t testing.TB) string {
	t.Helper()
	for range ports {
		port := firstPort + (int64(os.Getpid())*97+tried.Add(1))%ports
		address := net.JoinHostPort("127.0.0.1", strconv.FormatInt(port, 10))
		l, err := net.Listen("tcp", address)
		if err != nil {
			continue // somebody's
		}
		require.NoError(t, l.Close())
		return address
	}
	require.FailNow(t, "no port is free")
	return ""
}
