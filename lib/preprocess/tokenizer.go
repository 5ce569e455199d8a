package preprocess

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/clipperhouse/uax29/v2/words"
)

// Tokenizer cuts a text into tokens, and joins neighbours into n-grams.
//
// A token is a longest run of letters, digits and underscores, together with the
// combining marks and joiners that follow them, of at least MinLength characters.
// That is \w of Unicode's regular expressions (UTS #18, annex C). English comes
// out as with scikit-learn's token_pattern; but Python's \w lacks the marks, and
// so cuts Hindi, Tamil and a decomposed é in two.
//
// With Segment the tokens are the words of Unicode's text segmentation (UAX #29,
// default rules): "can't", "3.14" and "example.com" are one each, where runs of
// letters are can, 14, example and com.
//
// Chinese and Japanese put no spaces between words. Ideographs says what becomes
// of them. Thai, Lao, Khmer and Burmese need a dictionary; for these use Chars.
//
// With Chars each character is a token, any run of white space being one space
// (scikit-learn keeps a single tab or newline).
//
// A character is a code point with the marks that follow it, so that é counts
// once however it is written. The two ways of writing it still are different
// tokens: where a text has both, apply the form NFC of golang.org/x/text/unicode/norm
// first. Lower case is that of strings.ToLower, which differs from Python's for
// the Greek final sigma and the Turkish İ.
//
// With NMin = 1 and NMax = 2 the tokens of "to be or" are to, be, or, "to be"
// and "be or". Stop words are removed before n-grams are made.
type Tokenizer struct {
	Lowercase  bool
	MinLength  int
	NMin, NMax int
	StopWords  []string   `json:",omitempty"` // compared after lower-casing
	Chars      bool       // characters, not words
	Segment    bool       `json:",omitempty"` // words by UAX #29
	Ideographs Ideographs `json:",omitempty"`
}

// Ideographs says how a [Tokenizer] cuts runs of Chinese characters and hiragana.
// MinLength does not apply to what it makes of them.
type Ideographs string

// The ways to cut 机器学习.
const (
	IdeographRuns       Ideographs = ""           // one token, as any letters; with Segment, as IdeographCharacters
	IdeographCharacters Ideographs = "characters" // 机, 器, 学 and 习: the words of UAX #29
	IdeographBigrams    Ideographs = "bigrams"    // 机器, 器学 and 学习; a single one stays
)

// NewTokenizer returns scikit-learn's default: lower case, single words of at
// least two characters, no stop words.
func NewTokenizer() Tokenizer {
	return Tokenizer{Lowercase: true, MinLength: 2, NMin: 1, NMax: 1}
}

// Validate returns an error unless 1 ≤ NMin ≤ NMax ≤ 100 and Ideographs is known.
func (t Tokenizer) Validate() error {
	if t.NMin < 1 || t.NMax < t.NMin || t.NMax > 100 {
		return fmt.Errorf("preprocess: Tokenizer: n-grams from %d to %d, want 1 ≤ NMin ≤ NMax ≤ 100 (preprocess.NewTokenizer has the customary settings)", t.NMin, t.NMax)
	}
	switch t.Ideographs {
	case IdeographRuns, IdeographCharacters, IdeographBigrams:
		return nil
	}
	return fmt.Errorf("preprocess: Tokenizer: Ideographs is %q: use IdeographRuns, IdeographCharacters or IdeographBigrams", string(t.Ideographs))
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
	return func(text string) []string {
		if t.Lowercase {
			text = strings.ToLower(text)
		}
		if t.Chars {
			return t.grams(characters(text), "")
		}
		return t.grams(slices.DeleteFunc(t.words(text), func(w string) bool { return stop[w] }), " ")
	}
}

