package sign

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/crypto/blake2b"
)

// Key signs. It may be used by any number of goroutines.
type Key struct {
	private ed25519.PrivateKey
	public  Public
}

// Public checks what its Key signed.
type Public struct {
	id  [8]byte
	key ed25519.PublicKey
}

// keyComment stands in the key's file; the number is that of its form.
const keyComment = "clipcase signing key 1: whoever has this file can sign in your name"

// New makes a key from 32 bytes of randomness.
func New(random io.Reader) (*Key, error) {
	seed := make([]byte, ed25519.SeedSize)
	if _, err := io.ReadFull(random, seed); err != nil {
		return nil, fmt.Errorf("signing key: %w", err)
	}
	return fromSeed(seed), nil
}

func fromSeed(seed []byte) *Key {
	private := ed25519.NewKeyFromSeed(seed)
	public := private.Public().(ed25519.PublicKey) // always its type
	k := &Key{private: private, public: Public{key: public}}
	sum := sha256.Sum256(public)
	copy(k.public.id[:], sum[:]) // any eight bytes will do, these are known again
	return k
}

// ErrKey says that a key's file is not what it must be.
var ErrKey = errors.New("not a signing key of ours")

// Open reads the key at path, or makes it there if nothing is: readable for its
// owner only, written whole and synced before it has its name. Two who begin at
// once get the same key. A file others may read is an error.
func Open(path string, random io.Reader) (*Key, error) {
	k, err := read(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return k, err
	}
	if k, err = New(random); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("signing key: %w", err)
	}
	if err := store(path, k.private.Seed()); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, fmt.Errorf("signing key: %w", err)
	}
	return read(path) // ours, or that of whoever was first
}

func read(path string) (*Key, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("signing key: %w", err)
	}
	defer func() { _ = f.Close() }() // only read
	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("signing key: %w", err)
	}
	if !info.Mode().IsRegular() || info.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("%w: others may read it (chmod 600)", ErrKey)
	}
	raw, err := io.ReadAll(io.LimitReader(f, 4096))
	if err != nil {
		return nil, fmt.Errorf("signing key: %w", err)
	}
	comment, body, _ := strings.Cut(string(raw), "\n")
	seed, err := base64.StdEncoding.DecodeString(strings.TrimSpace(body))
	if err != nil || len(seed) != ed25519.SeedSize || comment != keyComment {
		return nil, ErrKey
	}
	return fromSeed(seed), nil
}

// store links a finished file to its name, which fails if the name is taken.
func store(path string, seed []byte) (err error) {
	temp, err := os.CreateTemp(filepath.Dir(path), ".key-*") // 0600
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.Remove(temp.Name())) }()
	_, err = temp.WriteString(keyComment + "\n" + base64.StdEncoding.EncodeToString(seed) + "\n")
	if err = errors.Join(err, temp.Sync(), temp.Close()); err != nil {
		return err
	}
	if err := os.Link(temp.Name(), path); err != nil {
		return err
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

// Public is the file minisign checks with.
func (k *Key) Public() []byte { return k.public.File() }

// Fingerprint is what people compare: see Public.Fingerprint.
func (k *Key) Fingerprint() string { return k.public.Fingerprint() }

// Sign makes a detached signature as minisign does it: over the BLAKE2b hash of
// content, with comment signed along. Line breaks in comment become blanks. The
// same arguments give the same bytes.
func (k *Key) Sign(content []byte, comment string) []byte {
	digest := blake2b.Sum512(content)
	signature := ed25519.Sign(k.private, digest[:])
	comment = strings.Join(strings.Fields(comment), " ")
	whole := ed25519.Sign(k.private, append(append([]byte{}, signature...), comment...))
	head := append([]byte(hashed), k.public.id[:]...)
	return []byte(untrusted(k.public) + "\n" +
		base64.StdEncoding.EncodeToString(append(head, signature...)) + "\n" +
		"trusted comment: " + comment + "\n" + base64.StdEncoding.EncodeToString(whole) + "\n")
}
