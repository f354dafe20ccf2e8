package main

import (
	"image"
	"image/color"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"clipcase/internal/telegramtest"
)

// heicPicture is a picture as a newer phone keeps it.
func heicPicture(t *testing.T) string {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, 480, 640))
	for x := range 480 {
		for y := range 640 {
			img.Set(x, y, color.RGBA{R: uint8(x / 2), G: uint8(y / 3), B: uint8((x / 16 * y / 16) % 256), A: 255})
		}
	}
	dir := t.TempDir()
	plain, made := filepath.Join(dir, "a.png"), filepath.Join(dir, "a.heic")
	f, err := os.Create(plain)
	require.NoError(t, err)
	require.NoError(t, png.Encode(f, img))
	require.NoError(t, f.Close())
	said, err := exec.Command("heif-enc", "-o", made, plain).CombinedOutput()
	require.NoError(t, err, "heif-enc (libheif-examples): %s", said)
	return made
}

// TestAlbumOfPictures sends a phone's pictures together, one of which is none:
// what was put in and what was not is counted, and the stills come out without a
// time, which a picture does not have.
func TestAlbumOfPictures(t *testing.T) {
	t.Parallel()
	h := newHouse(t, telegramtest.New(t))
	h.start()
	p := h.person(81)
	p.user.Command("bug 点开就闪退")
	p.screen("您现在还能做哪些事")
	good := heicPicture(t)
	p.user.Album(
		telegramtest.Item{Document: true, Media: telegramtest.Media{Path: good, Name: "IMG_1.heic"}},
		telegramtest.Item{Document: true, Media: telegramtest.Media{Data: []byte("this is not a picture at all, only words"), Name: "IMG_2.heic"}},
		telegramtest.Item{Document: true, Media: telegramtest.Media{Bytes: 30 << 20, Name: "IMG_3.mov"}},
	)
	p.text("这次发来 3 个文件：2 个正在接收，1 个没有收")
	p.text("没有上传链接")
	counted := p.text("1 个已放进材料里，1 个没能放进去。").Words()
	require.Contains(t, counted, "“IMG_1.heic”")
	require.Contains(t, counted, "“IMG_2.heic”用不了")
	p.handIn()
	p.text("文件指纹")
	files := p.sent()
	require.NotEmpty(t, files)
	for _, m := range files {
		require.Equal(t, "Photo", m.File.Kind, m.Words())
		require.True(t, strings.Contains(m.Words(), "版本和机型截图"), "%q: a picture is filed where pictures are asked for", m.Words())
		require.NotContains(t, m.Words(), "0:0", "a picture has no time")
	}
	h.noViolations()
}
