package catalog

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
)

// goodChannel and goodScenario are right as they stand; every case below breaks
// one line of them.
const goodChannel = `id: shop-chat
rank: 5
name: {zh: 店铺客服, en: Shop chat}
available: true
needs: [message]
where: {zh: 店铺页面, en: shop page}
where_from: {source: a page, verified_at: "2026-01-02", confidence: high}
steps:
  - {zh: 打开, en: open}
  - {zh: 粘贴, en: paste}
  - {zh: 提交, en: submit}
overlay: label
label: {zh: 申诉材料, en: Appeal}
links: false
max_files: 6
order: [video, image]
limits:
  - {name: piece_bytes, value: 8MB, unit: bytes, source: a page, verified_at: "2026-01-02", confidence: low}
  - {name: long_side, value: 1499, unit: pixels, source: a page, verified_at: "2026-01-02", confidence: low}
  - {name: encoded_bytes, value: 30MB, unit: bytes, source: a page, verified_at: "2026-01-02", confidence: low}
tiers:
  - name: {zh: 标准, en: normal}
    recipes:
      - {kind: video, codec: h264, take: key, segment_seconds: 10, max_pieces: 2, max_bytes: 8MB, label: true}
      - {kind: image, take: key, count: 4, long_side: 1440, max_bytes: 1MB}
  - name: {zh: 更小, en: smaller}
    recipes:
      - {kind: image, take: key, count: 4, long_side: 1000, max_bytes: 500kB}
words:
  title: {zh: "求助 {{.Case}}", en: "Help {{.Case}}"}
  title_max: 20
  body: {zh: "{{.Statement}}", en: "{{.Statement}}"}
  body_max: 200
  piece_line: {zh: "{{.Number}}", en: "{{.Number}}"}
follow: {hours: 48, working: false, text: {zh: 提醒您, en: we remind you}, source: a page, verified_at: "2026-01-02", confidence: low}
`

const goodScenario = `id: lost-parcel
rank: 6
command: parcel
name: {zh: 丢件, en: Lost parcel}
help: {zh: 快递丢了, en: the parcel is lost}
priority: normal
exhibits:
  - {id: proof, name: {zh: 录屏, en: recording}, hint: {zh: 录, en: record}, avoid: {zh: 密码, en: codes}, accept: [video], required: true, max: 2}
  - {id: face, name: {zh: 露脸, en: face}, hint: {zh: 录, en: record}, avoid: {zh: 密码, en: codes}, accept: [video], max: 1, consent: face}
questions:
  - {id: when, text: {zh: 哪天, en: when}, hint: {zh: 例, en: e.g.}, max: 50}
  - {id: where, text: {zh: 哪里, en: where}, hint: {zh: 例, en: e.g.}, max: 50}
channels: [douyin-app, douyin-dm, email]
moments: [丢件]
`

const (
	channelFile  = "channels/shop-chat.yaml"
	scenarioFile = "scenarios/lost-parcel.yaml"
)

