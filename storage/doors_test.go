package storage_test

import (
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"clipcase/flows"
	"clipcase/flows/pass"
	"clipcase/storage"
	"clipcase/storage/storagetest"
)

// everything is all that Redis holds, keys and values.
func everything(t *testing.T, r *storage.Redis) string {
	t.Helper()
	var all strings.Builder
	names, err := r.Client().Keys(t.Context(), "*").Result()
	require.NoError(t, err)
	for _, name := range names {
		kind, err := r.Client().Type(t.Context(), name).Result()
		require.NoError(t, err)
		var value any
		switch kind {
		case "string":
			value, err = r.Client().Get(t.Context(), name).Result()
		case "hash":
			value, err = r.Client().HGetAll(t.Context(), name).Result()
		case "set":
			value, err = r.Client().SMembers(t.Context(), name).Result()
		case "zset":
			value, err = r.Client().ZRange(t.Context(), name, 0, -1).Result()
		case "list":
			value, err = r.Client().LRange(t.Context(), name, 0, -1).Result()
		}
		require.NoError(t, err)
		require.NotNil(t, value, kind)
		_, err = fmt.Fprintln(&all, name, value)
		require.NoError(t, err)
	}
	return all.String()
}

func TestNoSecretOfADoorStandsInRedis(t *testing.T) {
	t.Parallel()
	r := open(t, config(t, storagetest.NewClock()))
	d := r.Doors()
	cookie, s, err := d.OpenSession(t.Context(), "web:a", "zh")
	require.NoError(t, err)
	login, err := d.NewLogin(t.Context(), pass.Login{Actor: "web:a", To: "/"})
	require.NoError(t, err)
	returning, err := d.NewReturnCode(t.Context(), "web:a")
	require.NoError(t, err)
	grant, err := d.NewGrant(t.Context(), pass.Grant{Actor: "web:a", Chat: "web:a"})
	require.NoError(t, err)
	_, _, err = d.Allow(t.Context(), "login 192.0.2.7", 5, 1e9)
	require.NoError(t, err)
	all := everything(t, r)
	require.Contains(t, all, s.ID)
	for _, secret := range []string{cookie, s.CSRF, login, returning, strings.ReplaceAll(returning, " ", ""), grant, "192.0.2.7"} {
		require.NotContains(t, all, secret)
	}
}

func TestDoorsEndByThemselves(t *testing.T) {
	t.Parallel()
	r := open(t, config(t, storagetest.NewClock()))
	d := r.Doors()
	_, _, err := d.OpenSession(t.Context(), "web:a", "zh")
	require.NoError(t, err)
	login, err := d.NewLogin(t.Context(), pass.Login{Actor: "web:a", To: "/"})
	require.NoError(t, err)
	_, err = d.UseLogin(t.Context(), login)
	require.NoError(t, err)
	_, err = d.NewReturnCode(t.Context(), "web:a")
	require.NoError(t, err)
	code, err := d.NewGrant(t.Context(), pass.Grant{Actor: "web:a", Chat: "web:a"})
	require.NoError(t, err)
	g, err := d.Grant(t.Context(), code)
	require.NoError(t, err)
	require.NoError(t, d.BeginUpload(t.Context(), pass.Upload{ID: strings.Repeat("a", 26), Actor: "web:a", Bytes: 1}, g))
	_, _, err = d.Allow(t.Context(), "x", 5, 1e9)
	require.NoError(t, err)
	names, err := r.Client().Keys(t.Context(), "clipcase:door:*").Result()
	require.NoError(t, err)
	require.Len(t, names, 11)
	for _, name := range names {
		ttl, err := r.Client().TTL(t.Context(), name).Result()
		require.NoError(t, err)
		switch name {
		case "clipcase:door:return-salt", "clipcase:door:uploads": // one each, as long as there is anything
		default:
			require.Positive(t, ttl, name)
		}
	}
}

// TestReturnCodesDifferByInstallation: the same digits leave different hashes.
func TestReturnCodesDifferByInstallation(t *testing.T) {
	t.Parallel()
	hashes := map[string]bool{}
	for salt := range 2 {
		cfg := config(t, storagetest.NewClock())
		cfg.Random = io.MultiReader(strings.NewReader("8 digits"+strings.Repeat(fmt.Sprint(salt), 16)), strings.NewReader(strings.Repeat("x", 1000)))
		r := open(t, cfg)
		code, err := r.Doors().NewReturnCode(t.Context(), "web:a")
		require.NoError(t, err)
		require.Equal(t, "8692 4801 3427", code)
		sum, err := r.Client().Get(t.Context(), "clipcase:door:return-of:web:a").Result()
		require.NoError(t, err)
		hashes[sum] = true
	}
	require.Len(t, hashes, 2)
}

// TestReturnCodesNeverCollide: a code that is somebody's is never given to another.
func TestReturnCodesNeverCollide(t *testing.T) {
	t.Parallel()
	cfg := config(t, storagetest.NewClock())
	same := strings.Repeat("x", 24) // digits, then a salt that is only used at first
	cfg.Random = strings.NewReader(same + same + strings.Repeat("y", 24) + strings.Repeat("x", 24*10))
	r := open(t, cfg)
	first, err := r.Doors().NewReturnCode(t.Context(), "web:a")
	require.NoError(t, err)
	second, err := r.Doors().NewReturnCode(t.Context(), "web:b")
	require.NoError(t, err)
	require.NotEqual(t, first, second)
	_, err = r.Doors().NewReturnCode(t.Context(), "web:c")
	require.Equal(t, flows.Conflict, flows.ClassOf(err))
	actor, err := r.Doors().UseReturnCode(t.Context(), first)
	require.NoError(t, err)
	require.Equal(t, "web:a", actor)
}
