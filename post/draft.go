package post

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"time"
)

// headMax is how many bytes the head of a draft of ours may have.
const headMax = 64 << 10

// headers takes from a draft what only a draft has: the mark that it is unsent and
// an id of nobody. body begins with the empty line.
func headers(draft io.Reader) (head string, body io.Reader, err error) {
	in := bufio.NewReaderSize(draft, headMax)
	var out strings.Builder
	dropped := false
	for read := 0; ; {
		line, err := in.ReadString('\n')
		if err != nil {
			return "", nil, fmt.Errorf("post: the draft has no end of its head: %w", err)
		}
		if read += len(line); read > headMax {
			return "", nil, errors.New("post: the head of the draft is too long")
		}
		if strings.TrimRight(line, "\r\n") == "" {
			return out.String(), io.MultiReader(strings.NewReader("\r\n"), in), nil
		}
		if line[0] != ' ' && line[0] != '\t' { // else it goes on from the line before
			name, _, _ := strings.Cut(line, ":")
			switch strings.ToLower(name) {
			case "x-unsent", "from", "to", "cc", "bcc", "reply-to", "message-id":
				dropped = true
			default:
				dropped = false
			}
		}
		if !dropped {
			out.WriteString(line)
		}
	}
}

// patientConn gives each reading and writing its time: a mail of 50 MB takes long,
// but never stands still.
type patientConn struct {
	net.Conn
	each time.Duration
}

func (c *patientConn) Read(b []byte) (int, error) {
	if err := c.SetReadDeadline(time.Now().Add(c.each)); err != nil {
		return 0, err
	}
	return c.Conn.Read(b)
}

func (c *patientConn) Write(b []byte) (int, error) {
	if err := c.SetWriteDeadline(time.Now().Add(c.each)); err != nil {
		return 0, err
	}
	return c.Conn.Write(b)
}
