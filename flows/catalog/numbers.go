package catalog

import (
	"fmt"
	"math"
	"reflect"
	"strconv"
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

// sayBytes is a size as people read it, in powers of ten: 850 kB, 1.5 MB, 18 MB, 2 GB.
func sayBytes(value any) (string, error) {
	size, ok := number(value)
	if !ok || size < 0 {
		return "", fmt.Errorf("mb: %v is no size", value)
	}
	for _, unit := range []struct {
		name   string
		factor float64
	}{{"GB", 1e9}, {"MB", 1e6}, {"kB", 1e3}} {
		// 0.9995 of a unit already rounds to it.
		if size >= 0.9995*unit.factor {
			return trim(size/unit.factor) + " " + unit.name, nil
		}
	}
	return trim(size) + " B", nil
}

// trim shows one decimal below ten and none above.
func trim(f float64) string {
	if f >= 9.95 {
		return strconv.FormatFloat(math.Round(f), 'f', 0, 64)
	}
	return strconv.FormatFloat(math.Round(f*10)/10, 'f', -1, 64)
}

// sayClock is seconds as a running time: 00:42, 1:02:03.
func sayClock(value any) (string, error) {
	seconds, ok := number(value)
	if !ok || seconds < 0 || seconds > 1e9 {
		return "", fmt.Errorf("clock: %v is no time", value)
	}
	whole := int64(math.Floor(seconds))
	if whole < 3600 {
		return fmt.Sprintf("%02d:%02d", whole/60, whole%60), nil
	}
	return fmt.Sprintf("%d:%02d:%02d", whole/3600, whole/60%60, whole%60), nil
}
