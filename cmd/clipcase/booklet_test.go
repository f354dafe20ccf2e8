package main

import (
	"context"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"clipcase/flows"
	"clipcase/flows/dossier"
	"clipcase/flows/prepare"
	"clipcase/internal/flowstest"
	"clipcase/internal/testclips"
	"clipcase/internal/tsatest"
)

// The booklets of three real cases are read by programs that are not ours: every
// font is in them, no reader complains, and what stands there can be found. With
// BOOKLET_OUT they are kept in that folder, to be looked at.
func TestBookletsAsOthersReadThem(t *testing.T) {
	t.Parallel()
	tall := testclips.Make(t, testclips.Spec{Width: 540, Height: 1170, FPS: 10, Seconds: 15, Words: true})
	wide := testclips.Make(t, testclips.Spec{Width: 656, Height: 368, FPS: 10, Seconds: 6, Words: true})
	copied := testclips.Make(t, testclips.Spec{Width: 360, Height: 640, FPS: 10, Seconds: 6, Words: true})
	script := filepath.Join(t.TempDir(), "script.txt")
	require.NoError(t, os.WriteFile(script, []byte("分镜脚本：第一场，厨房，白天。\n"), 0o600))
	for name, c := range map[string]struct {
		scenario, statement string
		answers             map[string]string
		exhibits            []prepare.Exhibit
		original            bool // is beside it
		want                []string
	}{
		"ban": {
			scenario: "account-ban", statement: "我的账号在11月20日晚上被误封，提示“涉嫌违规”，但我没有发布任何违规内容。请人工复核，谢谢。",
			exhibits: []prepare.Exhibit{{Path: tall, Name: "录屏_20261120.mp4", Slot: "screen"}}, original: true,
			want: []string{"账号封禁", "请人工复核", "录屏_20261120.mp4", "以“文件”方式发来", "钥匙"},
		},
		"live": {
			scenario: "live-dispute", statement: "主播说买一送一，下单后只发了一件，客服说没有这个活动。",
			answers:  map[string]string{"room": "好物严选", "when": "11月20日21:30左右"},
			exhibits: []prepare.Exhibit{{Path: tall, Name: "弹幕.mp4", Slot: "comments"}, {Path: wide, Name: "直播间.mp4", Slot: "sync"}}, original: true,
			want: []string{"买一送一", "好物严选", "弹幕.mp4", "直播间.mp4"},
		},
		"copyright": {
			scenario: "copyright", statement: strings.Repeat("对方逐句照搬了我的原创视频，连字幕里的错字都一样。", 12),
			exhibits: []prepare.Exhibit{{Path: wide, Name: "我的原创.mp4", Slot: "own"}, {Path: copied, Name: "对方的视频（网页下载）.mp4", Slot: "copy"}, {Path: script, Name: "分镜脚本.txt", Slot: "script"}},
			want:     []string{"逐句照搬", "我的原创.mp4", "分镜脚本.txt", "时间戳"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			pdf, picture := makeBooklet(t, c.scenario, c.statement, c.answers, c.exhibits, c.original)
			keepBooklet(t, name, pdf, picture)
			require.Empty(t, notEmbedded(t, pdf))
			quiet(t, "qpdf", "--check", pdf)
			quiet(t, "pdftoppm", "-r", "20", pdf, filepath.Join(t.TempDir(), "page"))
			text := strings.Join(strings.Fields(quiet(t, "pdftotext", "-enc", "UTF-8", pdf, "-")), "")
			for _, words := range append(c.want, "按时间看画面", "怎么来的", "SHA-256", "不能说明什么") {
				require.Contains(t, text, words)
			}
		})
	}
}

// The booklet of the command line tells of the time stamps and of what was done so
// far, down to the fingerprint of the line that the history in the bag has there.
func TestBookletOfTheCommandLineTellsItsCourse(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	clip, err := os.ReadFile(tinyClip(t))
	require.NoError(t, err)
	write(t, dir, "录屏.mp4", string(clip))
	tsa := tsatest.New(t, "Test Authority")
	got := clipcase(t, dir, []string{"TSA_URLS=" + tsa.URL}, "prepare", "--scenario", "account-ban", "--channel", "booklet", "--statement", "我的账号被误封。", "--out", "mine", "--hand-over", "others", "录屏.mp4")
	require.Equal(t, codeDone, got.code, got.err)
	require.EqualValues(t, 3, tsa.Asked.Load(), "of the original, once, and of both signatures")
	pdfs, err := filepath.Glob(filepath.Join(dir, "mine", "data", "booklet", "*.pdf"))
	require.NoError(t, err)
	require.Len(t, pdfs, 1)
	keepBooklet(t, "command-line", pdfs[0])
	raw, err := os.ReadFile(filepath.Join(dir, "mine", "history.jsonl"))
	require.NoError(t, err)
	lines := strings.Split(strings.TrimSpace(string(raw)), "\n")
	require.Len(t, lines, 3, "received, stamped, ready")
	text := strings.Join(strings.Fields(quiet(t, "pdftotext", "-enc", "UTF-8", pdfs[0], "-")), "")
	for _, words := range []string{"收到“录屏.mp4”", "TestAuthority盖了时间戳", sum([]byte(lines[1]))} {
		require.Contains(t, text, words)
	}
	for _, folder := range []string{"mine", "others"} {
		got = clipcase(t, dir, nil, "verify", "--ca", tsa.Root, folder)
		require.Equal(t, codeDone, got.code, got.err)
		require.Contains(t, got.err, "✓ 经过 3 条")
	}
}

