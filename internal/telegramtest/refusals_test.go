package telegramtest

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

type refusalCase struct {
	name   string
	method string
	params args
	files  map[string][]byte
	status int
	words  string
}

func keyboard(rows ...[]args) args { return args{"inline_keyboard": rows} }

func one(button args) args { return keyboard([]args{button}) }

func repeat(n int, b args) []args { return slices.Repeat([]args{b}, n) }

// The world of every case: person 5 wrote (message 1), the bot answered with a
// text (2) and a photo (3); 6 never wrote, 7 blocked the bot, 8 is gone; group
// -100 is well, the bot was thrown out of -101, left -102, and -103 moved.
func world(t *testing.T, opts ...Option) *Server {
	s := New(t, opts...)
	five := s.User(5, "zh")
	five.Text("hello")
	require.Equal(t, 2, call(t, s, "sendMessage", args{"chat_id": 5, "text": "two"}, nil).id(t))
	require.Equal(t, 3, call(t, s, "sendPhoto", args{"chat_id": 5, "photo": "attach://p"}, map[string][]byte{"p": picture(20, 30)}).id(t))
	s.User(6, "")
	s.User(7, "").Started().Block()
	s.User(8, "").Started().Deactivate()
	s.Group(-100, "team", false)
	s.Group(-101, "out", false).Kick()
	s.Group(-102, "left", false)
	require.True(t, call(t, s, "leaveChat", args{"chat_id": -102}, nil).OK)
	s.Group(-103, "small", false).Upgrade(-1003)
	return s
}