func overlay(files map[string]string) fstest.MapFS {
	layer := fstest.MapFS{}
	for name, text := range files {
		layer[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return layer
}

func TestGoodFilesAreGood(t *testing.T) {
	t.Parallel()
	c, err := load(builtIn, overlay(map[string]string{channelFile: goodChannel, scenarioFile: goodScenario}))
	require.NoError(t, err)
	require.Equal(t, "shop-chat", c.Channels()[0].ID)
	s, ok := c.ScenarioByCommand("parcel")
	require.True(t, ok)
	require.Equal(t, "lost-parcel", s.ID)
}

// few is like what is built in, with another scenario, the channels of both and one
// word for each language instead of hundreds: it is read anew for every mistake.
func few(t *testing.T) fstest.MapFS {
	t.Helper()
	kept := []string{"douyin-app", "douyin-dm", "email"}
	layer := overlay(map[string]string{
		"words/zh/a.yaml": "hello: 你好\n", "words/en/a.yaml": "hello: hello\n",
		"scenarios/account-ban.yaml": strings.NewReplacer("lost-parcel", "account-ban", "rank: 6", "rank: 1", "parcel\n", "appeal\n").Replace(goodScenario),
	})
	require.NoError(t, fs.WalkDir(builtIn, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasPrefix(name, "words/") {
			return err
		}
		if folder, file := path.Split(name); folder != "" && !slices.Contains(kept, strings.TrimSuffix(file, ".yaml")) {
			return nil
		}
		data, err := builtIn.ReadFile(name)
		layer[name] = &fstest.MapFile{Data: data}
		return err
	}))
	return layer
}

func TestMistakesAreNamedWithFileAndLine(t *testing.T) {
	t.Parallel()
	base := few(t)
	_, err := load(base, overlay(map[string]string{channelFile: goodChannel, scenarioFile: goodScenario}))
	require.NoError(t, err)
	for name, one := range map[string]struct{ old, new, want string }{
		"unknown field":          {"rank: 5\n", "rang: 5\n", channelFile + `:2: unknown field "rang"; known are available, `},
		"field twice":            {"rank: 5\n", "rank: 5\nrank: 6\n", channelFile + `:3: "rank" stands twice, first in line 2`},
		"not YAML":               {"rank: 5\n", "rank: [5\n", channelFile + ":3: not readable as YAML: ',' or ']' must be specified"},
		"words not closed":       {"where: {zh: 店铺页面,", "where: {zh: \"店铺页面,", channelFile + ":7: not readable as YAML: "},
		"tab":                    {"rank: 5\n", "\trank: 5\n", channelFile + ":2: not readable as YAML: found character '\t' that cannot start any token"},
		"no value":               {"rank: 5\n", "rank:\n", channelFile + ":2: rank has no value"},
		"word for a number":      {"rank: 5\n", "rank: five\n", channelFile + `:2: rank: want a whole number, not "five"`},
		"word for yes or no":     {"available: true", "available: maybe", channelFile + `:4: available: want true or false, not "maybe"`},
		"list expected":          {"needs: [message]", "needs: message", channelFile + ":5: needs: want a list"},
		"anchor":                 {"needs: [message]", "needs: &n [message]", channelFile + ":5: needs: anchors, aliases and tags"},
		"id with capitals":       {"id: shop-chat", "id: Shop", channelFile + `:1: id "Shop": want`},
		"no id":                  {"id: shop-chat\n", "", channelFile + ":1: id is missing"},
		"one language only":      {"name: {zh: 店铺客服, en: Shop chat}", "name: {zh: 店铺客服}", channelFile + ":3: name has no words in en"},
		"no language code":       {"en: Shop chat}", "en: Shop chat, english: Shop}", channelFile + `:3: name: "english" is no language code`},
		"words not by language":  {"name: {zh: 店铺客服, en: Shop chat}", "name: Shop", channelFile + ":3: name: want words for each language"},
		"unknown ability":        {"needs: [message]", "needs: [login, fly]", channelFile + `:5: unknown ability "fly"`},
		"two steps":              {"  - {zh: 提交, en: submit}\n", "", channelFile + ":9: steps: 2, want at least 3"},
		"date without a source":  {"source: a page, verified_at: \"2026-01-02\", confidence: high", "verified_at: \"2026-01-02\"", channelFile + ":7: where_from has no source: leave"},
		"wrong date":             {"\"2026-01-02\", confidence: high", "\"02.01.2026\", confidence: high", channelFile + `:7: where_from: verified_at "02.01.2026" is no date`},
		"confidence":             {"confidence: high", "confidence: sure", channelFile + `:7: where_from.confidence "sure": want one of low, medium, high`},
		"limit without source":   {"unit: pixels, source: a page, verified_at: \"2026-01-02\", confidence: low", "unit: pixels", channelFile + ":19: limits[1] has no source"},
		"limit twice":            {"name: long_side", "name: piece_bytes", channelFile + `:19: limit "piece_bytes": want a name that stands once`},
		"unit":                   {"unit: pixels", "unit: pix", channelFile + `:19: limits[1].unit "pix": want one of`},
		"size":                   {"value: 8MB", "value: 8 megs", channelFile + `:18: limits[0].value: size "8 megs"`},
		"overlay":                {"overlay: label", "overlay: logo", channelFile + `:12: overlay "logo": want one of label, none`},
		"label burnt in nowhere": {"overlay: label\nlabel: {zh: 申诉材料, en: Appeal}", "overlay: none", channelFile + ":23: tiers[0].recipes[0]: label and timecode are burnt in, but overlay is none"},
		"codec":                  {"codec: h264", "codec: divx", channelFile + `:24: tiers[0].recipes[0].codec "divx": want one of hevc, h264`},
		"kind not in the order":  {"order: [video, image]", "order: [video]", channelFile + ":25: tiers[0].recipes[1]: order does not name image"},
		"kinds out of order":     {"order: [video, image]", "order: [image, video]", channelFile + ":25: tiers[0].recipes[1]: order says image comes earlier"},
		"piece over the limit":   {"max_bytes: 8MB", "max_bytes: 9MB", channelFile + ":24: tiers[0].recipes[0].max_bytes is 9000000, over the limit piece_bytes of 8000000"},
		"picture over the limit": {"long_side: 1440", "long_side: 1600", channelFile + ":25: tiers[0].recipes[1].long_side is 1600, over the limit long_side of 1499"},
		"mail over the limit":    {"value: 30MB", "value: 25MB", channelFile + ":22: the whole encoded message of tiers[0] is "},
		"too many files":         {"max_files: 6", "max_files: 5", channelFile + ":22: tiers[0] gives 6 files of one recording, over max_files of 5"},
		"no picture counted":     {"count: 4, long_side: 1440", "long_side: 1440", channelFile + ":25: tiers[0].recipes[1]: count of 0"},
		"second tier larger":     {"long_side: 1000, max_bytes: 500kB", "long_side: 1000, max_bytes: 6MB", channelFile + ":26: tiers[1] is not smaller"},
		"answer of the first":    {"  - name: {zh: 更小, en: smaller}\n", "    answers: [too-big]\n  - name: {zh: 更小, en: smaller}\n", channelFile + ":26: answers: the first tier is what gets refused"},
		"answer to nothing":      {"  - name: {zh: 更小, en: smaller}\n", "  - name: {zh: 更小, en: smaller}\n    answers: [too-ugly]\n", channelFile + ":27: tiers[1].answers[0] \"too-ugly\": want one of too-big, too-long, wrong-kind, not-legible"},
		"second tier missing":    {"  - name: {zh: 更小, en: smaller}\n    recipes:\n      - {kind: image, take: key, count: 4, long_side: 1000, max_bytes: 500kB}\n", "", channelFile + ":22: tiers: 1, want the normal one and a smaller one"},
		"media in words only":    {"links: false", "links: false\nwords_only: true", channelFile + ":23: tiers: the channel gives words only"},
		"template":               {`zh: "{{.Statement}}"`, `zh: "{{.Statement"`, channelFile + ":32: words.body.zh: template: "},
		"template field":         {`zh: "{{.Statement}}"`, `zh: "{{.Story}}"`, channelFile + ":32: words.body.zh: fill template: "},
		"template function":      {`zh: "{{.Statement}}"`, `zh: "{{printf \"%s\" .Case}}"`, channelFile + `:32: words.body.zh: template: function "printf" is not used here`},
		"text too long":          {"body_max: 200", "body_max: 100", channelFile + ":32: words.body.en: a usual text comes to 145 characters, over 100"},
		"a link":                 {`zh: "{{.Number}}"`, `zh: "https://a.b"`, channelFile + ":34: words.piece_line.zh: the channel punishes links"},
		"clock":                  {"hours: 48", "hours: 0", channelFile + ":35: follow: 0 hours, want 1 to 720"},
		"command":                {"command: parcel", "command: /parcel", scenarioFile + `:3: command "/parcel": want a-z`},
		"command taken":          {"command: parcel", "command: appeal", scenarioFile + `:3: command "appeal" is taken by scenario account-ban`},
		"priority":               {"priority: normal", "priority: high", scenarioFile + `:6: priority "high": want one of urgent, normal`},
		"exhibit kind":           {"accept: [video], required", "accept: [film], required", scenarioFile + `:8: exhibits[0].accept[0] "film": want one of`},
		"exhibit twice":          {"id: face", "id: proof", scenarioFile + `:9: exhibit "proof" stands twice`},
		"nothing required":       {"required: true, ", "", scenarioFile + ":8: exhibits: at least one must be required"},
		"consent":                {"consent: face", "consent: sure", scenarioFile + `:9: exhibits[1].consent "sure": want one of`},
		"question too long":      {"en: e.g.}, max: 50}\n  - {id: where", "en: e.g.}, max: 5000}\n  - {id: where", scenarioFile + ":11: questions[0].max: 5000 characters"},
		"unknown channel":        {"douyin-dm, email", "douyin-im, email", scenarioFile + `:13: unknown channel "douyin-im"`},
		"channel twice":          {"douyin-dm, email", "douyin-app, email", scenarioFile + `:13: channel "douyin-app" stands twice`},
		"nobody is left out":     {"[douyin-app, douyin-dm, email]", "[douyin-app, email]", scenarioFile + `:13: channels: someone left with "message" only reaches none of them`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.NotEqual(t, strings.Contains(goodChannel, one.old), strings.Contains(goodScenario, one.old), "the case must break exactly one file")
			_, err := load(base, overlay(map[string]string{
				channelFile:  strings.Replace(goodChannel, one.old, one.new, 1),
				scenarioFile: strings.Replace(goodScenario, one.old, one.new, 1),
			}))
			var found Mistakes
			require.ErrorAs(t, err, &found)
			require.Contains(t, err.Error(), "\n  "+one.want)
		})
	}
}

