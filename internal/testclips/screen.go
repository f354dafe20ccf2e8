package testclips

import (
	"fmt"
	"strings"
)

// screen is a source of ffmpeg's that looks like a phone in the hand of someone
// who records what happened: a status bar with a clock, a page of messages that
// scrolls and rests, a picture that moves for a while, and at last the notice.
func (s Spec) screen() string {
	w, h := s.Width, s.Height
	letter := min(w, h) / 22
	font := "font='Noto Sans CJK SC'"
	var b strings.Builder
	fmt.Fprintf(&b, "color=0xF4F5F7:s=%dx%d:r=%g", w, h, s.FPS)
	lines := page()
	// The page moves for a second and rests for four.
	offset := fmt.Sprintf("(floor(t/5)+min(1\\,mod(t\\,5)))*%d", letter*9)
	for i, line := range lines {
		y := h/9 + i*letter*2
		fmt.Fprintf(&b, ",drawtext=%s:text='%s':fontsize=%d:fontcolor=0x1A1A1A:x=%d:y=%d-%s", font, line, letter, letter, y, offset)
	}
	// The status bar covers what scrolls under it.
	fmt.Fprintf(&b, ",drawbox=x=0:y=0:w=iw:h=%d:color=white:t=fill", h/14)
	fmt.Fprintf(&b, ",drawtext=%s:text='%%{pts\\:hms}':fontsize=%d:fontcolor=black:x=%d:y=%d", font, letter, letter, letter/2)
	// A film with grain, as of a live room, in the lower third for the middle of the time.
	from, to := s.Seconds/3, s.Seconds*2/3
	video := fmt.Sprintf("testsrc2=s=%dx%d:r=%g,noise=alls=28:allf=t", w/2*2, h/3/2*2, s.FPS)
	notice := fmt.Sprintf("drawbox=x=iw/12:y=ih*0.36:w=iw*5/6:h=ih/5:color=white:t=fill:enable='gt(t,%g)',drawtext=%s:text='账号封禁通知':fontsize=%d:fontcolor=0xE02020:x=(w-text_w)/2:y=h*0.39:enable='gt(t,%g)',drawtext=%s:text='违规时间 2026-11-20 19\\:42':fontsize=%d:fontcolor=0x404040:x=(w-text_w)/2:y=h*0.45:enable='gt(t,%g)',drawtext=%s:text='如有疑问可提交申诉':fontsize=%d:fontcolor=0x404040:x=(w-text_w)/2:y=h*0.49:enable='gt(t,%g)'",
		s.Seconds*0.8, font, letter*5/4, s.Seconds*0.8, font, letter*4/5, s.Seconds*0.8, font, letter*4/5, s.Seconds*0.8)
	return fmt.Sprintf("%s[page];%s[film];[page][film]overlay=x=0:y=H*2/3:enable='between(t,%g,%g)',%s", b.String(), video, from, to, notice)
}

func page() []string {
	talk := []string{
		"客服 您好 请问有什么可以帮您", "我 我的账号昨天晚上突然被封禁了", "我 我没有发布过任何违规内容", "客服 请提供账号和相关的录屏",
		"我 抖音号 clipcase_2026 粉丝 1283", "我 订单号 4823 7719 0265 金额 ¥128.50", "客服 已收到 正在为您核实", "系统 您的申诉材料不完整",
		"我 请问还需要补充什么材料", "客服 请上传封禁通知的完整截图", "我 好的 下面是我的操作过程", "我 登录 验证 首页 消息 通知",
	}
	var out []string
	for i := range 36 {
		out = append(out, fmt.Sprintf("%02d  %s", i+1, talk[i%len(talk)]))
	}
	return out
}
