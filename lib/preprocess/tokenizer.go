package preprocess

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
	"unsafe"

	"github.com/clipperhouse/uax29/v2/words"
)

// Tokenizer splits a text into tokens, and joins neighbouring tokens into n-grams.
//
// A token is a longest run of letters, digits and underscores, together with the
// combining marks and joiners that follow them, of at least MinLength characters.
// This is \w of Unicode's regular expressions (UTS #18, annex C). For English the
// tokens are those of scikit-learn's token_pattern. Python's \w lacks the marks,
// and so splits Hindi and Tamil words and a decomposed é.
//
// With Segment the tokens are the words of Unicode's text segmentation (UAX #29,
// default rules): "can't", "3.14" and "example.com" are one each, where runs of
// letters are can, 14, example and com.
//
// Chinese and Japanese put no spaces between words. Ideographs says how to split
// them. Thai, Lao, Khmer and Burmese need a dictionary; use Chars for these.
//
// With Chars each character is a token, and any run of white space is one space
// (scikit-learn keeps a single tab or newline).
//
// A character is a code point with the marks that follow it, so that both encodings
// of é count as one character. They are still different tokens: if a text has both,
// normalize it first to NFC with golang.org/x/text/unicode/norm. Lower case is that
// of strings.ToLower, which differs from Python's for the Greek final sigma and the
// Turkish İ.
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

// Ideographs says how a [Tokenizer] splits runs of Chinese characters and hiragana.
// MinLength does not apply to the tokens of these runs.
type Ideographs string

// The ways to split 机器学习.
const (
	IdeographRuns       Ideographs = ""           // one token, as for other letters; with Segment, as IdeographCharacters
	IdeographCharacters Ideographs = "characters" // 机, 器, 学 and 习: the words of UAX #29
	IdeographBigrams    Ideographs = "bigrams"    // 机器, 器学 and 学习; a single character is kept
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
func (t Tokenizer) Tokens(text string) []string { return t.compile().tokens(text) }

// A cutter is a Tokenizer at work on many texts, one after the other.
type cutter struct {
	Tokenizer
	stop  map[string]bool
	words []string
	grams []string
	text  []byte // of the grams
}

// compile returns a cutter.
func (t Tokenizer) compile() *cutter {
	c := &cutter{Tokenizer: t, stop: make(map[string]bool, len(t.StopWords))}
	for _, w := range t.StopWords {
		c.stop[w] = true
	}
	return c
}

// tokens returns the tokens of text, which are valid until the next text: clone
// what is to be kept.
func (c *cutter) tokens(text string) []string {
	if c.Lowercase {
		text = strings.ToLower(text)
	}
	if c.Chars {
		c.words = characters(c.words[:0], text)
		return c.join("")
	}
	c.cut(text)
	if len(c.stop) > 0 {
		c.words = slices.DeleteFunc(c.words, func(w string) bool { return c.stop[w] })
	}
	return c.join(" ")
}

// cut sets words to the words of text that are long enough.
func (c *cutter) cut(text string) {
	find := runs
	if c.Segment {
		find = segments
	}
	c.words = c.words[:0]
	if c.Ideographs == IdeographRuns && !c.Segment {
		c.words = find(c.words, text, c.MinLength)
		return
	}
	var chars []string
	for text != "" {
		var other, ideographs string
		other, ideographs, text = cutIdeographs(text)
		c.words = find(c.words, other, c.MinLength)
		chars = characters(chars[:0], ideographs)
		if c.Ideographs == IdeographBigrams && len(chars) > 1 {
			for i := range len(chars) - 1 {
				c.words = append(c.words, chars[i]+chars[i+1])
			}
			continue
		}
		c.words = append(c.words, chars...)
	}
}

// join returns the n-grams of words. Their text lies in memory that the next text
// is written to, so that the grams of a million texts are no garbage.
func (c *cutter) join(separator string) []string {
	if c.NMin == 1 && c.NMax == 1 {
		return c.words
	}
	c.grams, c.text = c.grams[:0], c.text[:0]
	for n := c.NMin; n <= min(c.NMax, len(c.words)); n++ {
		for i := range len(c.words) - n + 1 {
			start := len(c.text)
			for k, w := range c.words[i : i+n] {
				if k > 0 {
					c.text = append(c.text, separator...)
				}
				c.text = append(c.text, w...)
			}
			gram := c.text[start:]
			c.grams = append(c.grams, unsafe.String(unsafe.SliceData(gram), len(gram)))
		}
	}
	return c.grams
}

// isLong reports whether a word has the least number of characters.
func isLong(word string, least int) bool {
	if len(word) < least {
		return false
	}
	n := 0
	for _, r := range word {
		if !follows(r) {
			n++
		}
		if n >= least {
			return true
		}
	}
	return n >= least
}

// runs appends the longest runs of word characters that are long enough.
func runs(out []string, text string, least int) []string {
	start := -1 // of the run, −1 outside
	for i := 0; i < len(text); {
		inWord, size := wordBytes[text[i]], 1
		if text[i] >= utf8.RuneSelf {
			var r rune
			r, size = utf8.DecodeRuneInString(text[i:])
			inWord = isWord(r) || start >= 0 && follows(r)
		}
		switch {
		case inWord && start < 0:
			start = i
		case !inWord && start >= 0:
			if isLong(text[start:i], least) {
				out = append(out, text[start:i])
			}
			start = -1
		}
		i += size
	}
	if start >= 0 && isLong(text[start:], least) {
		out = append(out, text[start:])
	}
	return out
}

// wordBytes says which of the characters of one byte are of a word.
var wordBytes = func() (is [256]bool) {
	for b := range rune(utf8.RuneSelf) {
		is[b] = isWord(b)
	}
	return is
}()

// segments appends the words of UAX #29 that are long enough: the segments with a
// letter or a digit.
func segments(out []string, text string, least int) []string {
	for s := words.FromString(text); s.Next(); {
		if w := s.Value(); isLong(w, least) && strings.ContainsFunc(w, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) }) {
			out = append(out, w)
		}
	}
	return out
}

func isWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) || r == '_' }

// follows reports whether r belongs to the character before it: a combining mark
// or a joiner, as Hindi and Persian have within words.
func follows(r rune) bool {
	const firstMark, nonJoiner, joiner = '\u0300', '\u200c', '\u200d'
	return r >= firstMark && unicode.IsMark(r) || r == nonJoiner || r == joiner
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

// characters appends the characters of text, white space in a row being one space.
func characters(out []string, text string) []string {
	first := len(out)
	space := false
	start := 0 // of the last character
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		isSpace := r < utf8.RuneSelf && asciiSpace(r) || r >= utf8.RuneSelf && unicode.IsSpace(r)
		switch last := len(out) - 1; {
		case isSpace:
			if !space {
				out = append(out, " ")
			}
		case last >= first && follows(r):
			if space || start < 0 { // does not follow in memory what it follows in the text
				out[last] += string(r)
				start = -1
			} else {
				out[last] = text[start : i+size]
			}
		default:
			start = i
			out = append(out, text[i:i+size])
			if r == utf8.RuneError {
				out[len(out)-1] = string(r)
				start = -1
			}
		}
		space = isSpace
		i += size
	}
	return out
}

func asciiSpace(r rune) bool { return r == ' ' || '\t' <= r && r <= '\r' }

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
	c, n := t.compile(), 0
	for _, doc := range docs {
		n += len(c.tokens(doc))
	}
	return n
}
