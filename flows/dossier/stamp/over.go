package stamp

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
)

// Over is one thing to be stamped: its SHA-256, and how files about it begin.
type Over struct {
	Name   string
	Digest []byte
}

// OfSignature stamps a signature of a manifest: it shows that the key had signed
// these very files by then.
func OfSignature(signature []byte) Over {
	sum := sha256.Sum256(signature)
	return Over{"signature", sum[:]}
}

// OfOriginal stamps an original by its SHA-256 in hex.
func OfOriginal(digest string) (Over, error) {
	raw, err := hex.DecodeString(digest)
	if err != nil || len(raw) != sha256.Size {
		return Over{}, fmt.Errorf("stamp: %q is no SHA-256", digest)
	}
	return Over{"original-" + digest[:16], raw}, nil
}
