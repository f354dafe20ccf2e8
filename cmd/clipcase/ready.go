package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"clipcase/web"
)

// fullest is the share of the disk in use above which the service is not ready.
const fullest = 0.95

// checks are what readiness stands on: Redis, blobs, ffmpeg and free disk, and
// not Telegram, whose absence heals by itself.
func (s *service) checks() []web.Check {
	return []web.Check{
		{Name: "redis", Run: s.redisReady},
		{Name: "blobs", Run: s.blobsReady},
		{Name: "ffmpeg", Run: toolsReady},
		{Name: "disk", Run: s.diskReady},
	}
}

func (s *service) redisReady(ctx context.Context) error {
	_, eviction, _, err := s.redis.Policies(ctx)
	if err != nil {
		return errors.New("no answer from Redis")
	}
	if evicts(eviction) {
		return fmt.Errorf("data is deleted when the memory of Redis is full: set maxmemory-policy noeviction (it is %s)", eviction)
	}
	return nil
}

// evicts says whether a policy loses data; one that cannot be read is not held
// against a Redis whose provider hides it.
func evicts(policy string) bool { return policy != "" && policy != "noeviction" }

// blobsReady writes a blob and removes it.
func (s *service) blobsReady(ctx context.Context) error {
	path := filepath.Join(s.set.DataDir, ".ready-"+newID())
	if err := os.WriteFile(path, []byte("ready"), 0o600); err != nil {
		return errors.New("the data folder cannot be written to")
	}
	defer func() { _ = os.Remove(path) }() // a few bytes at worst
	prefix := "ready/" + newID() + "/"
	if err := s.blobs.PutPiece(ctx, prefix+"probe", path); err != nil {
		return errors.New("the blob store cannot be written to")
	}
	if err := s.blobs.DeletePrefix(ctx, prefix); err != nil {
		return errors.New("the blob store cannot be deleted from")
	}
	return nil
}

func toolsReady(context.Context) error {
	for _, tool := range []string{"ffmpeg", "ffprobe"} {
		if !onPath(tool) {
			return fmt.Errorf("%s is missing: install the package ffmpeg", tool)
		}
	}
	return nil
}

func (s *service) diskReady(ctx context.Context) error {
	share, err := s.blobs.Usage(ctx)
	if err != nil {
		return errors.New("the disk cannot be measured")
	}
	if share > fullest {
		return fmt.Errorf("the disk is %.0f %% full: at least %.0f %% must be free", 100*share, 100*(1-fullest))
	}
	return nil
}

// greet tells the operator what runs and what is still to do.
func (s *service) greet(ctx context.Context) {
	if s.web != nil {
		s.app.line("serve.title", "url", "http://"+s.web.Addr())
	}
	aof, eviction, _, err := s.redis.Policies(ctx)
	if err == nil && !aof {
		s.app.line("serve.no_aof")
	}
	if err == nil && evicts(eviction) {
		s.app.line("serve.evicting", "policy", eviction)
	}
	if s.pages != nil && s.set.BotToken == "" {
		link, err := s.ownerLink(ctx)
		if err != nil {
			s.log.Error("no link for the owner", "err", err)
		} else {
			s.app.line("serve.owner")
			s.app.line("serve.owner.link", "url", link)
		}
	}
	if s.set.BotToken == "" {
		for _, key := range []string{"serve.no_token", "serve.no_token.1", "serve.no_token.2", "serve.no_token.3", "serve.prepare"} {
			s.app.line(key)
		}
	}
}