func merge(sets ...args) args {
	out := args{}
	for _, set := range sets {
		for k, v := range set {
			out[k] = v
		}
	}
	return out
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	s := world(t)
	photoID := s.Chat(5).Last().File.ID
	yes := args{"text": "Yes", "callback_data": "y"}
	text := func(more args) args { return merge(args{"chat_id": 5, "text": "x"}, more) }
	html := func(words string) args { return args{"chat_id": 5, "text": words, "parse_mode": "HTML"} }
	button := func(b args) args { return text(args{"reply_markup": one(b)}) }
	pic := map[string][]byte{"a": picture(9, 9)}
	two := map[string][]byte{"a": picture(9, 9), "b": picture(9, 9)}
	photo := func(name string) args { return args{"type": "photo", "media": name} }
	group := func(items ...args) args { return args{"chat_id": 5, "media": items} }
	up := func(name string, data []byte) map[string][]byte { return map[string][]byte{name: data} }
	to := args{"chat_id": 5}

	const br = "Bad Request: "
	cases := []refusalCase{
		{"method", "sendNothing", nil, nil, 404, "Not Found: method not found"},
		{"unknown parameter", "sendMessage", text(args{"disable_web_page_preview": true}), nil, 400, br + `unknown parameter "disable_web_page_preview"`},
		{"unknown upload", "sendMessage", text(nil), up("photo", picture(2, 2)), 400, br + `unknown parameter "photo"`},
		{"no chat", "sendMessage", args{"text": "x"}, nil, 400, br + "chat_id is empty"},
		{"chat unknown", "sendMessage", args{"chat_id": 99, "text": "x"}, nil, 400, br + "chat not found"},
		{"not started", "sendMessage", args{"chat_id": 6, "text": "x"}, nil, 403, "Forbidden: bot can't initiate conversation with a user"},
		{"blocked", "sendMessage", args{"chat_id": 7, "text": "x"}, nil, 403, "Forbidden: bot was blocked by the user"},
		{"deactivated", "sendMessage", args{"chat_id": 8, "text": "x"}, nil, 403, "Forbidden: user is deactivated"},
		{"kicked", "sendMessage", args{"chat_id": -101, "text": "x"}, nil, 403, "Forbidden: bot was kicked from the supergroup chat"},
		{"not a member", "sendMessage", args{"chat_id": -102, "text": "x"}, nil, 403, "Forbidden: bot is not a member of the supergroup chat"},
		{"moved", "sendMessage", args{"chat_id": -103, "text": "x"}, nil, 400, br + "group chat was upgraded to a supergroup chat"},
		{"no text", "sendMessage", to, nil, 400, br + "message text is empty"},
		{"only spaces", "sendMessage", text(args{"text": " \n "}), nil, 400, br + "text must be non-empty"},
		{"only control characters", "sendMessage", text(args{"text": "\u202e\u202d"}), nil, 400, br + "text must be non-empty"},
		{"markup of nothing", "sendMessage", html("<b></b>"), nil, 400, br + "text must be non-empty"},
		{"text of 4097", "sendMessage", text(args{"text": strings.Repeat("字", 4097)}), nil, 400, br + "message is too long"},
		{"raw text over 32 KB", "sendMessage", text(args{"text": strings.Repeat("x", 32769)}), nil, 400, br + "text is too long"},
		{"not UTF-8", "sendMessage", text(args{"text": "\xff\xfe"}), nil, 400, br + "strings must be encoded in UTF-8"},
		{"parse mode", "sendMessage", text(args{"parse_mode": "XML"}), nil, 400, br + "unsupported parse_mode"},
		{"html no end", "sendMessage", html("a <b>b"), nil, 400, br + `can't parse entities: Can't find end tag corresponding to start tag "b"`},
		{"html unsupported", "sendMessage", html("a <br> b"), nil, 400, br + `can't parse entities: Unsupported start tag "br" at byte offset 2`},
		{"html words in <>", "sendMessage", html("1 < 2"), nil, 400, br + `can't parse entities: Unsupported start tag "" at byte offset 2`},
		{"html unclosed start", "sendMessage", html("<b"), nil, 400, br + "can't parse entities: Unclosed start tag at byte offset 0"},
		{"html unclosed attribute", "sendMessage", html(`<a href="x`), nil, 400, br + "can't parse entities: Unclosed start tag at byte offset 0"},
		{"html wrong order", "sendMessage", html("<b><i>x</b></i>"), nil, 400, br + `can't parse entities: Unmatched end tag at byte offset 7, expected "</i>", found "</b>"`},
		{"html end alone", "sendMessage", html("字x</b>"), nil, 400, br + "can't parse entities: Unexpected end tag at byte offset 4"},
		{"html unclosed end", "sendMessage", html("<b>x</b"), nil, 400, br + "can't parse entities: Unclosed end tag at byte offset 4"},
		{"html span", "sendMessage", html("<span>x</span>"), nil, 400, br + `can't parse entities: Tag "span" must have class "tg-spoiler" at byte offset 0`},
		{"html attribute", "sendMessage", html(`<a ="x">x</a>`), nil, 400, br + `can't parse entities: Empty attribute name in the tag "a" at byte offset 0`},
		{"html token", "sendMessage", html("<a href=x:y>x</a>"), nil, 400, br + "can't parse entities: Unexpected end of name token at byte offset 8"},
		{"html emoji", "sendMessage", html(`<tg-emoji emoji-id="no">x</tg-emoji>`), nil, 400, br + "can't parse entities: Invalid custom emoji identifier specified"},
		{"101 entities", "sendMessage", html(strings.Repeat("<b>x</b> ", 101)), nil, 400, br + "ENTITIES_TOO_LONG"},
		{"entity after the end", "sendMessage", text(args{"entities": []args{{"type": "bold", "offset": 0, "length": 9}}}), nil, 400, br + "entity beginning at UTF-16 offset 0 ends after the end of the text at UTF-16 offset 9"},
		{"reply to nothing", "sendMessage", text(args{"reply_parameters": args{"message_id": 77}}), nil, 400, br + "message to be replied not found"},
		{"markup no JSON", "sendMessage", text(args{"reply_markup": "{"}), nil, 400, br + "can't parse reply keyboard markup JSON object"},
		{"markup no object", "sendMessage", text(args{"reply_markup": "[]"}), nil, 400, br + "object expected as reply markup"},
		{"callback data of 65 bytes", "sendMessage", button(args{"text": "x", "callback_data": strings.Repeat("字", 21) + "ab"}), nil, 400, br + "BUTTON_DATA_INVALID"},
		{"button without words", "sendMessage", button(args{"text": " ", "callback_data": "x"}), nil, 400, br + "inline keyboard button text must be non-empty"},
		{"button without text", "sendMessage", button(args{"callback_data": "x"}), nil, 400, br + `can't parse inline keyboard button: Can't find field "text"`},
		{"button of no kind", "sendMessage", button(args{"text": "x"}), nil, 400, br + "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"},
		{"button unknown field", "sendMessage", button(args{"text": "x", "callback": "y"}), nil, 400, br + `can't parse inline keyboard button: unknown field "callback"`},
		{"button localhost", "sendMessage", button(args{"text": "x", "url": "http://localhost:8080/a"}), nil, 400, br + "inline keyboard button URL 'http://localhost:8080/a' is invalid: Wrong HTTP URL"},
		{"button web app", "sendMessage", button(args{"text": "x", "web_app": args{"url": "http://a.example/"}}), nil, 400, br + "inline keyboard button Web App URL 'http://a.example/' is invalid: Only HTTPS links are allowed"},
		{"copy text of 257", "sendMessage", button(args{"text": "x", "copy_text": args{"text": strings.Repeat("字", 257)}}), nil, 400, br + "BUTTON_COPY_TEXT_INVALID"},
		{"9 in a row", "sendMessage", text(args{"reply_markup": keyboard(repeat(9, yes))}), nil, 400, br + "reply markup is too long"},
		{"101 buttons", "sendMessage", text(args{"reply_markup": keyboard(slices.Repeat([][]args{{yes}}, 101)...)}), nil, 400, br + "reply markup is too long"},
		{"no photo", "sendPhoto", to, nil, 400, br + "there is no photo in the request"},
		{"no document", "sendDocument", to, nil, 400, br + "there is no document in the request"},
		{"missing part", "sendVideo", merge(to, args{"video": "attach://v"}), nil, 400, br + "there is no video in the request"},
		{"wrong file id", "sendVideo", merge(to, args{"video": "nonsense"}), nil, 400, br + "wrong file identifier/HTTP URL specified"},
		{"file id of another kind", "sendVideo", merge(to, args{"video": photoID}), nil, 400, br + "can't use file of type Photo as Video"},
		{"path in the cloud", "sendVideo", merge(to, args{"video": "file:///etc/hostname"}), nil, 400, br + "wrong file identifier/HTTP URL specified"},
		{"by URL", "sendPhoto", merge(to, args{"photo": "https://a.example/b.jpg"}), nil, 400, br + "failed to get HTTP URL content"},
		{"empty file", "sendDocument", to, up("document", nil), 400, br + "file must be non-empty"},
		{"upload of 50 MB and a byte", "sendDocument", to, up("document", make([]byte, 50<<20+1)), 413, "Request Entity Too Large"},
		{"photo over 10 MB", "sendPhoto", to, up("photo", padded(picture(8, 8), 10<<20+1)), 400, br + "file of size 10485761 bytes is too big for a photo; the maximum size is 10485760 bytes"},
		{"photo too long", "sendPhoto", to, up("photo", picture(10, 210)), 400, br + "PHOTO_INVALID_DIMENSIONS"},
		{"photo too large", "sendPhoto", to, up("photo", picture(4001, 6000)), 400, br + "PHOTO_INVALID_DIMENSIONS"},
		{"photo of text", "sendPhoto", to, up("photo", []byte("not a picture")), 400, br + "IMAGE_PROCESS_FAILED"},
		{"caption of 1025", "sendPhoto", merge(to, args{"caption": strings.Repeat("字", 1025)}), up("photo", picture(8, 8)), 400, br + "message caption is too long"},
		{"caption markup", "sendPhoto", merge(to, args{"caption": "<b>", "parse_mode": "HTML"}), up("photo", picture(8, 8)), 400, br + `can't parse entities: Can't find end tag corresponding to start tag "b"`},
		{"thumbnail of 321", "sendVideo", to, map[string][]byte{"video": film(9, 9, 1, true, 9), "thumbnail": picture(321, 10)}, 400, br + "thumbnail must not be larger than 320 pixels"},
		{"thumbnail over 200 kB", "sendVideo", to, map[string][]byte{"video": film(9, 9, 1, true, 9), "thumbnail": padded(picture(9, 9), 200<<10+1)}, 400, br + "file of size 204801 bytes is too big for a thumbnail; the maximum size is 204800 bytes"},
		{"thumbnail no JPEG", "sendVideo", to, map[string][]byte{"video": film(9, 9, 1, true, 9), "thumbnail": moving()}, 400, br + "thumbnail must be a JPEG"},
		{"thumbnail by id", "sendVideo", merge(to, args{"thumbnail": photoID}), up("video", film(9, 9, 1, true, 9)), 400, br + "thumbnail must be uploaded as a new file"},
		{"width no number", "sendVideo", merge(to, args{"width": "wide"}), up("video", film(9, 9, 1, true, 9)), 400, br + `parameter "width" must be an integer`},
		{"album of none", "sendMediaGroup", group(), nil, 400, br + "there are no messages to send"},
		{"album of one", "sendMediaGroup", group(photo("attach://a")), pic, 400, br + "media must include 2-10 items"},
		{"album of eleven", "sendMediaGroup", group(repeat(11, photo("attach://a"))...), pic, 400, br + "too many messages to send as an album"},
		{"album without list", "sendMediaGroup", to, nil, 400, br + `parameter "media" is required`},
		{"album of an object", "sendMediaGroup", merge(to, args{"media": args{}}), nil, 400, br + "expected an Array of InputMedia"},
		{"album mixed", "sendMediaGroup", group(photo("attach://a"), args{"type": "document", "media": "attach://b"}), two, 400, br + "document can't be mixed with other media types"},
		{"album animation", "sendMediaGroup", group(photo("attach://a"), args{"type": "animation", "media": "attach://b"}), two, 400, br + `can't parse InputMedia: type "animation" can't be used in sendMediaGroup`},
		{"album missing part", "sendMediaGroup", group(photo("attach://a"), photo("attach://c")), pic, 400, br + "can't parse InputMedia: media not found"},
		{"album thumbnail as @name", "sendMediaGroup", group(photo("attach://a"), args{"type": "video", "media": "attach://b", "thumb": "@x"}), two, 400, br + `can't parse InputMedia: unknown field "thumb"`},
		{"album with buttons", "sendMediaGroup", merge(group(photo("attach://a"), photo("attach://b")), args{"reply_markup": one(yes)}), two, 400, br + `unknown parameter "reply_markup"`},
		{"album captions placed apart", "sendMediaGroup", group(photo("attach://a"), args{"type": "photo", "media": "attach://b", "show_caption_above_media": true}), two, 400, br + "parameter show_caption_above_media must be the same for all messages"},
		{"action", "sendChatAction", merge(to, args{"action": "thinking"}), nil, 400, br + "wrong parameter action in request"},
		{"edit without id", "editMessageText", text(nil), nil, 400, br + "message identifier is not specified"},
		{"edit of nothing", "editMessageText", text(args{"message_id": 77}), nil, 400, br + "message to edit not found"},
		{"edit of another's", "editMessageText", text(args{"message_id": 1}), nil, 400, br + "message can't be edited"},
		{"edit to the same", "editMessageText", text(args{"message_id": 2, "text": "two"}), nil, 400, br + "message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message"},
		{"edit to long text", "editMessageText", text(args{"message_id": 2, "text": strings.Repeat("x", 4097)}), nil, 400, br + "MESSAGE_TOO_LONG"},
		{"edit text of a photo", "editMessageText", text(args{"message_id": 3}), nil, 400, br + "there is no text in the message to edit"},
		{"edit caption of a text", "editMessageCaption", args{"chat_id": 5, "message_id": 2, "caption": "x"}, nil, 400, br + "there is no caption in the message to edit"},
		{"edit caption, library's field", "editMessageCaption", args{"chat_id": 5, "message_id": 3, "caption": "x", "disable_web_page_preview": false}, nil, 400, br + `unknown parameter "disable_web_page_preview"`},
		{"edit to no keyboard", "editMessageReplyMarkup", args{"chat_id": 5, "message_id": 2, "reply_markup": args{"keyboard": []string{}}}, nil, 400, br + "inline keyboard expected"},
		{"delete nothing", "deleteMessage", args{"chat_id": 5, "message_id": 77}, nil, 400, br + "message to delete not found"},
		{"delete 101", "deleteMessages", args{"chat_id": 5, "message_ids": make([]int, 101)}, nil, 400, br + "too many message identifiers specified"},
		{"delete none", "deleteMessages", args{"chat_id": 5, "message_ids": []int{}}, nil, 400, br + "message identifiers are not specified"},
		{"unknown press", "answerCallbackQuery", args{"callback_query_id": "1"}, nil, 400, br + "query is too old and response timeout expired or query ID is invalid"},
		{"file id missing", "getFile", nil, nil, 400, br + "file_id not specified"},
		{"file id invalid", "getFile", args{"file_id": "nonsense"}, nil, 400, br + "invalid file_id"},
		{"copy of nothing", "copyMessage", args{"chat_id": 5, "from_chat_id": 5, "message_id": 77}, nil, 400, br + "message to copy not found"},
		{"forward of nothing", "forwardMessage", args{"chat_id": 5, "from_chat_id": 5, "message_id": 77}, nil, 400, br + "message to forward not found"},
		{"command in Chinese", "setMyCommands", args{"commands": []args{{"command": "申诉", "description": "x"}}}, nil, 400, br + "BOT_COMMAND_INVALID"},
		{"command of 33", "setMyCommands", args{"commands": []args{{"command": strings.Repeat("a", 33), "description": "x"}}}, nil, 400, br + "BOT_COMMAND_INVALID"},
		{"command undescribed", "setMyCommands", args{"commands": []args{{"command": "a", "description": ""}}}, nil, 400, br + "BOT_COMMAND_DESCRIPTION_INVALID"},
		{"command description of 257", "setMyCommands", args{"commands": []args{{"command": "a", "description": strings.Repeat("字", 257)}}}, nil, 400, br + "BOT_COMMAND_DESCRIPTION_INVALID"},
		{"scope", "setMyCommands", args{"commands": []args{}, "scope": args{"type": "world"}}, nil, 400, br + "can't parse BotCommandScope: Unsupported type specified"},
		{"language with region", "setMyCommands", args{"commands": []args{}, "language_code": "zh-hans"}, nil, 400, br + "LANG_CODE_INVALID"},
		{"description of 513", "setMyDescription", args{"description": strings.Repeat("字", 513)}, nil, 400, br + "DESCRIPTION_TOO_LONG"},
		{"short description of 121", "setMyShortDescription", args{"short_description": strings.Repeat("字", 121)}, nil, 400, br + "ABOUT_TOO_LONG"},
		{"menu button", "setChatMenuButton", args{"menu_button": args{"type": "red"}}, nil, 400, br + "can't parse menu button: MenuButton has unsupported type"},
		{"poll of 51 s", "getUpdates", args{"timeout": 51}, nil, 400, br + "timeout must be from 0 to 50"},
		{"poll for 101", "getUpdates", args{"limit": 101}, nil, 400, br + "limit must be from 1 to 100"},
		{"unknown update", "getUpdates", args{"allowed_updates": []string{"messages"}}, nil, 400, br + `unknown update type "messages"`},
		{"webhook http", "setWebhook", args{"url": "http://a.example/"}, nil, 400, br + "bad webhook: An HTTPS URL must be provided for webhook"},
		{"webhook port", "setWebhook", args{"url": "https://a.example:8080/"}, nil, 400, br + "bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443"},
		{"webhook secret", "setWebhook", args{"url": "https://a.example/", "secret_token": "a b"}, nil, 400, br + "secret token contains unallowed characters"},
		{"webhook long secret", "setWebhook", args{"url": "https://a.example/", "secret_token": strings.Repeat("a", 257)}, nil, 400, br + "secret token is too long"},
		{"webhook connections", "setWebhook", args{"url": "https://a.example/", "max_connections": 101}, nil, 400, br + "max_connections must be from 1 to 100"},
		{"close at once", "close", nil, nil, 429, "Too Many Requests: retry after 600"},
	}
	require.GreaterOrEqual(t, len(cases), 60)
	before := len(s.Chat(5).Messages())
	for _, c := range cases {
		got := call(t, s, c.method, c.params, c.files)
		if c.name == "close at once" { // the clock ran on while the table was worked through
			require.Equal(t, 429, got.Status)
			continue
		}
		require.Equal(t, c.status, got.Status, c.name)
		require.Equal(t, c.status, got.Code, c.name)
		require.Equal(t, c.words, got.Description, c.name)
	}
	require.Len(t, s.Chat(5).Messages(), before, "a refused call changes nothing")
	require.Zero(t, s.Chat(5).Messages()[1].Edits)
	require.NotEmpty(t, s.Violations())
}

