package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"clipcase/flows/dossier/sign"
)

func TestReceiptsAreChecked(t *testing.T) {
	t.Parallel()
	k, err := sign.New(bytes.NewReader(make([]byte, 64)))
	require.NoError(t, err)
	note := k.Note("clipcase deletion receipt 1\ncase: CC0042\n", "deletion receipt CC0042")
	dir := t.TempDir()
	for name, row := range map[string]struct {
		text string
		args []string
		code int
	}{
		"whole":       {"🧾 ...\n\n" + note, nil, codeDone},
		"our key":     {note, []string{"--key", strings.ToUpper(k.Fingerprint())}, codeDone},
		"another key": {note, []string{"--key", "0000 1111"}, codeFailed},
		"changed":     {strings.Replace(note, "CC0042", "CC0043", 1), nil, codeFailed},
		"none":        {"words", nil, codeInput},
		"with a CA":   {note, []string{"--ca", "x"}, codeUsage},
	} {
		file := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(file, []byte(row.text), 0o600))
		got := clipcase(t, dir, nil, append([]string{"verify", "--receipt", file}, row.args...)...)
		require.Equal(t, row.code, got.code, "%s: %s", name, got.err)
		if row.code == codeDone {
			require.Contains(t, got.err, k.Fingerprint())
			require.Contains(t, got.err, "case: CC0042")
		}
	}
}
