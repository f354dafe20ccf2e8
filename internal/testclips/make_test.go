package testclips

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestGenerateTakesARelativePath(t *testing.T) {
	t.Chdir(t.TempDir())
	require.NoError(t, Generate(t.Context(), Spec{Seconds: 0.2, Silent: true}, "clip.mp4"))
	path, err := filepath.Abs("clip.mp4")
	require.NoError(t, err)
	require.FileExists(t, path)
}
