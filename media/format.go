package media

import (
	"fmt"
	"math"
	"strconv"
)

// FormatBytes writes a size as channels count it, in powers of ten: 512 B,
// 850 kB, 1.5 MB, 18 MB, 2 GB.
func FormatBytes(bytes int64) string {
	size := float64(max(0, bytes))
	for _, unit := range []struct {
		name   string
		factor float64
	}{{"GB", 1e9}, {"MB", 1e6}, {"kB", 1e3}} {
		// 0.9995 of a unit already rounds to it.
		if size >= 0.9995*unit.factor {
			return trim(size/unit.factor) + " " + unit.name
		}
	}
	return trim(size) + " B"
}

// trim shows one decimal below ten and none above.
func trim(f float64) string {
	if f >= 9.95 {
		return strconv.FormatFloat(math.Round(f), 'f', 0, 64)
	}
	return strconv.FormatFloat(math.Round(f*10)/10, 'f', -1, 64)
}

// FormatClock writes seconds as people read a player: 0:42, 1:02:03. What is
// below 0 is 0, what is above 100 hours is 100 hours.
func FormatClock(seconds float64) string {
	s := int(math.Round(max(0, min(seconds, 360000))))
	if s >= 3600 {
		return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
	}
	return fmt.Sprintf("%d:%02d", s/60, s%60)
}
