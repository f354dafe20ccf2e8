package rederive

import (
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"clipcase/flows/dossier"
	"clipcase/media"
)

// A stranger's record asks for nothing but what a piece of the original can be.
func TestRecipesAreChecked(t *testing.T) {
	t.Parallel()
	probe := media.Probe{Kind: media.KindVideo, Duration: 30, Width: 720, Height: 1280}
	piece := func(change func(*dossier.Piece)) *dossier.Piece {
		original := "aa"
		p := &dossier.Piece{Kind: media.KindVideo, SHA256: "bb", Original: &original, Range: &[2]float64{10, 20}}
		p.Derive(&media.Derivation{Plan: media.Piece{Name: "../../x", Source: "y", Kind: media.KindVideo, Codec: "hevc", Range: media.Range{Start: 10, End: 20}, Width: 720, Height: 1280, FPS: 30, Label: "客服专用 1/3"}})
		if change != nil {
			change(p)
		}
		return p
	}
	plan, why := planned(piece(nil), probe)
	require.Empty(t, why)
	require.Equal(t, "piece.mp4", plan.Name, "a name of ours")
	require.Empty(t, plan.Source)
	for name, change := range map[string]func(*dossier.Piece){
		"another kind":      func(p *dossier.Piece) { p.Recipe.Plan.Kind = media.KindGIF },
		"a foreign codec":   func(p *dossier.Piece) { p.Recipe.Plan.Codec = "h264 -i /etc/passwd" },
		"another original":  func(p *dossier.Piece) { other := "cc"; p.Recipe.Original = &other },
		"other seconds":     func(p *dossier.Piece) { p.Recipe.Plan.Range = media.Range{Start: 12, End: 22} },
		"cut short":         func(p *dossier.Piece) { p.Range[1], p.Recipe.Range[1] = 15, 15 },
		"behind the end":    func(p *dossier.Piece) { p.Range[1], p.Recipe.Range[1], p.Recipe.Plan.Range.End = 99, 99, 99 },
		"no number":         func(p *dossier.Piece) { p.Recipe.Plan.FPS = math.NaN() },
		"a giant":           func(p *dossier.Piece) { p.Recipe.Plan.Width = 1 << 20 },
		"an odd side":       func(p *dossier.Piece) { p.Recipe.Plan.Height = 1281 },
		"less than nothing": func(p *dossier.Piece) { p.Recipe.Plan.MaxBytes = -1 },
		"a long label":      func(p *dossier.Piece) { p.Recipe.Plan.Label = strings.Repeat("x", 1000) },
		"control":           func(p *dossier.Piece) { p.Recipe.Plan.Caption = "a\x1bb" },
		"masks":             func(p *dossier.Piece) { p.Recipe.Masks = []media.Mask{{Width: 1}} },
		"another label":     func(p *dossier.Piece) { label := "mine"; p.Label = &label },
	} {
		_, why := planned(piece(change), probe)
		require.NotEmpty(t, why, name)
	}
	_, why = planned(piece(nil), media.Probe{Kind: media.KindDocument})
	require.NotEmpty(t, why)
}

func TestMailsAreTakenApart(t *testing.T) {
	t.Parallel()
	var e enclosed
	body := "--b\r\nContent-Type: text/plain\r\n\r\nwords\r\n--b\r\nContent-Type: video/mp4\r\nContent-Disposition: attachment\r\nContent-Transfer-Encoding: base64\r\n\r\nYWJj\r\n--b--\r\n"
	require.NoError(t, e.take("multipart/mixed; boundary=b", "", "", strings.NewReader(body), 0))
	sum, err := hashOf(strings.NewReader("abc"))
	require.NoError(t, err)
	require.Equal(t, []string{sum}, e.files)
	require.Equal(t, "words", e.text)
	require.Error(t, (&enclosed{}).take("multipart/mixed; boundary=b", "", "", strings.NewReader(body), mostDepth+1), "parts within parts without end")
	require.Error(t, (&enclosed{}).take("nonsense/", "", "", strings.NewReader(""), 0))
}
