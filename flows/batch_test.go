package flows_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"clipcase/flows"
	"clipcase/flows/catalog"
	"clipcase/media"
)

// TestAlbumIsCounted: one answer says how many of the files sent together are
// taken in, which are not, and why; whichever of them comes last.
func TestAlbumIsCounted(t *testing.T) {
	t.Parallel()
	for _, last := range []int{1, 2, 3} {
		c := newChat(t, builtin(t), "zh", flows.Config{FetchLimit: 20 << 20})
		c.command("appeal", "账号被误封")
		c.file(video(9), "")
		for c.seen.Step != "review" {
			c.forward()
		}
		album := func(i int) {
			f := video(i)
			if i == 1 {
				f.Bytes = 300 << 20
			}
			c.do(flows.Event{Kind: flows.EventFile, File: &f, Album: "tg:a"})
		}
		for _, i := range []int{1, 2, 3} {
			if i != last {
				album(i)
			}
		}
		album(last)
		require.Equal(t, "review", c.seen.Step)
		require.Contains(t, c.last(), "这次发来 3 个文件：2 个正在接收，1 个没有收")
		require.Contains(t, c.last(), "没有收“录屏1.mp4”：太大了")
		require.NotContains(t, c.log.String(), "已放进材料里", "nothing was looked at yet")
		require.Contains(t, c.log.String(), "没有上传链接")

		f := video(2)
		c.now = c.now.Add(time.Minute)
		c.file(f, "")
		require.Contains(t, c.last(), "没有收“录屏2.mp4”：已经收到过", "a file that comes alone is counted alone")
		require.NotContains(t, c.last(), "这次发来")
	}
}

// TestAlbumReceiptCounts: what could not be used after it was fetched is counted
// with those that could, as far as is known.
func TestAlbumReceiptCounts(t *testing.T) {
	t.Parallel()
	c := newChat(t, builtin(t), "zh", flows.Config{})
	c.command("start", "s_account-ban")
	c.forward()
	for i := range 3 {
		f := picture(i)
		c.do(flows.Event{Kind: flows.EventFile, File: &f, Album: "tg:a"})
	}
	require.Contains(t, c.last(), "正在接收")
	c.store.Take(flows.EffectIngest)
	said := func(change func(k *flows.Case) ([]flows.Effect, error)) string {
		c.store.Work(t, c.kase().ID, change)
		before := len(c.shown)
		c.show()
		require.Len(t, c.shown, before+1)
		return transcribe(c.cat, c.shown[before])
	}
	stored := func(k *flows.Case, id string) {
		_, err := k.ExhibitStored(id, flows.Stored{Blob: "b/" + id, SHA256: strings.Repeat("0a1b2c3d", 8), Bytes: 9}, c.now)
		require.NoError(t, err)
	}
	words := said(func(k *flows.Case) ([]flows.Effect, error) {
		stored(k, "e2")
		return k.ExhibitRefused("e2", &media.Refusal{Code: media.RefusedUnsupported}, c.now)
	})
	require.Contains(t, words, "一起发来的 3 个文件：0 个已放进材料里，1 个没能放进去，2 个还在接收。")
	require.Contains(t, words, "“IMG_1.heic”用不了。这种格式")
	words = said(func(k *flows.Case) ([]flows.Effect, error) {
		stored(k, "e1")
		return k.ExhibitProbed("e1", media.Probe{Kind: media.KindImage, Width: 30, Height: 40}, c.now)
	})
	require.Contains(t, words, "1 个已放进材料里，1 个没能放进去，1 个还在接收。")
	words = said(func(k *flows.Case) ([]flows.Effect, error) {
		return k.ExhibitLost("e3", flows.Problem{Class: flows.Unavailable, Text: flows.T("jobs.lost"), Incident: "ab12"}, c.now)
	})
	require.Contains(t, words, "1 个已放进材料里，2 个没能放进去。")
	require.Contains(t, words, "ab12")
	require.Contains(t, words, "“IMG_0.heic”，9 B，可以用")
}

func picture(n int) flows.File {
	f := video(100 + n)
	f.Name, f.MIME, f.Duration = "IMG_"+string(rune('0'+n))+".heic", "image/heic", 0
	return f
}

// TestPicturesGoWherePicturesAreAskedFor: not under the name of a recording as
// long as there is another place, and the person is told where.
func TestPicturesGoWherePicturesAreAskedFor(t *testing.T) {
	t.Parallel()
	for _, s := range builtin(t).Scenarios() {
		c := newChat(t, builtin(t), "zh", flows.Config{})
		c.command("start", "s_"+s.ID)
		for c.seen.Step != "exhibits" {
			c.forward()
		}
		c.file(picture(1), "")
		first := func(kind string) func(catalog.Slot) bool {
			return func(slot catalog.Slot) bool { return slot.Accept[0] == kind }
		}
		in := func(e flows.Exhibit) catalog.Slot {
			return s.Exhibits[slices.IndexFunc(s.Exhibits, func(slot catalog.Slot) bool { return slot.ID == e.Slot })]
		}
		if slices.ContainsFunc(s.Exhibits, first("image")) {
			require.True(t, first("image")(in(c.kase().Exhibits[0])), s.ID)
		} else {
			require.Contains(t, c.last(), "图片先放在“"+in(c.kase().Exhibits[0]).Name["zh"]+"”", s.ID)
		}
		c.file(video(1), "")
		require.True(t, first("video")(in(c.kase().Exhibits[1])), s.ID)
	}
}

// TestWithAPageNothingIsSaidAgainstLinks: the words about the missing upload link
// are only true where there is none.
func TestWithAPageNothingIsSaidAgainstLinks(t *testing.T) {
	t.Parallel()
	c := newChat(t, builtin(t), "zh", flows.Config{FetchLimit: 20 << 20, PublicURL: "https://clip.example.org"})
	f := video(1)
	f.Bytes = 300 << 20
	c.file(f, "")
	require.Contains(t, c.log.String(), "剪")
	require.NotContains(t, c.log.String(), "没有上传链接")
}
