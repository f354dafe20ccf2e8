package telegramtest

import (
	"sort"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/go-telegram/bot/models"
)

// openTag is a start tag that waits for its end; where in UTF-16 units.
type openTag struct {
	name, argument string
	where          int
	textBegin      int // byte offset in the text so far
}

// htmlParser follows Telegram's parser: a small subset of HTML, errors with
// byte offsets into what was sent, entities in UTF-16 units.
type htmlParser struct {
	in       string
	i        int
	out      strings.Builder
	utf16    int
	open     []openTag
	entities []models.MessageEntity
}

// at gives the byte at i, 0 past the end (as a C string would).
func (p *htmlParser) at(i int) byte {
	if i < len(p.in) {
		return p.in[i]
	}
	return 0
}

func parseHTML(in string) (string, []models.MessageEntity, error) {
	p := &htmlParser{in: in}
	for p.i < len(in) {
		switch {
		case in[p.i] == '&':
			if r, next := htmlEntity(in, p.i); r != 0 {
				p.put(r)
				p.i = next
				continue
			}
			p.put('&')
			p.i++
		case in[p.i] == '<' && p.at(p.i+1) == '/':
			if err := p.endTag(); err != nil {
				return "", nil, err
			}
		case in[p.i] == '<':
			if err := p.startTag(); err != nil {
				return "", nil, err
			}
		default:
			r, size := utf8.DecodeRuneInString(in[p.i:])
			p.put(r)
			p.i += size
		}
	}
	if n := len(p.open); n > 0 {
		return "", nil, badEntities("Can't find end tag corresponding to start tag %q", p.open[n-1].name)
	}
	return p.out.String(), tidy(p.entities), nil
}

func badEntities(format string, args ...any) error {
	return bad("can't parse entities: "+format, args...)
}

func (p *htmlParser) put(r rune) {
	p.out.WriteRune(r)
	p.utf16++
	if r > 0xffff {
		p.utf16++
	}
}

func space(c byte) bool {
	return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == 0 || c == '\v'
}

func supportedTag(name string) bool {
	switch name {
	case "a", "b", "strong", "i", "em", "s", "strike", "del", "u", "ins", "tg-spoiler", "tg-emoji", "tg-time",
		"span", "pre", "code", "blockquote":
		return true
	}
	return false
}

func (p *htmlParser) startTag() error {
	begin := p.i
	p.i++
	for !space(p.at(p.i)) && p.at(p.i) != '>' {
		p.i++
	}
	if p.i >= len(p.in) {
		return badEntities("Unclosed start tag at byte offset %d", begin)
	}
	name := strings.ToLower(p.in[begin+1 : p.i])
	if !supportedTag(name) {
		return badEntities("Unsupported start tag %q at byte offset %d", name, begin)
	}
	argument := ""
	for p.at(p.i) != '>' {
		key, value, err := p.attribute(name, begin)
		if err != nil {
			return err
		}
		switch {
		case name == "a" && key == "href", name == "tg-emoji" && key == "emoji-id", name == "tg-time" && key == "unix":
			argument = value
		case name == "code" && key == "class" && strings.HasPrefix(value, "language-"):
			argument = value[len("language-"):]
		case name == "span" && key == "class" && strings.HasPrefix(value, "tg-"):
			argument = value[len("tg-"):]
		case name == "blockquote" && key == "expandable":
			argument = "1"
		}
	}
	p.i++
	if name == "span" && argument != "spoiler" {
		return badEntities("Tag \"span\" must have class \"tg-spoiler\" at byte offset %d", begin)
	}
	p.open = append(p.open, openTag{name, argument, p.utf16, p.out.Len()})
	return nil
}

func (p *htmlParser) skipSpace() {
	for p.i < len(p.in) && space(p.in[p.i]) {
		p.i++
	}
}

// attribute reads one attribute; an empty key means that the tag ended.
func (p *htmlParser) attribute(tag string, begin int) (key, value string, err error) {
	p.skipSpace()
	if p.at(p.i) == '>' {
		return "", "", nil
	}
	from := p.i
	for !space(p.at(p.i)) && !strings.ContainsRune(`=>/"'`, rune(p.at(p.i))) {
		p.i++
	}
	key = p.in[from:p.i]
	if key == "" {
		return "", "", badEntities("Empty attribute name in the tag %q at byte offset %d", tag, begin)
	}
	p.skipSpace()
	if p.i >= len(p.in) {
		return "", "", badEntities("Unclosed start tag %q at byte offset %d", tag, begin)
	}
	if p.in[p.i] != '=' {
		return key, "", nil
	}
	p.i++
	p.skipSpace()
	if p.i >= len(p.in) {
		return "", "", badEntities("Unclosed start tag %q at byte offset %d", tag, begin)
	}
	quote := p.in[p.i]
	if quote != '"' && quote != '\'' {
		from = p.i
		for c := p.at(p.i); c == '.' || c == '-' || c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z'; c = p.at(p.i) {
			p.i++
		}
		if !space(p.at(p.i)) && p.at(p.i) != '>' {
			return "", "", badEntities("Unexpected end of name token at byte offset %d", from)
		}
		value = strings.ToLower(p.in[from:p.i])
	} else {
		var b strings.Builder
		p.i++
		for p.i < len(p.in) && p.in[p.i] != quote {
			if r, next := htmlEntity(p.in, p.i); p.in[p.i] == '&' && r != 0 {
				b.WriteRune(r)
				p.i = next
				continue
			}
			b.WriteByte(p.in[p.i])
			p.i++
		}
		p.i++
		value = b.String()
	}
	if p.i >= len(p.in) {
		return "", "", badEntities("Unclosed start tag at byte offset %d", begin)
	}
	return key, value, nil
}

