package ffmpeg

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"clipcase/media"
)

func FuzzProgress(f *testing.F) {
	for _, seed := range []string{"out_time_us=1500000\nprogress=continue\n", "out_time_us=N/A\n", "out_time_us=-9\n", "out_time_us=99999999999999999999\n", strings.Repeat("x", 9000) + "\nout_time_us=1\n", "\x00"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		last := 0.0
		require.NoError(t, readProgress(bytes.NewReader(data), func(s float64) {
			require.GreaterOrEqual(t, s, last)
			last = s
		}))
	})
}

func FuzzProbeJSON(f *testing.F) {
	f.Add([]byte(`{"streams":[{"index":0,"codec_type":"video","codec_name":"h264","width":1080,"height":2340,"sample_aspect_ratio":"1:1","side_data_list":[{"rotation":-90}]}],"format":{"duration":"3"}}`), []byte("0,0.0,0.0,0.033,900,K__\n1,0.0,0.0,5.0,90,K__\n0,0.033,0.033,0.033,90,___\n"))
	f.Add([]byte(`{"streams":[{"codec_type":"video","codec_name":"x","width":2,"height":2,"sample_aspect_ratio":"0:0"}]}`), []byte("0,N/A,N/A,N/A,1,K\n0,1e300,0,1e300,5,K\n0,-1e300,0,0,5,_\n"))
	f.Fuzz(func(t *testing.T, data, lines []byte) {
		told, err := parseDescription(data)
		if err != nil {
			return
		}
		p := media.Probe{Kind: media.KindVideo}
		if told.fill(&p) != nil {
			return
		}
		require.Contains(t, []int{0, 90, 180, 270}, p.Rotation)
		reader := &packetReader{soundStream: 1, most: 1000}
		for line := range bytes.Lines(lines) {
			_, err := reader.Write(line)
			require.NoError(t, err)
		}
		if reader.shown().fill(&p, told) != nil {
			return
		}
		require.Greater(t, p.Duration, 0.0)
		require.LessOrEqual(t, p.Last, p.Duration)
		for i, at := range p.Settled {
			require.GreaterOrEqual(t, at, 0.0)
			require.True(t, i == 0 || at > p.Settled[i-1], "in order")
		}
	})
}

func TestPacketLinesMayComeInPieces(t *testing.T) {
	t.Parallel()
	reader := &packetReader{stream: 1, soundStream: 0, most: 2}
	for _, part := range []string{"1,0.0,0.0,0.5,90", "0,K__\n1,0.5,", "0.5,0.5,10,___\n1,1.0,1.0,0.5,10,_D_\n2,9,9,9,9,K__\n0,0.2,0.2,0.3,9,K__\n1,7.0,7.0,0.5,1,___\n"} {
		_, err := reader.Write([]byte(part))
		require.NoError(t, err)
	}
	require.Equal(t, found{pictures: packets{{at: 0, long: 0.5, size: 900, key: true}, {at: 0.5, long: 0.5, size: 10}}, sound: heard{end: 0.5, length: 0.3}}, reader.found)
	require.Equal(t, 3, reader.count, "what is not kept is counted")
}

func TestArgumentsAreEscaped(t *testing.T) {
	t.Parallel()
	require.Equal(t, `textfile=a\:b\'c\\d`, arg("textfile", `a:b'c\d`))
	g := graph{inputs: []input{{path: "file:a"}}, chains: []chain{{name: "v", from: []string{"0:0"}, filters: []filter{{"drawtext", []string{arg("textfile", "x,y;[z]")}}}}},
		output: output{path: "file:b", take: []string{"v"}}}
	args, err := g.compile()
	require.NoError(t, err)
	require.Contains(t, strings.Join(args, " "), `drawtext=textfile=x\,y\;\[z\]`)
	g.inputs = append(g.inputs, g.inputs[0])
	_, err = g.compile()
	require.Error(t, err, "one file twice")
	g.inputs = g.inputs[:1]
	g.chains[0].from = []string{"nothing"}
	_, err = g.compile()
	require.Error(t, err)
}
