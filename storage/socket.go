package storage

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// socketMost is the longest path a Unix socket can have everywhere: macOS takes
// 103 bytes, Linux 107.
const socketMost = 103

// place decides where the socket stands and records it for whoever comes after
// us. A folder with a long path gets a short one in the temporary folder, open
// to nobody else.
func (s *server) place() (string, error) {
	if err := s.clear(); err != nil {
		return "", err
	}
	socket := filepath.Join(s.dir, "redis.sock")
	if len(socket) > socketMost {
		dir, err := os.MkdirTemp("", "clipcase-") // 0700, and new: nobody else's
		if err != nil {
			return "", fmt.Errorf("folder for the socket: %w", err)
		}
		socket = filepath.Join(dir, "redis.sock")
		if len(socket) > socketMost {
			return "", errors.Join(fmt.Errorf("the path of the socket %s is too long: give a shorter DATA_DIR or TMPDIR", socket), os.Remove(dir))
		}
	}
	if err := os.WriteFile(s.record(), []byte(socket+"\n"), 0o600); err != nil {
		return "", fmt.Errorf("record the socket: %w", err)
	}
	return socket, nil
}

// clear removes the recorded socket, its folder if that was made for it, and the
// record. Nobody listens on it: the lock is ours.
func (s *server) clear() error {
	recorded, err := os.ReadFile(s.record())
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read where the socket was: %w", err)
	}
	socket := firstLine(string(recorded))
	gone := []string{socket}
	if dir := filepath.Dir(socket); strings.HasPrefix(filepath.Base(dir), "clipcase-") && dir != s.dir {
		gone = append(gone, dir)
	}
	for _, path := range append(gone, s.record()) {
		if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("clear the old socket: %w", err)
		}
	}
	return nil
}

func (s *server) record() string { return filepath.Join(s.dir, "socket") }

func firstLine(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return strings.TrimSpace(line)
}

// lastWords is the end of the server's log, on one line, for an error.
func (s *server) lastWords() string {
	text, err := os.ReadFile(s.logfile())
	if err != nil {
		return "it left no log"
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	return strings.Join(lines[max(0, len(lines)-3):], " / ")
}
