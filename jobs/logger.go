package jobs

import (
	"fmt"
	"log/slog"
)

// asynqLog gives asynq's own lines to slog. They name task ids and Redis
// errors; payloads hold nothing but case numbers.
type asynqLog struct{ log *slog.Logger }

func (a asynqLog) Debug(args ...any) { a.log.Debug("asynq", "line", fmt.Sprint(args...)) }
func (a asynqLog) Info(args ...any)  { a.log.Debug("asynq", "line", fmt.Sprint(args...)) }
func (a asynqLog) Warn(args ...any)  { a.log.Debug("asynq", "line", fmt.Sprint(args...)) }
func (a asynqLog) Error(args ...any) { a.log.Warn("asynq", "line", fmt.Sprint(args...)) }

// Fatal is an error like any other: whether the process ends is not the queue's to say.
func (a asynqLog) Fatal(args ...any) { a.log.Error("asynq", "line", fmt.Sprint(args...)) }
