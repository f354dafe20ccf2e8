package main

import (
	"fmt"
	"math"
)

// worse is the figure for files that are worse than those made by hand.
const worse = "worse"

const (
	closeSSIM   = 0.006 // below the hand's: nobody sees it
	transparent = 0.98  // likeness from which nobody tells a file from its original
)

// worseFiles says of each file of ours that has one by hand beside it why it is
// worse: neither as like the original and as legible, nor so like it that nobody
// can tell. compared counts those that have one.
func worseFiles(ours, hand []file) (why []string, compared int) {
	for _, f := range ours {
		h := beside(f, hand)
		if h == nil || f.SSIM == nil && f.Read == nil {
			continue
		}
		compared++
		if text := f.worse(*h); text != "" {
			why = append(why, fmt.Sprintf("%s %s: %s", f.Channel, f.Name, text))
		}
	}
	return why, compared
}

// beside is the file by hand for the same place, of the same kind and the most of
// the same stretch; nil = none.
func beside(f file, hand []file) *file {
	var best *file
	most := 0.0
	for i, h := range hand {
		both := math.Min(f.End, h.End) - math.Max(f.Start, h.Start)
		if h.Channel == f.Channel && h.Kind == f.Kind && both > most {
			best, most = &hand[i], both
		}
	}
	return best
}

func (f file) worse(h file) string {
	legible := f.Read == nil || h.Read == nil || *f.Read >= *h.Read
	if f.SSIM != nil && *f.SSIM >= transparent && (f.Read == nil || *f.Read >= transparent) {
		return ""
	}
	switch {
	case f.SSIM != nil && h.SSIM != nil && *f.SSIM < *h.SSIM-closeSSIM:
		return fmt.Sprintf("SSIM %.4f, by hand %.4f", *f.SSIM, *h.SSIM)
	case !legible:
		return fmt.Sprintf("text %.3f, by hand %.3f", *f.Read, *h.Read)
	}
	return ""
}
