package sign

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"strings"

	"golang.org/x/crypto/blake2b"
)

// The two letters in front of keys and signatures.
const (
	plain  = "Ed" // a key, and signatures over the content itself
	hashed = "ED" // over its BLAKE2b-512 hash
)

// What is wrong with a signature.
var (
	ErrForm      = errors.New("not a minisign key or signature")
	ErrOtherKey  = errors.New("made with another key")
	ErrSignature = errors.New("the signature does not hold")
)

// File is the key as minisign keeps it.
func (p Public) File() []byte {
	return []byte("untrusted comment: clipcase public key " + p.Fingerprint() + "\n" + p.Line() + "\n")
}

// Line is the key alone, as minisign -P takes it.
func (p Public) Line() string {
	return base64.StdEncoding.EncodeToString(append(append([]byte(plain), p.id[:]...), p.key...))
}

// Fingerprint is half of the SHA-256 of the key in groups of four digits, which
// is enough that nobody makes a second key for it and little enough to compare.
func (p Public) Fingerprint() string {
	sum := sha256.Sum256(p.key)
	return Groups(hex.EncodeToString(sum[:16]))
}

// Is says whether want, a key's line or its fingerprint as people copy it, is this key.
func (p Public) Is(want string) bool {
	return want == p.Line() || strings.EqualFold(strings.Join(strings.Fields(want), ""), strings.ReplaceAll(p.Fingerprint(), " ", ""))
}

// Groups sets blanks after every fourth character, so that eyes can compare.
func Groups(digits string) string {
	var out []string
	for ; len(digits) > 4; digits = digits[4:] {
		out = append(out, digits[:4])
	}
	return strings.Join(append(out, digits), " ")
}

// ParsePublic reads a key's file, or its line alone.
func ParsePublic(raw []byte) (Public, error) {
	lines := nonEmpty(raw)
	if len(lines) == 2 && strings.HasPrefix(lines[0], "untrusted comment:") {
		lines = lines[1:]
	}
	if len(lines) != 1 {
		return Public{}, ErrForm
	}
	body, err := base64.StdEncoding.Strict().DecodeString(lines[0])
	if err != nil || len(body) != 2+8+ed25519.PublicKeySize || string(body[:2]) != plain {
		return Public{}, ErrForm
	}
	p := Public{key: bytes.Clone(body[10:])}
	copy(p.id[:], body[2:])
	return p, nil
}

// Check says whether signature is this key's over content, and returns the
// comment that was signed along.
func (p Public) Check(content, signature []byte) (comment string, err error) {
	lines := nonEmpty(signature)
	if len(lines) != 4 || !strings.HasPrefix(lines[0], "untrusted comment: ") {
		return "", ErrForm
	}
	comment, ok := strings.CutPrefix(lines[2], "trusted comment: ")
	body, err := base64.StdEncoding.Strict().DecodeString(lines[1])
	whole, err2 := base64.StdEncoding.Strict().DecodeString(lines[3])
	if !ok || err != nil || err2 != nil || len(body) != 2+8+ed25519.SignatureSize || len(whole) != ed25519.SignatureSize {
		return "", ErrForm
	}
	if !bytes.Equal(body[2:10], p.id[:]) {
		return "", ErrOtherKey
	}
	message := content
	switch string(body[:2]) {
	case hashed:
		digest := blake2b.Sum512(content)
		message = digest[:]
	case plain:
	default:
		return "", ErrForm
	}
	if !ed25519.Verify(p.key, message, body[10:]) || !ed25519.Verify(p.key, append(bytes.Clone(body[10:]), comment...), whole) {
		return "", ErrSignature
	}
	return comment, nil
}

func nonEmpty(raw []byte) []string {
	if len(raw) > 4096 {
		return nil
	}
	var out []string
	for line := range strings.Lines(string(raw)) {
		if line = strings.TrimRight(line, "\r\n"); line != "" {
			out = append(out, line)
		}
	}
	return out
}

// CheckExact is Check for signatures that Key.Sign made: not a byte may differ,
// not even of the comment that is not signed.
func (p Public) CheckExact(content, signature []byte) (comment string, err error) {
	if comment, err = p.Check(content, signature); err != nil {
		return "", err
	}
	lines := nonEmpty(signature)
	lines[0] = untrusted(p)
	if string(signature) != strings.Join(lines, "\n")+"\n" {
		return "", ErrForm
	}
	return comment, nil
}

func untrusted(p Public) string {
	return "untrusted comment: signature of clipcase key " + hex.EncodeToString(p.id[:])
}
