package verify_test

import (
	"crypto/rand"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"clipcase/flows/dossier/bag"
	"clipcase/flows/dossier/stamp"
	"clipcase/flows/dossier/verify"
	"clipcase/internal/tsatest"
)

// stamped adds time stamps of the signature and the original.
func stamped(t *testing.T, tsa *tsatest.Authority, c bag.Contents) bag.Contents {
	t.Helper()
	asker, err := stamp.New(stamp.Config{URLs: []string{tsa.URL}, Random: rand.Reader}, &http.Client{})
	require.NoError(t, err)
	_, signature, err := bag.Signed(c)
	require.NoError(t, err)
	original, err := stamp.OfOriginal(c.Payload[0].SHA256)
	require.NoError(t, err)
	for _, over := range []stamp.Over{stamp.OfSignature(signature), original} {
		s, err := asker.Ask(t.Context(), tsa.URL, over.Digest)
		require.NoError(t, err)
		c.Stamps = append(c.Stamps, bag.Text(bag.StampFolder+over.Name+bag.StampEnding, s.Reply, noon), bag.Text(bag.StampFolder+over.Name+".pem", s.Chain, noon))
	}
	return c
}

func TestStampsOfTheBag(t *testing.T) {
	t.Parallel()
	tsa := tsatest.New(t, "Test Authority")
	c := stamped(t, tsa, contents(t, newKey(t, 1)))
	dir := folder(t, c)
	r := check(t, dir)
	require.True(t, r.OK, "%+v", r)
	require.Equal(t, []string{c.Payload[0].Path, bag.Signature}, []string{r.Stamps[0].Over, r.Stamps[1].Over})
	require.Equal(t, "CN=Test Authority", r.Stamps[0].Authority)

	// taken out together with its line in the description
	require.NoError(t, os.Remove(filepath.Join(dir, filepath.FromSlash(c.Stamps[0].Path))))
	r = check(t, dir)
	require.False(t, r.OK)
	require.Contains(t, r.Stamps, verify.Stamp{File: bag.StampFolder, State: verify.Missing})

	// of another case: everything else of this bag is right, and signed
	other := contents(t, newKey(t, 2))
	other.Payload[0] = bag.Text(other.Payload[0].Path, []byte("another original"), noon)
	foreign := contents(t, newKey(t, 1))
	foreign.Stamps = stamped(t, tsa, other).Stamps
	r = check(t, folder(t, foreign))
	require.False(t, r.OK)
	for _, s := range r.Stamps {
		require.Equal(t, verify.Bad, s.State)
	}
}
