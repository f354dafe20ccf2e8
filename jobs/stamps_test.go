package jobs

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"clipcase/flows"
	"clipcase/flows/dossier/bag"
	"clipcase/flows/dossier/casebag"
	"clipcase/flows/dossier/sign"
	"clipcase/flows/dossier/stamp"
	"clipcase/internal/flowstest"
	"clipcase/internal/tsatest"
)

func (m *memBlobs) OpenRange(_ context.Context, key string, _, _ int64) (io.ReadCloser, error) {
	return os.Open(m.path(key))
}

// dating is a service's jobs with authorities, and what signs for them.
func dating(t *testing.T, authorities ...*tsatest.Authority) (*bundle, Deps) {
	t.Helper()
	b := setup(t)
	b.cfg.Restamp = time.Hour
	var urls []string
	for _, a := range authorities {
		urls = append(urls, a.URL)
	}
	asker, err := stamp.New(stamp.Config{URLs: urls, Random: rand.Reader}, &http.Client{Transport: &http.Transport{DisableKeepAlives: true}})
	require.NoError(t, err)
	key, err := sign.New(rand.Reader)
	require.NoError(t, err)
	maker, err := casebag.New(flowstest.Catalogue(t), b.blobs, key, "clipcase")
	require.NoError(t, err)
	deps := b.deps()
	deps.Stamper, deps.Sealer = asker, maker
	return b, deps
}

// holds lets plain openssl check a stamp with nothing but what was stored.
func (b *bundle) holds(s flows.Stamp) {
	b.t.Helper()
	said, err := exec.Command("openssl", "ts", "-verify", "-digest", s.Digest, "-in", b.blobs.path(s.Reply.Blob), "-CAfile", b.blobs.path(s.Chain.Blob)).CombinedOutput()
	require.NoError(b.t, err, "%s", said)
}

// stamped are the authorities that stamped something of the kind, sorted.
func (b *bundle) stamped(id, kind string) []string {
	var names []string
	c, err := b.cases.Case(context.Background(), id)
	if err != nil {
		return nil
	}
	for _, s := range c.Stamps {
		if s.Bag == kind {
			names = append(names, s.Name)
		}
	}
	slices.Sort(names)
	return names
}

