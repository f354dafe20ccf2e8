package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"clipcase/flows/dossier/bag"
	"clipcase/flows/dossier/verify"
)

// itHolds checks a finished case as strangers would, with tools of their own and
// with ours, and then that a change is found. It spoils the case.
func itHolds(t *testing.T, dir, id, root string) {
	t.Helper()
	folder := filepath.Join(dir, id)
	stamps, err := filepath.Glob(filepath.Join(folder, "stamps", "*.tsr"))
	require.NoError(t, err)
	require.Len(t, stamps, 2, "of the signature and of the original")
	originals, err := filepath.Glob(filepath.Join(folder, "data", "original", "*"))
	require.NoError(t, err)
	for i, data := range []string{originals[0], filepath.Join(folder, "manifest-sha256.txt.minisig")} {
		said, err := exec.Command("openssl", "ts", "-verify", "-data", data, "-in", stamps[i], "-CAfile", root).CombinedOutput()
		require.NoError(t, err, "%s", said)
	}
	for _, tool := range [][]string{
		{"sha256sum", "--quiet", "-c", "manifest-sha256.txt"}, {"sha256sum", "--quiet", "-c", "tagmanifest-sha256.txt"},
		{"minisign", "-V", "-m", "manifest-sha256.txt", "-p", "clipcase.pub"}, {"minisign", "-V", "-m", "tagmanifest-sha256.txt", "-p", "clipcase.pub"},
	} {
		cmd := exec.Command(tool[0], tool[1:]...)
		cmd.Dir = folder
		said, err := cmd.CombinedOutput()
		require.NoError(t, err, "%v: %s", tool, said)
	}
	got := clipcase(t, dir, nil, "verify", "--json", id)
	require.Equal(t, codeDone, got.code, got.err)
	var report verify.Report
	require.NoError(t, json.Unmarshal([]byte(got.out), &report))
	require.True(t, report.OK)
	require.Equal(t, id, report.Case)
	require.NotEmpty(t, report.Signature.Key)
	require.Len(t, report.Stamps, 2)
	require.False(t, report.Stamps[0].Trusted, "this machine does not know the authority")
	require.NotContains(t, got.err, "✓ 时间戳", "anyone can make an authority")
	require.Contains(t, got.err, "? 时间戳")

	require.Equal(t, verify.Known{}, report.Known)
	require.NotContains(t, got.err, "全部对得上，", "nobody said who should have signed")
	require.Contains(t, got.err, "! 没有核对是谁签的名：这把钥匙的指纹是 "+report.Signature.Key)

	got = clipcase(t, dir, nil, "verify", "--json", "--ca", root, id)
	require.Equal(t, codeDone, got.code, got.err)
	require.NoError(t, json.Unmarshal([]byte(got.out), &report))
	require.True(t, report.Stamps[0].Trusted)
	require.Equal(t, verify.Known{Authorities: true}, report.Known)
	require.Contains(t, got.err, "✓ 时间戳")

	got = clipcase(t, dir, nil, "verify", "--key", report.Signature.Key, id)
	require.Equal(t, codeDone, got.code)
	require.NotContains(t, got.err, "没有核对是谁签的名")
	require.Equal(t, codeFailed, clipcase(t, dir, nil, "verify", "--key", "0000", id).code)
	write(t, folder, "data/summary.txt", "more")
	got = clipcase(t, dir, []string{"LANG=en"}, "verify", id)
	require.Equal(t, codeFailed, got.code)
	require.Contains(t, got.err, "✗ extra    data/summary.txt")
	require.NoError(t, os.Remove(filepath.Join(folder, "data", "summary.txt")))
}

// Without signatures the lists may have been made anew: that is no bag that holds,
// and where the reader says that it may be so, the last line must not sound as if
// it was not.
func TestUnsignedBagsAreToldSo(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	made, err := bag.New(bag.Contents{Case: "CC0042", Kind: bag.KindMine, Agent: "clipcase", Date: time.Now(), Payload: []bag.File{bag.Text("data/case.json", []byte(`{"case":"CC0042"}`), time.Now())}})
	require.NoError(t, err)
	require.NoError(t, made.WriteFolder(t.Context(), dir))
	got := clipcase(t, dir, []string{"LANG=en"}, "verify", "--json", ".")
	require.Equal(t, codeFailed, got.code, got.err)
	require.Contains(t, got.err, "✗ nobody signed this")
	require.Contains(t, got.err, "--allow-unsigned")
	got = clipcase(t, dir, []string{"LANG=en"}, "verify", "--json", "--allow-unsigned", ".")
	require.Equal(t, codeDone, got.code, got.err)
	require.NotContains(t, got.err, "Everything holds")
	require.Contains(t, got.err, "nothing is signed")
	require.Contains(t, got.out, `"signed": false`)
}

func TestVerifyUsage(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir, "words.txt", "not a bag")
	for want, args := range map[int][]string{codeUsage: {"verify", "absent"}, codeInput: {"verify", "words.txt"}} {
		require.Equal(t, want, clipcase(t, dir, nil, args...).code)
	}
	require.Equal(t, codeUsage, clipcase(t, dir, nil, "verify").code)
	require.Equal(t, codeUsage, clipcase(t, dir, nil, "verify", "a", "b").code)
}
