package ffmpeg

import (
	"bufio"
	"errors"
	"io"
	"strconv"
	"strings"
)

// readProgress reads what -progress writes until it ends and reports the
// seconds written so far, never less than before. Lines it does not know, and
// times that are not there yet ("N/A"), are passed over.
func readProgress(r io.Reader, report func(seconds float64)) error {
	lines := bufio.NewReaderSize(r, 4096)
	last := 0.0
	for {
		line, more, err := lines.ReadLine()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		for more { // an endless line is not one of ffmpeg's: drop it whole
			if _, more, err = lines.ReadLine(); err != nil {
				break
			}
			line = nil
		}
		value, ok := strings.CutPrefix(string(line), "out_time_us=")
		if !ok {
			continue
		}
		micros, err := strconv.ParseInt(value, 10, 64)
		if err != nil || micros < 0 {
			continue
		}
		if seconds := float64(micros) / 1e6; seconds >= last {
			last = seconds
			report(seconds)
		}
	}
}
