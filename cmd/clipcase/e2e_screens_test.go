//go:build screens

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"clipcase/internal/browsertest"
)

// TestScreens takes a picture of every page, for people to look at (make screens).
// It checks nothing, so it is no part of the tests: hence the tag.
func TestScreens(t *testing.T) {
	dir := os.Getenv("CLIPCASE_SCREENS")
	require.NotEmpty(t, dir, "set CLIPCASE_SCREENS to a folder")
	dark := browsertest.Phone()
	dark.Name, dark.Dark = "phone-dark", true
	for _, d := range []browsertest.Device{browsertest.Phone(), browsertest.Desktop(), english(browsertest.Phone()), english(browsertest.Desktop()), dark} {
		folder := filepath.Join(dir, strings.ToLower(d.Lang[:2])+"-"+d.Name)
		require.NoError(t, os.MkdirAll(folder, 0o755))
		t.Run(filepath.Base(folder), func(t *testing.T) {
			tour(t, d, func(name string, p *browsertest.Page) {
				require.NoError(t, os.WriteFile(filepath.Join(folder, name+".png"), p.Picture(), 0o644))
			})
		})
	}
}
