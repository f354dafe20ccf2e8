package jobs

import (
	"strconv"
	"time"

	"clipcase/flows"
)

// timerEvent is what the engine hears when a clock runs out. Its id is the
// effect's, so that a timer that is handed on twice acts once.
func timerEvent(e flows.Effect, now time.Time) flows.Event {
	subject := e.Case
	if e.Channel != "" {
		subject += ":" + e.Channel + ":" + strconv.Itoa(e.Round)
	}
	return flows.Event{
		ID: "timer:" + e.ID, Actor: e.Actor, Chat: e.Chat, At: now,
		Kind: flows.EventTimer, Choice: e.Timer, Other: subject,
	}
}
