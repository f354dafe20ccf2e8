package main

import "strings"

// hostile is a file that wants something.
type hostile struct {
	name, file string
	content    []byte
	class      string // of the refusal; "" = it may give pieces, or be refused for any reason
	picture    bool   // stills are asked for, not a video
}

// lists are texts that point to other files and places: to a film and a secret
// on this disk, and to someone who listens on this machine. Each is refused
// before any tool sees it.
func lists(dir, listens string) []hostile {
	hls := func(lines ...string) string {
		return "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-TARGETDURATION:1\n" + strings.Join(lines, "\n") + "\n#EXT-X-ENDLIST\n"
	}
	dash := func(inside string) string {
		return `<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" mediaPresentationDuration="PT1S"><Period><AdaptationSet mimeType="video/mp4">` + inside + `</AdaptationSet></Period></MPD>`
	}
	var out []hostile
	add := func(class, name, file, text string) {
		text = strings.NewReplacer("DIR", dir, "HOST", listens).Replace(text)
		out = append(out, hostile{name: name, file: file, content: []byte(text), class: class})
	}
	for name, text := range map[string]string{
		"hls, segment from a host": hls("#EXTINF:1,", "http://HOST/a.ts"),
		"hls, key from a host":     hls(`#EXT-X-KEY:METHOD=AES-128,URI="http://HOST/key"`, "#EXTINF:1,", "victim.ts"),
		"hls, variant from a host": hls("#EXT-X-STREAM-INF:BANDWIDTH=1", "http://HOST/v.m3u8"),
		"hls, head from a text":    hls(`#EXT-X-MAP:URI="file://DIR/secret.txt"`, "#EXTINF:1,", "victim.mp4"),
		"hls, data":                hls("#EXTINF:1,", "data:video/mp2t;base64,U0VDUkVU"),
		"hls, part of a file":      hls("#EXTINF:1,", "subfile,,start,0,end,200,,:DIR/secret.txt"),
		"hls, joined":              hls("#EXTINF:1,", "concat:DIR/victim.mp4|DIR/secret.txt"),
		"hls, decrypted":           hls("#EXTINF:1,", "crypto:DIR/victim.mp4"),
		"hls, subtitles":           hls(`#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="s",NAME="s",URI="file://DIR/secret.txt"`, `#EXT-X-STREAM-INF:BANDWIDTH=1,SUBTITLES="s"`, "victim.mp4"),
		"hls, up and down":         hls("#EXTINF:1,", "../"+"x/../victim.mp4"),
		"hls, dates from a host":   hls(`#EXT-X-DATERANGE:ID="a",X-ASSET-URI="http://HOST/i"`, "#EXTINF:1,", "udp://HOST"),
		"dash, from a host":        dash(`<Representation id="1"><BaseURL>http://HOST/a.mp4</BaseURL></Representation>`),
		"dash, from the disk":      dash(`<Representation id="1"><BaseURL>file://DIR/victim.mp4</BaseURL></Representation>`),
		"dash, template":           dash(`<SegmentTemplate media="victim.mp4" initialization="victim.mp4" startNumber="1" duration="1"/><Representation id="1" bandwidth="1"/>`),
		"dash, linked":             `<MPD xmlns:xlink="http://www.w3.org/1999/xlink"><Period xlink:href="http://HOST/p" xlink:actuate="onLoad"/></MPD>`,
		"concat, absolute":         "ffconcat version 1.0\nfile 'DIR/victim.mp4'\n",
		"concat, from a host":      "ffconcat version 1.0\nfile 'http://HOST/a.mp4'\n",
		"concat, unsafe":           "ffconcat version 1.0\noption safe 0\nfile 'DIR/victim.mp4'\n",
		"concat, behind a mark":    "\ufeffffconcat version 1.0\r\nfile victim.mp4\r\n",
		"asx":                      `<asx version="3.0"><entry><ref href="http://HOST/a.wmv"/></entry></asx>`,
		"smil":                     `<smil><body><video src="http://HOST/a.mp4"/></body></smil>`,
		"xspf":                     `<?xml version="1.0"?><playlist version="1"><trackList><track><location>file://DIR/victim.mp4</location></track></trackList></playlist>`,
		"pls":                      "[playlist]\nNumberOfEntries=1\nFile1=http://HOST/a.mp4\n",
		"reference list":           "[Reference]\r\nRef1=http://HOST/a.asf\r\n",
		"rtsp in words":            "RTSPtextRTSP://HOST/a\n",
		"an address":               "http://HOST/a.mp4\n",
		"an address of the disk":   "file://DIR/victim.mp4\n",
		"session, from a host":     "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\nc=IN IP4 127.0.0.1\r\nm=video 9 RTP/AVP 96\r\n",
		"smooth streaming":         `<?xml version="1.0"?><SmoothStreamingMedia MajorVersion="2"><StreamIndex Url="http://HOST/q({bitrate})"/></SmoothStreamingMedia>`,
	} {
		add("playlist", name, "a.mp4", text)
	}
	for name, text := range map[string]string{
		"svg, from a host":      `<svg xmlns="http://www.w3.org/2000/svg"><image href="http://HOST/i.png" width="9" height="9"/></svg>`,
		"svg, entity":           `<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY x SYSTEM "file://DIR/secret.txt">]><svg xmlns="http://www.w3.org/2000/svg"><text y="20">&x;</text></svg>`,
		"page that goes on":     `<html><meta http-equiv="refresh" content="0;url=http://HOST/"><img src="file://DIR/secret.txt">`,
		"text of control marks": "\x1b]8;;http://HOST/\x07\x1b[2J\x00SECRET",
		"a script":              "#!/bin/sh\ncat DIR/secret.txt\x00\n",
		"a program":             "\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\x3e\x00",
		"a sound of words":      "MThd\x00\x00\x00\x06\x00\x00\x00\x01\x00\x60",
	} {
		add("not-media", name, "a.mp4", text)
	}
	// Words are documents: kept, and nothing is made of them.
	for name, text := range map[string]string{
		"words that are a film's":    "[Script Info]\nScriptType: v4.00+\n[Events]\nDialogue: 0,0:00:00.00,0:00:09.00,{\\fnDIR/secret.txt}x\n",
		"words that are filters":     "movie=DIR/victim.mp4,drawtext=textfile=DIR/secret.txt[out0]\n",
		"words that list neighbours": "victim.mp4\nDIR/secret.txt\n",
	} {
		add("", name, "a.mp4", text)
	}
	return out
}