func TestAllMistakesAtOnce(t *testing.T) {
	t.Parallel()
	_, err := load(builtIn, overlay(map[string]string{
		channelFile:          strings.NewReplacer("rank: 5", "rank: five", "codec: h264", "codec: divx").Replace(goodChannel),
		scenarioFile:         strings.Replace(goodScenario, "priority: normal", "priority: high", 1),
		"scenarios/same.yml": "id: x",
		"words/zh/own.yaml":  "refused.empty: 空的 {{.name}}\nrefused.emty: 空的\n",
		"words/en/own.yaml":  "refused.empty: {other: empty, two: both}\nrefused.truncated: '{{.x'\n",
	}))
	var found Mistakes
	require.ErrorAs(t, err, &found)
	golden(t, "mistakes.golden", err.Error()+"\n")
}

func TestOneIDInTwoFiles(t *testing.T) {
	t.Parallel()
	_, err := load(builtIn, overlay(map[string]string{channelFile: goodChannel, "channels/z.yaml": goodChannel}))
	require.ErrorContains(t, err, `channels/z.yaml:1: id "shop-chat" is taken by channels/shop-chat.yaml`)
	_, err = load(builtIn, overlay(map[string]string{"words/zh/a.yaml": "refused.empty: 空", "words/zh/b.yaml": "refused.empty: 空"}))
	require.ErrorContains(t, err, "words/zh/b.yaml:1: refused.empty stands in words/zh/a.yaml too")
}

