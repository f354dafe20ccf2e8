package storage

import (
	"errors"
	"fmt"
	"strings"

	"github.com/redis/go-redis/v9"

	"clipcase/flows"
)

// fail sorts an error of Redis: what passes by itself (no connection, loading,
// read-only, memory or disk full) is Unavailable; an answer that says the command
// was wrong is ours.
func fail(op string, err error) error {
	if err == nil {
		return nil
	}
	var known *flows.Error
	if errors.As(err, &known) {
		return err
	}
	var answer redis.Error
	if errors.As(err, &answer) && !passes(answer.Error()) {
		return fmt.Errorf("%s: %w", op, err)
	}
	return &flows.Error{Class: flows.Unavailable, Text: flows.T("storage.unavailable"), Err: fmt.Errorf("%s: %w", op, err)}
}

// passes says whether an answer of Redis is about its state, not about the command.
func passes(answer string) bool {
	if strings.Contains(answer, "OOM ") || strings.Contains(answer, "MISCONF ") {
		return true // also when a script reports it
	}
	for _, state := range []string{"LOADING", "READONLY", "MASTERDOWN", "BUSY ", "TRYAGAIN", "CLUSTERDOWN", "NOREPLICAS", "UNKILLABLE", "ERR max number of clients"} {
		if strings.HasPrefix(answer, state) {
			return true
		}
	}
	return false
}

func notFound(key string, err error) error {
	return &flows.Error{Class: flows.NotFound, Text: flows.T(key), Err: err}
}

func conflict(err error) error {
	return &flows.Error{Class: flows.Conflict, Text: flows.T("storage.conflict"), Err: err}
}

func invalid(err error) error {
	return &flows.Error{Class: flows.Invalid, Text: flows.T("storage.invalid"), Err: err}
}
