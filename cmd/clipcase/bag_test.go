package main

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// What is wrong with the authorities is told before any work.
func TestAuthoritiesAreCheckedFirst(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir, "a.mp4", "not a film")
	got := clipcase(t, dir, []string{"TSA_URLS=https://a.example.org,ftp://b.example.org/?key=hidden"}, "prepare", "a.mp4")
	require.Equal(t, codeUsage, got.code, got.err)
	require.Contains(t, got.err, "TSA_URLS")
	require.NotContains(t, got.err, "hidden")
	require.NoDirExists(t, filepath.Join(dir, "CC0001"))
}
