package telegramtest

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"
	"github.com/stretchr/testify/require"
)

func client(t *testing.T, s *Server) *bot.Bot {
	t.Helper()
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	b, err := bot.New(s.Token(), bot.WithServerURL(s.URL()), bot.WithHTTPClient(2*time.Second, &http.Client{Transport: transport}),
		bot.WithNotAsyncHandlers(), bot.WithErrorsHandler(func(error) {}),
		bot.WithDefaultHandler(func(ctx context.Context, b *bot.Bot, u *models.Update) {
			if u.Message != nil {
				_, _ = b.SendMessage(ctx, &bot.SendMessageParams{ChatID: u.Message.Chat.ID, Text: "<b>got</b> " + u.Message.Text,
					ParseMode: models.ParseModeHTML, ReplyMarkup: &models.InlineKeyboardMarkup{InlineKeyboard: [][]models.InlineKeyboardButton{
						{{Text: "Yes", CallbackData: "yes"}}}}})
			}
			if u.CallbackQuery != nil {
				_, _ = b.AnswerCallbackQuery(ctx, &bot.AnswerCallbackQueryParams{CallbackQueryID: u.CallbackQuery.ID, Text: "done"})
				m := u.CallbackQuery.Message.Message
				_, _ = b.EditMessageText(ctx, &bot.EditMessageTextParams{ChatID: m.Chat.ID, MessageID: m.ID, Text: "pressed " + u.CallbackQuery.Data})
			}
		}))
	require.NoError(t, err)
	return b
}

func TestTalksWithTheClientLibrary(t *testing.T) {
	s := New(t)
	b := client(t, s)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); b.Start(ctx) }()
	defer func() { cancel(); <-done }()

	u := s.User(5, "zh-hans")
	id := u.Text("你好 /appeal@" + s.Username() + " x")
	m := u.AwaitText(5*time.Second, id, "got")
	require.Equal(t, []models.MessageEntity{{Type: "bold", Offset: 0, Length: 3}}, m.Entities)
	press := u.Press(m.ID, "Yes")
	text, _, err := press.Answer(ctx)
	require.NoError(t, err)
	require.Equal(t, "done", text)
	u.AwaitText(5*time.Second, 0, "pressed yes")
	require.Empty(t, s.Violations())
	require.Contains(t, u.Transcript(), "pressed yes")
}

func TestSendsFilesOfTheClientLibrary(t *testing.T) {
	s := New(t)
	b := client(t, s)
	u := s.User(5, "").Started()
	big := strings.Repeat("x", 9<<20) // past what is kept in memory
	m, err := b.SendDocument(context.Background(), &bot.SendDocumentParams{ChatID: int64(5), Caption: "c",
		Document: &models.InputFileUpload{Filename: "a.bin", Data: strings.NewReader(big)}})
	require.NoError(t, err)
	require.Equal(t, int64(len(big)), m.Document.FileSize)
	got, err := u.Last().File.Bytes()
	require.NoError(t, err)
	require.Equal(t, big, string(got))
}
