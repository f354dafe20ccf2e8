package verify_test

import (
	"crypto/sha512"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"clipcase/flows/dossier"
	"clipcase/flows/dossier/bag"
	"clipcase/flows/dossier/verify"
	"clipcase/internal/tsatest"
)

func with(t *testing.T, path string, o verify.Options) *verify.Report {
	t.Helper()
	r, err := verify.Run(t.Context(), path, o)
	require.NoError(t, err)
	return r
}

// A bag that nobody signed does not hold by itself: whoever changed it can have
// made it anew.
func TestUnsignedBagsAreAskedFor(t *testing.T) {
	t.Parallel()
	dir := folder(t, contents(t, nil))
	r := check(t, dir)
	require.False(t, r.OK)
	require.False(t, r.Signed)
	require.Equal(t, verify.None, r.Signature.State)
	require.Equal(t, []verify.Problem{{Code: verify.ProblemUnsigned, What: bag.Signature}}, r.Problems)
	r = with(t, dir, verify.Options{Unsigned: true})
	require.True(t, r.OK, "%+v", r)
	require.False(t, r.Signed)
}

// rewrite changes the record of a bag in its folder.
func rewrite(t *testing.T, dir string, change func(r *dossier.Record)) {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(dir, "data", "case.json"))
	require.NoError(t, err)
	var record dossier.Record
	require.NoError(t, json.Unmarshal(raw, &record))
	change(&record)
	raw, err = record.JSON()
	require.NoError(t, err)
	write(t, dir, "data/case.json", string(raw))
}

// signing is a bag whose record says which key signs it, in its folder.
func signing(t *testing.T) (dir string) {
	t.Helper()
	key := newKey(t, 1)
	c := contents(t, key)
	at := slices.IndexFunc(c.Payload, func(f bag.File) bool { return f.Path == "data/case.json" })
	r, err := c.Payload[at].Open(t.Context())
	require.NoError(t, err)
	var record dossier.Record
	require.NoError(t, json.NewDecoder(r).Decode(&record))
	record.Signer = key.Fingerprint()
	raw, err := record.JSON()
	require.NoError(t, err)
	c.Payload[at] = bag.Text("data/case.json", raw, noon)
	dir = folder(t, c)
	require.True(t, check(t, dir).OK)
	return dir
}

// strip takes everything away that shows that somebody signed.
func strip(t *testing.T, dir string, labels bool) {
	t.Helper()
	for _, name := range []string{bag.Signature, bag.TagSignature, bag.KeyFile} {
		require.NoError(t, os.Remove(filepath.Join(dir, name)))
	}
	lines(t, dir, bag.InfoFile, func(all []string) []string {
		return slices.DeleteFunc(all, func(l string) bool {
			return strings.HasPrefix(l, bag.LabelSigned) || labels && strings.HasPrefix(l, "Clipcase-")
		})
	})
	remake(t, dir)
}

// Nobody makes less of a signed bag without being noticed.
func TestSignaturesThatWereTakenAway(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		labels bool
		do     func(t *testing.T, dir string)
		state  verify.State
		code   string
	}{
		"the files alone":                          {state: verify.Missing},
		"and all lines of ours in the description": {labels: true, state: verify.Missing, code: verify.ProblemInfo},
		"and what the record says": {do: func(t *testing.T, dir string) {
			rewrite(t, dir, func(r *dossier.Record) { r.Signer = "" })
		}, state: verify.None, code: verify.ProblemUnsigned},
		"everything": {labels: true, do: func(t *testing.T, dir string) {
			rewrite(t, dir, func(r *dossier.Record) { r.Signer = "" })
		}, state: verify.None, code: verify.ProblemUnsigned},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := signing(t)
			strip(t, dir, test.labels)
			if test.do != nil {
				test.do(t, dir)
				oxum := oxum(t, dir)
				lines(t, dir, bag.InfoFile, func(all []string) []string {
					for i := range all {
						if strings.HasPrefix(all[i], bag.LabelOxum) {
							all[i] = bag.LabelOxum + ": " + oxum + "\n"
						}
					}
					return all
				})
				remake(t, dir)
			}
			r := check(t, dir)
			require.False(t, r.OK)
			require.Equal(t, test.state, r.Signature.State)
			require.Contains(t, fmt.Sprint(r.Problems), test.code)
			if test.state == verify.Missing {
				require.False(t, with(t, dir, verify.Options{Unsigned: true}).OK, "it says that it was signed")
			}
		})
	}
}

// Whoever signs anew with a key of their own is not the one the record names.
func TestSignedByAnother(t *testing.T) {
	t.Parallel()
	dir := signing(t)
	c := contents(t, newKey(t, 2))
	raw, err := os.ReadFile(filepath.Join(dir, "data", "case.json"))
	require.NoError(t, err)
	c.Payload[1] = bag.Text("data/case.json", raw, noon)
	r := check(t, folder(t, c))
	require.False(t, r.OK)
	require.Equal(t, verify.Bad, r.Signature.State)
	require.Contains(t, r.Signature.Why, "case.json")
}

