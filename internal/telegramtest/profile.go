package telegramtest

import (
	"encoding/json"
	"regexp"
	"strings"
	"unicode/utf8"
)

// profile is what the bot says of itself, by language and scope.
type profile struct {
	commands    map[string][]BotCommand // scope and language, see commandKey
	texts       map[string]string       // name, description, short_description + language
	menu        map[int64]json.RawMessage
	commandName *regexp.Regexp
	language    *regexp.Regexp
}

func newProfile() profile {
	return profile{commands: map[string][]BotCommand{}, texts: map[string]string{}, menu: map[int64]json.RawMessage{},
		commandName: regexp.MustCompile(`^[a-z0-9_]{1,32}$`), language: regexp.MustCompile(`^([a-z]{2})?$`)}
}

// BotCommand is one line of the command menu.
type BotCommand struct {
	Command     string `json:"command"`
	Description string `json:"description"`
}

// Commands are the commands set for a scope ("default", "all_private_chats",
// "chat:5" …) and language ("" = all others).
func (s *Server) Commands(scope, language string) []BotCommand {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.profile.commands[scope+" "+language]
}

// Said is the bot's "name", "description" or "short_description" in a language.
func (s *Server) Said(what, language string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.profile.texts[what+" "+language]
}

func (q *request) getMe() (any, error) { return q.s.cfg.bot, nil }

func (q *request) logOut() (any, error) { return true, nil }

func (q *request) close() (any, error) {
	if left := 600 - int(q.now.Sub(q.s.upSince).Seconds()); left > 0 {
		return nil, tooMany(left) // not in the first ten minutes
	}
	return true, nil
}

func (q *request) lang() (string, error) {
	if !q.s.profile.language.MatchString(q.args["language_code"]) {
		return "", bad("LANG_CODE_INVALID")
	}
	return q.args["language_code"], nil
}

func (q *request) commandKey() (string, error) {
	lang, err := q.lang()
	if err != nil {
		return "", err
	}
	var scope struct {
		Type   string      `json:"type"`
		ChatID json.Number `json:"chat_id"`
		UserID json.Number `json:"user_id"`
	}
	given, err := q.object("scope", "BotCommandScope", &scope)
	if err != nil {
		return "", err
	}
	switch scope.Type {
	case "default", "all_private_chats", "all_group_chats", "all_chat_administrators":
		return scope.Type + " " + lang, nil
	case "chat", "chat_administrators", "chat_member":
		if scope.ChatID == "" {
			return "", bad("can't parse BotCommandScope: Empty chat_id specified")
		}
		id, err := scope.ChatID.Int64()
		if err != nil || q.s.chats[id] == nil {
			return "", bad("chat not found")
		}
		if scope.Type == "chat_member" && scope.UserID == "" {
			return "", bad("can't parse BotCommandScope: Invalid user_id specified")
		}
		return strings.TrimSuffix(scope.Type+":"+scope.ChatID.String()+":"+scope.UserID.String(), ":") + " " + lang, nil
	case "":
		if !given {
			return "default " + lang, nil
		}
	}
	return "", bad("can't parse BotCommandScope: Unsupported type specified")
}

func (q *request) setMyCommands() (any, error) {
	key, err := q.commandKey()
	if err != nil {
		return nil, err
	}
	var list []BotCommand
	if _, err := q.object("commands", "commands", &list); err != nil {
		return nil, err
	}
	if len(list) > 100 {
		return nil, bad("BOT_COMMANDS_TOO_MUCH")
	}
	for i := range list {
		list[i].Command = strings.TrimPrefix(list[i].Command, "/")
		if !q.s.profile.commandName.MatchString(list[i].Command) {
			return nil, bad("BOT_COMMAND_INVALID")
		}
		if n := utf8.RuneCountInString(list[i].Description); n < 1 || n > 256 {
			return nil, bad("BOT_COMMAND_DESCRIPTION_INVALID")
		}
	}
	q.s.profile.commands[key] = list
	return true, nil
}

func (q *request) getMyCommands() (any, error) {
	key, err := q.commandKey()
	if err != nil {
		return nil, err
	}
	if list := q.s.profile.commands[key]; list != nil {
		return list, nil
	}
	return []BotCommand{}, nil
}

func (q *request) deleteMyCommands() (any, error) {
	key, err := q.commandKey()
	if err != nil {
		return nil, err
	}
	delete(q.s.profile.commands, key)
	return true, nil
}

func (q *request) setText(what string, most int, tooLong string) (any, error) {
	lang, err := q.lang()
	if err != nil {
		return nil, err
	}
	if utf8.RuneCountInString(q.args[what]) > most {
		return nil, bad("%s", tooLong)
	}
	q.s.profile.texts[what+" "+lang] = q.args[what]
	return true, nil
}

func (q *request) getText(what string) (any, error) {
	lang, err := q.lang()
	if err != nil {
		return nil, err
	}
	return map[string]string{what: q.s.profile.texts[what+" "+lang]}, nil
}

func (q *request) setMyName() (any, error) { return q.setText("name", 64, "BOT_TITLE_INVALID") }
func (q *request) getMyName() (any, error) { return q.getText("name") }
func (q *request) setMyDescription() (any, error) {
	return q.setText("description", 512, "DESCRIPTION_TOO_LONG")
}
func (q *request) getMyDescription() (any, error) { return q.getText("description") }
func (q *request) setMyShortDescription() (any, error) {
	return q.setText("short_description", 120, "ABOUT_TOO_LONG")
}
func (q *request) getMyShortDescription() (any, error) { return q.getText("short_description") }

func (q *request) setChatMenuButton() (any, error) {
	id, err := q.number("chat_id", 0)
	if err != nil {
		return nil, err
	}
	if id != 0 && q.s.chats[id] == nil {
		return nil, bad("chat not found")
	}
	var button struct {
		Type   string `json:"type"`
		Text   string `json:"text"`
		WebApp *struct {
			URL string `json:"url"`
		} `json:"web_app"`
	}
	given, err := q.object("menu_button", "menu button", &button)
	if err != nil {
		return nil, err
	}
	switch button.Type {
	case "default", "commands":
	case "web_app":
		if button.Text == "" || button.WebApp == nil || !strings.HasPrefix(button.WebApp.URL, "https://") {
			return nil, bad("BUTTON_URL_INVALID")
		}
	default:
		if given {
			return nil, bad("can't parse menu button: MenuButton has unsupported type")
		}
	}
	q.s.profile.menu[id] = json.RawMessage(q.args["menu_button"])
	return true, nil
}

func (q *request) getChatMenuButton() (any, error) {
	id, err := q.number("chat_id", 0)
	if err != nil {
		return nil, err
	}
	if raw := q.s.profile.menu[id]; len(raw) > 0 {
		return raw, nil
	}
	return map[string]string{"type": "commands"}, nil
}

func (q *request) getChat() (any, error) {
	c, err := q.chat("chat_id")
	if err != nil {
		return nil, err
	}
	return c.info, nil
}

func (q *request) leaveChat() (any, error) {
	c, err := q.chat("chat_id")
	if err != nil {
		return nil, err
	}
	if c.info.Type == "private" {
		return nil, bad("chat member status can't be changed in private chats")
	}
	c.left = true
	return true, nil
}
