package testclips

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
)

// Codec is how the pictures are coded.
type Codec string

// The codecs a sample can have.
const (
	H264   Codec = "h264"
	HEVC   Codec = "hevc"
	HEVC10 Codec = "hevc10" // 10 bits, ordinary range of light
	HDR10  Codec = "hdr10"  // HEVC, PQ
	HLG    Codec = "hlg"    // HEVC, HLG
	VP9    Codec = "vp9"
	MPEG4  Codec = "mpeg4"
	MJPEG  Codec = "mjpeg" // full range, key pictures only
)

// Spec says what a sample is like. The zero value of a field is the ordinary case.
type Spec struct {
	Width, Height int     // default 320×568
	FPS           float64 // default 30
	Seconds       float64 // default 3
	Frames        int     // exactly so many pictures; 0 = Seconds decide
	Codec         Codec   // default H264
	Ext           string  // container by its ending: mp4 (default), mov, mkv, webm, avi, ts, flv
	Silent        bool    // no sound stream
	SoundStart    float64 // seconds the sound begins after (before, if negative) the pictures
	SoundSeconds  float64 `json:",omitempty"` // length of the sound; 0 = as the pictures
	Rotate        int     // degrees clockwise that showing turns the picture
	VFR           bool    // pictures only when something changes
	Cover         bool    // a cover picture in front of the video
	Aspect        string  // sample aspect ratio, such as "4/3"
	Interlaced    bool
	Words         bool  // a screen of Chinese text that scrolls and rests, with a clock
	Noise         bool  `json:",omitempty"` // full of grain, without the clock: what no encoder makes small
	Bitrate       int64 // bits a second; 0 = constant quality
	GOP           int   // pictures between key pictures; 0 = one second
}

// Reference is the job everything is measured by: half a minute of a phone's
// screen at 60 pictures a second, about 120 MB.
func Reference() Spec {
	return Spec{Width: 1080, Height: 2340, FPS: 60, Seconds: 30, Words: true, Bitrate: 32_500_000}
}

func (s Spec) withDefaults() Spec {
	if s.Width == 0 {
		s.Width, s.Height = 320, 568
	}
	if s.FPS == 0 {
		s.FPS = 30
	}
	if s.Seconds == 0 {
		s.Seconds = 3
	}
	if s.Codec == "" {
		s.Codec = H264
	}
	if s.Ext == "" {
		s.Ext = "mp4"
	}
	if s.GOP == 0 {
		s.GOP = max(1, int(s.FPS))
	}
	return s
}

// key names the sample by everything that makes it what it is.
func (s Spec) key() (string, error) {
	text, err := json.Marshal(s)
	if err != nil {
		return "", fmt.Errorf("testclips: %w", err)
	}
	sum := sha256.Sum256(append([]byte("3"), text...))
	return hex.EncodeToString(sum[:8]), nil
}
