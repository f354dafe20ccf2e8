package dossier

import (
	"clipcase/flows"
	"clipcase/media"
)

// Taken says which pictures and which sound of a recording were used, where it
// holds several: the others are in no file that is handed in.
func Taken(name string, p media.Probe) []flows.Text {
	var out []flows.Text
	if c := p.Pictures; c.Of > 1 {
		out = append(out, flows.T("dossier.warn.pictures", "name", name, "taken", c.Taken, "count", c.Of))
	}
	if c := p.Sounds; c.Of > 1 {
		out = append(out, flows.T("dossier.warn.sounds", "name", name, "taken", c.Taken, "count", c.Of))
	}
	return out
}
