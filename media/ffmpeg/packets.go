package ffmpeg

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"

	"clipcase/media"
)

// packet is one coded picture: when it is shown and how much changed.
type packet struct {
	at   float64 // seconds, the file's time
	long float64 // seconds; 0 = not said
	size int32
	key  bool
}

// packets are all pictures of a stream in the order they are shown.
type packets []packet

// mostPackets bounds what is kept: 4 h at 120 a second.
const mostPackets = 2_000_000

// farAway is a time, in seconds, that no recording has: figures beyond it are lies.
const farAway = 1e6

// packets reads the times and sizes of a stream without decoding it; broken
// says that reading stopped at a fault, with what came before it.
func (e *Engine) packets(ctx context.Context, s original, stream int) (found packets, broken bool, err error) {
	args := append([]string{"-hide_banner", "-v", "error"}, flat(e.reading(s))...)
	args = append(args, "-select_streams", strconv.Itoa(stream),
		"-show_entries", "packet=pts_time,dts_time,duration_time,size,flags", "-of", "csv=p=0", "file:"+s.path)
	reader := &packetReader{}
	err = unreadable(e.run(ctx, command{tool: e.ffprobe, args: args, read: []string{s.path}, stdout: reader}))
	var refused *media.Refusal
	broken = errors.As(err, &refused) && len(reader.packets) > 0
	if err != nil && !broken {
		return nil, false, err
	}
	if reader.over {
		return nil, broken, &media.Refusal{Code: media.RefusedTooComplex, Err: fmt.Errorf("more than %d pictures", mostPackets)}
	}
	return reader.shown(), broken, nil
}

// packetReader takes ffprobe's lines as they come.
type packetReader struct {
	rest    []byte
	packets packets
	over    bool
}

func (r *packetReader) Write(p []byte) (int, error) {
	r.rest = append(r.rest, p...)
	for {
		line, rest, ok := bytes.Cut(r.rest, []byte("\n"))
		if !ok {
			break
		}
		r.line(line)
		r.rest = rest
	}
	if len(r.rest) > 1<<16 {
		r.rest = nil // not one of ffprobe's lines
	}
	return len(p), nil
}

// shown are the packets in the order their pictures are shown.
func (r *packetReader) shown() packets {
	slices.SortStableFunc(r.packets, func(a, b packet) int { return cmp.Compare(a.at, b.at) })
	return r.packets
}

// line reads pts, dts, duration, size and flags; pictures that an edit list
// hides (flag D) are not shown and not counted.
func (r *packetReader) line(line []byte) {
	fields := bytes.Split(line, []byte(","))
	if len(fields) < 5 || bytes.IndexByte(fields[4], 'D') >= 0 {
		return
	}
	at, err := strconv.ParseFloat(string(fields[0]), 64)
	if err != nil {
		if at, err = strconv.ParseFloat(string(fields[1]), 64); err != nil {
			return // a picture without a time is not shown
		}
	}
	size, err := strconv.ParseInt(string(fields[3]), 10, 32)
	if err != nil || !(math.Abs(at) < farAway) {
		return
	}
	if len(r.packets) >= mostPackets {
		r.over = true
		return
	}
	r.packets = append(r.packets, packet{at: at, long: math.Min(farAway, math.Max(0, number(string(fields[2])))), size: int32(max(0, size)), key: bytes.IndexByte(fields[4], 'K') >= 0})
}

// fill measures length, rate and rest from the packets.
func (p packets) fill(probe *media.Probe, told description) error {
	if len(p) == 0 {
		return &media.Refusal{Code: media.RefusedTooShort, Err: errors.New("no pictures")}
	}
	first, last := p[0], p[len(p)-1]
	probe.Frames = len(p)
	spread := last.at - first.at
	mean := 0.0
	if len(p) > 1 {
		mean = spread / float64(len(p)-1)
	}
	end := last.long
	if end <= 0 || end > math.Max(10, 4*mean) && len(p) > 1 {
		end = mean // not said, or one of the figures that lie
	}
	if end <= 0 {
		end = 1.0 / 30
	}
	if len(p) == 1 {
		end = math.Min(end, 10)
	}
	probe.Duration = spread + end
	probe.FPS = float64(len(p)) / probe.Duration
	// Times are told in microseconds: 30.0003 is 30, and no proof may say more.
	if whole := math.Round(probe.FPS); math.Abs(probe.FPS-whole) < 1e-4*whole {
		probe.FPS = whole
	}
	probe.VFR = p.uneven(mean)
	probe.Offset = first.at - number(told.Format.Start)
	if probe.Audio != nil {
		probe.Audio.Start -= first.at
	}
	probe.Settled = p.settled()
	return nil
}

// uneven says whether pictures come at a changing pace: more than one in fifty
// steps is off the mean by over a third.
func (p packets) uneven(mean float64) bool {
	if len(p) < 4 || mean <= 0 {
		return false
	}
	off := 0
	for i := 1; i < len(p); i++ {
		if math.Abs(p[i].at-p[i-1].at-mean) > mean/3 {
			off++
		}
	}
	return off*50 > len(p)
}
