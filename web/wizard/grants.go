package wizard

import (
	"context"
	"fmt"
	"sync"
	"time"

	"clipcase/flows/pass"
)

// grants hands out one grant for each session and language as long as half of its
// time is left: a page that is looked at often must not fill the store with codes.
// Only this process knows them; another one makes its own.
type grants struct {
	make  func(ctx context.Context, g pass.Grant) (code string, err error)
	clock func() time.Time

	mu   sync.Mutex
	kept map[string]kept // by session, chat and language
}

type kept struct {
	code  string
	until time.Time // then a new one is made
}

func newGrants(made func(context.Context, pass.Grant) (string, error), clock func() time.Time) *grants {
	return &grants{make: made, clock: clock, kept: map[string]kept{}}
}

// code is a grant that still holds for half a day at least.
func (k *grants) code(ctx context.Context, session string, g pass.Grant) (string, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	now, key := k.clock(), session+" "+g.Chat+" "+g.Lang
	if known, ok := k.kept[key]; ok && now.Before(known.until) {
		return known.code, nil
	}
	for old, known := range k.kept {
		if !now.Before(known.until) {
			delete(k.kept, old)
		}
	}
	g.Expires = now.Add(pass.GrantTTL)
	code, err := k.make(ctx, g)
	if err != nil {
		return "", fmt.Errorf("grant: %w", err)
	}
	k.kept[key] = kept{code, now.Add(pass.GrantTTL / 2)}
	return code, nil
}
