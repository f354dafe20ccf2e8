package rederive

import (
	"math"
	"unicode"
	"unicode/utf8"

	"clipcase/flows/dossier"
	"clipcase/media"
)

// Bounds of what a stranger's record may ask for.
const (
	mostWords   = 300 // characters of a label or a caption
	mostSide    = 8192
	mostBytes   = int64(8) << 30
	mostBitrate = int64(1) << 32
	slack       = 0.05 // seconds by which two roundings of one moment differ
)

// planned is the piece to make again, out of nothing but checked numbers; why says
// what in the record cannot be.
func planned(p *dossier.Piece, probe media.Probe) (plan media.Piece, why string) {
	r := p.Recipe
	plan = r.Plan
	plan.Source = ""
	known := map[media.Kind]map[string]string{
		media.KindVideo: {"h264": "piece.mp4", "hevc": "piece.mp4"}, media.KindGIF: {"gif": "piece.gif"}, media.KindImage: {"mjpeg": "piece.jpg"},
	}
	name, ok := known[plan.Kind][plan.Codec]
	switch {
	case !ok || plan.Kind != p.Kind:
		return plan, "the recipe is for another kind of file"
	case len(r.Masks) > 0:
		return plan, "the recipe has masks, which this version cannot make"
	case probe.Kind != media.KindVideo && (probe.Kind != media.KindImage || plan.Kind != media.KindImage):
		return plan, "nothing of this kind can be made of the original"
	case r.Original == nil || *r.Original != *p.Original:
		return plan, "the recipe names another original"
	case p.Range == nil || r.Range == nil || *p.Range != *r.Range || math.Abs(p.Range[0]-plan.Range.Start) > slack || p.Range[1] > plan.Range.End+slack:
		return plan, "the recipe names other seconds"
	case math.Abs(p.Range[1]-plan.Range.End) > slack && !probe.Damaged:
		return plan, "it is shorter than planned, and the original is whole"
	case p.Label != nil && *p.Label != plan.Label:
		return plan, "the recipe names another label"
	}
	for _, v := range []float64{plan.Range.Start, plan.Range.End, plan.FPS} {
		if math.IsNaN(v) || math.IsInf(v, 0) || v < 0 {
			return plan, "the recipe has numbers that cannot be"
		}
	}
	switch {
	case plan.Range.End < plan.Range.Start, probe.Kind == media.KindVideo && plan.Range.End > probe.Duration+slack, probe.Kind == media.KindImage && plan.Range.End > 0,
		plan.Kind != media.KindImage && plan.Range.Length() <= 0, plan.Kind != media.KindImage && plan.FPS <= 0, plan.FPS > 120,
		plan.Width < 2, plan.Height < 2, plan.Width > mostSide, plan.Height > mostSide, plan.Width%2 != 0, plan.Height%2 != 0,
		plan.MaxBytes < 0, plan.MaxBytes > mostBytes, plan.Target < 0, plan.Target > mostBytes, plan.Bitrate < 0, plan.Bitrate > mostBitrate, plan.Audio < 0, plan.Audio > 1<<20:
		return plan, "the recipe has numbers that cannot be"
	case !plain(plan.Label), !plain(plan.Caption):
		return plan, "the recipe has words that cannot be"
	}
	plan.Name = name
	return plan, ""
}

// plain says whether words may be drawn: they go into a file of ours and are never
// read as anything but words.
func plain(text string) bool {
	if !utf8.ValidString(text) || utf8.RuneCountInString(text) > mostWords {
		return false
	}
	for _, r := range text {
		if unicode.IsControl(r) {
			return false
		}
	}
	return true
}