// TestFolderOfTheOperator takes the place of a channel and adds a scenario, a
// language and words from a real folder.
func TestFolderOfTheOperator(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"channels/mine.yaml":   strings.Replace(goodChannel, "id: shop-chat", "id: douyin-dm", 1),
		scenarioFile:           goodScenario,
		"words/zh/own.yaml":    "refused.empty: 空文件\n",
		"words/ja/own.yaml":    "refused.empty: 空のファイルです\n",
		"channels/README.md":   "not data",
		"channels/.hidden":     "not data",
		"abilities.yaml":       "- {id: fly, rank: 70, name: {zh: 能飞, en: I can fly}}\n",
		"words/zh/..data/note": "not data",
	} {
		file := filepath.Join(dir, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o755))
		require.NoError(t, os.WriteFile(file, []byte(text), 0o644))
	}
	c, err := Load(dir)
	require.NoError(t, err)
	own := builtInCatalog(t)
	require.Len(t, c.Channels(), len(own.Channels()))
	require.Len(t, c.Scenarios(), len(own.Scenarios())+1)
	require.Len(t, c.Abilities(), len(own.Abilities())+1)
	dm, _ := c.Channel("douyin-dm")
	require.Equal(t, "Shop chat", dm.Name.In("en"))
	require.Equal(t, []string{"zh", "en", "ja"}, c.Languages())
	require.Equal(t, "空文件", c.Say("zh", "refused.empty", nil))
	require.Equal(t, "空のファイルです", c.Say("ja", "refused.empty", nil))
	require.Equal(t, c.Say("zh", "refused.truncated", nil), c.Say("ja", "refused.truncated", nil))
	require.NotEqual(t, own.Version(), c.Version())
	fly, ok := c.Ability("fly")
	require.True(t, ok)
	require.Equal(t, "I can fly", fly.Name.In("en"))

	again, err := Load(dir)
	require.NoError(t, err)
	require.Equal(t, c.Version(), again.Version())
}

func TestFolderThatIsNone(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	_, err := Load(filepath.Join(dir, "missing"))
	require.ErrorIs(t, err, os.ErrNotExist)
	file := filepath.Join(dir, "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	_, err = Load(file)
	require.ErrorContains(t, err, "is not a folder")
	require.False(t, errors.As(err, new(Mistakes)))
}
