package wording_test

import (
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"clipcase/flows/catalog"
	"clipcase/flows/wording"
)

func list(t testing.TB) []catalog.Wording {
	t.Helper()
	cat, err := catalog.Load("")
	require.NoError(t, err)
	return cat.Wording()
}

func TestNeutral(t *testing.T) {
	t.Parallel()
	all := list(t)
	for _, c := range []struct{ name, lang, text, want string }{
		{"nothing to change", "zh", "11月20日直播里买的鞋，收到的是仿品，订单号 6900112233。", "11月20日直播里买的鞋，收到的是仿品，订单号 6900112233。"},
		{"what happened stays", "zh", "他骗了我 500 元，账号被盗，是诈骗。", "他骗了我 500 元，账号被盗，是诈骗。"},
		{"advertising", "zh", "主播让大家加微信，说限时优惠。", "主播让大家添加站外联系方式，说优惠。"},
		{"what others did stays", "zh", "我点击链接后账号被盗，对方说稳赚不赔、免费领取。", "我点击链接后账号被盗，对方说稳赚不赔、免费领取。"},
		{"what was paid stays", "en", "I paid by WeChat transfer of 300.", "I paid by WeChat transfer of 300."},
		{"the name of an account", "en", "His WeChat ID is badguy_99, I think.", "His WeChat, I think."},
		{"far from what was taken out nothing changes", "zh", ".5元  一个，，混蛋，就这样", ".5元  一个，，就这样"},
		{"a phone number", "zh", "请打 138 0013 8000 找我", "请打 （手机号） 找我"},
		{"a phone number with its country", "zh", "电话+86 13800138000，谢谢", "电话（手机号），谢谢"},
		{"an order number is no phone number", "zh", "订单 2026113800138000123", "订单 2026113800138000123"},
		{"WeChat and QQ", "zh", "微信号：abc_def123，QQ 123456789", "微信，QQ"},
		{"the address of a mailbox", "en", "Write to a.b+c@example.org, please.", "Write to (e-mail address), please."},
		{"insults", "zh", "这个垃圾平台，傻逼，客服不理人", "这个平台，客服不理人"},
		{"an insult at the end", "zh", "客服不理人，混蛋。", "客服不理人。"},
		{"an insult alone on a line", "zh", "被封了\n他妈的，没有理由", "被封了\n没有理由"},
		{"case does not count", "en", "FUCK this Garbage Platform", "this platform"},
		{"inside of a word", "en", "I bought shiitake in Scunthorpe", "I bought shiitake in Scunthorpe"},
		{"nothing else", "zh", "傻逼", ""},
		{"", "zh", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, c.want, wording.Neutral(all, c.lang, c.text))
		})
	}
}

func TestFindSaysWhatAndWhy(t *testing.T) {
	t.Parallel()
	hits := wording.Find(list(t), "zh", "垃圾平台！电话 13800138000")
	require.Len(t, hits, 2)
	require.Equal(t, "insult", hits[0].Class)
	require.Equal(t, "垃圾平台", hits[0].Found)
	require.Equal(t, "平台", hits[0].Say)
	require.Equal(t, "contact", hits[1].Class)
	require.Equal(t, "13800138000", hits[1].Found)
}

// FuzzNeutral: whatever is written, neutral words are text, and words without a hit stay as they are.
func FuzzNeutral(f *testing.F) {
	all := list(f)
	for _, s := range []string{"垃圾平台 13800138000", "傻傻逼逼", "a@b.c@d.e", "加微信加微信", "QQ12345QQ12345", "fuck，，fuck"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if !utf8.ValidString(text) {
			return // what comes in was made text before
		}
		for _, lang := range []string{"zh", "en"} {
			said := wording.Neutral(all, lang, text)
			if !utf8.ValidString(said) {
				t.Fatalf("%q became broken text", text)
			}
			if len(wording.Find(all, lang, text)) == 0 && said != text {
				t.Fatalf("%q was changed without a reason", text)
			}
		}
	})
}
