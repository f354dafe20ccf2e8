package flows

import (
	"slices"
	"strings"
)

// Blobs are the keys of all files in the blob store that the case names: of what
// was handed in, of what was made of it, also ahead, with its small pictures, of the
// picture of its moments, of time stamps, and of mails that are just being sent.
func (c *Case) Blobs() []string {
	keys := []string{c.Sheet}
	for _, e := range c.Exhibits {
		keys = append(keys, e.Blob)
	}
	packs := c.Packs
	if c.Early != nil {
		packs = append([]Pack{c.Early.Pack}, packs...)
	}
	for _, p := range packs {
		for _, x := range p.Pieces {
			keys = append(keys, x.Blob, x.Thumb)
		}
		// What is made anew meanwhile takes the pack's place, not the mail's that is on its way.
		if p.Post != nil && p.Post.State == PostSending {
			keys = append(keys, p.Post.Blob)
		}
	}
	for _, s := range c.Stamps {
		keys = append(keys, s.Reply.Blob)
		if s.Chain != nil {
			keys = append(keys, s.Chain.Blob)
		}
	}
	return slices.DeleteFunc(keys, func(key string) bool { return key == "" })
}

// UsesAttempt says whether the case names a file that one try of the work on it
// made: such files stay.
func (c *Case) UsesAttempt(attempt string) bool {
	prefix := "cases/" + c.ID + "/attempts/" + attempt + "/"
	return slices.ContainsFunc(c.Blobs(), func(key string) bool { return strings.HasPrefix(key, prefix) })
}
