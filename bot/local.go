package bot

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/go-telegram/bot/models"
)

// openLocal opens a file that the operator's own server keeps on a disk we see.
// Only regular files below the configured folder count; a symbolic link on the
// way is refused.
func (b *Bot) openLocal(file *models.File, offset int64) (io.ReadCloser, int64, int64, error) {
	if !b.cfg.local() {
		return nil, 0, 0, errors.New("the server names a path on its own disk, but TELEGRAM_LOCAL_FILES is not set")
	}
	name, err := localName(b.cfg.LocalFiles, b.cfg.Token, file.FilePath)
	if err != nil {
		return nil, 0, 0, err
	}
	root, err := os.OpenRoot(b.cfg.LocalFiles)
	if err != nil {
		return nil, 0, 0, fmt.Errorf("the folder of the local server: %w", errors.Unwrap(err))
	}
	defer b.shut(root)
	var seen fs.FileInfo
	walked := ""
	for _, step := range strings.Split(name, string(filepath.Separator)) {
		walked = filepath.Join(walked, step)
		if seen, err = root.Lstat(walked); err != nil {
			if errors.Is(err, fs.ErrNotExist) {
				return nil, 0, 0, errStale // the server tidies up: another getFile brings it back
			}
			return nil, 0, 0, fmt.Errorf("the local server's file: %w", errors.Unwrap(err))
		}
		if seen.Mode()&fs.ModeSymlink != 0 {
			return nil, 0, 0, errors.New("the local server's file: a symbolic link is on the way")
		}
	}
	f, err := root.Open(name)
	if err != nil {
		return nil, 0, 0, fmt.Errorf("the local server's file: %w", errors.Unwrap(err))
	}
	size, err := whole(f, seen, file.FileSize)
	if err != nil {
		b.shut(f)
		return nil, 0, 0, err
	}
	from := offset
	if offset > size {
		from = 0
	}
	if _, err := f.Seek(from, io.SeekStart); err != nil {
		b.shut(f)
		return nil, 0, 0, fmt.Errorf("the local server's file: %w", err)
	}
	return &exact{ReadCloser: f, left: size - from}, from, size, nil
}

// whole checks that what was opened is what was looked at, regular and whole.
func whole(f *os.File, seen fs.FileInfo, announced int64) (int64, error) {
	info, err := f.Stat()
	if err != nil {
		return 0, fmt.Errorf("the local server's file: %w", err)
	}
	if !info.Mode().IsRegular() || !os.SameFile(info, seen) {
		return 0, errors.New("the local server's file is no regular file")
	}
	if announced > 0 && info.Size() != announced {
		return 0, fmt.Errorf("the local server has %d bytes of a file of %d", info.Size(), announced)
	}
	return info.Size(), nil
}

// localName is the file's name below folder: the server names it as it sees it,
// which in a container is often another place; the part from the bot's own
// folder on (named by the token) is the same everywhere.
func localName(folder, token, path string) (string, error) {
	path = filepath.Clean(path)
	if rel, err := filepath.Rel(folder, path); err == nil && filepath.IsLocal(rel) && rel != "." {
		return rel, nil
	}
	for _, own := range []string{token, strings.ReplaceAll(token, ":", "~")} {
		if _, rest, ok := strings.Cut(path, string(filepath.Separator)+own+string(filepath.Separator)); ok && filepath.IsLocal(rest) {
			return filepath.Join(own, rest), nil
		}
	}
	return "", errors.New("the local server names a file outside TELEGRAM_LOCAL_FILES")
}
