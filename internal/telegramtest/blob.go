package telegramtest

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// inMemory is how much of an upload stays in memory; more goes to a file.
const inMemory = 4 << 20

// blob is the bytes of one file: in memory, on disk, or made up.
type blob struct {
	name string
	size int64
	sha  string // SHA-256 in hex; "" until someone asks for made-up bytes
	data []byte
	path string
}

func blobOf(name string, data []byte) *blob {
	sum := sha256.Sum256(data)
	return &blob{name: name, size: int64(len(data)), sha: hex.EncodeToString(sum[:]), data: data}
}

// blobAt is a file on disk that stays there.
func blobAt(name, path string) (*blob, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	hash := sha256.New()
	n, err := io.Copy(hash, f)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	return &blob{name: name, size: n, sha: hex.EncodeToString(hash.Sum(nil)), path: path}, nil
}

// keep takes an upload in, to a file in the server's folder if it is large.
// Past the server's limit it is read to its end and only counted.
func (s *Server) keep(r io.Reader, name string) (*blob, error) {
	hash := sha256.New()
	r = io.TeeReader(r, hash)
	var head bytes.Buffer
	n, err := io.CopyN(&head, r, inMemory)
	if errors.Is(err, io.EOF) {
		return &blob{name: name, size: n, sha: hex.EncodeToString(hash.Sum(nil)), data: head.Bytes()}, nil
	}
	if err != nil {
		return nil, bad("can't read the upload: %v", err)
	}
	f, err := os.CreateTemp(s.dir, "upload-")
	if err != nil {
		return nil, fmt.Errorf("keep an upload: %w", err)
	}
	defer func() { _ = f.Close() }()
	if _, err := f.Write(head.Bytes()); err != nil {
		return nil, fmt.Errorf("keep an upload: %w", err)
	}
	more, err := io.Copy(f, io.LimitReader(r, s.uploadLimit()+1-n))
	if err != nil {
		return nil, bad("can't read the upload: %v", err)
	}
	rest, err := io.Copy(io.Discard, r)
	if err != nil {
		return nil, bad("can't read the upload: %v", err)
	}
	return &blob{name: name, size: n + more + rest, sha: hex.EncodeToString(hash.Sum(nil)), path: f.Name()}, nil
}

func (s *Server) uploadLimit() int64 {
	if s.cfg.local != "" {
		return localUpload
	}
	return cloudUpload
}

// open gives the bytes from the start; Close must be called.
func (b *blob) open() (*reading, error) {
	switch {
	case b.data != nil || b.size == 0:
		return &reading{SectionReader: io.NewSectionReader(bytes.NewReader(b.data), 0, b.size)}, nil
	case b.path != "":
		f, err := os.Open(b.path)
		if err != nil {
			return nil, err
		}
		return &reading{io.NewSectionReader(f, 0, b.size), f}, nil
	default:
		return &reading{SectionReader: io.NewSectionReader(madeUp{}, 0, b.size)}, nil
	}
}

type reading struct {
	*io.SectionReader
	file *os.File
}

func (r *reading) Close() error {
	if r.file == nil {
		return nil
	}
	return r.file.Close()
}

// sum gives the SHA-256 in hex.
func (b *blob) sum() (string, error) {
	if b.sha != "" {
		return b.sha, nil
	}
	r, err := b.open()
	if err != nil {
		return "", err
	}
	defer func() { _ = r.Close() }()
	hash := sha256.New()
	if _, err := io.Copy(hash, r); err != nil {
		return "", err
	}
	b.sha = hex.EncodeToString(hash.Sum(nil))
	return b.sha, nil
}

// copyTo writes the bytes to path.
func (b *blob) copyTo(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	r, err := b.open()
	if err != nil {
		return err
	}
	defer func() { _ = r.Close() }()
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	if _, err := io.Copy(f, r); err != nil {
		_ = f.Close()
		return err
	}
	return f.Close()
}

// madeUp is an endless file whose byte at x depends on x only.
type madeUp struct{}

func (madeUp) ReadAt(p []byte, off int64) (int, error) {
	for i := range p {
		x := uint64(off) + uint64(i)
		x = (x ^ x>>13) * 0x9e3779b97f4a7c15
		p[i] = byte(x >> 56)
	}
	return len(p), nil
}
