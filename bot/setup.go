package bot

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	telegram "github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"

	"clipcase/flows"
)

// knows says whether a word is a command of ours.
func (b *Bot) knows(name string) bool {
	before, after := flows.Commands()
	if slices.Contains(slices.Concat(before, after, flows.AdminCommands()), name) {
		return true
	}
	_, ok := b.cat.ScenarioByCommand(name)
	return ok
}

// insist repeats a call until it succeeds or ctx ends.
func (b *Bot) insist(ctx context.Context, what string, call func(context.Context) error) error {
	for try := 0; ; try++ {
		err := call(ctx)
		if err == nil {
			return nil
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		wait := backoff(b.cfg.Pace.Retry, try)
		f := judge(err)
		if f.outcome == held {
			wait = f.after
		}
		switch f.outcome {
		case refused:
			b.log.Error("Telegram refuses a call, trying again", "call", what, "error", err, "in", wait)
		case rejected:
			b.log.Error("Telegram does not accept the bot token, or the server's address is wrong", "call", what)
		default:
			b.log.Warn("Telegram is not reachable, trying again", "call", what, "error", mask(err.Error(), b.cfg.Token), "in", wait)
		}
		if err := sleep(ctx, wait); err != nil {
			return err
		}
	}
}

// meet asks Telegram who we are.
func (b *Bot) meet(ctx context.Context) error {
	return b.insist(ctx, "getMe", func(ctx context.Context) error {
		me, err := b.api.GetMe(ctx)
		if err == nil {
			b.name.Store(&me.Username)
		}
		return err
	})
}

// receiveBy sets how updates reach us.
func (b *Bot) receiveBy(ctx context.Context) error {
	if b.cfg.WebhookURL == "" {
		return b.insist(ctx, "deleteWebhook", func(ctx context.Context) error {
			_, err := b.api.DeleteWebhook(ctx, &telegram.DeleteWebhookParams{})
			return err
		})
	}
	return b.insist(ctx, "setWebhook", func(ctx context.Context) error {
		_, err := b.api.SetWebhook(ctx, &telegram.SetWebhookParams{
			URL: b.cfg.WebhookURL, SecretToken: b.cfg.WebhookSecret, AllowedUpdates: wanted(), MaxConnections: 40,
		})
		return err
	})
}

// introduce sets the commands and descriptions people see, if they changed
// since they were last set.
func (b *Bot) introduce(ctx context.Context) {
	type card struct {
		Code, Description, Short string
		Commands                 []models.BotCommand
	}
	var cards []card
	for code, lang := range map[string]string{"": "zh", "zh": "zh", "en": "en"} {
		cards = append(cards, card{code, b.say(lang, "bot.description", nil), b.say(lang, "bot.short", nil), b.commands(lang)})
	}
	for _, c := range cards {
		content, err := json.Marshal(c)
		if err != nil {
			b.log.Error("the bot's introduction cannot be written", "error", err)
			return
		}
		sum := sha256.Sum256(content)
		mark, key := hex.EncodeToString(sum[:8]), fmt.Sprintf("introduced:%d:%s", b.api.ID(), c.Code)
		if known, err := b.notes.Note(ctx, key); err == nil && known == mark {
			continue
		}
		unwanted := false
		err = b.insist(ctx, "setMyCommands", func(ctx context.Context) (err error) {
			defer func() {
				if judge(err).outcome == refused { // trying again would not help, and people can do without
					b.log.Error("Telegram refuses the bot's introduction", "language", c.Code, "error", err)
					unwanted, err = true, nil
				}
			}()
			if _, err := b.api.SetMyCommands(ctx, &telegram.SetMyCommandsParams{Commands: c.Commands, LanguageCode: c.Code}); err != nil {
				return err
			}
			if _, err := b.api.SetMyDescription(ctx, &telegram.SetMyDescriptionParams{Description: c.Description, LanguageCode: c.Code}); err != nil {
				return err
			}
			_, err = b.api.SetMyShortDescription(ctx, &telegram.SetMyShortDescriptionParams{ShortDescription: c.Short, LanguageCode: c.Code})
			return err
		})
		if err != nil {
			return
		}
		if unwanted {
			continue
		}
		if err := b.notes.SetNote(ctx, key, mark, 30*24*time.Hour); err != nil {
			b.log.Warn("the bot's introduction could not be noted", "error", err)
		}
	}
}

// commands is the menu in a language.
func (b *Bot) commands(lang string) []models.BotCommand {
	before, after := flows.Commands()
	var menu []models.BotCommand
	say := func(names []string) {
		for _, name := range names {
			menu = append(menu, models.BotCommand{Command: name, Description: b.say(lang, "bot.command."+name, nil)})
		}
	}
	say(before)
	for _, s := range b.cat.Scenarios() {
		menu = append(menu, models.BotCommand{Command: s.Command, Description: shorten(oneLine(s.Name.In(lang)), 256)})
	}
	say(after)
	return menu
}