func TestRefusesForeignTokensAndPaths(t *testing.T) {
	t.Parallel()
	s := New(t)
	for path, want := range map[string]int{"/bot1:wrong/getMe": 401, "/": 404, "/botx": 404, "/file/bot1:wrong/a": 401, "/file/bot" + s.Token() + "/a": 404} {
		got, err := fetch("GET", s.URL()+path, "", nil)
		require.NoError(t, err)
		require.Equal(t, want, got.Status, path)
	}
}

func TestRefusesBodiesItCannotRead(t *testing.T) {
	t.Parallel()
	s := New(t)
	s.User(5, "").Started()
	url := s.URL() + "/bot" + s.Token() + "/sendMessage"
	cut := "--x\r\nContent-Disposition: form-data; name=\"chat_id\"\r\n\r\n5\r\n--x\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\nhal"
	for kind, body := range map[string]string{"multipart/form-data; boundary=x": cut, "application/json": `{"chat_id":5,`} {
		got, err := fetch("POST", url, kind, strings.NewReader(body))
		require.NoError(t, err)
		require.Equal(t, 400, got.Status, kind)
	}
	require.Empty(t, s.Chat(5).Messages())
	for kind, body := range map[string]string{"application/json": `{"chat_id":5,"text":"x"}`, "application/x-www-form-urlencoded": "chat_id=5&text=x"} {
		got, err := fetch("POST", url, kind, strings.NewReader(body))
		require.NoError(t, err)
		require.True(t, got.OK, kind)
	}
	got, err := fetch("GET", url+"?chat_id=5&text=x", "", nil)
	require.NoError(t, err)
	require.True(t, got.OK)
	require.Len(t, s.Chat(5).Messages(), 3)
}

