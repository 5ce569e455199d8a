package preprocess

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Tokenizer cuts a text into tokens, and joins neighbours into n-grams.
//
// A token is a longest run of letters, digits and underscores (Unicode classes L
// and N, as \w of Python's re) of at least MinLength characters. With Chars each
// character is a token, any run of white space being one space (scikit-learn
// keeps a single tab or newline): for languages that do not put spaces between
// words, or to see parts of words. Lower case is that of strings.ToLower, which
// differs from Python's for the Greek final sigma and the Turkish İ.
//
// With NMin = 1 and NMax = 2 the tokens of "to be or" are to, be, or, "to be"
// and "be or". Stop words are removed before n-grams are made.
type Tokenizer struct {
	Lowercase  bool
	MinLength  int
	NMin, NMax int
	StopWords  []string `json:",omitempty"` // compared after lower-casing
	Chars      bool
}

// NewTokenizer returns scikit-learn's default: lower case, single words of at
// least two characters, no stop words.
func NewTokenizer() Tokenizer {
	return Tokenizer{Lowercase: true, MinLength: 2, NMin: 1, NMax: 1}
}

// Validate returns an error unless 1 ≤ NMin ≤ NMax ≤ 100.
func (t Tokenizer) Validate() error {
	if t.NMin < 1 || t.NMax < t.NMin || t.NMax > 100 {
		return fmt.Errorf("preprocess: Tokenizer: n-grams from %d to %d, want 1 ≤ NMin ≤ NMax ≤ 100", t.NMin, t.NMax)
	}
	return nil
}

// Tokens returns the tokens of text: those of one word (or character) first,
// then n-grams of growing length, each in the order of the text.
func (t Tokenizer) Tokens(text string) []string { return t.compile()(text) }

// compile returns Tokens with the stop words in a set, made once for many texts.
func (t Tokenizer) compile() func(text string) []string {
	stop := make(map[string]bool, len(t.StopWords))
	for _, w := range t.StopWords {
		stop[w] = true
	}
	separates := func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsNumber(r) && r != '_'
	}
	return func(text string) []string {
		if t.Lowercase {
			text = strings.ToLower(text)
		}
		if t.Chars {
			return t.grams(characters(text), "")
		}
		words := slices.DeleteFunc(strings.FieldsFunc(text, separates), func(w string) bool {
			return stop[w] || utf8.RuneCountInString(w) < t.MinLength
		})
		return t.grams(words, " ")
	}
}

// characters splits text into characters, white space in a row being one space.
func characters(text string) []string {
	var out []string
	space := false
	for _, r := range text {
		if unicode.IsSpace(r) {
			if space {
				continue
			}
			r = ' '
		}
		space = r == ' '
		out = append(out, string(r))
	}
	return out
}

func (t Tokenizer) grams(tokens []string, separator string) []string {
	if t.NMin == 1 && t.NMax == 1 {
		return tokens
	}
	var out []string
	for n := t.NMin; n <= min(t.NMax, len(tokens)); n++ {
		for i := range len(tokens) - n + 1 {
			out = append(out, strings.Join(tokens[i:i+n], separator))
		}
	}
	return out
}
