package ffmpeg

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"clipcase/media"
)

// ticket says how an excerpt that lies on a shelf came to be.
type ticket struct {
	Args  []string `json:"args"`  // of the run that made it
	Wrote string   `json:"wrote"` // the file as that run knew it
}

// shelved is where the excerpt of an animation lies on its job's shelf; "" = there
// is no shelf. Whatever makes excerpts differ stands in the name.
func (t task) shelved() string {
	if t.shelf == "" {
		return ""
	}
	width, height := t.detail()
	sum := sha256.Sum256(fmt.Append(nil, t.from.path, t.piece.Range, width, height, t.piece.FPS, t.piece.Timecode))
	return filepath.Join(t.shelf, hex.EncodeToString(sum[:8]))
}

// take gives the excerpt that was taken along for the animation by an earlier run
// and removes it from the shelf; false = there is none.
func (t task) take(to string) (ticket, bool, error) {
	var found ticket
	from := t.shelved()
	if from == "" {
		return found, false, nil
	}
	text, err := os.ReadFile(from + ".json")
	if os.IsNotExist(err) {
		return found, false, nil
	}
	if err == nil {
		err = json.Unmarshal(text, &found)
	}
	if err == nil {
		err = os.Rename(from+".mkv", to)
	}
	if err == nil {
		err = os.Remove(from + ".json")
	}
	return found, err == nil, err
}

// shelve puts an excerpt that a run wrote on the shelf; the ticket comes last, so
// that none is found that is not whole.
func (t task) shelve(args []string) error {
	text, err := json.Marshal(ticket{args, t.excerptFile()})
	if err != nil {
		return err
	}
	to := t.shelved()
	if err := os.Rename(t.excerptFile(), to+".mkv"); err != nil {
		return err
	}
	return os.WriteFile(to+".json", text, 0o600)
}

// along are the animations of later jobs whose stretch is the one that videos are
// about to be made of: what they are made from is taken out of the same reading.
func (e *Engine) along(job media.Job, video task) []task {
	var out []task
	for _, p := range job.Ahead {
		t := video
		t.piece, t.ran = p, nil
		// Running words would have to be written for a folder of their own.
		if p.Kind != media.KindGIF || p.Range != video.piece.Range || p.Timecode || t.shelf == "" {
			continue
		}
		place := t.shelved()
		if _, err := os.Stat(place + ".json"); err == nil || slices.ContainsFunc(out, func(x task) bool { return x.shelved() == place }) {
			continue
		}
		out = append(out, t)
	}
	return out
}