// One authority is away: what was handed in is stamped by the other and the case
// goes on; when everything is made it is signed and stamped; the one that was away
// is asked for all of it later.
func TestStampsOfACase(t *testing.T) {
	t.Parallel()
	good, away := tsatest.New(t, "Good"), tsatest.New(t, "Away")
	away.Down.Store(true)
	b, deps := dating(t, good, away)
	b.fetcher.files["mem:a"] = content(t, 100)
	sum := sha256.Sum256(b.fetcher.files["mem:a"])
	c := draft("CC0001", "mem:a", 100)
	c.Submitted = time.Now()
	c.Packs = []flows.Pack{{Channel: "dm", State: flows.PackPlanned, Fate: flows.FateUnsent}}
	b.put(c, work1(flows.EffectIngest, c))
	b.startWith(b.cfg, deps)

	b.until(func() bool {
		return len(b.stamped("CC0001", bag.KindHandOver)) == 1 && len(b.stamped("CC0001", bag.KindMine)) == 1
	}, "signed and stamped")
	b.until(func() bool { return b.packState("CC0001", "dm") == flows.PackDelivered }, "nothing waited")
	c = b.get("CC0001")
	require.Equal(t, []string{"Good"}, b.stamped("CC0001", ""))
	require.Equal(t, hex.EncodeToString(sum[:]), c.Stamps[0].Digest)
	_, signature, err := deps.Sealer.Signed(c, bag.KindMine)
	require.NoError(t, err)
	require.True(t, c.Stamped(hex.EncodeToString(stamp.OfSignature(signature).Digest), deps.Stamper.Name(good.URL)))

	away.Down.Store(false)
	b.until(func() bool {
		due, err := b.redis.ZScore(t.Context(), stampsKey, "CC0001").Result()
		if err == nil {
			// Its next time has come. A try that began before may end, fail and name another.
			if wait := time.UnixMilli(int64(due)).Sub(b.cfg.Clock()); wait > stampLost {
				b.now.Add(int64(wait))
			}
		}
		return err == redis.Nil //nolint:errorlint // go-redis returns it as it is
	}, "nothing is missing any more")
	for _, kind := range []string{"", bag.KindMine, bag.KindHandOver} {
		require.Equal(t, []string{"Away", "Good"}, b.stamped("CC0001", kind))
	}
	c = b.get("CC0001")
	for _, s := range c.Stamps {
		require.True(t, s.Whole)
		b.holds(s)
	}
	require.Len(t, b.blobs.keys(t, "cases/CC0001/stamps"), 2*len(c.Stamps))
	_, _, _, err = flows.CheckHistory(flows.HistoryLines(c.History))
	require.NoError(t, err)

	// Something more is made: the signatures are others, and the stamps of the old go.
	_, err = b.cases.Update(t.Context(), "CC0001", func(c *flows.Case) ([]flows.Effect, error) {
		c.Packs = append(c.Packs, flows.Pack{Channel: "email", State: flows.PackPlanned, Fate: flows.FateUnsent})
		return []flows.Effect{work1(flows.EffectProcess, c)}, nil
	})
	require.NoError(t, err)
	old := c.Stamps[len(c.Stamps)-1].Reply.Blob
	b.until(func() bool { return !slices.Contains(b.blobs.keys(t, "cases/CC0001/stamps"), old) }, "the old are gone")
	b.until(func() bool {
		c := b.get("CC0001")
		_, signature, err := deps.Sealer.Signed(c, bag.KindMine)
		digest := hex.EncodeToString(stamp.OfSignature(signature).Digest)
		return err == nil && c.Settled() && c.Stamped(digest, deps.Stamper.Name(good.URL)) && c.Stamped(digest, deps.Stamper.Name(away.URL))
	}, "stamped anew")
	require.Equal(t, []string{"Away", "Good"}, b.stamped("CC0001", bag.KindMine), "one of each authority")
}

// A case that is deleted while it waits for an authority leaves nothing.
func TestNothingIsStampedOfWhatIsGone(t *testing.T) {
	t.Parallel()
	away := tsatest.New(t, "Away")
	away.Down.Store(true)
	b, deps := dating(t, away)
	c := b.submitted("CC0001")
	c.Exhibits[0].SHA256 = strings.Repeat("ab", 32)
	b.put(c, work1(flows.EffectStamp, c))
	b.startWith(b.cfg, deps)
	b.until(func() bool { return away.Asked.Load() > 0 }, "asked")
	require.Equal(t, 1, int(b.redis.ZCount(t.Context(), stampsKey, "-inf", "+inf").Val()))
	b.outbox.add([]flows.Effect{work1(flows.EffectForget, c)})
	b.until(func() bool { return b.outbox.waiting() == 0 }, "forgotten")
	b.until(func() bool {
		err := b.redis.ZScore(t.Context(), stampsKey, "CC0001").Err()
		return err == redis.Nil //nolint:errorlint // go-redis returns it as it is
	}, "not looked at again")
	require.Empty(t, b.blobs.keys(t, "cases/CC0001"))
}

// Without authorities nothing is noted, so that nothing waits for them.
func TestNobodyToAsk(t *testing.T) {
	t.Parallel()
	b, deps := dating(t)
	c := b.submitted("CC0001")
	b.put(c, work1(flows.EffectStamp, c))
	b.startWith(b.cfg, deps)
	b.until(func() bool { return b.outbox.waiting() == 0 }, "handed on")
	require.Zero(t, b.redis.Exists(t.Context(), stampsKey).Val())
}
