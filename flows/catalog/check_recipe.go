package catalog

import (
	"slices"

	"clipcase/media"
)

// recipe notes what is wrong with one recipe, by itself and against the limits.
func (c channelCheck) recipe(path string, r media.Recipe) {
	wrong := func(field, format string, args ...any) {
		c.doc.wrong(join(path, field), "%s: "+format, append([]any{path}, args...)...)
	}
	kinds := []media.Kind{media.KindVideo, media.KindGIF, media.KindImage}
	if r.Story {
		kinds = []media.Kind{media.KindPDF, media.KindImage, media.KindEML}
	}
	if r.Compare {
		kinds = []media.Kind{media.KindVideo, media.KindImage}
		if !r.Story || r.Take != media.TakeWhole || r.Kind == media.KindVideo && r.Codec != "h264" {
			wrong("compare", "a comparison is a story of the whole, its video h264")
		}
	}
	oneOf(c.doc, join(path, "kind"), r.Kind, kinds...)
	oneOf(c.doc, join(path, "take"), r.Take, media.TakeWhole, media.TakeKey)
	if !slices.Contains(c.Order, r.Kind) {
		wrong("kind", "order does not name %s", r.Kind)
	}
	if r.Kind == media.KindVideo {
		oneOf(c.doc, join(path, "codec"), r.Codec, "hevc", "h264")
		if r.MaxBytes == 0 && r.Bitrate == 0 {
			wrong("", "a video needs max_bytes or bitrate")
		}
	} else {
		if r.Codec != "" || r.Audio != 0 || r.Bitrate != 0 {
			wrong("", "codec, audio and bitrate are for videos")
		}
		if r.MaxBytes == 0 {
			wrong("", "max_bytes is missing")
		}
	}
	if (r.Kind == media.KindImage || r.Kind == media.KindPDF) != (r.Count > 0) {
		wrong("count", "count of %d: want one above 0 for pictures and booklets, none for others", r.Count)
	}
	if r.Story && (r.Caption || r.Label || r.Timecode || r.OnRequest || r.MaxTotalBytes > 0 && !r.Compare || r.SegmentSeconds > 0) {
		wrong("story", "what is written of the whole case has max_bytes, count and sides only")
	}
	if r.Caption && r.Kind != media.KindImage {
		wrong("caption", "only pictures have a caption")
	}
	c.recipeNumbers(r, wrong)
	if (r.Label || r.Timecode) && c.Overlay != "label" {
		wrong("", "label and timecode are burnt in, but overlay is %s", c.Overlay)
	}
	c.recipeLimits(path, r)
}

func (c channelCheck) recipeNumbers(r media.Recipe, wrong func(string, string, ...any)) {
	for _, n := range []struct {
		field string
		value float64
		most  float64
	}{
		{"segment_seconds", r.SegmentSeconds, 3600}, {"max_pieces", float64(r.MaxPieces), 99}, {"fps", r.FPS, 120},
		{"short_side", float64(r.ShortSide), 4320}, {"long_side", float64(r.LongSide), 7680},
		{"bitrate", float64(r.Bitrate), 100e6}, {"audio", float64(r.Audio), 512e3}, {"count", float64(r.Count), 30},
	} {
		if !(n.value >= 0 && n.value <= n.most) {
			wrong(n.field, "%s is %v, want 0 to %v", n.field, n.value, n.most)
		}
	}
	// Below these sides nothing on a phone's screen can be read any more.
	floors := map[media.Kind]int{media.KindVideo: media.MinShortSide, media.KindGIF: media.MinGIFShortSide}
	if floor := floors[r.Kind]; r.ShortSide > 0 && r.ShortSide < floor {
		wrong("short_side", "short_side %d: text cannot be read below %d", r.ShortSide, floor)
	}
	if r.MaxTotalBytes > 0 && (r.MaxBytes > r.MaxTotalBytes || r.WantTotalBytes > r.MaxTotalBytes) {
		wrong("max_total_bytes", "max_bytes or want_total_bytes is over max_total_bytes")
	}
}

// recipeLimits holds a recipe against the channel's facts.
func (c channelCheck) recipeLimits(path string, r media.Recipe) {
	each := largest(r)
	if r.MaxBytes > 0 {
		each = r.MaxBytes
	}
	names := []string{"piece_bytes", "message_bytes", "file_bytes", string(r.Kind) + "_bytes"}
	if r.Kind == media.KindEML {
		names = []string{"encoded_bytes"} // it is the message, not a file in one
	}
	for _, name := range names {
		limit, ok := c.Limit(name)
		switch {
		case ok && each == 0:
			c.doc.wrong(path, "%s: the channel limits %s to %d, max_bytes is missing", path, name, limit.Value)
		case ok:
			c.over(join(path, "max_bytes"), name, each, path+".max_bytes")
		}
	}
	if _, ok := c.Limit("long_side"); ok && r.Kind == media.KindImage {
		if r.LongSide == 0 {
			c.doc.wrong(path, "%s: the channel limits long_side, the recipe does not", path)
		}
		c.over(join(path, "long_side"), "long_side", media.Size(r.LongSide), path+".long_side")
	}
	if r.Kind == media.KindImage && (!r.Story || r.Compare) {
		c.over(join(path, "count"), "pictures", media.Size(r.Count), path+".count")
	}
	if r.Kind == media.KindVideo {
		c.over(join(path, "short_side"), "short_side", media.Size(r.ShortSide), path+".short_side")
		c.over(join(path, "fps"), "fps", media.Size(r.FPS), path+".fps")
		c.over(join(path, "bitrate"), "bitrate", media.Size(r.Bitrate), path+".bitrate")
		c.over(join(path, "segment_seconds"), "segment_seconds", media.Size(r.SegmentSeconds), path+".segment_seconds")
	}
	c.over(join(path, "want_total_bytes"), "want_total_bytes", r.WantTotalBytes, path+".want_total_bytes")
}
