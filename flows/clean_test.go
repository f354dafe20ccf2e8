package flows

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
	"golang.org/x/text/unicode/norm"
)

func TestClean(t *testing.T) {
	t.Parallel()
	family := "👨‍👩‍👧‍👦"
	for _, c := range []struct {
		name, raw, want string
		most            int
		cut             bool
	}{
		{"plain", "账号被误封", "账号被误封", 100, false},
		{"spaces", "  a\tb \n\n", "a b", 100, false},
		{"line breaks", "a\r\nb\rc", "a\nb\nc", 100, false},
		{"controls", "a\x00b\x07c\x1b[0m", "abc[0m", 100, false},
		{"bidi", "\u202Egnp.exe\u202C \u2066x\u2069", "gnp.exe x", 100, false},
		{"invisible", "a\u200Bb\uFEFFc\u00ADd", "abcd", 100, false},
		{"NFC", "e\u0301", "é", 100, false},
		{"invalid", "a\xffb", "a\uFFFDb", 100, false},
		{"emoji whole", family + family, family, 8, true},
		{"emoji kept", family, family, 7, false},
		{"flag of a region", "🏴\U000E0067\U000E0062\U000E0065\U000E006E\U000E0067\U000E007F", "🏴\U000E0067\U000E0062\U000E0065\U000E006E\U000E0067\U000E007F", 10, false},
		{"stacked marks", "a" + strings.Repeat("\u0316", 500), "a" + strings.Repeat("\u0316", 9), 100, false},
		{"long", strings.Repeat("长", 100_000), strings.Repeat("长", 50), 50, true},
		{"nothing left", "\u200B\x00 \n", "", 10, false},
		{"blank letters", "a\u3164b\u2800", "a b", 100, false},
		{"markup stays words", "<b>&{{.x}}", "<b>&{{.x}}", 100, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, cut := Clean(c.raw, c.most)
			require.Equal(t, c.want, got)
			require.Equal(t, c.cut, cut)
		})
	}
}

func FuzzClean(f *testing.F) {
	f.Add("a\u202Eb", 3)
	f.Add(strings.Repeat("e\u0301", 20), 5)
	f.Add("👨‍👩‍👧‍👦", 2)
	f.Fuzz(func(t *testing.T, raw string, most int) {
		most = 1 + max(0, most)%1000
		got, _ := Clean(raw, most)
		if !utf8.ValidString(got) || utf8.RuneCountInString(got) > most || !norm.NFC.IsNormalString(got) {
			t.Fatalf("%q becomes %q", raw, got)
		}
		if again, cut := Clean(got, most); again != got || cut {
			t.Fatalf("cleaning %q again gives %q", got, again)
		}
	})
}

func TestShorten(t *testing.T) {
	t.Parallel()
	require.Equal(t, "abc", Shorten("abc", 3))
	require.Equal(t, "ab…", Shorten("abc", 2))
	require.Equal(t, "…", Shorten("👨‍👩‍👧‍👦", 3))
}

func TestCut(t *testing.T) {
	t.Parallel()
	family := "👨‍👩‍👧‍👦" // seven code points
	for _, c := range []struct {
		text       string
		most       int
		kept, rest string
	}{
		{"", 3, "", ""},
		{"abc", 3, "abc", ""},
		{"abc", 2, "ab", "c"},
		{"a" + family, 4, "a", family},
		{family, 3, family[:len("👨‍👩")], family[len("👨‍👩"):]},
		{"장장", 1, "장", "장"},
		{"🇨🇳🇩🇪", 3, "🇨🇳", "🇩🇪"},
	} {
		kept, rest := Cut(c.text, c.most)
		require.Equal(t, c.kept, kept, c.text)
		require.Equal(t, c.rest, rest, c.text)
	}
}

func TestPortions(t *testing.T) {
	t.Parallel()
	words := strings.Repeat("一行字在这里\n", 100)
	parts := portions(words, 100)
	require.Equal(t, strings.ReplaceAll(words, "\n", ""), strings.ReplaceAll(strings.Join(parts, ""), "\n", ""))
	for _, p := range parts {
		require.LessOrEqual(t, utf8.RuneCountInString(p), 100)
		require.True(t, strings.HasSuffix(p, "里"), "cut inside a line: %q", p)
	}
	require.Empty(t, portions("", 10))
	stacked := strings.Repeat("a", 50) + "a" + strings.Repeat("\u0301", 90)
	parts = portions(stacked, 10)
	require.Equal(t, stacked, strings.Join(parts, ""))
	for _, p := range parts {
		require.LessOrEqual(t, utf8.RuneCountInString(p), 10, "also where one character is longer than a message")
	}
}
