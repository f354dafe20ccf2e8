package sign_test

import (
	"bytes"
	"crypto/rand"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"clipcase/flows/dossier/sign"
)

// seed is randomness that is always the same.
func seed(b byte) *bytes.Reader { return bytes.NewReader(bytes.Repeat([]byte{b}, 64)) }

func TestMinisignReadsWhatIsSigned(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	k, err := sign.Open(filepath.Join(dir, "keys", "signing.key"), rand.Reader)
	require.NoError(t, err)
	for name, content := range map[string][]byte{"a.txt": []byte("words\n"), "empty": {}, "large": bytes.Repeat([]byte("x"), 1<<20)} {
		file := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(file, content, 0o600))
		require.NoError(t, os.WriteFile(file+".minisig", k.Sign(content, "case\nCC0042"), 0o600))
		public, err := sign.ParsePublic(k.Public())
		require.NoError(t, err)
		said, err := exec.Command("minisign", "-V", "-m", file, "-P", public.Line()).CombinedOutput()
		require.NoError(t, err, "%s", said)
		require.Contains(t, string(said), "Trusted comment: case CC0042")
		require.NoError(t, os.WriteFile(file, append(content, '!'), 0o600))
		require.Error(t, exec.Command("minisign", "-V", "-m", file, "-P", public.Line()).Run())
	}
}

func TestSignaturesOfMinisignAreRead(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	require.NoError(t, exec.Command("minisign", "-G", "-W", "-p", at("pub"), "-s", at("key")).Run())
	require.NoError(t, os.WriteFile(at("a"), []byte("words"), 0o600))
	require.NoError(t, exec.Command("minisign", "-S", "-s", at("key"), "-m", at("a"), "-t", "hello").Run())
	raw, err := os.ReadFile(at("pub"))
	require.NoError(t, err)
	public, err := sign.ParsePublic(raw)
	require.NoError(t, err)
	signature, err := os.ReadFile(at("a.minisig"))
	require.NoError(t, err)
	comment, err := public.Check([]byte("words"), signature)
	require.NoError(t, err)
	require.Equal(t, "hello", comment)
}

// Not a bit of a signature may change, wherever it stands.
func TestEveryBitCounts(t *testing.T) {
	t.Parallel()
	k, err := sign.New(seed(1))
	require.NoError(t, err)
	public, err := sign.ParsePublic(k.Public())
	require.NoError(t, err)
	signature := k.Sign([]byte("words"), "CC0042")
	comment, err := public.CheckExact([]byte("words"), signature)
	require.NoError(t, err)
	require.Equal(t, "CC0042", comment)
	require.Equal(t, signature, k.Sign([]byte("words"), "CC0042"), "the same every time")
	for i := range signature {
		for bit := range 8 {
			spoilt := bytes.Clone(signature)
			spoilt[i] ^= 1 << bit
			_, err := public.CheckExact([]byte("words"), spoilt)
			require.Error(t, err, "byte %d bit %d", i, bit)
		}
	}
	other, err := sign.New(seed(2))
	require.NoError(t, err)
	_, err = public.Check([]byte("words"), other.Sign([]byte("words"), ""))
	require.ErrorIs(t, err, sign.ErrOtherKey)
	_, err = public.Check([]byte("Words"), signature)
	require.ErrorIs(t, err, sign.ErrSignature)
}

func TestKeyIsMadeOnceAndKeptPrivate(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "data", "signing.key")
	prints := make([]string, 8)
	var wg sync.WaitGroup
	for i := range prints {
		wg.Go(func() {
			if k, err := sign.Open(path, rand.Reader); err == nil {
				prints[i] = k.Fingerprint()
			}
		})
	}
	wg.Wait()
	for _, p := range prints {
		require.Len(t, p, 39)
		require.Equal(t, prints[0], p, "whoever begins at once gets the same key")
	}
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	left, err := os.ReadDir(filepath.Dir(path))
	require.NoError(t, err)
	require.Len(t, left, 1)

	require.NoError(t, os.Chmod(path, 0o640))
	_, err = sign.Open(path, rand.Reader)
	require.ErrorIs(t, err, sign.ErrKey)
	require.NoError(t, os.Chmod(path, 0o600))
	require.NoError(t, os.WriteFile(path, []byte("something else"), 0o600))
	_, err = sign.Open(path, rand.Reader)
	require.ErrorIs(t, err, sign.ErrKey, "a key that is not known is never written over")
	_, err = sign.New(strings.NewReader("short"))
	require.Error(t, err)
}

func TestKeysOfStrangers(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{"", "x", "untrusted comment: x\n", strings.Repeat("A", 5000), "untrusted comment: a\nRWa\nRWb\n"} {
		_, err := sign.ParsePublic([]byte(bad))
		require.ErrorIs(t, err, sign.ErrForm)
	}
	require.Equal(t, "abcd ef", sign.Groups("abcdef"))
	require.Empty(t, sign.Groups(""))
}
