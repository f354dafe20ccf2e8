package media

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestFormat(t *testing.T) {
	t.Parallel()
	for seconds, want := range map[float64]string{0: "0:00", 42: "0:42", 59.6: "1:00", 3723: "1:02:03", -5: "0:00", 1e9: "100:00:00"} {
		require.Equal(t, want, FormatClock(seconds))
	}
	for bytes, want := range map[int64]string{
		-1: "0 B", 0: "0 B", 512: "512 B", 999: "999 B", 1500: "1.5 kB", 850_400: "850 kB", 999_900: "1 MB", 1_500_000: "1.5 MB", 2_000_000: "2 MB",
		12_000_000: "12 MB", 2_100_000_000: "2.1 GB",
	} {
		require.Equal(t, want, FormatBytes(bytes))
	}
}