// makeBooklet prepares a case as the service does, screens are read.
func makeBooklet(t *testing.T, scenario, statement string, answers map[string]string, exhibits []prepare.Exhibit, original bool) (pdf, picture string) {
	t.Helper()
	dir := t.TempDir()
	engine, versions, err := newTools(t.Context(), true, "", slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	preparer, err := prepare.New(prepare.Config{Catalog: flowstest.Catalogue(t), Engine: engine, Reader: engine, Clock: time.Now, Tools: versions})
	require.NoError(t, err)
	now := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	req := prepare.Request{
		Case: "CC0042", Scenario: scenario, Lang: "zh", Statement: statement, Answers: answers, Dir: dir, Now: now, Original: original,
		Channels: []prepare.Channel{{ID: "booklet"}}, Signer: "6b1f 02aa 91c3 7d40 55e8 13fb 0c9d a276", Link: "https://clipcase.example/e/abcdefghijklmnopqrstuvwxyz012345",
	}
	req.History = flows.AppendEntry(nil, now.Add(-time.Hour), "created")
	for i, e := range exhibits {
		e.ID, e.Grade, e.At = string(rune('a'+i)), flows.GradeFile, now.Add(-50*time.Minute)
		e.SHA256 = fileSum(t, e.Path)
		req.Exhibits = append(req.Exhibits, e)
		req.History = flows.AppendEntry(req.History, e.At, "received", "exhibit", e.ID, "bytes", 1, "sha256", e.SHA256)
		if !original {
			req.Stamped = append(req.Stamped, dossier.Stamped{Original: e.SHA256, By: "Test Time Stamping Authority", At: e.At.Add(time.Minute)})
		}
	}
	req.History = flows.AppendEntry(req.History, now.Add(-time.Minute), "submitted", "channel", "booklet")
	record, err := preparer.Run(t.Context(), req, unwatched{})
	require.NoError(t, err)
	for _, p := range record.Pieces {
		switch path := filepath.Join(dir, filepath.FromSlash(p.File)); filepath.Ext(path) {
		case ".pdf":
			pdf = path
		case ".jpg":
			picture = path
		}
	}
	require.NotEmpty(t, pdf, "%v", record.Warnings)
	require.NotEmpty(t, picture, "%v", record.Warnings)
	return pdf, picture
}

// unwatched hears nothing.
type unwatched struct{}

func (unwatched) Progress(flows.WorkProgress)            {}
func (unwatched) Pack(context.Context, flows.Pack) error { return nil }

// fileSum is the SHA-256 of a file.
func fileSum(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	return sum(content)
}

// quiet runs a reader, which must have nothing to complain about, and gives what it
// wrote.
func quiet(t *testing.T, name string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	var out, complaints strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &complaints
	require.NoError(t, cmd.Run(), "%s: %s%s", name, out.String(), complaints.String())
	require.Empty(t, complaints.String(), name)
	return out.String()
}

// notEmbedded are the fonts of a PDF of which some column says no: embedded, a
// subset, readable as Unicode.
func notEmbedded(t *testing.T, pdf string) []string {
	t.Helper()
	lines := strings.Split(strings.TrimSpace(quiet(t, "pdffonts", pdf)), "\n")
	require.Greater(t, len(lines), 2, "it has fonts")
	var out []string
	for _, l := range lines[2:] {
		if strings.Contains(l, " no ") {
			out = append(out, l)
		}
	}
	return out
}

func keepBooklet(t *testing.T, name string, files ...string) {
	t.Helper()
	to := os.Getenv("BOOKLET_OUT")
	if to == "" {
		return
	}
	for _, f := range files {
		content, err := os.ReadFile(f)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(to, name+filepath.Ext(f)), content, 0o600))
	}
}
