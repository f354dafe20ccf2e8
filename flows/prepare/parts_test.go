package prepare_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"clipcase/flows"
	"clipcase/media"
)

// shape is what of a pack is there: a letter for each piece, i(mage), g(if) or
// v(ideo), in capitals once it is made.
func shape(p flows.Pack) string {
	var out strings.Builder
	for _, piece := range p.Pieces {
		letter := string(piece.Kind[0])
		if piece.SHA256 != "" {
			letter = strings.ToUpper(letter)
		}
		out.WriteString(letter)
	}
	return out.String()
}

func shapes(packs []flows.Pack) []string {
	var all []string
	for _, p := range packs {
		all = append(all, shape(p))
	}
	return all
}

// Pictures go first, whatever their number, then piece by piece what takes long;
// names, words and numbers are final from the first part on.
func TestPartsComeAsTheyAreMade(t *testing.T) {
	t.Parallel()
	for channel, want := range map[string][]string{
		"douyin-app": {"IIIIgg", "IIIIGg"},
		"email":      {"vIIIIe"},
		"booklet":    nil,
		"douyin-dm":  {"Vv"},
		"wechat":     {"Ggv", "GGv"},
		"generic":    nil,
		"weibo":      nil,
	} {
		t.Run(channel, func(t *testing.T) {
			t.Parallel()
			obs := &observer{}
			req := request(t, []string{channel}, "a.mp4=film")
			_, err := run(t, &engine{}, req, obs)
			require.NoError(t, err)
			require.Equal(t, want, shapes(obs.parts))
			require.Len(t, obs.packs, 1)
			require.Equal(t, flows.PackReady, obs.packs[0].State)
			require.Equal(t, strings.ToUpper(shape(obs.packs[0])), shape(obs.packs[0]))
			for _, part := range obs.parts {
				require.Equal(t, obs.packs[0].Words, part.Words)
				require.Equal(t, obs.packs[0].Begun, part.Begun)
				for i, piece := range part.Pieces {
					whole := obs.packs[0].Pieces[i]
					require.Equal(t, []any{whole.Name, whole.Number, whole.Line, i + 1}, []any{piece.Name, piece.Number, piece.Line, piece.Number})
				}
			}
		})
	}
}

// What cannot be made after the pictures are out keeps its number free, and the
// numbers are named once.
func TestMissingNumbersAreNamed(t *testing.T) {
	t.Parallel()
	obs := &observer{}
	req := request(t, []string{"douyin-app"}, "a.mp4=film", "b.mp4=film")
	record, err := run(t, &engine{leave: map[string]media.Code{"6of8": media.RefusedUnreadable, "7of8": media.RefusedUnreadable, "5of8": media.RefusedUnreadable}}, req, obs)
	require.NoError(t, err)
	require.Equal(t, "IIIIgggg", shape(obs.parts[0]))
	require.Equal(t, "IIIIG", shape(obs.packs[0]))
	require.Equal(t, 8, obs.packs[0].Pieces[4].Number)
	told := strings.Join(record.Warnings, "\n")
	require.Contains(t, told, "“a.mp4”的第 5、6 个文件")
	require.Contains(t, told, "“b.mp4”的第 7 个文件")
	require.Len(t, obs.packs[0].Warnings, 3)
	require.Equal(t, obs.packs[0].Warnings[:1], obs.parts[0].Warnings, "only that there are many was known before")
	require.Contains(t, obs.parts[0].Words, "图 5 ")
	require.NotContains(t, obs.packs[0].Words, "图 5 ", "the words no longer speak of it")
	require.Contains(t, obs.packs[0].Words, "图 8 ")
}

// A moment that cannot be read is replaced before anything is out: no number is
// missing, and the pictures of the first try are gone.
func TestUnreadableMomentsLeaveNoHole(t *testing.T) {
	t.Parallel()
	broken := []float64{4.5, 7.5}
	e := &engine{unreadable: broken}
	obs := &observer{}
	req := request(t, []string{"douyin-app"}, "a.mp4=film")
	record, err := run(t, e, req, obs)
	require.NoError(t, err)
	require.Equal(t, []string{"IIgg", "IIGg"}, shapes(obs.parts))
	for i, p := range obs.packs[0].Pieces {
		require.Equal(t, i+1, p.Number)
		require.Contains(t, p.Name, "of4")
		require.NotContains(t, broken, p.Range.Start)
	}
	require.Equal(t, "damaged", record.Originals[0].Status)
	require.Len(t, record.Warnings, 1)
	files, err := filepath.Glob(filepath.Join(req.Dir, "data", "douyin-app", "*of*"))
	require.NoError(t, err)
	require.Len(t, files, 4)
}

