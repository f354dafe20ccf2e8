package flows_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"clipcase/flows"
)

// pages makes addresses that say what they were asked for.
type pages struct{ asked []string }

func (p *pages) Upload(_ context.Context, actor, chat, caseID, lang string) (string, error) {
	p.asked = append(p.asked, "upload by "+actor+" to "+chat+" "+caseID+" "+lang)
	return "https://x.example/upload/code", nil
}

func (p *pages) Enter(_ context.Context, actor, caseID, lang string) (string, error) {
	p.asked = append(p.asked, "enter "+actor+" "+caseID+" "+lang)
	return "https://x.example/login/code", nil
}

func linkedChat(t *testing.T) (*chat, *pages) {
	t.Helper()
	links := &pages{}
	return newChat(t, builtin(t), "zh", flows.Config{PublicURL: "https://x.example", Links: links, FetchLimit: 20 << 20}), links
}

// addresses are the links among everything shown.
func (c *chat) addresses() []string {
	var all []string
	for _, s := range c.shown {
		for _, row := range s.Rows {
			for _, choice := range row {
				if choice.URL != "" {
					all = append(all, choice.URL)
				}
			}
		}
	}
	return all
}

func TestTooBigGetsALink(t *testing.T) {
	t.Parallel()
	c, links := linkedChat(t)
	c.do(flows.Event{Kind: flows.EventCommand, Command: "appeal"})
	c.do(flows.Event{Kind: flows.EventFile, File: &flows.File{Ref: "tg:big", Name: "a.mp4", MIME: "video/mp4", Bytes: 120_000_000, Sent: flows.SentFile, TooBig: true}})
	require.Equal(t, []string{"https://x.example/upload/code"}, c.addresses())
	require.Equal(t, []string{"upload by tg:42 to tg:42  zh"}, links.asked, "once, and for the person while there is no case")
}

func TestUploadButton(t *testing.T) {
	t.Parallel()
	c, links := linkedChat(t)
	c.do(flows.Event{Kind: flows.EventCommand, Command: "bug"})
	c.do(flows.Event{Kind: flows.EventFile, File: &flows.File{Ref: "tg:1", Name: "a.mp4", MIME: "video/mp4", Bytes: 1000, Sent: flows.SentFile}})
	for c.seen.Step != "exhibits" {
		c.do(flows.Event{Kind: flows.EventChoice, Token: c.seen.Token, Choice: c.seen.Rows[len(c.seen.Rows)-1][0].ID})
	}
	c.do(flows.Event{Kind: flows.EventChoice, Token: c.seen.Token, Choice: "web"})
	require.Equal(t, []string{"upload by tg:42 to tg:42 CC0042 zh"}, links.asked)
	require.Len(t, c.addresses(), 1)
	require.Equal(t, "exhibits", c.seen.Step, "the step stays")
}

func TestUploadGoesIntoTheCaseAndSlotItWasMeantFor(t *testing.T) {
	t.Parallel()
	c, _ := linkedChat(t)
	c.do(flows.Event{Kind: flows.EventCommand, Command: "copyright"})
	c.do(flows.Event{Kind: flows.EventFile, File: &flows.File{Ref: "tg:1", Name: "a.mp4", MIME: "video/mp4", Bytes: 1000, Sent: flows.SentFile}})
	scenario, _ := c.cat.Scenario("copyright")
	slot := scenario.Exhibits[len(scenario.Exhibits)-1]
	name, kind := "b.pdf", "application/pdf"
	switch slot.Accept[0] {
	case "video":
		name, kind = "b.mp4", "video/mp4"
	case "image":
		name, kind = "b.jpg", "image/jpeg"
	}
	c.do(flows.Event{Kind: flows.EventCommand, Command: "new"}) // another matter is begun in between
	c.do(flows.Event{Kind: flows.EventCommand, Command: "bug"})
	c.do(flows.Event{ID: "upload:x", Kind: flows.EventFile, Case: "CC0042", Slot: slot.ID, File: &flows.File{Ref: "upload:x", Name: name, MIME: kind, Bytes: 1e9, Sent: flows.SentUpload}})
	kase, err := c.store.Case(t.Context(), "CC0042")
	require.NoError(t, err)
	require.Len(t, kase.Exhibits, 2)
	require.Equal(t, slot.ID, kase.Exhibits[1].Slot)
	require.Equal(t, flows.GradeFile, kase.Exhibits[1].File.Grade())
	c.do(flows.Event{ID: "upload:x", Kind: flows.EventFile, Case: "CC0042", File: &flows.File{Ref: "upload:x", Bytes: 1e9, Sent: flows.SentUpload}})
	kase, err = c.store.Case(t.Context(), "CC0042")
	require.NoError(t, err)
	require.Len(t, kase.Exhibits, 2, "told twice, taken once")
}

func TestAnUploadForSomeoneElsesCaseIsTheirOwn(t *testing.T) {
	t.Parallel()
	c, _ := linkedChat(t)
	c.do(flows.Event{Kind: flows.EventCommand, Command: "bug"})
	c.do(flows.Event{Kind: flows.EventFile, File: &flows.File{Ref: "tg:1", Name: "a.mp4", Bytes: 1000, Sent: flows.SentFile}})
	c.do(flows.Event{Actor: "tg:66", Kind: flows.EventFile, Case: "CC0042", Slot: "nonsense", File: &flows.File{Ref: "upload:y", Name: "a.mp4", Bytes: 1000, Sent: flows.SentUpload}})
	kase, err := c.store.Case(t.Context(), "CC0042")
	require.NoError(t, err)
	require.Len(t, kase.Exhibits, 1)
}

func TestPageLink(t *testing.T) {
	t.Parallel()
	c, links := linkedChat(t)
	c.do(flows.Event{Kind: flows.EventCommand, Command: "web"})
	require.Equal(t, []string{"enter tg:42  zh"}, links.asked)
	require.Equal(t, []string{"https://x.example/login/code"}, c.addresses())

	plain := newChat(t, c.cat, "zh", flows.Config{})
	plain.do(flows.Event{Kind: flows.EventCommand, Command: "web"})
	require.Empty(t, plain.addresses())
}

func TestDeliveryOffersThePage(t *testing.T) {
	t.Parallel()
	packer := flows.NewPacker(builtin(t))
	kase := &flows.Case{ID: "CC0042", Lang: "zh", Scenario: "bug-report", Packs: []flows.Pack{{Channel: "douyin-app", State: flows.PackReady, Pieces: []flows.Piece{{Name: "a.jpg"}}}}}
	offers := func(items []flows.Item) bool {
		for _, item := range items {
			if item.Screen == nil {
				continue
			}
			for _, row := range item.Screen.Rows {
				for _, choice := range row {
					if choice.ID == "web.CC0042" {
						return true
					}
				}
			}
		}
		return false
	}
	require.False(t, offers(packer.Items(kase, &kase.Packs[0])))
	require.True(t, offers(packer.Linked().Items(kase, &kase.Packs[0])))
}

func TestInvitationLeadsToThePagesToo(t *testing.T) {
	t.Parallel()
	c := newChat(t, builtin(t), "zh", flows.Config{BotName: "clipcase_bot", PublicURL: "https://x.example"})
	c.store.claim = "once"
	c.command("start", "c_once")
	c.command("invite", "")
	require.Contains(t, c.last(), "https://t.me/clipcase_bot?start=i_code1")
	require.Contains(t, c.last(), "https://x.example/i/code1")
}
