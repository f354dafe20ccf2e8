package flows

import (
	"errors"
	"path"
	"slices"
	"strings"

	"clipcase/media"
)

var errDisguised = errors.New("text under another name")

// Disguised refuses words in a file that is called something else, such as a web
// page saved as .mp4: it is a mistake, not a document. nil = the name fits.
func Disguised(name string, p media.Probe) *media.Refusal {
	if p.Kind != media.KindDocument || p.Format != "txt" || slices.Contains([]string{"", ".txt", ".text", ".md", ".log", ".csv"}, strings.ToLower(path.Ext(name))) {
		return nil
	}
	return &media.Refusal{Code: media.RefusedNotMedia, Err: errDisguised}
}