// A file of which no still can be made leaves its numbers to the others, before
// anything is out; so does one of which every moment tried fails.
func TestAFileWithoutStillsLeavesNoHole(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		files []string
		e     *engine
		want  string
	}{
		"first of two recordings":  {[]string{"a.mp4=film", "b.mp4=film"}, &engine{blind: "e1-"}, "IIIIGGGG"},
		"second of two recordings": {[]string{"a.mp4=film", "b.mp4=film"}, &engine{blind: "e2-"}, "IIIIGGGG"},
		"a picture":                {[]string{"a.mp4=film", "b.png=picture"}, &engine{blind: "e2-"}, "IIIIGG"},
		"the only recording":       {[]string{"a.mp4=film"}, &engine{blind: "e1-"}, "GG"},
		"nearly all moments":       {[]string{"a.mp4=settled"}, &engine{unreadable: []float64{1, 2, 3, 4, 5, 6, 7, 9, 10, 11}}, "IGG"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			obs := &observer{}
			req := request(t, []string{"douyin-app"}, c.files...)
			record, err := run(t, c.e, req, obs)
			require.NoError(t, err)
			require.Equal(t, c.want, shape(obs.packs[0]))
			for _, pack := range append(obs.parts, obs.packs...) {
				for i, piece := range pack.Pieces {
					require.Equal(t, i+1, piece.Number)
					require.Contains(t, piece.Name, fmt.Sprintf("of%d.", len(c.want)))
				}
			}
			require.NotEmpty(t, record.Warnings)
			require.NotContains(t, strings.Join(record.Warnings, " "), "个文件没有做成")
		})
	}
}

// An attempt goes on where the one before stopped: what is published is not made
// again and stays as it is, also after midnight.
func TestAnEarlierAttemptIsContinued(t *testing.T) {
	t.Parallel()
	req := request(t, []string{"douyin-app"}, "a.mp4=film")
	req.Original = false
	first := &observer{}
	_, err := run(t, &engine{}, req, first)
	require.NoError(t, err)
	earlier := first.parts[1]
	earlier.Parted = true
	earlier.Warnings = []flows.Text{flows.T("dossier.warn.cleaned")}
	for i := range earlier.Pieces[:5] {
		earlier.Pieces[i].Blob = "kept/" + earlier.Pieces[i].Name
	}

	var made []string
	e := &engine{seen: func(j media.Job) {
		for _, p := range j.Pieces {
			made = append(made, p.Name)
		}
	}}
	req.Dir, req.Now, req.Channels[0].Earlier = t.TempDir(), req.Now.Add(24*time.Hour), earlier
	second := &observer{}
	record, err := run(t, e, req, second)
	require.NoError(t, err)
	require.Equal(t, []string{first.packs[0].Pieces[5].Name}, made)
	require.Empty(t, second.parts, "nothing new before the end")
	require.Len(t, second.packs[0].Warnings, 1)
	require.Equal(t, first.packs[0].Words, second.packs[0].Words)
	for i, p := range second.packs[0].Pieces {
		want := first.packs[0].Pieces[i]
		want.Blob = p.Blob
		require.Equal(t, want, p)
		require.Equal(t, i < 5, p.Blob != "")
	}
	require.Len(t, record.Pieces, 7)

	// another moment: the same names, but not the same pieces
	made, req.Dir = nil, t.TempDir()
	req.Key = &flows.KeyMoment{Range: media.Range{Start: 3, End: 9}}
	_, err = run(t, e, req, &observer{})
	require.NoError(t, err)
	require.NotEmpty(t, made)
	_, err = os.Stat(filepath.Join(req.Dir, "data", "douyin-app", made[0]))
	require.NoError(t, err)
}
