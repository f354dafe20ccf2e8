package catalog

import (
	"fmt"
	"slices"

	"clipcase/media"
)

// channelCheck notes what is wrong with one channel.
type channelCheck struct {
	Channel
	doc       *document
	abilities map[string]entry[Ability]
}

func (c channelCheck) run() {
	shape(c.doc, "id", c.ID)
	local(c.doc, "name", c.Name)
	local(c.doc, "where", c.Where)
	provenance(c.doc, "where_from", c.WhereFrom, true)
	needs(c.doc, "needs", c.Needs, c.abilities)
	if len(c.Steps) < 3 {
		c.doc.wrong("steps", "steps: %d, want at least 3", len(c.Steps))
	}
	for i, s := range c.Steps {
		local(c.doc, fmt.Sprintf("steps[%d]", i), s)
	}
	oneOf(c.doc, "overlay", c.Overlay, "label", "none")
	if c.Overlay == "label" {
		local(c.doc, "label", c.Label)
	} else if len(c.Label) > 0 {
		c.doc.wrong("label", "label: overlay is none, nothing is burnt in")
	}
	if c.MaxFiles < 0 {
		c.doc.wrong("max_files", "max_files: %d", c.MaxFiles)
	}
	clock(c.doc, "follow", c.Follow, c.abilities)
	c.limits()
	c.tiers()
	pasteCheck{c}.run()
}

// units is what a limit counts.
func units() []string {
	return []string{"bytes", "pixels", "characters", "files", "seconds", "fps", "bits_per_second", "hours", "days"}
}

func (c channelCheck) limits() {
	names := map[string]bool{}
	for i, l := range c.Limits {
		path := fmt.Sprintf("limits[%d]", i)
		if l.Name == "" || names[l.Name] {
			c.doc.wrong(join(path, "name"), "limit %q: want a name that stands once", l.Name)
		}
		names[l.Name] = true
		if l.Value <= 0 {
			c.doc.wrong(join(path, "value"), "limit %s: want a value above 0", l.Name)
		}
		oneOf(c.doc, join(path, "unit"), l.Unit, units()...)
		provenance(c.doc, path, l.Provenance, false)
	}
}

// over notes a value above the limit of that name, if the channel has one.
func (c channelCheck) over(path, name string, value media.Size, what string) {
	if l, ok := c.Limit(name); ok && value > l.Value {
		c.doc.wrong(path, "%s is %d, over the limit %s of %d", what, value, name, l.Value)
	}
}

func (c channelCheck) tiers() {
	switch {
	case c.WordsOnly && len(c.Tiers) > 0:
		c.doc.wrong("tiers", "tiers: the channel gives words only")
	case c.Available && !c.WordsOnly && len(c.Tiers) < 2:
		c.doc.wrong("tiers", "tiers: %d, want the normal one and a smaller one", len(c.Tiers))
	}
	if c.Documents && c.WordsOnly {
		c.doc.wrong("documents", "documents: the channel gives words only")
	}
	var before weight
	for i, t := range c.Tiers {
		path := fmt.Sprintf("tiers[%d]", i)
		local(c.doc, join(path, "name"), t.Name)
		if len(t.Recipes) == 0 {
			c.doc.wrong(path, "%s has no recipes", path)
		}
		for n, reason := range t.Answers {
			if i == 0 {
				c.doc.wrong(join(path, "answers"), "answers: the first tier is what gets refused")
				break
			}
			oneOf(c.doc, fmt.Sprintf("%s[%d]", join(path, "answers"), n), reason, reasons()...)
		}
		now := c.tier(path, t)
		if c.Documents && now.bytes == 0 {
			c.doc.wrong(path, "documents: %s has no bound that they could count against", path)
		}
		if i > 0 && !now.less(before) {
			c.doc.wrong(path, "%s is not smaller than the one before", path)
		}
		before = now
	}
}

// weight is how much a tier may come to.
type weight struct {
	bytes media.Size // sum over the recipes; 0 = no limit
	rate  int64      // sum of bits a second, where there is no limit of bytes
}

func (w weight) less(than weight) bool {
	if w.bytes > 0 && than.bytes > 0 {
		return w.bytes < than.bytes
	}
	return w.rate > 0 && w.rate < than.rate
}

func (c channelCheck) tier(path string, t Tier) weight {
	var sum weight
	open, files, last := false, 0, -1
	for j, r := range t.Recipes {
		at := fmt.Sprintf("%s.recipes[%d]", path, j)
		c.recipe(at, r)
		place := slices.Index(c.Order, r.Kind)
		if place < last {
			c.doc.wrong(at, "%s: order says %s comes earlier", at, r.Kind)
		}
		last = max(last, place)
		if r.OnRequest || r.Kind == media.KindEML { // a mail holds the others
			continue
		}
		files += count(r)
		most := largest(r)
		open = open || most == 0
		sum.bytes += most
		sum.rate += r.Bitrate
	}
	if c.MaxFiles > 0 && files > c.MaxFiles {
		c.doc.wrong(path, "%s gives %d files of one recording, over max_files of %d", path, files, c.MaxFiles)
	}
	if open {
		sum.bytes = 0
	}
	c.over(path, "total_bytes", sum.bytes, "the sum of "+path)
	if sum.bytes > 0 && c.Words.BodyMax > 0 {
		c.over(path, "encoded_bytes", encoded(sum.bytes, c.Words.BodyMax), "the whole encoded message of "+path)
	}
	return sum
}

// encoded is the size of a mail with files of that size and a text in two
// forms: base64 turns 57 bytes into a line of 78, and headers need their place.
func encoded(files media.Size, characters int) media.Size {
	const perLine, line, utf8Max, forms, headers = 57, 78, 4, 2, 8 << 10
	raw := int64(files) + int64(characters)*utf8Max*forms
	return media.Size(raw*line/perLine + headers)
}

// count is how many files a recipe gives of one recording at most; a recipe
// without a bound gives one.
func count(r media.Recipe) int {
	if r.Kind == media.KindImage && (!r.Story || r.Compare) {
		return r.Count
	}
	return max(r.MaxPieces, 1)
}

// largest is what a recipe comes to at most; 0 = no limit.
func largest(r media.Recipe) media.Size {
	if r.MaxTotalBytes > 0 {
		return r.MaxTotalBytes
	}
	return r.MaxBytes * media.Size(count(r))
}