func (p *htmlParser) endTag() error {
	begin := p.i
	if len(p.open) == 0 {
		return badEntities("Unexpected end tag at byte offset %d", begin)
	}
	p.i += 2
	for !space(p.at(p.i)) && p.at(p.i) != '>' {
		p.i++
	}
	name := strings.ToLower(p.in[min(begin+2, len(p.in)):min(p.i, len(p.in))])
	p.skipSpace()
	if p.at(p.i) != '>' {
		return badEntities("Unclosed end tag at byte offset %d", begin)
	}
	p.i++
	tag := p.open[len(p.open)-1]
	if name != "" && name != tag.name {
		return badEntities(`Unmatched end tag at byte offset %d, expected "</%s>", found "</%s>"`, begin, tag.name, name)
	}
	p.open = p.open[:len(p.open)-1]
	if p.utf16 > tag.where {
		return p.add(tag)
	}
	return nil
}

func (p *htmlParser) add(tag openTag) error {
	e := models.MessageEntity{Offset: tag.where, Length: p.utf16 - tag.where}
	last := len(p.entities) - 1
	same := last >= 0 && p.entities[last].Offset == e.Offset && p.entities[last].Length == e.Length
	switch tag.name {
	case "i", "em":
		e.Type = models.MessageEntityTypeItalic
	case "b", "strong":
		e.Type = models.MessageEntityTypeBold
	case "s", "strike", "del":
		e.Type = models.MessageEntityTypeStrikethrough
	case "u", "ins":
		e.Type = models.MessageEntityTypeUnderline
	case "tg-spoiler", "span":
		e.Type = models.MessageEntityTypeSpoiler
	case "tg-emoji":
		if n, err := strconv.ParseInt(tag.argument, 10, 64); err != nil || n == 0 {
			return badEntities("Invalid custom emoji identifier specified")
		}
		e.Type, e.CustomEmojiID = models.MessageEntityTypeCustomEmoji, tag.argument
	case "tg-time":
		e.Type = "date_time"
	case "a":
		link := tag.argument
		if link == "" {
			link = p.out.String()[tag.textBegin:]
		}
		checked, err := checkLink(link)
		if err != nil {
			return nil //nolint:nilerr // Telegram drops a link it does not understand and keeps the words
		}
		e.Type, e.URL = models.MessageEntityTypeTextLink, checked
	case "pre":
		e.Type = models.MessageEntityTypePre
		if same && p.entities[last].Type == models.MessageEntityTypeCode && p.entities[last].Language != "" {
			p.entities[last].Type = models.MessageEntityTypePre
			return nil
		}
	case "code":
		e.Type, e.Language = models.MessageEntityTypeCode, tag.argument
	case "blockquote":
		e.Type = models.MessageEntityTypeBlockquote
		if tag.argument != "" {
			e.Type = models.MessageEntityTypeExpandableBlockquote
		}
	}
	p.entities = append(p.entities, e)
	return nil
}

// tidy sorts entities and drops what Telegram drops: everything inside code and
// pre, and quotes inside quotes.
func tidy(list []models.MessageEntity) []models.MessageEntity {
	sort.SliceStable(list, func(a, b int) bool {
		if list[a].Offset != list[b].Offset {
			return list[a].Offset < list[b].Offset
		}
		return list[a].Length > list[b].Length
	})
	var kept []models.MessageEntity
	for i, e := range list {
		if e.Type == models.MessageEntityTypeCode {
			e.Language = ""
		}
		inside := false
		for j, outer := range list {
			if i == j || outer.Offset > e.Offset || outer.Offset+outer.Length < e.Offset+e.Length {
				continue
			}
			// Of two over the same words the first is the outer one, but code always is.
			if outer.Offset == e.Offset && outer.Length == e.Length && j > i && (!mono(outer) || mono(e)) {
				continue
			}
			inside = inside || mono(outer) || quote(outer) && quote(e)
		}
		if !inside {
			kept = append(kept, e)
		}
	}
	return kept
}

func mono(e models.MessageEntity) bool {
	return e.Type == models.MessageEntityTypeCode || e.Type == models.MessageEntityTypePre
}

func quote(e models.MessageEntity) bool {
	return e.Type == models.MessageEntityTypeBlockquote || e.Type == models.MessageEntityTypeExpandableBlockquote
}

// htmlEntity decodes the entity at i and says where the text goes on; 0 = none.
func htmlEntity(in string, i int) (rune, int) {
	end := i + 1
	at := func(j int) byte {
		if j < len(in) {
			return in[j]
		}
		return 0
	}
	var r rune
	if at(end) == '#' {
		base, digits := 10, "0123456789"
		end++
		if at(end) == 'x' {
			base, digits = 16, "0123456789abcdefABCDEF"
			end++
		}
		from := end
		for end < len(in) && strings.IndexByte(digits, in[end]) >= 0 {
			end++
		}
		n, err := strconv.ParseInt(in[from:end], base, 32)
		if err != nil || n == 0 || n >= 0x10ffff || end-i >= 10 {
			return 0, i
		}
		r = rune(n)
	} else {
		for c := at(end) | 0x20; c >= 'a' && c <= 'z'; c = at(end) | 0x20 {
			end++
		}
		switch in[i+1 : end] {
		case "lt":
			r = '<'
		case "gt":
			r = '>'
		case "amp":
			r = '&'
		case "quot":
			r = '"'
		default:
			return 0, i
		}
	}
	if at(end) == ';' {
		end++
	}
	return r, end
}
