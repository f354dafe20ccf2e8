package jobs

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// folderName is the name of an attempt's folder.
func folderName(id, token string) string { return id + "-" + token }

// sweepOthers removes the folders of earlier attempts at the case. Whoever calls
// holds the lease of the case: the workers of those folders are gone, or will be
// refused when they wake up.
func (p *process) sweepOthers(id, token string) {
	entries, err := os.ReadDir(p.cfg.Dir)
	if err != nil {
		p.log.Debug("no folders of earlier attempts", "err", err)
		return
	}
	for _, entry := range entries {
		if strings.HasPrefix(entry.Name(), folderName(id, "")) && entry.Name() != folderName(id, token) {
			if err := os.RemoveAll(filepath.Join(p.cfg.Dir, entry.Name())); err != nil {
				p.log.Warn("folder of an earlier attempt stays", "case", id, "err", err)
			}
		}
	}
}

// sweepFolders removes the folders of attempts whose worker is gone: those that
// a killed process left behind. A folder whose token still holds its case stays.
func (j *Jobs) sweepFolders() {
	hold := j.worker.leases
	ctx, cancel := context.WithTimeout(j.worker.stopping, 5*time.Second)
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
		// no lease says whether another process is looking at a file there
		if info, err := entry.Info(); !j.cfg.Alone && (id == "clipcase" || id == "preview" || id == "stamp") && (err != nil || time.Since(info.ModTime()) < lookLongest) {
			continue
		}
		// a killed worker's lease may live on for some seconds: its folder is then
		// removed by the attempt that takes the case over
		holders, err := hold.redis.MGet(ctx, hold.key(kindProcess+":"+id), hold.key(kindEarly+":"+id)).Result()
		if err != nil {
			j.cfg.Log.Warn("leftover folder stays: who holds it is not known", "err", err)
			continue
		}
		if slices.Contains(holders, any(token)) {
			continue
		}
		if err := os.RemoveAll(filepath.Join(j.cfg.Dir, entry.Name())); err != nil {
			j.cfg.Log.Warn("leftover folder stays", "err", err)
		}
	}
}

const lookLongest = time.Hour // a look at a file is over by then
