package main

import (
	"context"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"clipcase/flows"
	"clipcase/flows/dossier/bag"
	"clipcase/flows/dossier/stamp"
	"clipcase/storage"
)

// restamp gives cases back the time stamps of their originals that stand in the
// store and that they do not know. A stamp counts only when it is whole and speaks
// of an original the case has; those of signatures are left: what a case made anew
// signs is something else. It may be repeated, and returns how many it gave back.
func restamp(ctx context.Context, blobs *storage.Blobs, cases *storage.Cases, roots *x509.CertPool, clock func() time.Time) (int, error) {
	var keys []string
	chains := map[string]bool{}
	err := blobs.List(ctx, "cases", func(key string, _ int64) error {
		parts := strings.Split(key, "/")
		switch {
		case len(parts) != 5 || parts[2] != "stamps":
		case strings.HasSuffix(key, bag.StampEnding):
			keys = append(keys, key)
		default:
			chains[key] = true
		}
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("list stamps: %w", err)
	}
	found := map[string][]flows.Stamp{}
	for _, key := range keys {
		one, ok, err := readStamp(ctx, blobs, key, chains, roots)
		if err != nil {
			return 0, err
		}
		if ok {
			id := strings.Split(key, "/")[1]
			found[id] = append(found[id], one)
		}
	}
	given := 0
	for id, stamps := range found {
		added := 0
		_, err := cases.Update(ctx, id, func(c *flows.Case) ([]flows.Effect, error) {
			added = 0
			for _, s := range stamps {
				of := slices.ContainsFunc(c.Exhibits, func(e flows.Exhibit) bool { return !e.Removed && e.SHA256 == s.Digest })
				if of && !c.Stamped(s.Digest, s.Authority) {
					c.AddStamp(s, clock())
					added++
				}
			}
			return nil, nil
		})
		if err != nil && flows.ClassOf(err) != flows.NotFound {
			return given, fmt.Errorf("give stamps back: %w", err)
		}
		if err == nil {
			given += added
		}
	}
	return given, nil
}

// readStamp is a stamp as its file says it; false = the file is no whole stamp, or
// not of what its folder says.
func readStamp(ctx context.Context, blobs *storage.Blobs, key string, chains map[string]bool, roots *x509.CertPool) (flows.Stamp, bool, error) {
	reply, file, err := stampFile(ctx, blobs, key)
	if err != nil {
		return flows.Stamp{}, false, err
	}
	token, err := stamp.Check(reply, roots)
	digest := hex.EncodeToString(token.Digest)
	parts := strings.Split(key, "/")
	if err != nil || !strings.HasPrefix(digest, parts[3]) {
		return flows.Stamp{}, false, nil //nolint:nilerr // it is left where it stands: the janitor tells of it
	}
	over, err := stamp.OfOriginal(digest)
	if err != nil {
		return flows.Stamp{}, false, err
	}
	made := flows.Stamp{
		Over: over.Name, Digest: digest, Authority: strings.TrimSuffix(parts[4], bag.StampEnding),
		Name: token.Name, At: token.Time, Whole: token.Root != "", Reply: file,
	}
	if beside := strings.TrimSuffix(key, bag.StampEnding) + ".pem"; chains[beside] {
		_, chain, err := stampFile(ctx, blobs, beside)
		if err != nil {
			return flows.Stamp{}, false, err
		}
		made.Chain = &chain
	}
	return made, true, nil
}

func stampFile(ctx context.Context, blobs *storage.Blobs, key string) ([]byte, flows.StampFile, error) {
	r, size, err := blobs.Open(ctx, key)
	if err != nil {
		return nil, flows.StampFile{}, fmt.Errorf("open a stamp: %w", err)
	}
	raw, err := io.ReadAll(io.LimitReader(r, 1<<20)) // more is no stamp
	if err := errors.Join(err, r.Close()); err != nil {
		return nil, flows.StampFile{}, fmt.Errorf("read a stamp: %w", err)
	}
	sum := sha256.Sum256(raw)
	return raw, flows.StampFile{Blob: key, SHA256: hex.EncodeToString(sum[:]), Bytes: size}, nil
}
