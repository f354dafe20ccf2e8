package sign_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"clipcase/flows/dossier/sign"
)

func TestNotesAreCheckedAsPeopleKeepThem(t *testing.T) {
	t.Parallel()
	k, err := sign.New(seed(1))
	require.NoError(t, err)
	const text = "receipt 1\ncase: CC0042\nfiles: 3\n"
	note := k.Note(text, "receipt CC0042")
	for name, kept := range map[string]string{
		"as it was":        note,
		"from Windows":     strings.ReplaceAll(note, "\n", "\r\n"),
		"blanks at ends":   strings.ReplaceAll(note, "\n", "  \n"),
		"among other text": "they wrote:\n\n" + note + "\nregards",
		"no last newline":  strings.TrimSuffix(note, "\n"),
	} {
		got, by, err := sign.CheckNote([]byte(kept))
		require.NoError(t, err, name)
		require.Equal(t, text, got, name)
		require.Equal(t, k.Fingerprint(), by.Fingerprint())
	}
	for name, bad := range map[string]string{
		"another number": strings.Replace(note, "files: 3", "files: 4", 1),
		"a line more":    "case: CC0001\n" + note,
		"a line less":    strings.Replace(note, "files: 3\n", "", 1),
		"no signature":   text,
		"nothing":        "",
		"only the end":   note[strings.Index(note, "untrusted"):],
	} {
		_, _, err := sign.CheckNote([]byte(bad))
		require.Error(t, err, name)
	}
	other, err := sign.New(seed(2))
	require.NoError(t, err)
	theirs := other.Note(text, "")
	line := func(s string) string { return strings.Split(s, "\n")[3] }
	_, _, err = sign.CheckNote([]byte(strings.Replace(note, line(note), line(theirs), 1)))
	require.ErrorIs(t, err, sign.ErrOtherKey)

	// minisign says the same of the same lines
	dir := t.TempDir()
	cut := strings.Index(note, "untrusted")
	file := filepath.Join(dir, "receipt")
	require.NoError(t, os.WriteFile(file, []byte(note[:cut]), 0o600))
	require.NoError(t, os.WriteFile(file+".minisig", []byte(note[cut:]), 0o600))
	said, err := exec.Command("minisign", "-V", "-m", file, "-P", strings.TrimPrefix(line(note), "key: ")).CombinedOutput()
	require.NoError(t, err, "%s", said)
}
