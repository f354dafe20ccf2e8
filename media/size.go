package media

import (
	"fmt"
	"strconv"
	"strings"
)

// Size is a number of bytes. In YAML it is a plain number or a number with kB,
// MB or GB (10^3, 10^6, 10^9 bytes: channels count in these) or KiB, MiB, GiB.
type Size int64

// UnmarshalText reads a size as people write it.
func (s *Size) UnmarshalText(text []byte) error {
	units := []struct {
		suffix string
		factor float64
	}{
		{"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30},
		{"kB", 1e3}, {"MB", 1e6}, {"GB", 1e9}, {"B", 1}, {"", 1},
	}
	raw := strings.TrimSpace(string(text))
	for _, u := range units {
		number, ok := strings.CutSuffix(raw, u.suffix)
		if !ok {
			continue
		}
		value, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
		if err != nil || value < 0 || value*u.factor > 1<<53 {
			return fmt.Errorf("size %q: want a number with B, kB, MB, GB, KiB, MiB or GiB", raw)
		}
		*s = Size(value * u.factor)
		return nil
	}
	return fmt.Errorf("size %q: unreadable", raw)
}