func TestRefusalsThatTimeBrings(t *testing.T) {
	t.Parallel()
	c := newClock()
	s := world(t, Clock(c.now))
	u := s.User(5, "")
	require.True(t, call(t, s, "sendMessage", args{"chat_id": 5, "text": "x", "reply_markup": one(args{"text": "Yes", "callback_data": "y"})}, nil).OK)
	p := u.Press(u.Last().ID, "Yes")
	require.True(t, call(t, s, "answerCallbackQuery", args{"callback_query_id": p.ID}, nil).OK)
	const old = "Bad Request: query is too old and response timeout expired or query ID is invalid"
	require.Equal(t, old, call(t, s, "answerCallbackQuery", args{"callback_query_id": p.ID}, nil).Description, "answered twice")
	p = u.Press(u.Last().ID, "y")
	require.Equal(t, "Bad Request: MESSAGE_TOO_LONG", call(t, s, "answerCallbackQuery", args{"callback_query_id": p.ID, "text": strings.Repeat("字", 201)}, nil).Description)
	c.advance(31 * time.Second)
	require.Equal(t, old, call(t, s, "answerCallbackQuery", args{"callback_query_id": p.ID}, nil).Description, "too late")
	c.advance(48 * time.Hour)
	require.Equal(t, "Bad Request: message can't be deleted for everyone", call(t, s, "deleteMessage", args{"chat_id": 5, "message_id": 2}, nil).Description)
	require.True(t, call(t, s, "close", nil, nil).OK, "allowed after ten minutes")
	require.Zero(t, s.Pending(), "updates are kept for a day")
}