func roots(t *testing.T, a *tsatest.Authority) *x509.CertPool {
	t.Helper()
	raw, err := os.ReadFile(a.Root)
	require.NoError(t, err)
	pool := x509.NewCertPool()
	require.True(t, pool.AppendCertsFromPEM(raw))
	return pool
}

// Anyone can make an authority: where the reader names those that count, no other does.
func TestAuthoritiesThatTheReaderNames(t *testing.T) {
	t.Parallel()
	tsa, other := tsatest.New(t, "Test Authority"), tsatest.New(t, "Test Authority")
	dir := folder(t, stamped(t, tsa, contents(t, newKey(t, 1))))
	require.True(t, check(t, dir).OK)
	require.False(t, check(t, dir).Known.Authorities)
	r := with(t, dir, verify.Options{Roots: roots(t, tsa), Stamped: true})
	require.True(t, r.OK, "%+v", r)
	require.True(t, r.Known.Authorities)
	r = with(t, dir, verify.Options{Roots: roots(t, other), Stamped: true})
	require.False(t, r.OK)
	require.False(t, r.Known.Authorities)
	require.Equal(t, verify.Bad, r.Stamps[0].State)
	r = with(t, folder(t, contents(t, newKey(t, 1))), verify.Options{Roots: roots(t, tsa), Stamped: true})
	require.Equal(t, []verify.Problem{{Code: verify.ProblemStamps, What: bag.StampFolder}}, r.Problems, "a stamp was asked for and there is none")
}

// Strangers' bags may have manifests of other hashes: each of them counts.
func TestSeveralManifests(t *testing.T) {
	t.Parallel()
	long := func(t *testing.T, dir, path string) string {
		t.Helper()
		raw, err := os.ReadFile(filepath.Join(dir, path))
		require.NoError(t, err)
		sum := sha512.Sum512(raw)
		return hex.EncodeToString(sum[:]) + "  " + path + "\n"
	}
	made := func(t *testing.T) string {
		t.Helper()
		dir := t.TempDir()
		write(t, dir, bag.Declaration, "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n")
		require.NoError(t, os.Mkdir(filepath.Join(dir, "data"), 0o700))
		write(t, dir, "data/a", "one")
		write(t, dir, "data/b", "two")
		write(t, dir, "manifest-sha512.txt", long(t, dir, "data/a")+long(t, dir, "data/b"))
		return dir
	}
	both := func(t *testing.T, dir string) {
		t.Helper()
		remake(t, dir)
		require.NoError(t, os.Remove(filepath.Join(dir, bag.TagManifest)))
	}
	open := verify.Options{Unsigned: true}
	for name, test := range map[string]struct {
		do    func(t *testing.T, dir string)
		state map[string]verify.State
		code  string
	}{
		"one of SHA-512": {},
		"one of each":    {do: both},
		"they differ": {do: func(t *testing.T, dir string) {
			write(t, dir, "data/a", "one!")
			both(t, dir)
		}, state: map[string]verify.State{"data/a": verify.Changed}},
		"one has less": {do: func(t *testing.T, dir string) {
			write(t, dir, "data/c", "three")
			both(t, dir)
		}, state: map[string]verify.State{"data/c": verify.Extra}},
		"one has more": {do: func(t *testing.T, dir string) {
			both(t, dir)
			lines(t, dir, bag.Manifest, func(all []string) []string { return all[1:] })
			require.NoError(t, os.Remove(filepath.Join(dir, "data", "a")))
		}, state: map[string]verify.State{"data/a": verify.Missing}},
		"one that is not read": {do: func(t *testing.T, dir string) { write(t, dir, "manifest-md5.txt", "") }, code: "only sha256 and sha512"},
		"none": {do: func(t *testing.T, dir string) {
			require.NoError(t, os.Remove(filepath.Join(dir, "manifest-sha512.txt")))
		}, code: bag.Manifest},
		"a tag manifest without one of them": {do: func(t *testing.T, dir string) {
			remake(t, dir)
			lines(t, dir, bag.TagManifest, func(all []string) []string {
				return slices.DeleteFunc(all, func(l string) bool { return strings.Contains(l, "manifest-sha512") })
			})
		}, code: "manifest-sha512.txt"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := made(t)
			if test.do != nil {
				test.do(t, dir)
			}
			r := with(t, dir, open)
			require.Equal(t, test.state == nil && test.code == "", r.OK, "%+v", r)
			for path, want := range test.state {
				require.Equal(t, want, states(r)[path])
			}
			require.Contains(t, fmt.Sprint(r.Problems), test.code)
		})
	}
}
