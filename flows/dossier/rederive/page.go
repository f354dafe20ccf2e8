package rederive

import (
	"errors"
	"io"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/net/html"
)

// linkPattern is what may follow the words of a mail: one line that says what the
// link is, and the link.
var linkPattern = regexp.MustCompile(`^[^\n]{1,200}\n(https?://[^\s<>"']{1,500})$`)

// tail is what follows the channel's words in a mail: nothing, or a link with its
// line.
func tail(text, words string) (line, link string, ok bool) {
	rest, ok := strings.CutPrefix(lines(text), lines(words))
	rest = strings.TrimSpace(rest)
	if !ok || rest == "" {
		return "", "", ok
	}
	m := linkPattern.FindStringSubmatch(rest)
	if m == nil {
		return "", "", false
	}
	line, _, _ = strings.Cut(rest, "\n")
	return line, m[1], true
}

// shows says whether a page shows just the words, in their order, lines of them
// under pictures that stand in the mail, and the link: people see the page, not the
// plain words.
func shows(page, words, line, link string) bool {
	known := map[string]bool{line: true, link: true}
	for l := range strings.SplitSeq(lines(words), "\n") {
		known[strings.TrimSpace(l)] = true
	}
	var seen []string
	title := false
	for z := html.NewTokenizer(strings.NewReader(page)); ; {
		switch z.Next() {
		case html.ErrorToken:
			return errors.Is(z.Err(), io.EOF) && begins(seen, words)
		case html.TextToken:
			if text := strings.TrimSpace(z.Token().Data); text != "" && !title {
				if !known[text] {
					return false
				}
				seen = append(seen, text)
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			tag := z.Token()
			if !harmless(tag, link) {
				return false
			}
			title = tag.Data == "title"
		case html.EndTagToken:
			title = false
		}
	}
}

// begins says whether what is seen begins with all of the words.
func begins(seen []string, words string) bool {
	var want []string
	for l := range strings.SplitSeq(lines(words), "\n") {
		if l = strings.TrimSpace(l); l != "" {
			want = append(want, l)
		}
	}
	return len(seen) >= len(want) && slices.Equal(seen[:len(want)], want)
}

// harmless says whether a tag is one of a draft's: no script, no picture from
// elsewhere, no other link.
func harmless(tag html.Token, link string) bool {
	if !slices.Contains([]string{"html", "head", "meta", "title", "body", "p", "br", "img", "span", "a"}, tag.Data) {
		return false
	}
	for _, a := range tag.Attr {
		switch a.Key {
		case "src":
			if !strings.HasPrefix(a.Val, "cid:") {
				return false
			}
		case "href":
			if a.Val != link {
				return false
			}
		case "lang", "charset", "style", "alt":
		default:
			return false
		}
	}
	return true
}
