package wizard

import (
	"context"
	"errors"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"clipcase/flows/pass"
)

func TestOneGrantForASession(t *testing.T) {
	t.Parallel()
	now, made := time.Date(2026, 11, 22, 4, 0, 0, 0, time.UTC), 0
	var fails error
	k := newGrants(func(_ context.Context, g pass.Grant) (string, error) {
		require.Equal(t, now.Add(pass.GrantTTL), g.Expires)
		made++
		return strconv.Itoa(made), fails
	}, func() time.Time { return now })
	ask := func(session, lang string) string {
		code, err := k.code(t.Context(), session, pass.Grant{Actor: "web:a", Chat: "web:a", Lang: lang})
		require.NoError(t, err)
		return code
	}
	require.Equal(t, "1", ask("s", "zh"))
	require.Equal(t, "1", ask("s", "zh"), "looked at again")
	require.Equal(t, "2", ask("s", "en"), "its pages are in another language")
	require.Equal(t, "3", ask("other", "zh"))
	now = now.Add(pass.GrantTTL / 2)
	require.Equal(t, "4", ask("s", "zh"), "half of its time is over")
	require.Len(t, k.kept, 1, "what is over is forgotten")
	fails = errors.New("away")
	_, err := k.code(t.Context(), "third", pass.Grant{})
	require.ErrorIs(t, err, fails)
}
