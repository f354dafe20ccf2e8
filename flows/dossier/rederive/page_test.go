package rederive

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"clipcase/flows/dossier/mail"
)

// TestPagesOfMails: what people see of a draft is its words, and nothing else.
func TestPagesOfMails(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	picture := filepath.Join(dir, "a.jpg")
	require.NoError(t, os.WriteFile(picture, []byte("\xff\xd8jpeg"), 0o600))
	const words, line, link = "您好：\n账号 <b> 被误封 & 请核实\n1/2 图 0:02", "在线查看：", "https://clip.example/e/abc?x=1&y=2"
	for _, d := range []mail.Draft{
		{Lang: "zh", Subject: "[视频工单] CC0042", Text: words, Date: time.Unix(0, 0), Pictures: []mail.File{{Path: picture, Name: "a.jpg", Line: "1/2 图 0:02"}}},
		{Lang: "zh", Subject: "[视频工单] CC0042", Text: words, Date: time.Unix(0, 0), Link: link, LinkText: line},
	} {
		to := filepath.Join(t.TempDir(), "message.eml")
		_, err := d.Write(t.Context(), to)
		require.NoError(t, err)
		e := readMail(t, to)
		said, at, ok := tail(e.text, words)
		require.True(t, ok)
		require.Equal(t, []string{d.LinkText, d.Link}, []string{said, at})
		require.True(t, shows(e.page, words, said, at), e.page)
		for _, change := range [][2]string{
			{"被误封", "被正确封"}, {"</body>", "<p>还有一句</p></body>"}, {"</body>", "<script>x</script></body>"},
			{"</body>", `<img src="https://spy.example/x.png"></body>`}, {"</body>", `<a href="https://evil.example">x</a></body>`},
			{"<p>", `<p onclick="x">`}, {"您好：", ""},
		} {
			require.False(t, shows(strings.Replace(e.page, change[0], change[1], 1), words, said, at), change)
		}
	}
	for _, after := range []string{"另外加一句", "在线查看：\nhttps://a.example\n再加一句", "https://a.example", "x\njavascript:alert(1)"} {
		_, _, ok := tail(words+"\n\n"+after, words)
		require.False(t, ok, after)
	}
}

func readMail(t *testing.T, path string) enclosed {
	t.Helper()
	in, err := os.Open(path)
	require.NoError(t, err)
	defer func() { require.NoError(t, in.Close()) }()
	e, err := opened(in)
	require.NoError(t, err)
	return e
}
