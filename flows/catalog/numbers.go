package catalog

import (
	"fmt"
	"math"
	"reflect"

	"clipcase/media"
)

// wholeNumbers turns large whole floats into integers: arguments that were
// stored as JSON come back as floats, and 1e+06 is nothing to read.
func wholeNumbers(args map[string]any) map[string]any {
	out := make(map[string]any, len(args))
	for name, value := range args {
		if f, ok := value.(float64); ok && math.Abs(f) >= 1e6 && math.Abs(f) < 1<<53 && f == math.Trunc(f) {
			value = int64(f)
		}
		out[name] = value
	}
	return out
}

// whole is a number as an integer, if it is one.
func whole(value any) (int64, bool) {
	f, ok := number(value)
	if !ok || f != math.Trunc(f) {
		return 0, false
	}
	return int64(f), true
}

func number(value any) (float64, bool) {
	v := reflect.ValueOf(value)
	switch {
	case !v.IsValid():
		return 0, false
	case v.CanInt():
		return float64(v.Int()), true
	case v.CanUint():
		return float64(v.Uint()), true
	case v.CanFloat():
		return v.Float(), !math.IsNaN(v.Float()) && !math.IsInf(v.Float(), 0)
	}
	return 0, false
}

// sayBytes is a size in words: 850 kB, 1.5 MB, 18 MB.
func sayBytes(value any) (string, error) {
	size, ok := number(value)
	if !ok || size < 0 || size > 1<<53 {
		return "", fmt.Errorf("mb: %v is no size", value)
	}
	return media.FormatBytes(int64(size)), nil
}

// sayClock is seconds as a running time in words: 0:42, 1:02:03.
func sayClock(value any) (string, error) {
	seconds, ok := number(value)
	if !ok || seconds < 0 || seconds > 1e9 {
		return "", fmt.Errorf("clock: %v is no time", value)
	}
	return media.FormatClock(seconds), nil
}
