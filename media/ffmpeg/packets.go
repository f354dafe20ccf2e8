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

// farAway is a time, in seconds, that no recording has: figures beyond it are lies.
const farAway = 1e6

// found is what the packets of a file tell.
type found struct {
	pictures packets
	sound    heard
}

// heard is the sound of a recording.
type heard struct {
	end    float64 // seconds, the file's time
	length float64 // seconds of sound there are, without the holes
}

const (
	none        = -1   // the index of a stream that is not wanted
	smallTail   = 0.05 // seconds: sound comes in blocks, and the last one is rarely full
	mostSilence = 10.0 // seconds without packets of sound that are believed
	mostStill   = 60.0 // seconds for which one picture may be all there is to see
)

// packets reads the times and sizes of a stream of pictures and of one of
// sound, or none, without decoding them; broken says that reading stopped at a
// fault, with what came before it.
func (e *Engine) packets(ctx context.Context, s original, stream, sound int) (f found, broken bool, err error) {
	args := append([]string{"-hide_banner", "-v", "error"}, flat(e.reading(s))...)
	if sound == none {
		args = append(args, "-select_streams", strconv.Itoa(stream)) // it can select one or all
	}
	args = append(args, "-show_entries", "packet=stream_index,pts_time,dts_time,duration_time,size,flags", "-of", "csv=p=0", "file:"+s.path)
	var reader *packetReader
	err = unreadable(twice(func() error {
		reader = &packetReader{stream: stream, soundStream: sound, most: e.caps.Frames}
		return e.run(ctx, command{tool: e.ffprobe, args: args, read: []string{s.path}, stdout: reader, wall: e.patience.file(s.bytes)})
	}))
	var refused *media.Refusal
	broken = errors.As(err, &refused) && len(reader.found.pictures) > 0
	if err != nil && !broken {
		return found{}, false, err
	}
	if reader.count > e.caps.Frames {
		return found{}, broken, tooMany(e.caps.Frames, reader.count, reader.last)
	}
	return reader.shown(), broken, nil
}

// tooMany refuses a recording that is too long for the pace of its pictures.
func tooMany(most, count int, seconds float64) *media.Refusal {
	return &media.Refusal{Code: media.RefusedTooLong, Err: fmt.Errorf("%d pictures, at most %d", count, most),
		Args: map[string]any{"limit": math.Floor(seconds * float64(most) / float64(count)), "actual": math.Round(seconds)}}
}

// packetReader takes ffprobe's lines as they come.
type packetReader struct {
	stream, soundStream int
	most                int // pictures that are kept

	rest  []byte
	found found
	count int     // pictures seen
	last  float64 // the latest of them, seconds
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

// shown is what was read, the pictures in the order they are shown.
func (r *packetReader) shown() found {
	slices.SortStableFunc(r.found.pictures, func(a, b packet) int { return cmp.Compare(a.at, b.at) })
	return r.found
}

// line reads stream, pts, dts, duration, size and flags; what an edit list hides
// (flag D) is not shown and not counted.
func (r *packetReader) line(line []byte) {
	fields := bytes.Split(line, []byte(","))
	if len(fields) < 6 || bytes.IndexByte(fields[5], 'D') >= 0 {
		return
	}
	stream, err := strconv.Atoi(string(fields[0]))
	if err != nil || stream != r.stream && stream != r.soundStream {
		return
	}
	at, err := strconv.ParseFloat(string(fields[1]), 64)
	if err != nil {
		if at, err = strconv.ParseFloat(string(fields[2]), 64); err != nil {
			return // what has no time is not shown
		}
	}
	size, err := strconv.ParseInt(string(fields[4]), 10, 32)
	if err != nil || !(math.Abs(at) < farAway) {
		return
	}
	long := math.Min(farAway, math.Max(0, number(string(fields[3]))))
	if stream == r.soundStream {
		r.found.sound.end = math.Max(r.found.sound.end, at+long)
		r.found.sound.length += long
		return
	}
	r.last = math.Max(r.last, at)
	if r.count++; r.count > r.most {
		return
	}
	r.found.pictures = append(r.found.pictures, packet{at: at, long: long, size: int32(max(0, size)), key: bytes.IndexByte(fields[5], 'K') >= 0})
}

// fill measures length, rate and rest. The recording ends with its pictures or
// its sound, whichever ends later.
func (f found) fill(probe *media.Probe, told description) error {
	p := f.pictures
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
	probe.Last, probe.Duration = spread, spread+end
	probe.FPS = float64(len(p)) / probe.Duration
	// Times are told in microseconds: 30.0003 is 30, and no proof may say more.
	for _, part := range []float64{1000, 1001} { // the television rates are 1000/1001 of whole ones
		whole := math.Round(probe.FPS * part / 1000)
		if exact := whole * 1000 / part; math.Abs(probe.FPS-exact) < 1e-4*exact {
			probe.FPS = exact
			break
		}
	}
	probe.VFR = p.uneven(mean)
	probe.Offset = first.at - number(told.Format.Start)
	if probe.Audio != nil {
		probe.Audio.Start -= first.at
		probe.Duration += f.sound.tail(first.at + probe.Duration)
	}
	if len(p) == 1 && probe.Duration > mostStill {
		return &media.Refusal{Code: media.RefusedAudioOnly, Err: fmt.Errorf("one picture to %.0f s of sound", probe.Duration)}
	}
	probe.Settled = p.settled(probe.Duration)
	probe.Changed = changed(p.activity(probe.Duration), probe.Settled)
	return nil
}

// tail is how long the sound goes on behind the pictures' end, little longer
// than the sound there is: times that jump far ahead are not believed.
func (h heard) tail(end float64) float64 {
	tail := math.Min(h.end-end, h.length+mostSilence)
	if tail < smallTail {
		return 0
	}
	return tail
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
