package telegramtest

import (
	"testing"

	"github.com/go-telegram/bot/models"
	"github.com/stretchr/testify/require"
)

func TestHTMLAsShown(t *testing.T) {
	t.Parallel()
	text, entities, err := parseHTML(`😀<b>粗<i>斜</i></b> <pre><code class="language-go">a &lt; b</code></pre> <code><b>x</b></code> <a href="https://a.example">链</a> &#20013;&nbsp;`)
	require.NoError(t, err)
	require.Equal(t, "😀粗斜 a < b x 链 中&nbsp;", text)
	want := []models.MessageEntity{
		{Type: "bold", Offset: 2, Length: 2}, {Type: "italic", Offset: 3, Length: 1},
		{Type: "pre", Offset: 5, Length: 5, Language: "go"}, {Type: "code", Offset: 11, Length: 1},
		{Type: "text_link", Offset: 13, Length: 1, URL: "https://a.example/"},
	}
	require.Equal(t, want, entities)
}
