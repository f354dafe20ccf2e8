package checkpage_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"clipcase/flows"
	"clipcase/flows/dossier/bag"
	"clipcase/flows/dossier/checkpage"
	"clipcase/flows/dossier/stamp"
	"clipcase/flows/dossier/verify"
	"clipcase/internal/browsertest"
	"clipcase/internal/tsatest"
)

// theLinesHold runs the openssl lines that the page shows.
func theLinesHold(t *testing.T, p *browsertest.Page, dir, root string) {
	t.Helper()
	ran := 0
	for line := range strings.Lines(browsertest.Eval[string](p, "document.getElementById('lines').textContent")) {
		if !strings.HasPrefix(line, "openssl ") {
			continue
		}
		cmd := exec.CommandContext(t.Context(), "sh", "-c", strings.ReplaceAll(line, "ROOT.pem", root))
		cmd.Dir = dir
		said, err := cmd.CombinedOutput()
		require.NoError(t, err, "%s%s", line, said)
		ran++
	}
	require.Equal(t, 2, ran)
}

// What was noted and stamped is checked as verify checks it, also where whoever has
// the key signed it.
func checksWhatWasNoted(t *testing.T, browser *browsertest.Browser, tsa *tsatest.Authority) {
	p := browser.Open(t, browsertest.Phone())
	dir := t.TempDir()
	b, err := bag.New(contents(t, tsa, nil))
	require.NoError(t, err)
	require.NoError(t, b.WriteFolder(t.Context(), dir))
	p.Go("file://" + filepath.Join(dir, checkpage.Name))
	history := func(change func(lines [][]byte) [][]byte) func(*bag.Contents) {
		return func(c *bag.Contents) {
			lines := bytes.SplitAfter(content(t, c.Tags[1]), []byte("\n"))
			c.Tags[1] = bag.Text(bag.HistoryFile, bytes.Join(change(lines[:len(lines)-1]), nil), noon)
		}
	}
	foreign, err := stamp.OfOriginal(strings.Repeat("ab", 32))
	require.NoError(t, err)
	for name, c := range map[string]struct {
		change func(*bag.Contents)
		said   []string
	}{
		"a letter of a line": {history(func(l [][]byte) [][]byte {
			l[1] = bytes.Replace(l[1], []byte("received"), []byte("deceived"), 1)
			return l
		}), []string{"✗ 经过从第 3 条起接不上"}},
		"a line less":     {history(func(l [][]byte) [][]byte { return append(l[:1:1], l[2:]...) }), []string{"✗ 经过从第 2 条起接不上"}},
		"another order":   {history(func(l [][]byte) [][]byte { l[1], l[2] = l[2], l[1]; return l }), []string{"✗ 经过从第 2 条起接不上"}},
		"no beginning":    {history(func(l [][]byte) [][]byte { return l[2:] }), []string{"✗ 经过的开头不见了"}},
		"no end":          {history(func(l [][]byte) [][]byte { return l[:2] }), []string{"✗ 经过被截短了：应有 4 条，这里只有 2 条"}},
		"another last":    {history(func(l [][]byte) [][]byte { l[3] = bytes.Replace(l[3], []byte("ready"), []byte("steady"), 1); return l }), []string{"✗ 经过的最后一条不是"}},
		"no line":         {history(func(l [][]byte) [][]byte { l[2] = []byte("<img src=x>\n"); return l }), []string{"✗ 经过的第 3 条读不出来"}},
		"a line cut":      {history(func(l [][]byte) [][]byte { l[3] = l[3][:len(l[3])-1]; return l }), []string{"✗ 经过的第 4 条读不出来"}},
		"no history":      {func(c *bag.Contents) { c.Tags = c.Tags[:1] }, []string{"✗ 应该有经过"}},
		"of another case": {func(c *bag.Contents) { c.Stamps = append(c.Stamps, stamped(t, tsa, foreign)...) }, []string{"✗ 这个时间戳盖的不是这份材料里的东西（Test Authority", "✓ Test Authority 写明"}},
		"not a stamp":     {func(c *bag.Contents) { c.Stamps[0] = bag.Text(c.Stamps[0].Path, []byte("<script>1</script>"), noon) }, []string{"✗ 这个时间戳读不出来"}},
		"fewer than named": {func(c *bag.Contents) {
			c.Info = append(c.Info, bag.Field{Label: bag.LabelStamps, Value: "3"})
			c.Stamps = nil
		}, []string{"✗ 时间戳比说明里写的少"}},
	} {
		changed := contents(t, tsa, c.change)
		if raw := content(t, changed.Tags[len(changed.Tags)-1]); strings.Contains(c.said[0], "经过") && len(changed.Tags) > 1 {
			count, _, head, err := flows.CheckHistory(raw)
			require.False(t, err == nil && fmt.Sprint(count, " ", head) == changed.Info[0].Value, "%s: verify finds nothing", name)
		}
		b, err := bag.New(changed)
		require.NoError(t, err)
		choose(t, p, "bad", archive(t, b))
		p.Await(append(c.said, "文件没有变，但经过或时间戳对不上")...)
	}
	saysOneThing(t, p, tsa)
	looked(t, p, "verify-noted.png")

	// One that began before lines were linked, and one whose oldest were folded.
	var long []flows.Entry
	for range 1100 {
		long = flows.AppendEntry(long, noon, "viewed", "sha256", "x")
	}
	for name, lines := range map[string][]flows.Entry{
		"folded": long,
		"old":    flows.AppendEntry([]flows.Entry{{At: noon, What: "created"}, {At: noon, What: "received"}}, noon, "ready"),
	} {
		head := (&flows.Case{History: lines}).Head()
		answer, err := json.Marshal([]any{string(flows.HistoryLines(lines)), fmt.Sprint(len(lines), " ", head)})
		require.NoError(t, err)
		got := browsertest.Eval[string](p, "((a) => JSON.stringify(checkHistory(new TextEncoder().encode(a[0]), a[1])))("+string(answer)+")")
		require.JSONEq(t, fmt.Sprintf(`{"state":"ok","n":%d,"of":%d,"head":%q}`, len(lines), len(lines), head), got, name)
	}
	readsStampsAsWeDo(t, p, content(t, contents(t, tsa, nil).Stamps[0]))
}

