package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestGuideCommand(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	said := clipcase(t, dir, nil, "guide", "--lang", "zh", "account-theft")
	require.Equal(t, codeDone, said.code, said.err)
	require.Contains(t, said.out, "本人露脸视频")
	require.Contains(t, said.out, "怎么发过来不变样")
	require.Equal(t, codeUsage, clipcase(t, dir, nil, "guide", "nothing").code)
	require.Equal(t, codeUsage, clipcase(t, dir, nil, "guide", "--lang", "xx").code)

	require.Equal(t, codeDone, clipcase(t, dir, nil, "guide", "--pdf", "guide.pdf").code)
	pdf, err := os.ReadFile(filepath.Join(dir, "guide.pdf"))
	require.NoError(t, err)
	require.Equal(t, "%PDF-", string(pdf[:5]))
}
