package storage

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
)

// Retries cover a restart of Redis of about two seconds without anyone noticing;
// what lasts longer is an error of class Unavailable.
const (
	retries       = 6
	retryShortest = 20 * time.Millisecond
	retryLongest  = 700 * time.Millisecond
)

// connect makes the client for an address; it does not dial yet. Errors never
// repeat the address: it may hold a password.
func connect(address string) (*redis.Client, error) {
	scheme, _, _ := strings.Cut(address, "://")
	if base, ok := strings.CutSuffix(scheme, "+sentinel"); ok {
		opt, err := redis.ParseFailoverURL(base + strings.TrimPrefix(address, scheme))
		if err != nil {
			return nil, addressError(err)
		}
		if opt.MasterName == "" {
			return nil, errors.New("REDIS_URL: a Sentinel address needs ?master_name=")
		}
		opt.MaxRetries, opt.MinRetryBackoff, opt.MaxRetryBackoff = retries, retryShortest, retryLongest
		opt.DialerRetries, opt.ContextTimeoutEnabled, opt.DisableIdentity = 1, true, true
		return redis.NewFailoverClient(opt), nil
	}
	opt, err := redis.ParseURL(address)
	if err != nil {
		return nil, addressError(err)
	}
	opt.MaxRetries, opt.MinRetryBackoff, opt.MaxRetryBackoff = retries, retryShortest, retryLongest
	opt.DialerRetries, opt.ContextTimeoutEnabled, opt.DisableIdentity = 1, true, true
	opt.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
	return redis.NewClient(opt), nil
}

func addressError(err error) error {
	var bad *url.Error
	if errors.As(err, &bad) {
		err = bad.Err
	}
	return fmt.Errorf("REDIS_URL cannot be read: %w", err)
}
