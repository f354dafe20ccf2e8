package storage

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"clipcase/flows"
)

// originalsOf is the folder of a case's originals.
func originalsOf(id string) string { return "cases/" + id + "/originals/" }

// PutOriginal stores what r gives under cases/<case>/originals/<sha256> and beside
// it <sha256>.<exhibit>.json, the sidecar with its hash and size filled in. Both
// are on disk before it returns. The same bytes again are no error. If it fails
// after the original was written, calling again with the same bytes mends it.
// An error of r (a cut download) is returned in the chain.
func (b *Blobs) PutOriginal(ctx context.Context, side flows.Sidecar, r io.Reader) (flows.Stored, error) {
	const op = "store an original"
	if _, ok := number(side.Case); !ok || !plain(side.Exhibit) {
		return flows.Stored{}, invalid(fmt.Errorf("%s: case %q, exhibit %q", op, side.Case, side.Exhibit))
	}
	source := &remembering{r: r}
	sum, size, err := b.disk.write(ctx, func(sum string) string { return originalsOf(side.Case) + sum }, source)
	if err != nil {
		if source.err != nil {
			return flows.Stored{}, fmt.Errorf("%s: %w", op, err) // the source's class, not ours
		}
		return flows.Stored{}, blobFail(op, err)
	}
	side.SHA256, side.Bytes = sum, size
	body, err := json.MarshalIndent(side, "", "  ")
	if err != nil {
		return flows.Stored{}, fmt.Errorf("%s: %w", op, err)
	}
	key := originalsOf(side.Case) + sum
	sidecar := key + "." + side.Exhibit + ".json"
	if _, _, err := b.disk.write(ctx, func(string) string { return sidecar }, bytes.NewReader(body)); err != nil {
		return flows.Stored{}, blobFail(op, err)
	}
	return flows.Stored{Blob: key, SHA256: sum, Bytes: size}, nil
}

// remembering keeps the error its reader gave, so that it can be told from one
// of the disk.
type remembering struct {
	r   io.Reader
	err error
}

func (m *remembering) Read(p []byte) (int, error) {
	n, err := m.r.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		m.err = err
	}
	return n, err
}
