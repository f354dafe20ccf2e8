package browsertest

import (
	"context"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// Device is what someone holds in the hand.
type Device struct {
	Name          string
	Width, Height int64   // CSS pixels
	Scale         float64 // device pixels to a CSS pixel
	Touch         bool    // a phone: taps instead of clicks, and says it is mobile
	Agent         string  // User-Agent
	Lang          string  // as browsers ask for it: zh-CN, en-US
	Dark          bool
	NoScript      bool // JavaScript is off
}

// Phone is an ordinary Android phone held upright, Chinese.
func Phone() Device {
	return Device{
		Name: "phone", Width: 390, Height: 844, Scale: 2, Touch: true, Lang: "zh-CN",
		Agent: "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Mobile Safari/537.36",
	}
}

// Narrow is the smallest phone that is held: 320 CSS pixels, which is also what a
// desktop of 640 or a phone of 390 shows where letters are made much larger.
func Narrow() Device {
	d := Phone()
	d.Name, d.Width, d.Height = "narrow phone", 320, 568
	return d
}

// Desktop is a window on a desktop, Chinese.
func Desktop() Device {
	return Device{
		Name: "desktop", Width: 1280, Height: 900, Scale: 1, Lang: "zh-CN",
		Agent: "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36",
	}
}

func (d Device) apply(ctx context.Context, t *chromedp.Target) error {
	if err := d.size(ctx, t); err != nil {
		return err
	}
	if _, err := cdp.Call(ctx, t, emulation.SetTouchEmulationEnabled, emulation.SetTouchEmulationEnabledParams{Enabled: d.Touch}); err != nil {
		return err
	}
	agent := emulation.SetUserAgentOverrideParams{UserAgent: d.Agent, AcceptLanguage: d.Lang}
	if _, err := cdp.Call(ctx, t, emulation.SetUserAgentOverride, agent); err != nil {
		return err
	}
	look := "light"
	if d.Dark {
		look = "dark"
	}
	media := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: look}}}
	if _, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, media); err != nil {
		return err
	}
	if !d.NoScript {
		return nil
	}
	_, err := cdp.Call(ctx, t, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
	return err
}

func (d Device) size(ctx context.Context, t *chromedp.Target) error {
	size := emulation.SetDeviceMetricsOverrideParams{Width: d.Width, Height: d.Height, DeviceScaleFactor: d.Scale, Mobile: d.Touch}
	_, err := cdp.Call(ctx, t, emulation.SetDeviceMetricsOverride, size)
	return err
}
