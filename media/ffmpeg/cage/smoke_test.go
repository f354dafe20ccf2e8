package cage

import (
	"context"
	"os"
	"testing"
)

func TestMain(m *testing.M) { Enter(); os.Exit(m.Run()) }

func TestSmoke(t *testing.T) {
	c, err := New(Config{})
	if err != nil {
		t.Fatal(err)
	}
	l, err := c.Layers(context.Background())
	t.Log(l, err)
	dir := t.TempDir()
	cmd, err := c.Command(context.Background(), Spec{Write: []string{dir}}, "ffmpeg", "-nostdin", "-hide_banner", "-f", "lavfi", "-i", "testsrc=d=1:s=640x360:r=10", "-c:v", "libx265", "-x265-params", "log-level=info", "o.mp4")
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.CombinedOutput()
	t.Log(string(out), err)
	cmd, _ = c.Command(context.Background(), Spec{}, "cat", "/etc/passwd")
	out, err = cmd.CombinedOutput()
	t.Log(string(out), err)
}
