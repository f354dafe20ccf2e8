package wizard_test

import (
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/net/html"
)

// TestPrimaryOnly: in every scenario and language, pressing only the way forward
// and giving one recording reaches "handed in" and then the finished files.
func TestPrimaryOnly(t *testing.T) {
	t.Parallel()
	cat := builtin(t)
	for _, scenario := range cat.Scenarios() {
		for _, lang := range []string{"zh", "en"} {
			t.Run(scenario.ID+" "+lang, func(t *testing.T) {
				t.Parallel()
				b := newSite(t).visit("web:1", lang)
				b.get("/")
				require.Equal(t, "welcome", b.step())
				b.primary()
				require.Equal(t, "scenario", b.step())
				b.press(b.button("choice", scenario.ID))
				var steps []string
				for b.step() != "work" {
					steps = append(steps, b.step())
					require.Less(t, len(steps), 14, steps)
					if b.step() == "exhibits" && b.state().Case == nil {
						b.upload("录屏1.mp4")
						b.store.ingest(t, b.now, 184)
						b.get("/")
						continue
					}
					b.primary()
				}
				require.Subset(t, steps, []string{"exhibits", "key", "statement", "review"})
				require.False(t, b.state().Case.Submitted.IsZero())
				require.Equal(t, scenario.ID, b.state().Case.Scenario)
				require.NotEmpty(t, find(b.page, func(n *html.Node) bool { return has(n, "data-progress") }))
				b.store.make(t, b.state().Case.ID, b.now)
				b.get("/")
				link := find(b.page, func(n *html.Node) bool { return n.Data == "a" && attr(n, "class") == "button act" })
				require.Equal(t, "/case/tokenCC0042", attr(link[0], "href"))
			})
		}
	}
}

// sound holds for every page there is.
func (b *browser) sound() {
	b.t.Helper()
	require.NotContains(b.t, b.raw, "<no value>")
	require.NotContains(b.t, b.raw, "ZgotmplZ")
	require.NotRegexp(b.t, `\b(talk|web)\.[a-z]+\.[a-z]`, b.text(), "a key is no word")
	require.NotRegexp(b.t, `(^|[^<\w/])/(new|status|delete|back|cancel|help|cases|lang|privacy|done)\b`, b.text(), "pages have no commands to type")
	require.Len(b.t, find(b.page, func(n *html.Node) bool { return n.Data == "h1" }), 1)
	require.LessOrEqual(b.t, len(find(b.page, func(n *html.Node) bool { return strings.Contains(attr(n, "class"), "act") && n.Parent.Data == "div" })), 1, "one way on")
	seen := map[string]bool{}
	for n := range b.page.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		for _, a := range n.Attr {
			require.False(b.t, strings.HasPrefix(a.Key, "on") || a.Key == "style", "%s has %s", n.Data, a.Key)
		}
		if id := attr(n, "id"); id != "" {
			require.False(b.t, seen[id], "two of #%s", id)
			seen[id] = true
		}
		switch n.Data {
		case "script":
			require.NotEmpty(b.t, attr(n, "src"))
		case "style":
			b.t.Error("inline style")
		case "form":
			if attr(n, "method") == "post" && attr(n, "enctype") == "" && attr(n, "action") == "/" {
				require.NotEmpty(b.t, find(n, func(n *html.Node) bool { return attr(n, "name") == "csrf" && attr(n, "value") == b.csrf }))
			}
		case "input", "textarea", "select":
			require.True(b.t, b.labelled(n), "%s %s has no label", n.Data, attr(n, "name"))
		case "button", "a", "summary", "h1", "h2":
			require.NotEmpty(b.t, strings.TrimSpace(inner(n)+attr(n, "aria-label")), "an empty %s", n.Data)
		case "img":
			require.True(b.t, has(n, "alt"))
		}
	}
}

// labelled says whether a field has words that tell what it is.
func (b *browser) labelled(n *html.Node) bool {
	if attr(n, "type") == "hidden" || attr(n, "aria-label") != "" {
		return true
	}
	for up := n.Parent; up != nil; up = up.Parent {
		if up.Data == "label" {
			return strings.TrimSpace(inner(up)) != ""
		}
	}
	id := attr(n, "id")
	return id != "" && len(find(b.page, func(l *html.Node) bool { return l.Data == "label" && attr(l, "for") == id })) == 1
}

// TestWordsOfPages: whatever the chat says with a command to type has other words
// for pages, and pages have no words that are never said.
func TestWordsOfPages(t *testing.T) {
	t.Parallel()
	cat := builtin(t)
	typed := regexp.MustCompile(`(^|[^\w/])/(new|status|delete|back|cancel|help|cases|lang|privacy)\b`)
	admin := []string{"talk.admin.help", "talk.admin.invite.how"}
	keys, args := cat.Keys(), anything(t)
	for _, key := range keys {
		for _, lang := range cat.Languages() {
			if strings.HasPrefix(key, "talk.") && !slices.Contains(admin, key) && typed.MatchString(cat.Say(lang, key, args)) {
				require.True(t, cat.Has(lang, "web."+key), "%s tells people to type: %s", key, cat.Say(lang, key, args))
			}
		}
		if own, ok := strings.CutPrefix(key, "web."); ok && strings.HasPrefix(own, "talk.") {
			require.Contains(t, keys, own, "%s takes the place of nothing", key)
			for _, lang := range cat.Languages() {
				require.NotEqual(t, key, cat.Say(lang, key, args))
			}
		}
	}
}

// anything fills in whatever words ask for, by their source.
func anything(t *testing.T) map[string]any {
	t.Helper()
	files, err := filepath.Glob("../../flows/catalog/words/*/*.yaml")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	all := map[string]any{}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		require.NoError(t, err)
		for _, found := range regexp.MustCompile(`\.([a-z_]+)[ }]`).FindAllStringSubmatch(string(raw), -1) {
			all[found[1]] = 3
		}
	}
	return all
}

func TestMethods(t *testing.T) {
	t.Parallel()
	b := newSite(t).visit("web:1", "zh")
	for _, target := range []string{"/cases", "/progress", "/thumb/e1/0"} {
		require.Equal(t, http.StatusMethodNotAllowed, b.once(http.MethodPost, target, nil).Code, target)
	}
	require.Equal(t, http.StatusNotFound, b.once(http.MethodGet, "/nothing", nil).Code)
}
