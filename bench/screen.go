package main

import (
	"context"
	"errors"
	"fmt"
	"html"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// A phone's screen: pages as Chromium draws them, moved as its compositor does,
// by whole pixels at 60 pictures a second. Without a graphics card Chromium
// itself cannot be recorded at that rate.

// scenes say when, in seconds of each half minute, the live room takes the place
// of the chat, the orders that of the room, and the notice appears.
type scenes struct{ live, orders, notice float64 }

func all() scenes        { return scenes{9, 19, 26} }
func chatOnly() scenes   { return scenes{99, 99, 99} }
func ordersOnly() scenes { return scenes{0, 0, 9} }

// phone makes a recording; bits a second, 0 = as quality asks.
func phone(width, height, scale int, seconds float64, bits int, when func() scenes) func(context.Context, *bench, string) error {
	return func(ctx context.Context, b *bench, to string) error {
		dir := filepath.Join(b.dir, "in", fmt.Sprintf("pages-%d", width))
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return err
		}
		css := width / scale
		for _, p := range []struct {
			name, body    string
			width, height int
		}{
			{"chat", bubbles(chat()), css, 2600}, {"orders", cards(orders()), css, 2600},
			{"notice", dialog(notice()), css * 4 / 5, 150}, {"danmaku", lanes(chat()), 2400, 240},
		} {
			if err := draw(ctx, dir, p.name, p.body, p.width, p.height, scale); err != nil {
				return err
			}
		}
		s := when()
		picture := func(name string) []string {
			return []string{"-loop", "1", "-framerate", "60", "-i", filepath.Join(dir, name+".png")}
		}
		var args []string
		for _, name := range []string{"chat", "orders", "notice", "danmaku"} {
			args = append(args, picture(name)...)
		}
		args = append(args, "-f", "lavfi", "-i", fmt.Sprintf("testsrc2=s=%dx%d:r=60,hue=H=2*PI*t/20,noise=alls=14:allf=t", width, height),
			"-f", "lavfi", "-i", "aevalsrc=0.3*sin(2*PI*180*t)*sin(2*PI*1.5*t)+0.1*sin(2*PI*700*t)*sin(2*PI*2.3*t):s=44100")
		// A page moves for a second and rests for two, to its end and back.
		scroll := func(from float64) string {
			return fmt.Sprintf("(ih-%d)*(0.5-0.5*cos(PI*(floor((mod(t,30)-%g)/3)+min(1,mod(mod(t,30)-%g,3)))/5))", height, from, from)
		}
		between := func(from, to float64) string { return fmt.Sprintf("between(mod(t,30),%g,%g)", from, to) }
		crop := func(y string) string { return fmt.Sprintf("crop=%d:%d:0:'%s'", width, height, y) }
		graph := strings.Join([]string{
			"[0:v]" + crop(scroll(0)) + "[chat]",
			"[1:v]" + crop(scroll(s.orders)) + "[orders]",
			"[4:v][3:v]overlay=x='W-(mod(t,30)-" + fmt.Sprint(s.live) + ")*" + fmt.Sprint(width/2) + "':y=H/6[live]",
			"[chat][live]overlay=enable='" + between(s.live, s.orders) + "'[a]",
			"[a][orders]overlay=enable='" + between(s.orders, 31) + "'[b]",
			"[b][2:v]overlay=x=(W-w)/2:y=H*0.38:enable='" + between(s.notice, 31) + "',format=yuv420p[v]",
		}, ";")
		args = append(args, "-filter_complex", graph, "-map", "[v]", "-map", "5:a", "-t", decimal(seconds), "-r", "60", "-c:v", "libx264", "-preset", "ultrafast", "-g", "60", "-c:a", "aac")
		if bits > 0 {
			rate := fmt.Sprint(bits)
			args = append(args, "-b:v", rate, "-minrate", rate, "-maxrate", rate, "-bufsize", rate, "-x264-params", "nal-hrd=cbr")
		} else {
			args = append(args, "-crf", "18")
		}
		return runFFmpeg(ctx, append(args, to)...)
	}
}

