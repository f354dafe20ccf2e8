package flows

import (
	"fmt"
	"math"
	"strconv"
	"time"

	"clipcase/media"
)

// zone is Asia/Shanghai, the time zone of all dates that people see; it has had
// no summer time since 1991, so that no zone file is needed.
func zone() *time.Location { return time.FixedZone("Asia/Shanghai", 8*60*60) }

// FormatClock writes seconds as people read a player: 0:42, 1:02:03.
func FormatClock(seconds float64) string {
	s := int(math.Round(max(0, min(seconds, 360000))))
	if s >= 3600 {
		return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
	}
	return fmt.Sprintf("%d:%02d", s/60, s%60)
}

// FormatBytes writes a size with the unit channels use: MB is 10^6 bytes.
func FormatBytes(bytes int64) string {
	switch {
	case bytes >= 1e9:
		return trimZero(float64(bytes)/1e9) + " GB"
	case bytes >= 1e6:
		return trimZero(float64(bytes)/1e6) + " MB"
	case bytes >= 1e3:
		return strconv.FormatInt((bytes+500)/1000, 10) + " kB"
	}
	return strconv.FormatInt(max(0, bytes), 10) + " B"
}

func trimZero(f float64) string {
	if f >= 10 {
		return strconv.FormatFloat(f, 'f', 0, 64)
	}
	s := strconv.FormatFloat(f, 'f', 1, 64)
	if len(s) > 2 && s[len(s)-2:] == ".0" {
		return s[:len(s)-2]
	}
	return s
}

// FormatDay writes the day in Asia/Shanghai.
func FormatDay(t time.Time) string { return t.In(zone()).Format("2006-01-02") }

// RefusalText is why a file cannot be used, in the catalogue's words.
func RefusalText(r *media.Refusal) Text { return Text{Key: "refused." + string(r.Code), Args: r.Args} }
