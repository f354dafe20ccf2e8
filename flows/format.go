package flows

import (
	"time"

	"clipcase/media"
)

// Zone is Asia/Shanghai, the time zone of all dates that people see; it has had
// no summer time since 1991, so that no zone file is needed.
func Zone() *time.Location { return time.FixedZone("Asia/Shanghai", 8*60*60) }

// FormatClock writes seconds as people read a player: 0:42, 1:02:03.
func FormatClock(seconds float64) string { return media.FormatClock(seconds) }

// FormatBytes writes a size with the unit channels use: MB is 10^6 bytes.
func FormatBytes(bytes int64) string { return media.FormatBytes(bytes) }

// FormatDay writes the day in Asia/Shanghai.
func FormatDay(t time.Time) string { return t.In(Zone()).Format("2006-01-02") }

// RefusalText is why a file cannot be used, in the catalogue's words.
func RefusalText(r *media.Refusal) Text { return Text{Key: "refused." + string(r.Code), Args: r.Args} }
