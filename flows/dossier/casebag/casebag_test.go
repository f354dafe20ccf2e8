package casebag_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"clipcase/flows"
	"clipcase/flows/dossier/bag"
	"clipcase/flows/dossier/casebag"
	"clipcase/flows/dossier/sign"
	"clipcase/flows/dossier/stamp"
	"clipcase/flows/dossier/verify"
	"clipcase/internal/flowstest"
	"clipcase/internal/tsatest"
	"clipcase/media"
)

var noon = time.Date(2026, 11, 22, 4, 0, 0, 0, time.UTC)

// blobs are kept in memory.
type blobs map[string]string

func (b blobs) OpenRange(_ context.Context, key string, _, _ int64) (io.ReadCloser, error) {
	return io.NopCloser(bytes.NewReader([]byte(b[key]))), nil
}

func digest(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}

func kase() (*flows.Case, blobs) {
	c := &flows.Case{
		ID: "CC0001", Actor: "web:me", Chat: "web:me", Lang: "zh", Scenario: "account-ban", Statement: "我的账号被误封", Created: noon, Submitted: noon,
		Exhibits: []flows.Exhibit{{
			ID: "e1", State: flows.ExhibitProbed, Blob: "o1", Bytes: 8, SHA256: digest("original"), Received: noon,
			File: flows.File{Name: "录屏.mp4", Sent: flows.SentUpload}, Probe: &media.Probe{Kind: media.KindVideo, Duration: 30, Width: 1080, Height: 2340},
		}},
		Packs: []flows.Pack{{
			Channel: "douyin-app", State: flows.PackDelivered, Fate: flows.FateUnsent, Ready: noon, Words: "我的账号被误封", Subject: "申诉",
			Pieces: []flows.Piece{{Name: "1of1.jpg", Kind: media.KindImage, Blob: "p1", Bytes: 5, SHA256: digest("jpeg!"), Width: 4, Height: 3}},
		}},
	}
	c.History = flows.AppendEntry(nil, noon, "received", "exhibit", "e1")
	return c, blobs{"o1": "original", "p1": "jpeg!"}
}

// stamped has an authority stamp the original and the signature of a kind of bag.
func stamped(t *testing.T, tsa *tsatest.Authority, m *casebag.Maker, c *flows.Case, kind string, from blobs) {
	t.Helper()
	asker, err := stamp.New(stamp.Config{URLs: []string{tsa.URL}, Random: rand.Reader}, &http.Client{})
	require.NoError(t, err)
	original, err := stamp.OfOriginal(c.Exhibits[0].SHA256)
	require.NoError(t, err)
	for _, of := range []string{"", kind} {
		over := original
		if of != "" {
			_, signature, err := m.Signed(c, kind) // with the original's stamp in the case
			require.NoError(t, err)
			over = stamp.OfSignature(signature)
		}
		s, err := asker.Ask(t.Context(), tsa.URL, over.Digest)
		require.NoError(t, err)
		file := func(name string, content []byte) flows.StampFile {
			key := kind + over.Name + name
			from[key] = string(content)
			return flows.StampFile{Blob: key, SHA256: digest(string(content)), Bytes: int64(len(content))}
		}
		chain := file("pem", s.Chain)
		c.AddStamp(flows.Stamp{
			Over: over.Name, Bag: of, Digest: hex.EncodeToString(over.Digest), Authority: "tsa-1", Name: s.Token.Authority, At: s.Token.Time, Whole: true,
			Reply: file("tsr", s.Reply), Chain: &chain,
		}, noon)
	}
}

// Both bags carry the stamps of the originals and of their own signature, and no
// others: plain openssl and verify hold them for what they are.
func TestStampsStandInBothBags(t *testing.T) {
	t.Parallel()
	tsa := tsatest.New(t, "Test Authority")
	c, from := kase()
	m := maker(t, from)
	for _, kind := range []string{bag.KindMine, bag.KindHandOver} {
		stamped(t, tsa, m, c, kind, from)
	}
	c.AddStamp(flows.Stamp{Over: "original-gone", Digest: digest("taken out"), Authority: "tsa-1"}, noon)
	for _, kind := range []string{bag.KindMine, bag.KindHandOver} {
		b, err := m.Bag(c, kind, noon)
		require.NoError(t, err)
		dir := filepath.Join(t.TempDir(), "bag")
		require.NoError(t, os.Mkdir(dir, 0o700))
		require.NoError(t, b.WriteFolder(t.Context(), dir))
		r, err := verify.Run(t.Context(), dir, verify.Options{})
		require.NoError(t, err)
		require.True(t, r.OK, "%+v", r)
		require.Len(t, r.Stamps, 2)
		cmd := exec.Command("openssl", "ts", "-verify", "-data", bag.Signature, "-in", "stamps/signature.tsa-1.tsr", "-CAfile", "stamps/signature.tsa-1.pem")
		cmd.Dir = dir
		said, err := cmd.CombinedOutput()
		require.NoError(t, err, "%s", said)
		summary, err := os.ReadFile(filepath.Join(dir, "data", "summary.md"))
		require.NoError(t, err)
		require.Contains(t, string(summary), "Test Authority", "who reads the summary learns of it")
	}
	c.Packs[0].Words = "改过的话"
	b, err := m.Bag(c, bag.KindMine, noon)
	require.NoError(t, err)
	for _, f := range b.Files {
		require.NotContains(t, f.Path, "stamps/signature", "the old signature's stamp is of nothing here")
	}
}

func maker(t *testing.T, from blobs) *casebag.Maker {
	t.Helper()
	key, err := sign.New(bytes.NewReader(bytes.Repeat([]byte{7}, 32)))
	require.NoError(t, err)
	m, err := casebag.New(flowstest.Catalogue(t), from, key, "clipcase 1")
	require.NoError(t, err)
	return m
}

// What is signed is the same whenever and wherever the bag is made, whatever
// became of the packs since, and it is what stands in the bag.
func TestWhatIsSignedDependsOnWhatWasMadeAlone(t *testing.T) {
	t.Parallel()
	c, from := kase()
	m := maker(t, from)
	for _, kind := range []string{bag.KindMine, bag.KindHandOver} {
		manifest, signature, err := m.Signed(c, kind)
		require.NoError(t, err)
		require.NotNil(t, signature)
		later, _ := kase()
		later.History = flows.AppendEntry(later.History, noon.Add(time.Hour), "sent", "channel", "douyin-app")
		later.Packs[0].Fate, later.Expires = flows.FateSent, noon.AddDate(0, 1, 0)
		again, same, err := maker(t, nil).Signed(later, kind)
		require.NoError(t, err)
		require.Equal(t, string(manifest), string(again))
		require.Equal(t, string(signature), string(same))
		b, err := m.Bag(later, kind, noon.Add(2*time.Hour))
		require.NoError(t, err)
		dir := filepath.Join(t.TempDir(), "bag")
		require.NoError(t, os.Mkdir(dir, 0o700))
		require.NoError(t, b.WriteFolder(t.Context(), dir))
		written, err := os.ReadFile(filepath.Join(dir, bag.Signature))
		require.NoError(t, err)
		require.Equal(t, string(signature), string(written))
		r, err := verify.Run(t.Context(), dir, verify.Options{Key: m.Signer().Fingerprint()})
		require.NoError(t, err)
		require.True(t, r.OK, "%+v", r)
		_, err = os.Stat(filepath.Join(dir, "data", "original"))
		require.Equal(t, kind == bag.KindMine, err == nil, "originals are for their owner alone")
	}
}
