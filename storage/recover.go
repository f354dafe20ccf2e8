package storage

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"clipcase/flows"
	"clipcase/media"
)

// Recovered is what Recover found and did.
type Recovered struct {
	Cases   int       // cases with originals in the store
	Rebuilt []string  // cases made anew
	Mended  []string  // known cases that got an exhibit back
	Damaged []Damaged // originals and sidecars that cannot be trusted
}

// Damaged is one blob whose content is not what it should be.
type Damaged struct {
	Blob string
	Why  string
}

// mendTries bounds how often rebuilding gives way to others who change the case.
const mendTries = 5

// Recover rebuilds, from the sidecars beside the originals, the cases Redis does
// not know, as drafts of their owners with their exhibits stored, and gives known
// cases back the exhibits they lost. Every original is hashed again; one that
// changed or is gone comes back as a refused exhibit. What stood only in Redis
// (statements, packs, bans) is lost. Owners are let in again; the case counter is
// raised above every case found. A rebuilt case expires after retention (0 =
// never). It may be repeated.
func Recover(ctx context.Context, blobs *Blobs, cases *Cases, retention time.Duration) (Recovered, error) {
	var report Recovered
	found, err := blobs.sidecars(ctx, &report)
	if err != nil {
		return report, fmt.Errorf("recover: %w", err)
	}
	ids := make([]string, 0, len(found))
	for id := range found {
		ids = append(ids, id)
	}
	slices.SortFunc(ids, func(a, b string) int { return int(must(a) - must(b)) })
	report.Cases = len(ids)
	if len(ids) > 0 {
		if err := cases.RaiseCounter(ctx, must(ids[len(ids)-1])); err != nil {
			return report, err
		}
	}
	for _, id := range ids {
		if err := cases.rebuild(ctx, found[id], retention, &report); err != nil {
			return report, fmt.Errorf("recover %s: %w", id, err)
		}
	}
	return report, nil
}

// proof is a sidecar with what became of its original.
type proof struct {
	flows.Sidecar
	blob  string
	whole bool // the original has its hash
}

