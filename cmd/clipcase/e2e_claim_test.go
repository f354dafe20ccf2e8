package main

import (
	"net/url"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"

	"clipcase/internal/telegramtest"
)

// TestTheClaimLinkMakesAnAdmin starts a service that nobody looks after yet, in
// each language, and opens the link it prints as it stands there.
func TestTheClaimLinkMakesAnAdmin(t *testing.T) {
	t.Parallel()
	for lang, locale := range map[string]string{"zh-hans": "zh_CN.UTF-8", "en": "en_US.UTF-8"} {
		t.Run(lang, func(t *testing.T) {
			t.Parallel()
			tg := telegramtest.New(t)
			h := newHouse(t, tg, "ADMIN_IDS=", "ACCESS=invite", "LANG="+locale)
			h.start()
			var link string
			require.Eventually(t, func() bool {
				link = regexp.MustCompile(`https://t\.me/\S+`).FindString(h.log.String())
				return link != ""
			}, patience, look, "no link was printed")
			opened, err := url.Parse(link)
			require.NoError(t, err)
			require.Equal(t, "/"+tg.Username(), opened.Path, "the bot's own page and nothing else")

			first := h.speaking(7, lang)
			first.user.StartLink(opened.Query().Get("start"))
			first.text(map[string]string{"zh-hans": "您现在是管理员", "en": "You are now an admin"}[lang])
			first.user.Command("queue")
			first.text(map[string]string{"zh-hans": "现在的工作", "en": "Work right now"}[lang])

			late := h.speaking(8, lang)
			late.user.StartLink(opened.Query().Get("start"))
			late.text(map[string]string{"zh-hans": "这个链接用不了", "en": "This link does not work"}[lang])
			h.noViolations()
		})
	}
}
