package flows

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"clipcase/flows/catalog"
)

func TestAfterCountsWorkingHours(t *testing.T) {
	t.Parallel()
	at := func(text string) time.Time {
		when, err := time.ParseInLocation("2006-01-02 15:04", text, Zone())
		require.NoError(t, err)
		return when
	}
	for _, c := range []struct {
		hours    int
		from, to string
	}{
		{4, "2026-11-23 10:00", "2026-11-23 14:00"}, // Monday
		{4, "2026-11-23 16:00", "2026-11-24 11:00"},
		{4, "2026-11-23 20:00", "2026-11-24 13:00"},
		{4, "2026-11-23 06:00", "2026-11-23 13:00"},
		{8, "2026-11-27 17:00", "2026-11-30 16:00"},  // Friday
		{12, "2026-11-22 12:00", "2026-11-24 12:00"}, // Sunday
		{9, "2026-11-23 09:00", "2026-11-23 18:00"},
	} {
		got := after(catalog.Clock{Hours: c.hours, Working: true}, at(c.from))
		require.Equal(t, at(c.to).UTC(), got, c.from)
	}
	require.Equal(t, at("2026-11-23 12:00"), after(catalog.Clock{Hours: 24}, at("2026-11-22 12:00")))
}
