package flows_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"clipcase/flows"
)

// An upload is as good as a file, and is called what it is.
func TestArrivalText(t *testing.T) {
	t.Parallel()
	cat := builtin(t)
	for want, f := range map[string]flows.File{
		"在网页上传来，和手机里的一模一样":         {Sent: flows.SentUpload},
		"以“文件”方式发来，和手机里的一模一样":      {Sent: flows.SentFile},
		"以“视频”或“图片”方式发来，聊天软件可能压缩过": {Sent: flows.SentPhoto},
		"转发来的，转发前的情况不清楚":           {Sent: flows.SentFile, Forwarded: true},
		"不清楚怎么发来的":                 {},
	} {
		require.Equal(t, want, flows.Render(cat, "zh", flows.ArrivalText(f)))
	}
	require.Equal(t, flows.GradeFile, flows.File{Sent: flows.SentUpload}.Grade())
}
