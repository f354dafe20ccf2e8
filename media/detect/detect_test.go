package detect_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"clipcase/media"
	"clipcase/media/detect"
	"clipcase/media/ffmpeg"
	"clipcase/media/ffmpeg/cage"
)

var _ ffmpeg.Reader = (*detect.Reader)(nil)

func TestMain(m *testing.M) {
	cage.Enter()
	os.Exit(m.Run())
}

func reader(t *testing.T, cfg detect.Config) *detect.Reader {
	t.Helper()
	r, err := detect.New(t.Context(), cfg)
	require.NoError(t, err)
	return r
}

// written makes a picture of a few lines of words.
func written(t *testing.T, lines ...string) string {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "words.txt"), []byte(strings.Join(lines, "\n")), 0o600))
	cmd := exec.Command("ffmpeg", "-nostdin", "-v", "error", "-f", "lavfi", "-i", "color=0xF4F5F7:s=640x260", "-frames:v", "1",
		"-vf", "drawtext=font='Noto Sans CJK SC':textfile=words.txt:fontsize=30:x=24:y=24:line_spacing=26:expansion=none", "words.png")
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, string(out))
	return filepath.Join(dir, "words.png")
}

// Both languages are read in one picture, in the cage, at a known cost.
func TestReadBothLanguages(t *testing.T) {
	t.Parallel()
	r := reader(t, detect.Config{})
	page, err := one(r.Read(t.Context(), []string{written(t, "您的账号已被封禁", "Order 4823 7719 refused", "违规时间 2026-11-20")}, 0))
	require.NoError(t, err)
	require.Greater(t, page.Spent, 50*time.Millisecond)
	want := []media.Line{{Text: "您的账号已被封禁"}, {Text: "Order 4823 7719 refused"}, {Text: "违规时间 2026-11-20"}}
	require.Len(t, page.Lines, len(want))
	for i, l := range page.Lines {
		require.Equal(t, want[i].Text, l.Text)
		require.True(t, l.Sound(), "%+v", l)
		require.InDelta(t, 0.12, l.Height, 0.06)
	}
	facts, err := r.Facts(t.Context())
	require.NoError(t, err)
	require.Regexp(t, `^[45]\.`, facts.Version)
	require.Equal(t, []string{"chi_sim", "eng"}, facts.Languages)
}

func TestNothingIsReadWhereNothingStands(t *testing.T) {
	t.Parallel()
	page, err := one(reader(t, detect.Config{}).Read(t.Context(), []string{written(t, " ")}, 0))
	require.NoError(t, err)
	require.Empty(t, page.Lines)
}

func TestMissingToolIsSaid(t *testing.T) {
	t.Parallel()
	for name, cfg := range map[string]detect.Config{
		"tool":     {Tool: filepath.Join(t.TempDir(), "tesseract")},
		"language": {Languages: []string{"chi_sim", "tlh"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := detect.New(t.Context(), cfg)
			require.ErrorIs(t, err, detect.ErrMissing)
			require.ErrorContains(t, err, "install the package")
		})
	}
	_, err := detect.New(t.Context(), detect.Config{Cage: cage.Config{Off: []string{"moat"}}})
	require.Error(t, err)
}

// stub is a tool that lists the languages and answers a picture with script.
func stub(t *testing.T, script string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "tesseract")
	text := "#!/bin/sh\ncase \"$1\" in --list-langs) echo chi_sim; echo eng; exit;; esac\n" + script + "\n"
	require.NoError(t, os.WriteFile(path, []byte(text), 0o755))
	return path
}

// A tool that misbehaves costs its budget and no more, and what it says of a
// picture is repeated nowhere.
func TestUnrulyTool(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct{ script, wrong string }{
		"floods":  {"while :; do echo 0123456789012345678901234567890123456789012345678901234567890123456789; done", ""},
		"spins":   {"while :; do :; done", ""},
		"fails":   {"echo 我的密码 >&2; exit 1", "我的密码"},
		"is shut": {"cat /etc/passwd", "root:"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			picture := filepath.Join(t.TempDir(), "p.png")
			require.NoError(t, os.WriteFile(picture, []byte("x"), 0o600))
			r := reader(t, detect.Config{Tool: stub(t, row.script), Page: time.Second})
			page, err := one(r.Read(t.Context(), []string{picture}, 0))
			require.Error(t, err)
			require.Empty(t, page.Lines)
			if row.wrong != "" {
				require.NotContains(t, err.Error(), row.wrong)
			}
		})
	}
}

