package main

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"clipcase/flows/dossier"
	"clipcase/internal/testclips"
)

func sum(content []byte) string {
	h := sha256.Sum256(content)
	return hex.EncodeToString(h[:])
}

// ffmpeg makes an odd file with the tool itself.
func odd(t *testing.T, dir, name string, args ...string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	out, err := exec.Command("ffmpeg", append(append([]string{"-nostdin", "-v", "error"}, args...), "-y", path)...).CombinedOutput()
	require.NoError(t, err, string(out))
	return path
}

func TestHostileInput(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	// What must never be shown: a film beside the input, and a secret text.
	victim := odd(t, dir, "victim.mp4", "-f", "lavfi", "-i", "color=red:d=1:s=64x64:r=5", "-pix_fmt", "yuv420p")
	write(t, dir, "secret.txt", "SECRET-CANARY")
	good, err := os.ReadFile(testclips.Make(t, testclips.Spec{Width: 180, Height: 320, FPS: 10, Seconds: 2}))
	require.NoError(t, err)
	bomb := func(stsz uint32) string {
		b := func(name string, parts ...[]byte) []byte {
			body := bytes.Join(parts, nil)
			return append(binary.BigEndian.AppendUint32(nil, uint32(8+len(body))), append([]byte(name), body...)...)
		}
		u := func(v ...uint32) (out []byte) {
			for _, n := range v {
				out = binary.BigEndian.AppendUint32(out, n)
			}
			return out
		}
		stbl := b("stbl", b("stsz", u(0, 1, stsz)), b("stts", u(0, 1, stsz, 1)))
		return string(bytes.Join([][]byte{b("ftyp", []byte("isom\x00\x00\x00\x00")), b("mdat", make([]byte, 64)),
			b("moov", b("trak", b("mdia", b("hdlr", u(0, 0), []byte("vide"), make([]byte, 12)), b("minf", stbl))))}, nil))
	}
	var archive bytes.Buffer
	z := zip.NewWriter(&archive)
	w, err := z.Create("a.mp4")
	require.NoError(t, err)
	_, err = w.Write(good)
	require.NoError(t, err)
	require.NoError(t, z.Close())
	audio, err := os.ReadFile(odd(t, dir, "tone.m4a", "-f", "lavfi", "-i", "sine=d=1"))
	require.NoError(t, err)
	png, err := os.ReadFile(odd(t, dir, "small.png", "-f", "lavfi", "-i", "testsrc=s=64x64", "-frames:v", "1"))
	require.NoError(t, err)
	film, err := os.ReadFile(victim)
	require.NoError(t, err)
	zeroed := bytes.Clone(good)
	clear(zeroed[len(zeroed)/2 : len(zeroed)*3/4])

	cases := map[string]handed{
		"empty":               {"a.mp4", "", codeInput, "empty"},
		"one byte":            {"a.mp4", "\x00", codeInput, "not-media"},
		"text":                {"a.mp4", "SECRET? no, just words", codeInput, "not-media"},
		"random":              {"a.mp4", strings.Repeat("\x81\x9a\x00\xff", 5000), codeInput, "not-media"},
		"playlist":            {"a.mp4", "#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:5,\nfile://" + victim + "\n#EXT-X-ENDLIST\n", codeInput, "playlist"},
		"playlist, sibling":   {"a.mp4", "#EXTM3U\n#EXTINF:5,\nvictim.mp4\n#EXT-X-ENDLIST\n", codeInput, "playlist"},
		"playlist, no end":    {"a.m3u8", "#EXTM3U\n#EXTINF:5,\nvictim.mp4\n", codeInput, "playlist"},
		"ffconcat":            {"a.mp4", "ffconcat version 1.0\nfile victim.mp4\n", codeInput, "playlist"},
		"dash":                {"a.mp4", "<?xml version=\"1.0\"?><MPD><Period><AdaptationSet><Representation><BaseURL>file://" + victim + "</BaseURL></Representation></AdaptationSet></Period></MPD>", codeInput, "playlist"},
		"sdp":                 {"a.mp4", "v=0\no=- 0 0 IN IP4 127.0.0.1\nm=video 9 RTP/AVP 96\n", codeInput, "playlist"},
		"svg":                 {"a.mp4", "<svg xmlns='http://www.w3.org/2000/svg'><image href='file:///etc/passwd'/></svg>", codeInput, "not-media"},
		"subtitles":           {"a.mp4", "# VobSub index file, v7 (do not modify this line!)\n", codeInput, "playlist"},
		"tty":                 {"a.nfo", "SECRET drawn as a film", codeInput, "not-media"},
		"pattern":             {"frame%d.png", string(png), codeDone, ""},
		"image named mp4":     {"a.mp4", string(png), codeDone, ""},
		"cut at a third":      {"a.mp4", string(good[:len(good)/3]), codeInput, ""},
		"cut at the end":      {"a.mp4", string(good[:len(good)-20]), codeInput, ""},
		"cut in the header":   {"a.mp4", string(good[:20]), codeInput, ""},
		"header only":         {"a.mp4", "\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isommp41", codeInput, "no-index"},
		"middle gone":         {"a.mp4", string(zeroed), -1, ""},
		"sound only":          {"a.mp4", string(audio), codeInput, "audio-only"},
		"mp3":                 {"a.mp4", "ID3\x03\x00\x00\x00\x00\x00\x00", codeInput, "audio-only"},
		"zip":                 {"a.mp4", archive.String(), codeInput, "not-media"},
		"index bomb":          {"a.mp4", bomb(80_000_000), codeInput, "too-complex"},
		"index lies":          {"a.mp4", bomb(50), codeInput, ""},
		"gif of 16000²":       {"a.gif", "GIF89a\x80\x3e\x80\x3e\x80\x00\x00\x00\x00\x00\xff\xff\xff,\x00\x00\x00\x00\x80\x3e\x80\x3e\x00\x02\x02L\x01\x00;", codeInput, "too-many-pixels"},
		"gif of 65535²":       {"a.mp4", "GIF89a\xff\xff\xff\xff\x80\x00\x00", codeInput, "too-many-pixels"},
		"png of 30000²":       {"a.png", "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x75\x30\x00\x00\x75\x30\x08\x02\x00\x00\x00", codeInput, "too-many-pixels"},
		"matroska header":     {"a.mkv", "\x1a\x45\xdf\xa3\x80", codeInput, ""},
		"flv header":          {"a.flv", "FLV\x01\x05\x00\x00\x00\x09\x00\x00\x00\x00", codeInput, ""},
		"ts of nothing":       {"a.ts", strings.Repeat("\x47"+strings.Repeat("\x00", 187), 20), codeInput, ""},
		"html and ts":         {"a.ts", "<html><script>alert(1)</script>" + strings.Repeat("\x47"+strings.Repeat("\x00", 187), 20), codeInput, "not-media"},
		"name with newline":   {"a\nb'$(id).mp4", string(good), codeDone, ""},
		"name like an option": {"-y.mp4", string(good), codeDone, ""},
	}
	t.Run("refused", func(t *testing.T) {
		t.Parallel()
		handInAll(t, codeInput, cases, film)
	})
	t.Run("made", func(t *testing.T) {
		t.Parallel()
		handInAll(t, codeDone, cases, film)
	})
}