// words returns the words of text that are long enough.
func (t Tokenizer) words(text string) []string {
	cut := runs
	if t.Segment {
		cut = segments
	}
	if t.Ideographs == IdeographRuns && !t.Segment {
		return t.longEnough(cut(text))
	}
	var out []string
	for text != "" {
		var other, ideographs string
		other, ideographs, text = cutIdeographs(text)
		out = append(out, t.longEnough(cut(other))...)
		chars := characters(ideographs)
		if t.Ideographs == IdeographBigrams && len(chars) > 1 {
			for i := range len(chars) - 1 {
				out = append(out, chars[i]+chars[i+1])
			}
			continue
		}
		out = append(out, chars...)
	}
	return out
}

func (t Tokenizer) longEnough(words []string) []string {
	return slices.DeleteFunc(words, func(w string) bool { return length(w) < t.MinLength })
}

// length counts characters.
func length(word string) int {
	n := 0
	for _, r := range word {
		if !follows(r) {
			n++
		}
	}
	return n
}

// runs returns the longest runs of word characters.
func runs(text string) []string {
	var out []string
	start := -1 // of the run, −1 outside
	for i, r := range text {
		switch {
		case isWord(r):
			if start < 0 {
				start = i
			}
		case start >= 0 && !follows(r):
			out = append(out, text[start:i])
			start = -1
		}
	}
	if start >= 0 {
		out = append(out, text[start:])
	}
	return out
}

// segments returns the words of UAX #29: the segments with a letter or a digit.
func segments(text string) []string {
	var out []string
	for s := words.FromString(text); s.Next(); {
		if w := s.Value(); strings.ContainsFunc(w, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) }) {
			out = append(out, w)
		}
	}
	return out
}

func isWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) || r == '_' }

// follows reports whether r belongs to the character before it: a combining mark
// or a joiner, as Hindi and Persian have within words.
func follows(r rune) bool {
	const nonJoiner, joiner = '\u200c', '\u200d'
	return unicode.IsMark(r) || r == nonJoiner || r == joiner
}

// cutIdeographs returns what comes before the first ideographs, the longest run
// of them, and the rest.
func cutIdeographs(text string) (before, ideographs, rest string) {
	isIdeograph := func(r rune) bool { return unicode.In(r, unicode.Han, unicode.Hiragana) }
	start := strings.IndexFunc(text, isIdeograph)
	if start < 0 {
		return text, "", ""
	}
	before, text = text[:start], text[start:]
	end := strings.IndexFunc(text, func(r rune) bool { return !isIdeograph(r) && !follows(r) })
	if end < 0 {
		end = len(text)
	}
	return before, text[:end], text[end:]
}

// characters splits text into characters, white space in a row being one space.
func characters(text string) []string {
	var out []string
	space := false
	for _, r := range text {
		switch {
		case unicode.IsSpace(r):
			if !space {
				out = append(out, " ")
			}
		case follows(r) && len(out) > 0:
			out[len(out)-1] += string(r)
		default:
			out = append(out, string(r))
		}
		space = unicode.IsSpace(r)
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

// whyNone says which setting leaves no token of docs, and what to do about it; ""
// if there are tokens.
func (t Tokenizer) whyNone(docs []string) string {
	if t.count(docs) > 0 {
		return ""
	}
	nMin := t.NMin
	t.NMin, t.NMax = 1, 1
	long, all := t, t
	long.StopWords = nil
	all.StopWords, all.MinLength = nil, 0
	switch n := long.count(docs); {
	case len(docs) == 0:
		return "there are no documents"
	case all.count(docs) == 0:
		return fmt.Sprintf("the %d documents have no words: check what they are", len(docs))
	case n == 0:
		return fmt.Sprintf("the %d words of %d documents are all shorter than MinLength %d: lower it", all.count(docs), len(docs), t.MinLength)
	case t.count(docs) == 0:
		return fmt.Sprintf("all %d words of MinLength %d or more are stop words: shorten StopWords", n, t.MinLength)
	}
	return fmt.Sprintf("no document has NMin %d words: lower it", nMin)
}

// count returns the number of tokens of docs.
func (t Tokenizer) count(docs []string) int {
	tokens, n := t.compile(), 0
	for _, doc := range docs {
		n += len(tokens(doc))
	}
	return n
}
