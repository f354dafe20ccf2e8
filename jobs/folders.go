package jobs

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// folderName is the name of an attempt's folder.
func folderName(id, token string) string { return id + "-" + token }

// sweepFolders removes the folders of attempts whose worker is gone: those that
// a killed process left behind. A folder whose token still holds its case stays.
func (j *Jobs) sweepFolders(hold leases) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	entries, err := os.ReadDir(j.cfg.Dir)
	if err != nil {
		if !os.IsNotExist(err) {
			j.cfg.Log.Warn("leftover folders not looked at", "err", err)
		}
		return
	}
	for _, entry := range entries {
		id, token, ok := strings.Cut(entry.Name(), "-")
		if !ok || !entry.IsDir() {
			continue
		}
		// a killed worker's lease may live on for some seconds: its folder is
		// then removed at the next start, it only costs space until then
		holder, err := hold.redis.Get(ctx, hold.key(kindProcess+":"+id)).Result()
		if err == nil && holder == token && !j.cfg.Alone {
			continue
		}
		if err := os.RemoveAll(filepath.Join(j.cfg.Dir, entry.Name())); err != nil {
			j.cfg.Log.Warn("leftover folder stays", "err", err)
		}
	}
}
