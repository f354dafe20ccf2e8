package prepare_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"clipcase/flows"
	"clipcase/media"
)

// A mail takes documents as they are, and what is rendered leaves them room; a
// channel that takes none says that they can be shown; a public place says nothing.
func TestDocumentsGoAlong(t *testing.T) {
	t.Parallel()
	var video int64
	e := &engine{seen: func(j media.Job) {
		for _, p := range j.Pieces {
			video = max(video, p.MaxBytes)
		}
	}}
	req := request(t, []string{"email"}, "a.mp4=film", "contract.pdf=document", "b.txt=text")
	obs := &observer{}
	record, err := run(t, e, req, obs)
	require.NoError(t, err)
	pieces := obs.packs[0].Pieces
	require.Len(t, pieces, 8)
	for i, want := range []struct {
		kind          media.Kind
		content, name string
	}{{media.KindPDF, "document", "20261122-CC0042-doc1.pdf"}, {media.KindDocument, "text", "20261122-CC0042-doc2.txt"}} {
		got := pieces[5+i]
		require.Equal(t, want.kind, got.Kind)
		require.Equal(t, want.name, got.Name)
		require.Equal(t, 6+i, got.Number)
		require.Equal(t, req.Exhibits[1+i].ID, got.Exhibit)
		require.Contains(t, obs.packs[0].Words, got.Name)
		content, err := os.ReadFile(filepath.Join(req.Dir, "data", "email", got.Name))
		require.NoError(t, err)
		require.Equal(t, want.content, string(content))
		line := record.Pieces[5+i]
		require.Equal(t, record.Originals[1+i].SHA256, line.SHA256)
		require.Equal(t, line.SHA256, *line.Original)
		require.Nil(t, line.Width)
	}
	require.Contains(t, obs.packs[0].Words, "contract.pdf")
	require.EqualValues(t, 35_200_000-len("document")-len("text"), video)
	require.Empty(t, record.Warnings)
	require.Equal(t, []string{"vIIIIPDe"}, shapes(obs.parts))

	obs = &observer{}
	_, err = run(t, &engine{}, request(t, []string{"douyin-dm", "weibo"}, "a.mp4=film", "www.x.example 合同.pdf=document"), obs)
	require.NoError(t, err)
	require.Len(t, obs.packs[0].Pieces, 2)
	require.Contains(t, obs.packs[0].Words, "需要时可以出示：合同.pdf")
	require.NotContains(t, obs.packs[1].Words, "合同")
}

func TestDocumentsThatDoNotFitAreNamed(t *testing.T) {
	t.Parallel()
	pdf := func(megabytes int) string { return "document" + strings.Repeat(".", megabytes*1_000_000) }
	req := request(t, []string{"email-25mb"}, "a.mp4=film", "large.pdf="+pdf(5), "middle.pdf="+pdf(3), "small.pdf="+pdf(1))
	obs := &observer{}
	record, err := run(t, &engine{}, req, obs)
	require.NoError(t, err)
	require.Len(t, obs.packs[0].Pieces, 8, "what fits goes along")
	require.Contains(t, obs.packs[0].Words, "需要时可以另发：large.pdf")
	require.Contains(t, strings.Join(record.Warnings, ""), "large.pdf")

	req.Dir, req.Channels[0].Tier = t.TempDir(), 1
	obs = &observer{}
	_, err = run(t, &engine{}, req, obs)
	require.NoError(t, err)
	require.Len(t, obs.packs[0].Pieces, 7, "a smaller mail has less room")
}

func TestDocumentsGoNowhereAlone(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		files []string
		e     *engine
	}{
		"nothing else":      {[]string{"a.pdf=document"}, &engine{}},
		"nothing else made": {[]string{"a.mp4=film", "b.pdf=document"}, &engine{leave: map[string]media.Code{"of": media.RefusedUnreadable}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			req, obs := request(t, []string{"email"}, c.files...), &observer{}
			record, err := run(t, c.e, req, obs)
			require.NoError(t, err)
			require.Empty(t, obs.packs)
			require.Empty(t, obs.parts)
			require.Len(t, record.Pieces, 1)
			left, err := os.ReadDir(filepath.Join(req.Dir, "data", "email"))
			require.NoError(t, err)
			require.Len(t, left, 1)
		})
	}
}

// A document of an earlier attempt is not copied again.
func TestDocumentsOfAnEarlierAttemptAreKept(t *testing.T) {
	t.Parallel()
	req := request(t, []string{"email"}, "a.mp4=film", "contract.pdf=document")
	first := &observer{}
	_, err := run(t, &engine{}, req, first)
	require.NoError(t, err)
	earlier := first.parts[0]
	earlier.Parted = true
	for i := range earlier.Pieces {
		if earlier.Pieces[i].SHA256 != "" {
			earlier.Pieces[i].Blob = "kept/" + earlier.Pieces[i].Name
		}
	}
	before := filepath.Join(req.Dir, "data", "email")
	req.Fetch = func(_ context.Context, blob string) (string, func(), error) {
		return filepath.Join(before, strings.TrimPrefix(blob, "kept/")), func() {}, nil
	}
	req.Dir, req.Channels[0].Earlier = t.TempDir(), earlier
	second := &observer{}
	_, err = run(t, &engine{}, req, second)
	require.NoError(t, err)
	require.Equal(t, "kept/20261122-CC0042-doc1.pdf", second.packs[0].Pieces[5].Blob)
	require.NoFileExists(t, filepath.Join(req.Dir, "data", "email", "20261122-CC0042-doc1.pdf"))
	require.Equal(t, flows.PackReady, second.packs[0].State)
}
