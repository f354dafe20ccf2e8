package mail_test

import (
	"encoding/base64"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// asPython reads a mail as Python's own library does.
const asPython = `
import base64, email, email.policy, json, sys
m = email.message_from_binary_file(open(sys.argv[1], "rb"), policy=email.policy.default)
print(json.dumps({
    "subject": str(m["subject"]), "unsent": m["x-unsent"], "wrong": [str(d) for p in m.walk() for d in p.defects],
    "parts": [[p.get_content_type(), p.get_content_disposition() or "", p.get_filename() or "", p["content-id"] or "",
               base64.b64encode(p.get_payload(decode=True)).decode()] for p in m.walk() if not p.is_multipart()],
}))
`

// TestDraftIsReadAlikeByPython: a parser of another family finds the same parts.
func TestDraftIsReadAlikeByPython(t *testing.T) {
	t.Parallel()
	d := draft(t)
	to := filepath.Join(t.TempDir(), "message.eml")
	_, err := d.Write(t.Context(), to)
	require.NoError(t, err)
	out, err := exec.CommandContext(t.Context(), "python3", "-c", asPython, to).Output()
	require.NoError(t, err)
	var read struct {
		Subject, Unsent string
		Wrong           []string
		Parts           [][]string
	}
	require.NoError(t, json.Unmarshal(out, &read))
	require.Empty(t, read.Wrong)
	require.Equal(t, d.Subject, read.Subject)
	require.Equal(t, "1", read.Unsent)

	content, err := os.ReadFile(to)
	require.NoError(t, err)
	one, _ := byStandardLibrary(t, content)
	require.Len(t, read.Parts, len(one))
	for i, p := range read.Parts {
		body, err := base64.StdEncoding.DecodeString(p[4])
		require.NoError(t, err)
		require.Equal(t, one[i], leaf{kind: p[0], disposition: p[1], name: p[2], id: p[3], content: string(body)})
	}
}