// The tool stands back as far as it is told, and always a little.
func TestStandsBack(t *testing.T) {
	t.Parallel()
	picture := filepath.Join(t.TempDir(), "p.png")
	require.NoError(t, os.WriteFile(picture, []byte("x"), 0o600))
	for asked, want := range map[int]string{0: "5", 19: "19"} {
		tool := stub(t, "while :; do :; done")
		r := reader(t, detect.Config{Tool: tool})
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() {
			_, err := r.Read(ctx, []string{picture}, asked)
			done <- err
		}()
		require.Eventually(t, func() bool { return niceness(tool) == want }, 10*time.Second, 5*time.Millisecond)
		cancel()
		require.ErrorIs(t, <-done, context.Canceled)
	}
}

// A tool that waits for ever costs no processor time, so the clock ends it.
func TestHungToolIsEnded(t *testing.T) {
	t.Parallel()
	picture := filepath.Join(t.TempDir(), "p.png")
	require.NoError(t, os.WriteFile(picture, []byte("x"), 0o600))
	r := reader(t, detect.Config{Tool: stub(t, "kill -STOP $$"), Wait: 2 * time.Second})
	_, err := r.Read(t.Context(), []string{picture}, 0)
	require.ErrorContains(t, err, "did not come to an end")
}

// niceness is how far the process that runs a script stands back, "" = none runs it.
func niceness(script string) string {
	lines, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		return ""
	}
	for _, line := range lines {
		args, err := os.ReadFile(line)
		if err != nil || !strings.HasPrefix(string(args), "/bin/sh\x00"+script) {
			continue
		}
		stat, err := os.ReadFile(filepath.Join(filepath.Dir(line), "stat"))
		if fields := strings.Fields(string(stat)); err == nil && len(fields) > 18 {
			return fields[18]
		}
	}
	return ""
}

func TestStopsWhenAsked(t *testing.T) {
	t.Parallel()
	picture := filepath.Join(t.TempDir(), "p.png")
	require.NoError(t, os.WriteFile(picture, []byte("x"), 0o600))
	r := reader(t, detect.Config{Tool: stub(t, "while :; do :; done")})
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	_, err := r.Read(ctx, []string{picture}, 0)
	require.ErrorIs(t, err, context.DeadlineExceeded)
}

// one is the page of a reading of one picture.
func one(pages []media.Page, err error) (media.Page, error) {
	if err != nil {
		return media.Page{}, err
	}
	return pages[0], nil
}

// Several pictures are read at once, a blank one among them, and nothing is left lying
// next to them; one that is none has no reading come back.
func TestReadsSeveral(t *testing.T) {
	t.Parallel()
	r := reader(t, detect.Config{})
	pictures := []string{written(t, "您的账号已被封禁"), written(t, " "), written(t, "Order 4823 7719 refused")}
	pages, err := r.Read(t.Context(), pictures, 0)
	require.NoError(t, err)
	require.Len(t, pages, 3)
	require.Equal(t, "您的账号已被封禁", pages[0].Lines[0].Text)
	require.Empty(t, pages[1].Lines)
	require.Equal(t, "Order 4823 7719 refused", pages[2].Lines[0].Text)
	require.Positive(t, pages[1].Spent)
	left, err := os.ReadDir(filepath.Dir(pictures[0]))
	require.NoError(t, err)
	require.Len(t, left, 2, "the picture and its words")
	broken := filepath.Join(t.TempDir(), "p.png")
	require.NoError(t, os.WriteFile(broken, []byte("x"), 0o600))
	_, err = r.Read(t.Context(), []string{pictures[0], broken, pictures[2]}, 0)
	require.Error(t, err)
}
