package ffmpeg

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"clipcase/media"
	"clipcase/media/align"
)

// recorded is a minute of what happened, coded and read again as a case's files
// are.
func recorded(t *testing.T, e *Engine, f footage, from float64, to string, more []string, filters, coding string) media.Trace {
	t.Helper()
	args := slices.Concat(f.seen(from), f.heard(from), more,
		[]string{"-filter_complex", filters, "-map", "[p]", "-pix_fmt", "yuv420p", "-t", "60"}, strings.Fields(coding))
	_, trace := traced(t, e, copied(t, to, args...))
	return trace
}

// Ten recordings and what became of them in others' hands, from 30 seconds
// earlier to 30 later; and recordings that are of the same kind, even of the same
// room and the same page, and yet not of the same moment.
func TestTenPairsAlign(t *testing.T) {
	t.Parallel()
	const (
		left = "[0:v]scale=160:284[p]"
		x264 = " -c:v libx264 -preset ultrafast -crf 26"
		loud = ";[1:a]volume=0.4[v];[2:a]volume=1.5[m];[v][m]amix=2:duration=shortest:normalize=0[a]"
		hevc = " -c:v libx265 -preset ultrafast -x265-params log-level=error:pools=none -b:v 60k"
	)
	// A beat every quarter of a second and a tune over seven notes.
	music := []string{"-f", "lavfi", "-i", "aevalsrc='0.3*sin(2*PI*t*220*pow(2,floor(mod(t*2,7))/12))*exp(-4*mod(t*2,1))+0.2*(random(0)-0.5)*exp(-30*mod(t*4,1))':s=22050:d=62"}
	e := engine(t)
	voice := shoot(t, room, 77, 77).heard(0)
	table := []struct {
		name    string
		kind    kind
		offset  float64
		more    []string // a third input
		filters string
		coding  string
		to      string
		by      align.By
	}{
		{"HEVC of few bits", cuts, 0.37, nil, left, "-map 1:a -c:a aac -b:a 24k" + hevc, "copy.mp4", align.BySound},
		{"edges cut off", room, -30, nil, "[0:v]scale=160:284,crop=iw*0.8:ih*0.84[p]", "-map 1:a -c:a aac" + x264, "copy.mp4", align.BySound},
		{"another size and shape, VP8 and Vorbis", screen, 30, nil, "[0:v]scale=240:240[p]", "-map 1:a -c:a libvorbis -c:v libvpx -deadline realtime -cpu-used 8 -b:v 200k", "copy.webm", align.BySound},
		// Not by -r, with which ffmpeg shows each picture a tenth of a second late.
		{"25 pictures a second, MPEG-4", cuts, -12.34, nil, "[0:v]scale=160:284,fps=25[p]", "-map 1:a -c:a mp2 -c:v mpeg4 -q:v 6", "copy.avi", align.BySound},
		{"10 pictures a second, 22 kHz, soft", screen, 7.77, nil, "[0:v]scale=160:284,fps=10[p];[1:a]volume=0.1[a]", "-map [a] -ar 22050 -c:a aac -b:a 24k" + x264, "copy.mp4", align.BySound},
		{"loud music over it", room, -21.3, music, left + loud, "-map [a] -c:a aac" + x264, "copy.mp4", align.BySound},
		{"another's voice instead", cuts, 18.6, voice, left, "-map 2:a -c:a aac" + x264, "copy.mkv", align.ByPicture},
		{"no sound", room, -4.45, nil, left, "-an" + x264, "copy.mp4", align.ByPicture},
		{"brighter, paler, another's voice", screen, 25.05, voice, "[0:v]scale=160:284,eq=brightness=0.15:contrast=0.7[p]", "-map 2:a -c:a aac" + x264, "copy.mp4", align.ByPicture},
		{"logo, bar of words, music instead", cuts, -27.9, music, "[0:v]scale=160:284,drawbox=100:12:48:30:white:fill,drawbox=0:230:160:28:black:fill[p]", "-map 2:a -c:a aac" + x264, "copy.mp4", align.ByPicture},
	}
	right, alone, lefts := 0, 0, make([]media.Trace, len(table))
	t.Logf("%-39s %-7s %7s %8s %7s %5s %-8s | pictures alone", "copy", "of", "offset", "found", "error", "sure", "by")
	for i, c := range table {
		f := shoot(t, c.kind, uint64(i), uint64(i))
		lefts[i] = recorded(t, e, f, max(0, c.offset), "left.mkv", nil, left, "-map 1:a -c:a mp2"+x264)
		other := recorded(t, e, f, max(0, -c.offset), c.to, c.more, c.filters, c.coding)
		found := align.Find(lefts[i], other)
		seen := align.Find(media.Trace{Pictures: lefts[i].Pictures}, media.Trace{Pictures: other.Pictures})
		t.Logf("%-39s %-7s %7.2f %8.3f %7.3f %5.2f %-8s | %8.3f %5.2f", c.name, c.kind, c.offset, found.Offset, found.Offset-c.offset, found.Confidence, found.By, seen.Offset, seen.Confidence)
		require.Equal(t, c.by, found.By, c.name)
		if math.Abs(found.Offset-c.offset) <= 0.1 {
			right++
		}
		if seen.By == align.ByPicture && math.Abs(seen.Offset-c.offset) <= 0.1 {
			alone++
		}
	}
	t.Logf("%d of %d within 0.1 s; %d by pictures alone", right, len(table), alone)
	require.GreaterOrEqual(t, right, 9)
	require.GreaterOrEqual(t, alone, 9)

	unsure := func(name string, a, b media.Trace) {
		found := align.Find(a, b)
		t.Logf("%-39s sure %.2f", name, found.Confidence)
		require.Equal(t, align.ByNothing, found.By, name)
	}
	last := map[kind]int{}
	for i, c := range table {
		if j, ok := last[c.kind]; ok {
			unsure(fmt.Sprintf("another %s, %d and %d", c.kind, j+1, i+1), lefts[j], lefts[i])
		}
		last[c.kind] = i
	}
	for _, i := range []int{1, 2} {
		again := shoot(t, table[i].kind, uint64(i), 100)
		unsure(fmt.Sprintf("the same %s at another time", table[i].kind), lefts[i], recorded(t, e, again, 0, "again.mkv", nil, left, "-map 1:a -c:a mp2"+x264))
	}
}
