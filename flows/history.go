package flows

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"
)

// maxHistory bounds the history of a case; of one that is longer the oldest lines
// are folded into one, sealMost at a time.
const (
	maxHistory = 1000
	sealMost   = 250
)

// note adds a line to the history in the commit of what it tells. Every line
// names the hash of the one before, so none can be taken out or changed without
// all that follow.
func (c *Case) note(now time.Time, what string, pairs ...any) {
	entry := Entry{N: 1, At: now.UTC().Round(0), What: what, Args: plainArgs(T("", pairs...).Args)}
	if last := len(c.History) - 1; last >= 0 {
		entry.N, entry.Prev = max(c.History[last].N, last+1)+1, c.Head()
	}
	c.History = append(c.History, entry)
	if len(c.History) > maxHistory {
		c.History = seal(c.History, sealMost)
	}
}

// plainArgs makes of arguments what they are after they were stored, so that a
// line is the same before and after.
func plainArgs(args map[string]any) map[string]any {
	args = maps.Clone(args)
	for name, value := range args {
		switch v := value.(type) {
		case int:
			args[name] = float64(v)
		case int64:
			args[name] = float64(v)
		case string, float64, bool:
		default:
			args[name] = fmt.Sprint(v)
		}
	}
	return args
}

// Line is the entry as it is hashed and handed out: one JSON document without a
// line break.
func (e Entry) Line() []byte {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(e); err != nil { // strings, numbers and a time: nothing that could fail
		panic(err)
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n"))
}

// Head is the hash of the history's last line: who keeps it can tell whether
// anything before it was changed. "" = there is no history.
func (c *Case) Head() string {
	if len(c.History) == 0 {
		return ""
	}
	return lineHash(c.History[len(c.History)-1].Line())
}

// Receipt is the hash of the line that says the exhibit was received: it stands
// for the file's own hash and everything noted before. "" = not received.
func (c *Case) Receipt(exhibit string) string {
	for _, e := range slices.Backward(c.History) {
		if e.What == "received" && e.Args["exhibit"] == exhibit {
			return lineHash(e.Line())
		}
		if hash := e.sealedReceipt(exhibit); hash != "" {
			return hash
		}
	}
	return ""
}

// HistoryLines is the history as a file: one line for each entry.
func HistoryLines(history []Entry) []byte {
	var out bytes.Buffer
	for _, e := range history {
		out.Write(e.Line())
		out.WriteByte('\n')
	}
	return out.Bytes()
}

// AppendEntry adds a line to a history without a case.
func AppendEntry(history []Entry, now time.Time, what string, pairs ...any) []Entry {
	c := Case{History: history}
	c.note(now, what, pairs...)
	return c.History
}

func lineHash(line []byte) string {
	sum := sha256.Sum256(line)
	return hex.EncodeToString(sum[:])
}

// ErrHistory says that lines of a history do not follow each other.
var ErrHistory = errors.New("the history does not hold together")

// CheckHistory reads lines as HistoryLines writes them and demands that each
// follows the one before. It returns how many there are, the number of the first
// (1 unless the ones before are folded into it) and the hash of the last.
func CheckHistory(raw []byte) (count, first int, head string, err error) {
	linked := false
	for line := range bytes.Lines(raw) {
		text, whole := bytes.CutSuffix(line, []byte("\n"))
		var e Entry
		if err := json.Unmarshal(text, &e); err != nil || !whole {
			return count, first, head, fmt.Errorf("%w: line %d cannot be read", ErrHistory, count+1)
		}
		count++
		switch {
		case count == 1:
			first = max(e.N, 1)
			if e.Prev != "" || first > 1 && e.What != sealedLine {
				return count, first, head, fmt.Errorf("%w: the beginning is missing", ErrHistory)
			}
			if e.What == sealedLine {
				linked = true
				head, _ = e.Args["head"].(string)
				continue
			}
		case e.Prev == "" && e.N == 0 && !linked: // noted before lines were linked
		case e.Prev != head || e.N != first+count-1:
			return count, first, head, fmt.Errorf("%w: line %d does not follow", ErrHistory, count)
		}
		linked = linked || e.N > 0
		head = lineHash(text)
	}
	return count, first, head, nil
}
