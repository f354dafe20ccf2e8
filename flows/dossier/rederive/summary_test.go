package rederive

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"clipcase/flows/dossier"
	"clipcase/flows/dossier/verify"
)

// The pages about a case name the fingerprints of its record, all of them, and no
// others but those in people's own words.
func TestSummariesNameTheRecordsFingerprints(t *testing.T) {
	t.Parallel()
	original, piece, typed, foreign := strings.Repeat("1", 64), strings.Repeat("2", 64), strings.Repeat("3", 64), strings.Repeat("4", 64)
	record := &dossier.Record{Statement: typed, Originals: []dossier.Original{{SHA256: original}}, Pieces: []dossier.Piece{{SHA256: piece}}}
	raw, err := record.JSON()
	require.NoError(t, err)
	for page, want := range map[string]State{
		"a " + original + "\nb " + piece:                                   Unchecked,
		"> " + typed + "\n<td>" + original + "</td><td>" + piece + "</td>": Unchecked,
		original:                                 Other,
		original + "\n" + piece + "\n" + foreign: Other,
		"nothing":                                Other,
	} {
		dir := t.TempDir()
		require.NoError(t, os.Mkdir(filepath.Join(dir, "data"), 0o700))
		require.NoError(t, os.WriteFile(filepath.Join(dir, "bagit.txt"), nil, 0o600))
		require.NoError(t, os.WriteFile(filepath.Join(dir, "data", "summary.md"), []byte(page), 0o600))
		bag, err := verify.Open(dir)
		require.NoError(t, err)
		w := &work{bag: bag, record: record, report: &Report{}}
		w.summaries(raw)
		require.NoError(t, bag.Close())
		require.Len(t, w.report.Files, 1, "what is missing is for the check of the bag")
		require.Equal(t, want, w.report.Files[0].State, page)
		w.report.judge()
		require.Equal(t, want == Unchecked, w.report.OK, "%s", page)
	}
}