// draw lets Chromium draw a page of ours on a ground that shows through.
func draw(ctx context.Context, dir, name, body string, width, height, scale int) error {
	to := filepath.Join(dir, name+".png")
	if stat, err := os.Stat(to); err == nil && stat.Size() > 0 {
		return nil
	}
	page := filepath.Join(dir, name+".html")
	style := `body{margin:0;font:16px/1.5 "Noto Sans CJK SC",sans-serif;color:#1a1a1a}`
	if err := os.WriteFile(page, []byte(`<!doctype html><html lang="zh-CN"><meta charset="utf-8"><style>`+style+`</style><body>`+body), 0o644); err != nil {
		return err
	}
	browser, err := chromium()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	profile, err := os.MkdirTemp("", "bench-chromium")
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, browser, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--no-first-run", "--disable-extensions",
		"--host-resolver-rules=MAP * ~NOTFOUND", "--user-data-dir="+profile, "--default-background-color=00000000", fmt.Sprintf("--force-device-scale-factor=%d", scale),
		fmt.Sprintf("--window-size=%d,%d", width, height), "--screenshot="+to, "file://"+page)
	cmd.WaitDelay = 5 * time.Second
	out, err := cmd.CombinedOutput()
	err = errors.Join(err, os.RemoveAll(profile))
	if err != nil {
		return fmt.Errorf("chromium: %w: %s", err, out[max(0, len(out)-tail):])
	}
	if _, err := os.Stat(to); err != nil {
		return fmt.Errorf("chromium drew nothing: %s", out[max(0, len(out)-tail):])
	}
	return nil
}

func chromium() (string, error) {
	for _, name := range []string{"headless_shell", "headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", errors.New("no Chromium is found: make deps-test installs it")
}

func bubbles(lines []string) string {
	var b strings.Builder
	b.WriteString(`<div style="background:#f4f5f7;padding:60px 12px;min-height:2480px">`)
	for i := range 44 {
		ground, side := "#fff", "flex-start"
		if i%2 == 1 {
			ground, side = "#a9ea7a", "flex-end"
		}
		fmt.Fprintf(&b, `<div style="display:flex;justify-content:%s;margin:0 0 14px"><div style="background:%s;border-radius:8px;padding:8px 12px;max-width:75%%">%s</div></div>`,
			side, ground, html.EscapeString(lines[i%len(lines)]))
	}
	return b.String() + `</div>`
}

func cards(lines []string) string {
	var b strings.Builder
	b.WriteString(`<div style="background:#eee;padding:60px 10px;min-height:2480px">`)
	for i := 0; i < 24; i++ {
		l := lines[i%len(lines)]
		fmt.Fprintf(&b, `<div style="background:#fff;border-radius:10px;padding:12px;margin:0 0 10px"><div style="display:flex"><div style="width:64px;height:64px;border-radius:6px;background:linear-gradient(%ddeg,#ff8a65,#4db6ac)"></div><div style="margin-left:10px;flex:1"><b>%s</b><div style="font-size:12px;color:#888">下单时间 2026-11-%02d 19:%02d</div></div></div></div>`,
			i*37%360, html.EscapeString(l), 1+i, 10+i)
	}
	return b.String() + `</div>`
}

func dialog(lines []string) string {
	return `<div style="background:#fff;border:1px solid #ccc;border-radius:12px;padding:14px;text-align:center"><b style="color:#e02020;font-size:19px">` +
		html.EscapeString(lines[0]) + `</b><br>` + html.EscapeString(lines[1]) + `<br>` + html.EscapeString(lines[2]) + `</div>`
}

func lanes(lines []string) string {
	var b strings.Builder
	b.WriteString(`<div style="position:relative;font-weight:700;color:#fff;text-shadow:0 0 3px #000,0 1px 2px #000">`)
	for i := range 40 {
		fmt.Fprintf(&b, `<span style="position:absolute;white-space:nowrap;left:%dpx;top:%dpx">%s</span>`, i*197%2300, i%6*38, html.EscapeString(lines[i%len(lines)]))
	}
	return b.String() + `</div>`
}

func chat() []string {
	return []string{"您好，请问有什么可以帮您？", "我的账号昨天晚上突然被封禁了", "请提供抖音号和相关的录屏", "抖音号 clipcase_2026，粉丝 1283",
		"已收到，正在为您核实", "我没有发布过任何违规内容", "系统提示：申诉材料不完整", "请问还需要补充什么材料？", "请上传封禁通知的完整截图",
		"下面是我的操作过程", "订单号 4823 7719 0265 也看不到了", "主播说的价格和实际扣款不一样"}
}

func orders() []string {
	return []string{"蓝牙耳机 实付 ¥128.50", "充值 抖币 7000 实付 ¥700.00", "直播间专享 羽绒服 ¥399.00", "手机壳 两件 ¥29.90", "退款中 订单 7719 0265", "会员自动续费 ¥25.00"}
}

func notice() []string {
	return []string{"账号封禁通知", "违规时间 2026-11-20 19:42", "如有疑问可提交申诉"}
}
