package main

import (
	"context"
	"os"
	"strings"

	"clipcase/storage"
)

// s3Findings writes to the S3 server, reads it back and deletes it; with files in
// a folder there is nothing to look at.
func (a *app) s3Findings(ctx context.Context, s settings) (out []finding) {
	what := a.say("cli.doctor.s3")
	address := s.BlobURL.Reveal()
	if !strings.HasPrefix(address, "s3://") {
		return nil
	}
	dir, err := os.MkdirTemp("", "clipcase-doctor-")
	if err != nil {
		return []finding{{bad, what, err.Error(), ""}}
	}
	defer func() {
		if err := os.RemoveAll(dir); err != nil {
			out = append(out, finding{poor, what, err.Error(), ""})
		}
	}()
	blobs, err := storage.OpenBlobs(ctx, storage.BlobConfig{URL: address, Dir: dir})
	if err != nil {
		return []finding{{bad, what, "", a.why(err)}}
	}
	if err := blobs.Close(); err != nil {
		return []finding{{bad, what, hide(err, s), ""}}
	}
	return []finding{{good, what, "", ""}}
}
