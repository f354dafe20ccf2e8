package bag

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// version and encoding of bags; RFC 8493 demands exactly these two lines.
const declaration = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"

// Field is one line of bag-info.txt.
type Field struct {
	Label string
	Value string
}

// The labels of ours beside those the standard reserves.
const (
	LabelCase     = "External-Identifier"
	LabelDate     = "Bagging-Date"
	LabelOxum     = "Payload-Oxum"
	LabelAgent    = "Bag-Software-Agent"
	LabelKind     = "Clipcase-Kind"    // mine or hand-over
	LabelSigned   = "Clipcase-Signed"  // fingerprint of the key; none = not signed
	LabelHistory  = "Clipcase-History" // number of lines and hash of the last
	LabelMeans    = "Clipcase-Proves"  // in one sentence what the bag shows
	LabelMeansNot = "Clipcase-Not"     // and what it does not
	LabelStamps   = "Clipcase-Stamped" // number of time stamps
	KindMine      = "mine"
	KindHandOver  = "hand-over"
)

// FormatInfo writes fields; what would break a line becomes a blank.
func FormatInfo(fields []Field) []byte {
	var out bytes.Buffer
	for _, f := range fields {
		out.WriteString(f.Label + ": " + strings.Join(strings.Fields(f.Value), " ") + "\n")
	}
	return out.Bytes()
}

// ErrInfo says that a tag file is not made of labels and values.
var ErrInfo = errors.New("not labels and values")

// ParseInfo reads bag-info.txt: labels may repeat, lines that begin with a blank
// go on with the value before.
func ParseInfo(raw []byte) ([]Field, error) {
	if !utf8.Valid(raw) {
		return nil, fmt.Errorf("%w: not UTF-8", ErrInfo)
	}
	var fields []Field
	lines := bufio.NewScanner(bytes.NewReader(raw))
	lines.Buffer(nil, 1<<20)
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimRight(lines.Text(), "\r")
		switch label, value, ok := strings.Cut(line, ":"); {
		case line == "":
		case line[0] == ' ' || line[0] == '\t':
			if len(fields) == 0 {
				return nil, fmt.Errorf("%w: line %d", ErrInfo, n)
			}
			fields[len(fields)-1].Value += " " + strings.TrimSpace(line)
		case !ok || label == "" || strings.TrimSpace(label) != label:
			return nil, fmt.Errorf("%w: line %d", ErrInfo, n)
		default:
			fields = append(fields, Field{label, strings.TrimSpace(value)})
		}
	}
	return fields, lines.Err()
}

// Value is the first value of a label, which are the same in any letters; "" if
// there is none.
func Value(fields []Field, label string) string {
	for _, f := range fields {
		if strings.EqualFold(f.Label, label) {
			return f.Value
		}
	}
	return ""
}