// sidecars reads all sidecars and hashes their originals, by case.
func (b *Blobs) sidecars(ctx context.Context, report *Recovered) (map[string][]proof, error) {
	whole := map[string]bool{} // by key of an original
	var sides []string
	err := b.List(ctx, "cases", func(key string, _ int64) error {
		_, name, ok := original(key)
		switch {
		case !ok:
		case strings.HasSuffix(name, ".json"):
			sides = append(sides, key)
		default:
			sum, err := b.sum(ctx, key)
			if err != nil {
				return err
			}
			whole[key] = sum == name
			if sum != name {
				report.Damaged = append(report.Damaged, Damaged{key, "its hash is no longer its name"})
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	found := map[string][]proof{}
	for _, key := range sides {
		body, err := b.all(ctx, key)
		if err != nil {
			return nil, fmt.Errorf("read a sidecar: %w", err)
		}
		side := sidecar(body)
		id, name, _ := original(key)
		at := originalsOf(id) + side.SHA256
		intact, there := whole[at]
		switch {
		case side.Case != id || name != side.SHA256+"."+side.Exhibit+".json" || side.Actor == "":
			report.Damaged = append(report.Damaged, Damaged{key, "the sidecar cannot be read"})
			continue
		case !there:
			report.Damaged = append(report.Damaged, Damaged{at, "the original is gone"})
		}
		found[id] = append(found[id], proof{Sidecar: side, blob: at, whole: intact})
	}
	return found, nil
}

// sidecar reads one; what cannot be read gives an empty one, which names no case.
func sidecar(body []byte) flows.Sidecar {
	var side flows.Sidecar
	if json.Unmarshal(body, &side) != nil {
		return flows.Sidecar{}
	}
	return side
}

// all is what a small blob holds.
func (b *Blobs) all(ctx context.Context, key string) ([]byte, error) {
	r, _, err := b.Open(ctx, key)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(r)
	return body, blobFail("read a blob", errors.Join(err, r.Close()))
}

// sum is the SHA-256 (hex) of a blob; "" if the server itself finds it damaged.
func (b *Blobs) sum(ctx context.Context, key string) (string, error) {
	r, _, err := b.Open(ctx, key)
	if err != nil {
		return "", err
	}
	h := sha256.New()
	_, err = io.Copy(h, &stoppable{ctx, r})
	if otherBytes(err) {
		return "", r.Close()
	}
	if err := errors.Join(err, r.Close()); err != nil {
		return "", blobFail("hash a blob", err)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// original splits cases/<case>/originals/<name>.
func original(key string) (id, name string, ok bool) {
	parts := strings.Split(key, "/")
	if len(parts) != 4 || parts[0] != "cases" || parts[2] != "originals" {
		return "", "", false
	}
	_, ok = number(parts[1])
	return parts[1], parts[3], ok
}

// must is the number of a case whose name was checked.
func must(id string) int64 {
	n, _ := number(id)
	return n
}

// rebuild makes the case anew, or gives the known one what it lacks.
func (s *Cases) rebuild(ctx context.Context, proofs []proof, retention time.Duration, report *Recovered) error {
	slices.SortFunc(proofs, func(a, b proof) int {
		if c := a.Received.Compare(b.Received); c != 0 {
			return c
		}
		return strings.Compare(a.Exhibit, b.Exhibit)
	})
	owner := proofs[0]
	if err := s.r.Gate(nil).Allow(ctx, owner.Actor); err != nil {
		return err
	}
	for range mendTries {
		known, err := s.Case(ctx, owner.Case)
		switch {
		case err == nil:
			mended := false
			_, err = s.Update(ctx, owner.Case, func(c *flows.Case) ([]flows.Effect, error) {
				mended = mend(c, proofs)
				return nil, nil
			})
			if mended && err == nil {
				report.Mended = append(report.Mended, known.ID)
			}
			return err
		case flows.ClassOf(err) != flows.NotFound:
			return err
		}
		now := s.r.cfg.Clock()
		c := &flows.Case{
			Schema: flows.CaseSchema, ID: owner.Case, Actor: owner.Actor, Chat: owner.Chat, Lang: owner.Lang,
			Scenario: owner.Scenario, Created: owner.Received,
			History: []flows.Entry{{At: now, What: "recovered"}},
		}
		if retention > 0 {
			c.Expires = now.Add(retention)
		}
		mend(c, proofs)
		outcome, err := s.Commit(ctx, flows.Commit{Case: c, Now: now})
		if err != nil {
			return err
		}
		if outcome == flows.Saved {
			report.Rebuilt = append(report.Rebuilt, c.ID)
			return nil
		}
	}
	return conflict(errors.New("the case changes all the time"))
}

// mend puts back exhibits that c lacks and originals that its exhibits wait for.
// It says whether it changed anything.
func mend(c *flows.Case, proofs []proof) bool {
	changed := false
	for _, p := range proofs {
		at := slices.IndexFunc(c.Exhibits, func(e flows.Exhibit) bool { return e.ID == p.Exhibit })
		if at < 0 {
			c.Exhibits = append(c.Exhibits, flows.Exhibit{ID: p.Exhibit, Slot: p.Slot, File: p.File, Received: p.Received})
			at = len(c.Exhibits) - 1
		} else if e := c.Exhibits[at]; e.Removed || e.State != flows.ExhibitFetching {
			continue
		}
		e := &c.Exhibits[at]
		e.SHA256, e.Bytes, e.Blob, e.State = p.SHA256, p.Bytes, p.blob, flows.ExhibitStored
		if !p.whole {
			e.State = flows.ExhibitRefused
			e.Refusal = &media.Refusal{Code: media.RefusedUnreadable}
		}
		changed = true
	}
	return changed
}
