package sign

import (
	"strings"
)

// keyLine is what the line with the key begins with in a note.
const keyLine = "key: "

// Note is text with this key and its signature below it: lines that a person can
// keep, and that anyone can check by themselves (CheckNote, or minisign on the
// lines above the signature).
func (k *Key) Note(text, comment string) string {
	body := strings.TrimRight(text, "\n") + "\n" + keyLine + k.public.Line() + "\n"
	return body + string(k.Sign([]byte(body), comment))
}

// CheckNote reads a note as people keep it, whatever their program did to the ends
// of lines, and says which key signed it. Whose key that is, it does not say. What
// stands before or after is not signed and is not returned.
func CheckNote(raw []byte) (text string, by Public, err error) {
	if len(raw) > 64<<10 {
		return "", Public{}, ErrForm
	}
	var lines []string
	for line := range strings.Lines(string(raw)) {
		lines = append(lines, strings.TrimSpace(line))
	}
	at := -1
	for i, line := range lines {
		if strings.HasPrefix(line, "untrusted comment: ") {
			at = i
			break
		}
	}
	if at < 2 || len(lines) < at+4 || !strings.HasPrefix(lines[at-1], keyLine) {
		return "", Public{}, ErrForm
	}
	begin := at - 1
	for begin > 0 && lines[begin-1] != "" {
		begin--
	}
	if by, err = ParsePublic([]byte(strings.TrimPrefix(lines[at-1], keyLine))); err != nil {
		return "", Public{}, err
	}
	body := strings.Join(lines[begin:at], "\n") + "\n"
	if _, err := by.Check([]byte(body), []byte(strings.Join(lines[at:at+4], "\n")+"\n")); err != nil {
		return "", Public{}, err
	}
	return strings.Join(lines[begin:at-1], "\n") + "\n", by, nil
}