// handed is a file that wants to be something else than it says.
type handed struct {
	file, content string
	code          int    // it must end with; -1 = it may be refused or not
	class         string // of the refusal; "" = whatever
}

// handInAll gives all files that end with a code to one run, each from a folder
// of its own but for a name that is an option's, and looks at what is said of each.
func handInAll(t *testing.T, code int, cases map[string]handed, victim []byte) {
	t.Helper()
	work := t.TempDir()
	order := slices.DeleteFunc(slices.Sorted(maps.Keys(cases)), func(name string) bool { return (cases[name].code == codeInput) != (code == codeInput) })
	args := []string{"prepare", "--channel", "douyin-app", "--out", "case", "--json", "--"}
	for i, name := range order {
		path := cases[name].file
		if !strings.HasPrefix(path, "-") {
			path = fmt.Sprintf("%02d/%s", i, path)
		}
		write(t, work, path, cases[name].content)
		args = append(args, path)
	}
	got := clipcase(t, work, nil, args...)
	require.Equal(t, code, got.code, got.err)
	var record dossier.Record
	require.NoError(t, json.Unmarshal([]byte(got.out), &record), "the answer is JSON all the same: %s", got.out)
	require.Len(t, record.Originals, len(order))
	for i, name := range order {
		c, o := cases[name], record.Originals[i]
		require.Equal(t, strings.ReplaceAll(c.file, "\n", " "), o.Name, name)
		require.Equal(t, sum([]byte(c.content)), o.SHA256, "%s: a refused file is kept", name)
		require.FileExists(t, filepath.Join(work, "case", o.File), name)
		if c.code == -1 && o.Status == "refused" {
			c.code = codeInput
		}
		if c.code != codeInput {
			require.NotEqual(t, "refused", o.Status, name)
			require.True(t, slices.ContainsFunc(record.Pieces, func(p dossier.Piece) bool { return p.Original != nil && *p.Original == o.SHA256 }), "%s: something is made of it", name)
			continue
		}
		require.Equal(t, "refused", o.Status, name)
		require.NotNil(t, o.Error, name)
		if c.class != "" {
			require.Equal(t, c.class, o.Error.Class, name)
		}
		require.Contains(t, got.last(), o.Error.Text, name)
		for _, leak := range []string{work, "ffmpeg", "0x", "moov", "goroutine", "Error", "invalid"} {
			require.NotContains(t, o.Error.Text, leak, name)
		}
	}
	for _, leak := range []string{"SECRET-CANARY", "panic", "goroutine ", sum(victim)} {
		require.NotContains(t, got.out+got.err, leak)
	}
}
