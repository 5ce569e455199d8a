package preprocess

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// A TextTokenizer turns a text into the identifiers of its tokens, and back. Unlike
// the tokens of a [Tokenizer], these contain everything that the text contains.
// [BPE] and [CharTokenizer] are such tokenizers.
type TextTokenizer interface {
	// Fit learns the vocabulary, and forgets what it learned before.
	Fit(texts []string) error
	// Encode returns the identifiers of the tokens of text, each from 0 to Size − 1.
	Encode(text string) ([]int, error)
	// Decode returns the text of the tokens. It returns an error for an identifier
	// that is not in the vocabulary.
	Decode(ids []int) (string, error)
	// Size returns the number of tokens, 0 before Fit.
	Size() int
	// ID returns the identifier of a token, and whether there is such a token.
	ID(token string) (id int, ok bool)
}

// CharTokenizer is a tokenizer by characters: each code point is a token.
//
// The vocabulary is the characters of the training texts, in ascending order; then
// come the 256 bytes if Bytes is set, then Special. Without Bytes, a character that
// the training texts do not have is an error. With Bytes it is encoded as the bytes
// of its UTF-8, so that every text has an encoding. The zero value is ready for Fit.
type CharTokenizer struct {
	MinCount int      // with Bytes: a character that occurs less often in the training texts is encoded as bytes
	Bytes    bool     // encode unknown characters as bytes
	Special  []string `json:",omitempty"` // names of tokens that no text contains, such as "<|endoftext|>"

	Vocabulary string // the characters, ascending; set by Fit

	chars []rune       // those of Vocabulary
	ids   map[rune]int // the inverse
}

// Fit collects the characters of the texts. It returns an error if there are none, or
// if a text is not valid UTF-8 and Bytes is not set.
func (c *CharTokenizer) Fit(texts []string) error {
	c.Vocabulary, c.chars, c.ids = "", nil, nil
	if err := c.Validate(); err != nil {
		return err
	}
	counts := make(map[rune]int)
	for k, text := range texts {
		for i, r := range text {
			if !isCharacter(text[i:], r) {
				if !c.Bytes {
					return fmt.Errorf("preprocess: CharTokenizer: text %d is not valid UTF-8 at byte %d: convert it, or set Bytes", k, i)
				}
				continue
			}
			counts[r]++
		}
	}
	for r, n := range counts {
		if !c.Bytes || n >= c.MinCount {
			c.chars = append(c.chars, r)
		}
	}
	if len(c.chars) == 0 {
		c.chars = nil
		return fmt.Errorf("preprocess: CharTokenizer: the %d texts have no character that occurs MinCount %d times: there is nothing to learn from", len(texts), c.MinCount)
	}
	slices.Sort(c.chars)
	c.Vocabulary = string(c.chars)
	c.index()
	return nil
}

// index makes ids from chars.
func (c *CharTokenizer) index() {
	c.ids = make(map[rune]int, len(c.chars))
	for id, r := range c.chars {
		c.ids[r] = id
	}
}

// isCharacter reports whether text begins with the character r, not with a byte that
// is not valid UTF-8, for which a loop yields U+FFFD.
func isCharacter(text string, r rune) bool {
	if r != utf8.RuneError {
		return true
	}
	_, size := utf8.DecodeRuneInString(text)
	return size > 1
}

// Encode returns the identifier of each character. Without Bytes it returns an error
// that names the first character that is not in the vocabulary. The name of a special
// token in the text is text like any other.
func (c *CharTokenizer) Encode(text string) ([]int, error) {
	if c.ids == nil {
		return nil, notFitted("CharTokenizer")
	}
	ids := make([]int, 0, len(text))
	for i, r := range text {
		id, ok := c.ids[r]
		ok = ok && isCharacter(text[i:], r)
		switch {
		case ok:
			ids = append(ids, id)
		case !c.Bytes:
			return nil, fmt.Errorf("preprocess: CharTokenizer: %q at byte %d is none of the %d characters of the training texts: fit to texts that have it, or set Bytes", r, i, len(c.chars))
		default:
			_, size := utf8.DecodeRuneInString(text[i:])
			for _, b := range []byte(text[i : i+size]) {
				ids = append(ids, len(c.chars)+int(b))
			}
		}
	}
	return ids, nil
}

// Decode returns the text of the tokens, that of a special token being its name. It
// returns an error that names the first identifier that is not in the vocabulary.
func (c *CharTokenizer) Decode(ids []int) (string, error) {
	if c.ids == nil {
		return "", notFitted("CharTokenizer")
	}
	var text strings.Builder
	for k, id := range ids {
		first := c.firstSpecial()
		switch {
		case id < 0 || id >= c.Size():
			return "", unknownID("CharTokenizer", k, id, c.Size())
		case id < len(c.chars):
			text.WriteRune(c.chars[id])
		case id < first:
			text.WriteByte(byte(id - len(c.chars)))
		default:
			text.WriteString(c.Special[id-first])
		}
	}
	return text.String(), nil
}

// Size returns the number of tokens: the identifiers are 0 to Size − 1. It is 0
// before Fit.
func (c *CharTokenizer) Size() int {
	if c.ids == nil {
		return 0
	}
	return c.firstSpecial() + len(c.Special)
}

// firstSpecial returns the identifier of the first special token.
func (c *CharTokenizer) firstSpecial() int {
	if c.Bytes {
		return len(c.chars) + 256
	}
	return len(c.chars)
}

// ID returns the identifier of a character or of a name in Special, and whether there
// is such a token.
func (c *CharTokenizer) ID(token string) (id int, ok bool) {
	if c.ids == nil {
		return 0, false
	}
	if k := slices.Index(c.Special, token); k >= 0 {
		return c.firstSpecial() + k, true
	}
	r, size := utf8.DecodeRuneInString(token)
	if size != len(token) || !isCharacter(token, r) {
		return 0, false
	}
	id, ok = c.ids[r]
	return id, ok
}

// Validate returns an error unless MinCount is not negative, and 0 or 1 without Bytes,
// the special tokens are distinct, and the vocabulary is ascending.
func (c *CharTokenizer) Validate() error {
	if c.MinCount < 0 || c.MinCount > 1 && !c.Bytes {
		return fmt.Errorf("preprocess: CharTokenizer: MinCount is %d: it must not be negative, and Bytes must be set to encode rare characters", c.MinCount)
	}
	last := rune(-1)
	for i, r := range c.Vocabulary {
		if cmp.Compare(last, r) >= 0 || !isCharacter(c.Vocabulary[i:], r) {
			return fmt.Errorf("preprocess: CharTokenizer: the vocabulary is not ascending at %q", r)
		}
		last = r
	}
	return checkSpecial("CharTokenizer", c.Special)
}

// loaded makes the inverse after Vocabulary was read from a file.
func (c *CharTokenizer) loaded() error {
	if c.Vocabulary != "" {
		c.chars = []rune(c.Vocabulary)
		c.index()
	}
	return nil
}

// checkSpecial returns an error if a special token is empty or given twice.
func checkSpecial(kind string, special []string) error {
	seen := make(map[string]bool, len(special))
	for k, s := range special {
		if s == "" || seen[s] {
			return fmt.Errorf("preprocess: %s: the special token %d, %q, is empty or given twice", kind, k, s)
		}
		seen[s] = true
	}
	return nil
}

// unknownID returns the error for an identifier that is not in the vocabulary.
func unknownID(kind string, k, id, size int) error {
	return fmt.Errorf("preprocess: %s: the identifier at position %d is %d, and the vocabulary has 0 to %d: was it encoded with another tokenizer?", kind, k, id, size-1)
}
