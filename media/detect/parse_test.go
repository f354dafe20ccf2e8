package detect

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"clipcase/media"
)

const head = "level\tpage_num\tblock_num\tpar_num\tline_num\tword_num\tleft\ttop\twidth\theight\tconf\ttext\n"

func TestParse(t *testing.T) {
	t.Parallel()
	table := head +
		"1\t1\t0\t0\t0\t0\t0\t0\t720\t400\t-1\t\n" +
		"4\t1\t1\t1\t1\t0\t0\t0\t10\t40\t-1\t\n" +
		"5\t1\t1\t1\t1\t1\t0\t82\t10\t40\t90\t违规\n" +
		"5\t1\t1\t1\t1\t2\t0\t80\t10\t38\t90\t时间\n" +
		"5\t1\t1\t1\t1\t3\t0\t84\t10\t38\t60\t2026\n" +
		"5\t1\t1\t1\t2\t1\t0\t0\t10\t4000\t99.5\tA\n" +
		"5\t1\t1\t1\t3\t1\t0\t0\t10\t20\tnan\tB\n" +
		"5\t1\t1\t1\t4\t1\t0\t0\t10\t20\t95\t \n" +
		"5\t1\t1\t1\t6\t1\t10\t0\t20\t20\t90\tif\n" +
		"5\t1\t1\t1\t6\t2\t200\t0\t40\t20\t90\t申诉\n" +
		"5\t1\t1\t1\t5\t1\tshort\n" + "noise\n"
	require.Equal(t, []media.Line{
		{Text: "违规时间 2026", Sure: 0.75, Top: 0.2, Height: 0.1},
		{Text: "A", Sure: 0.995, Height: 1},
		{Text: "if", Sure: 0.9, Height: 0.05},
		{Text: "申诉", Sure: 0.9, Height: 0.05},
	}, parse([]byte(table), 1)[0])
	flood := head + strings.Repeat("5\t1\t1\t1\t1\t1\t0\t0\t10\t40\t90\ta\n5\t1\t1\t1\t2\t1\t0\t0\t10\t40\t90\tb\n", 1000)
	require.Len(t, parse([]byte(flood), 1)[0], mostLines)
	long := head + "5\t1\t1\t1\t1\t1\t0\t0\t10\t40\t90\t" + strings.Repeat("字", 5000) + "\n"
	require.Len(t, []rune(parse([]byte(long), 1)[0][0].Text), mostRunes)
}

// Each picture has a table of its own; what belongs to none is left out.
func TestParseOfSeveral(t *testing.T) {
	t.Parallel()
	row := func(level, page, height, text string) string {
		return level + "\t" + page + "\t1\t1\t1\t1\t0\t0\t10\t" + height + "\t90\t" + text + "\n"
	}
	table := head + row("1", "1", "400", "") + row("5", "1", "40", "a") + row("1", "2", "80", "") +
		row("1", "3", "100", "") + row("5", "3", "40", "c") + row("5", "4", "40", "d") + row("5", "0", "40", "e") + row("5", "x", "40", "f")
	require.Equal(t, [][]media.Line{{{Text: "a", Sure: 0.9, Height: 0.1}}, nil, {{Text: "c", Sure: 0.9, Height: 0.4}}}, parse([]byte(table), 3))
}

func TestNormal(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"您 的 账 号":              "您的账号",
		" 订单 号  4823 7719 ":    "订单号 4823 7719",
		"cafe\u0301":           "café",
		"a\u202eb\x00c\ufffdd": "abcd",
		"原因 ： 超过 7 天":          "原因：超过 7 天",
		"\xff\xfe":             "",
		"Tap  here\tto go on":  "Tap here to go on",
	} {
		require.Equal(t, want, normal(text), "%q", text)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(head + "5\t1\t1\t1\t1\t1\t0\t0\t10\t40\t90\ta\n"))
	f.Fuzz(func(t *testing.T, table []byte) {
		for _, l := range slices.Concat(parse(table, 2)...) {
			if l.Text == "" || len([]rune(l.Text)) > mostRunes || l.Sure < 0 || l.Sure > 1 || l.Height < 0 || l.Height > 1 || l.Top < 0 || l.Top > 1 {
				t.Fatalf("%+v", l)
			}
		}
	})
}
