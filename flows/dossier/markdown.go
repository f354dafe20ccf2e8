package dossier

import (
	"fmt"
	"strings"
)

// Markdown writes the summary as CommonMark with tables. Words of people cannot
// become markup, links or pictures.
func (s Summary) Markdown() string {
	var b strings.Builder
	for _, bl := range s.blocks {
		switch bl.kind {
		case heading:
			fmt.Fprintf(&b, "%s %s\n\n", strings.Repeat("#", bl.level), escapeLine(bl.text))
		case paragraph:
			b.WriteString(escapeText(bl.text) + "\n\n")
		case note:
			b.WriteString("*" + escapeLine(bl.text) + "*\n\n")
		case quote:
			b.WriteString("> " + strings.ReplaceAll(escapeText(bl.text), "\n", "\n> ") + "\n\n")
		case code:
			writeFence(&b, bl.text)
		case list:
			for i, item := range bl.items {
				mark := "-"
				if bl.ordered {
					mark = fmt.Sprintf("%d.", i+1)
				}
				fmt.Fprintf(&b, "%s %s\n", mark, escapeLine(item))
			}
			b.WriteString("\n")
		case table:
			writeTable(&b, bl)
		}
	}
	return strings.TrimRight(b.String(), "\n") + "\n"
}

// writeFence uses a fence longer than any run of backquotes inside.
func writeFence(b *strings.Builder, text string) {
	longest, run := 2, 0
	for _, r := range text {
		if r != '`' {
			run = 0
			continue
		}
		run++
		longest = max(longest, run)
	}
	fence := strings.Repeat("`", longest+1)
	fmt.Fprintf(b, "%s\n%s\n%s\n\n", fence, strings.TrimRight(text, "\n"), fence)
}

func writeTable(b *strings.Builder, bl block) {
	if len(bl.rows) == 0 {
		return
	}
	row := func(cells []string) {
		for _, c := range cells {
			b.WriteString("| " + escapeLine(c) + " ")
		}
		b.WriteString("|\n")
	}
	rule := strings.Repeat("|---", len(bl.rows[0])) + "|\n"
	rows := bl.rows
	if bl.header {
		row(rows[0])
		rows = rows[1:]
	} else {
		row(make([]string, len(rows[0])))
	}
	b.WriteString(rule)
	for _, r := range rows {
		row(r)
	}
	b.WriteString("\n")
}

// escapeLine is escapeText on one line.
func escapeLine(text string) string {
	return strings.Join(strings.Fields(escapeText(text)), " ")
}

// escapeText puts a backslash before every ASCII character that could begin
// markup or a link, and makes line breaks hard. Points inside numbers and file
// names stay as they are: they begin nothing there.
func escapeText(text string) string {
	var b strings.Builder
	for i, line := range strings.Split(strings.ReplaceAll(text, "\r", ""), "\n") {
		if i > 0 {
			b.WriteString("\\\n")
		}
		for j, r := range line {
			switch {
			case strings.ContainsRune("\\`*_{}[]<>#|&~!@", r), j == 0 && strings.ContainsRune("+-=", r), r == ':' && strings.HasPrefix(line[j:], "://"):
				b.WriteByte('\\')
			case r == '.' && links(line, j):
				b.WriteByte('\\')
			}
			b.WriteRune(r)
		}
	}
	return b.String()
}

// links says whether the point at j may make a list ("1.") or an address that
// readers turn into a link by themselves ("www.").
func links(line string, j int) bool {
	before, after := strings.TrimSpace(line[:j]), line[j+1:]
	return before != "" && strings.Trim(before, "0123456789") == "" && (after == "" || after[0] == ' ') || strings.HasSuffix(strings.ToLower(line[:j]), "www")
}