// saysOneThing: what is signed must be of this bag in all its parts, as verify demands.
func saysOneThing(t *testing.T, p *browsertest.Page, tsa *tsatest.Authority) {
	t.Helper()
	for name, c := range map[string]struct {
		change func(*bag.Contents)
		said   string
	}{
		"a file exchanged": {func(c *bag.Contents) { c.Payload[1] = bag.Text(c.Payload[1].Path, []byte("another"), noon) }, "✗ 与记录里写的不一样 data/douyin-dm/"},
		"a file taken out": {func(c *bag.Contents) { c.Payload = append(c.Payload[:1:1], c.Payload[2]) }, "✗ 没有找到 data/douyin-dm/"},
		"another number":   {func(c *bag.Contents) { c.Case = "CC0043" }, "✗ 与记录里写的不一样 data/case.json"},
	} {
		b, err := bag.New(contents(t, tsa, c.change))
		require.NoError(t, err)
		path := archive(t, b)
		report, err := verify.Run(t.Context(), path, verify.Options{})
		require.NoError(t, err)
		require.NotEmpty(t, report.Problems, name)
		choose(t, p, "bad", path)
		p.Await(c.said)
	}
	// everything is right, but what was signed says that it is of another bag
	c := contents(t, tsa, func(c *bag.Contents) { c.Kind, c.Stamps, c.Signer = bag.KindHandOver, nil, ofMine{c.Signer} })
	b, err := bag.New(c)
	require.NoError(t, err)
	choose(t, p, "bad", archive(t, b))
	p.Await("签名对不上")
}

// ofMine signs as if every bag was the one for its owner.
type ofMine struct{ bag.Signer }

func (s ofMine) Sign(content []byte, comment string) []byte {
	return s.Signer.Sign(content, strings.Replace(comment, bag.KindHandOver, bag.KindMine, 1))
}

// readsStampsAsWeDo gives the page a stamp with every byte flipped in turn, and cut
// everywhere: it never ends but by saying that it cannot be read, and what it reads
// without having to trust anybody is what we read.
func readsStampsAsWeDo(t *testing.T, p *browsertest.Page, reply []byte) {
	t.Helper()
	token, err := stamp.Check(reply, nil)
	require.NoError(t, err)
	got := browsertest.Eval[string](p, `((raw) => {
		const one = checkStamp('x', raw, new Map())
		const states = new Set()
		for (let i = 0; i < raw.length; i++) {
			for (const bit of [1, 4, 32, 128]) {
				const b = raw.slice()
				b[i] ^= bit
				states.add(checkStamp('x', b, new Map()).state)
			}
			states.add('cut ' + checkStamp('x', raw.slice(0, i), new Map()).state)
		}
		states.add('more ' + checkStamp('x', Uint8Array.from([...raw, 0]), new Map()).state)
		return [one.state, one.digest, one.authority, new Date(one.time).toISOString(), [...states].sort().join()].join('|')
	})(fromBase64("`+base64.StdEncoding.EncodeToString(reply)+`"))`)
	require.Equal(t, fmt.Sprintf("other|%x|%s|%s|cut unread,more unread,other,unread", token.Digest, token.Name, token.Time.Format("2006-01-02T15:04:05.000Z")), got)
}

func content(t *testing.T, f bag.File) []byte {
	t.Helper()
	r, err := f.Open(t.Context())
	require.NoError(t, err)
	raw, err := io.ReadAll(r)
	require.NoError(t, err)
	require.NoError(t, r.Close())
	return raw
}
