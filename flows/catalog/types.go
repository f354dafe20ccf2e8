package catalog

import (
	"slices"

	"clipcase/media"
)

// Local is words in each language, by "zh" and "en".
type Local map[string]string

// In is the words in lang, or in Chinese where they are missing.
func (l Local) In(lang string) string {
	if s, ok := l[lang]; ok {
		return s
	}
	return l["zh"]
}

// Scenario is a kind of matter: what is asked for, where it goes, how urgent it is.
type Scenario struct {
	ID        string     `yaml:"id"`
	Command   string     `yaml:"command"` // without slash: appeal, stolen, …
	Name      Local      `yaml:"name"`
	Help      Local      `yaml:"help"`     // one line: when to choose it
	Priority  string     `yaml:"priority"` // urgent or normal
	Clock     *Clock     `yaml:"clock"`
	Exhibits  []Slot     `yaml:"exhibits"`
	Questions []Question `yaml:"questions"`
	Channels  []string   `yaml:"channels"` // recommended first
	Moments   []string   `yaml:"moments"`  // on-screen words that mark the key moment
	Rank      int        `yaml:"rank"`     // place in the menu, lowest first
}

// Clock is a time after which clipcase reminds; it promises nothing in the
// platform's name.
type Clock struct {
	Hours      int      `yaml:"hours"`
	Working    bool     `yaml:"working"` // working hours
	Text       Local    `yaml:"text"`
	Needs      []string `yaml:"needs"` // ability ids: the clock runs only for people who have all of them (the company route)
	Provenance `yaml:",inline"`
}

// Provenance says where a fact comes from.
type Provenance struct {
	Source     string `yaml:"source" json:"source"`
	VerifiedAt string `yaml:"verified_at" json:"verified_at"` // YYYY-MM-DD
	Confidence string `yaml:"confidence" json:"confidence"`   // low, medium, high
}

// Slot is one exhibit a scenario asks for by name.
type Slot struct {
	ID       string   `yaml:"id"`
	Name     Local    `yaml:"name"`
	Hint     Local    `yaml:"hint"`     // how to record it
	Avoid    Local    `yaml:"avoid"`    // what not to show
	Accept   []string `yaml:"accept"`   // video, image, document
	Required bool     `yaml:"required"` // its absence is named before handing in; never a bar
	Max      int      `yaml:"max"`      // files at most
	Side     string   `yaml:"side"`     // "", left or right: where a comparison shows the first of them
	Consent  string   `yaml:"consent"`  // "", face, identity or minor: asked before it is taken
}

// The sides of a comparison: the person's own work, and what was made of it.
const (
	SideLeft  = "left"
	SideRight = "right"
)

// Question is one of the statement's questions.
type Question struct {
	ID   string `yaml:"id"`
	Text Local  `yaml:"text"`
	Hint Local  `yaml:"hint"`
	Max  int    `yaml:"max"` // characters kept of the answer
}

// Ability is something a person may still be able to do: a channel needs some.
type Ability struct {
	ID   string `yaml:"id"` // login, message, form, mail, post, company
	Name Local  `yaml:"name"`
	Rank int    `yaml:"rank"` // place in the question, lowest first
}

// Channel is one place to submit to, with its limits.
type Channel struct {
	ID        string       `yaml:"id"`
	Name      Local        `yaml:"name"`
	Available bool         `yaml:"available"`  // false: hidden and refused until its parts exist
	Needs     []string     `yaml:"needs"`      // ability ids, all of them
	Where     Local        `yaml:"where"`      // entrance or address
	WhereFrom Provenance   `yaml:"where_from"` // empty source: shown as "unverified, check in the app"
	Steps     []Local      `yaml:"steps"`      // how to submit, one action each
	Overlay   string       `yaml:"overlay"`    // label or none
	Label     Local        `yaml:"label"`      // words burnt into pieces where Overlay is label
	Links     bool         `yaml:"links"`      // links and codes that lead away are allowed
	MaxFiles  int          `yaml:"max_files"`  // files a submission takes
	Formats   []string     `yaml:"formats"`    // file name endings it takes, without dot; none = words only
	Documents bool         `yaml:"documents"`  // takes PDF and other documents beside the pieces, as they are
	Order     []media.Kind `yaml:"order"`      // kinds in the order they are handed in
	WordsOnly bool         `yaml:"words_only"` // gives words, no media
	Limits    []Limit      `yaml:"limits"`
	Tiers     []Tier       `yaml:"tiers"` // the first is the normal pack, the next ones ever smaller
	Words     Paste        `yaml:"words"`
	Follow    *Clock       `yaml:"follow"` // when to ask what became of it
	Rank      int          `yaml:"rank"`   // place in lists, lowest first
}

// Limit is one fact about what the channel takes.
type Limit struct {
	Name       string     `yaml:"name" json:"name"` // piece_bytes, total_bytes, message_bytes, long_side, words, title, files, …
	Value      media.Size `yaml:"value" json:"value"`
	Unit       string     `yaml:"unit" json:"unit"` // bytes, pixels, characters, files, seconds
	Provenance `yaml:",inline"`
}

// Tier is one set of recipes: the whole pack for the channel.
type Tier struct {
	Name    Local          `yaml:"name"`
	Answers []string       `yaml:"answers"` // reasons of a refusal that this tier is made for; none = too-big and too-long, as every further tier is smaller
	Recipes []media.Recipe `yaml:"recipes"`
}

// Why a channel refused a pack, as a further tier can answer it.
const (
	TooBig     = "too-big"
	TooLong    = "too-long"
	WrongKind  = "wrong-kind"
	NotLegible = "not-legible"
)

// reasons lists them.
func reasons() []string { return []string{TooBig, TooLong, WrongKind, NotLegible} }

// answers says whether a tier is made for a refusal for that reason.
func (t Tier) answers(reason string) bool {
	if len(t.Answers) == 0 {
		return reason == TooBig || reason == TooLong
	}
	return slices.Contains(t.Answers, reason)
}

// Next is the tier that answers the refusal of one; ok is false if the channel has
// none.
func (c Channel) Next(tier int, reason string) (next int, ok bool) {
	for i := max(tier+1, 1); i < len(c.Tiers); i++ {
		if c.Tiers[i].answers(reason) {
			return i, true
		}
	}
	return 0, false
}

// Paste is the words a channel takes.
type Paste struct {
	Title     Local `yaml:"title"`      // template: subject or title; "" = none
	TitleMax  int   `yaml:"title_max"`  // characters
	Body      Local `yaml:"body"`       // template
	BodyMax   int   `yaml:"body_max"`   // characters
	PieceLine Local `yaml:"piece_line"` // template: one line a piece
}

// Wording is one class of words that channels' filters may stop.
type Wording struct {
	ID    string        `yaml:"id"` // advertising, contact, insult
	Name  Local         `yaml:"name"`
	Items []WordingItem `yaml:"items"`
}

// WordingItem is words with one neutral wording: either Find or Pattern is set.
type WordingItem struct {
	Find    []string `yaml:"find"`    // as they stand; case does not count
	Pattern string   `yaml:"pattern"` // regular expression, RE2
	Say     Local    `yaml:"say"`     // none = the words are taken out
}
