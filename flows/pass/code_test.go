package pass

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestIsCode(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		strings.Repeat("a", 26):             true,
		strings.Repeat("2z7", 8) + "ab":     true,
		"":                                  false,
		strings.Repeat("a", 25):             false,
		strings.Repeat("a", 27):             false,
		strings.Repeat("A", 26):             false,
		strings.Repeat("a", 25) + "1":       false,
		strings.Repeat("a", 25) + "8":       false,
		strings.Repeat("a", 23) + "../":     false,
		strings.Repeat("a", 23) + "\u0101x": false,
		strings.Repeat("a", 25) + "\n":      false,
	} {
		require.Equal(t, want, IsCode(text), "%q", text)
	}
}
