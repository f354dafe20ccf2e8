package flows

// Text is words to be found in the catalogue: a key with arguments, or, when
// Key is empty, Plain as it stands. Arguments may themselves be Text. Words from
// people appear only as arguments or in Plain; whoever renders escapes.
type Text struct {
	Key   string         `json:"k,omitempty"`
	Args  map[string]any `json:"a,omitempty"`
	Plain string         `json:"p,omitempty"`
}

// T is Text for a key; pairs are argument names and values.
func T(key string, pairs ...any) Text {
	text := Text{Key: key}
	for i := 0; i+1 < len(pairs); i += 2 {
		if text.Args == nil {
			text.Args = map[string]any{}
		}
		text.Args[pairs[i].(string)] = pairs[i+1]
	}
	return text
}

// Style says how a block of words looks.
type Style string

// The styles a front end must be able to show.
const (
	StyleText  Style = ""      // a paragraph
	StyleTitle Style = "title" // bold
	StyleItem  Style = "item"  // one entry of a list
	StyleQuote Style = "quote" // the person's own words
	StyleCode  Style = "code"  // to be copied: monospaced, copy button where possible
	StyleNote  Style = "note"  // less important
)

// Block is one paragraph of a screen.
type Block struct {
	Style Style `json:"s,omitempty"`
	Text  Text  `json:"t"`
}

// Choice is one thing a person may press.
type Choice struct {
	ID    string `json:"id"` // short ASCII, unique on its screen; "" when URL or Copy is set
	Label Text   `json:"l"`
	URL   string `json:"u,omitempty"`
	Copy  string `json:"c,omitempty"`  // puts these words on the clipboard (≤ 256 characters)
	On    bool   `json:"on,omitempty"` // choose many: is chosen
}

// Input says what besides a choice the step takes; the web builds its form from it.
type Input string

// What a step can take.
const (
	InputNone  Input = ""
	InputText  Input = "text"
	InputFiles Input = "files"
)

// Screen is what to show: data that the bot turns into a message with buttons,
// the web into a form. The way forward is the first choice of the last row.
type Screen struct {
	Step    string     `json:"step"`
	Token   string     `json:"token"` // short; changes with every step, so that late presses are noticed
	Lang    string     `json:"lang"`
	Blocks  []Block    `json:"blocks"`
	Rows    [][]Choice `json:"rows,omitempty"`
	Input   Input      `json:"input,omitempty"`
	Picture string     `json:"picture,omitempty"` // key of a JPEG in the blob store that belongs above the words; without it, the words must do
	Replace bool       `json:"replace,omitempty"` // take the place of the screen that was pressed
	Toast   *Text      `json:"toast,omitempty"`   // short answer to a press (Telegram alert)
}
