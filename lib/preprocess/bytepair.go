package preprocess

import (
	"cmp"
	"container/heap"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// BPE is a tokenizer by byte-pair encoding. It cuts a text into tokens that are
// longer the more often they occur: frequent words become one token, rare words
// several, and an unknown character its bytes. So every text has an encoding, and
// Decode returns exactly that text.
//
// Fit begins with the 256 bytes as tokens. It then merges the pair of neighbouring
// tokens that occurs most often in the training texts into a new token, and repeats
// this until there are MaxTokens. Of pairs that occur equally often it takes the one
// whose first token, then whose second token, has the smaller identifier. Encode
// applies the merges to a new text in the order in which they were learned.
//
// Merges do not cross the pieces that the text is first cut into, which are those of
// GPT-2: a word with the space before it, a run of digits, of other signs, of white
// space, and the English endings 's, 't, 're, 've, 'm, 'll and 'd.
//
// Identifiers 0 to 255 are the bytes in the order of GPT-2, from "!" on; then come
// the merged tokens in the order of the merges, then Special. Create it with [NewBPE].
//
// Source: R. Sennrich, B. Haddow, A. Birch, "Neural Machine Translation of Rare Words
// with Subword Units", ACL 2016, https://arxiv.org/abs/1508.07909; on bytes:
// A. Radford et al., "Language Models are Unsupervised Multitask Learners" (2019).
type BPE struct {
	MaxTokens int      // the maximum number of tokens, with the 256 bytes and Special
	MinCount  int      // a pair that occurs less often is not merged
	Special   []string `json:",omitempty"` // names of tokens that no text contains, such as "<|endoftext|>"

	// Merges has a line "left right" for each merge, in order; set by Fit. Bytes that
	// cannot be printed are written as GPT-2 writes them: a space is Ġ. The lines are
	// those of the file merges.txt of other libraries.
	Merges []string

	table *bpeTable
}

// A bpeTable is what BPE needs to encode and decode; it follows from Merges.
type bpeTable struct {
	tokens []string       // the bytes of each token, without Special
	ids    map[string]int // the inverse
	merges map[[2]int]bpeMerge
}

// A bpeMerge joins a pair of tokens to the token id; the lowest rank goes first.
type bpeMerge struct{ rank, id int }

// NewBPE returns a tokenizer of at most maxTokens tokens that merges only pairs that
// occur twice or more often.
func NewBPE(maxTokens int) *BPE { return &BPE{MaxTokens: maxTokens, MinCount: 2} }

// Fit learns the merges from the texts.
func (b *BPE) Fit(texts []string) error {
	b.Merges, b.table = nil, nil
	if err := b.Validate(); err != nil {
		return err
	}
	words := b.words(texts)
	if len(words) == 0 {
		return errors.New("preprocess: BPE: the texts are empty: there is nothing to learn from")
	}
	t := newBPETable()
	pairs := countPairs(words)
	for len(t.tokens)+len(b.Special) < b.MaxTokens {
		p, ok := pairs.mostFrequent(b.MinCount)
		if !ok {
			break // all words are one token, or all pairs are rare
		}
		b.Merges = append(b.Merges, written(t.tokens[p[0]])+" "+written(t.tokens[p[1]]))
		pairs.merge(words, p, t.add(p))
	}
	if len(b.Merges) == 0 {
		return fmt.Errorf("preprocess: BPE: there is nothing to merge: no pair within %d words occurs MinCount %d times, or MaxTokens %d leaves no room beside the 256 bytes and %d special tokens", len(words), b.MinCount, b.MaxTokens, len(b.Special))
	}
	b.table = t
	return nil
}

// A bpeWord is a piece of text as tokens, and how often it occurs.
type bpeWord struct {
	tokens []int
	count  int
}

// words returns the distinct pieces of the texts, in the order of their first
// occurrence, as bytes.
func (b *BPE) words(texts []string) []bpeWord {
	index := make(map[string]int)
	var words []bpeWord
	for _, text := range texts {
		for piece := range pieces(text) {
			k, ok := index[piece]
			if !ok {
				k = len(words)
				index[piece] = k
				words = append(words, bpeWord{tokens: byteTokens(nil, piece)})
			}
			words[k].count++
		}
	}
	return words
}

// pairCounts is how often each pair of neighbouring tokens occurs, and in which words.
type pairCounts struct {
	count map[[2]int]int
	in    map[[2]int]map[int]bool // the words that have the pair, or had it
	queue pairQueue               // has each pair with at least the count that it has now
}

func countPairs(words []bpeWord) *pairCounts {
	c := &pairCounts{count: make(map[[2]int]int), in: make(map[[2]int]map[int]bool)}
	for k, w := range words {
		c.add(k, w, 1)
	}
	for p, n := range c.count {
		c.queue = append(c.queue, queuedPair{p, n})
	}
	heap.Init(&c.queue)
	return c
}

// add adds the pairs of word k, sign times.
func (c *pairCounts) add(k int, w bpeWord, sign int) {
	for i := range len(w.tokens) - 1 {
		p := [2]int{w.tokens[i], w.tokens[i+1]}
		c.count[p] += sign * w.count
		if c.in[p] == nil {
			c.in[p] = make(map[int]bool)
		}
		c.in[p][k] = true
	}
}

// mostFrequent returns the pair that occurs most often, and the first of several; ok
// is false if none occurs least times.
func (c *pairCounts) mostFrequent(least int) (p [2]int, ok bool) {
	for len(c.queue) > 0 {
		top := &c.queue[0]
		switch now := c.count[top.pair]; {
		case now != top.count: // it has become rarer: back into the queue
			top.count = now
			heap.Fix(&c.queue, 0)
		case now < max(1, least):
			return p, false
		default:
			return top.pair, true
		}
	}
	return p, false
}

// merge joins pair p to the token id in all words that have it.
func (c *pairCounts) merge(words []bpeWord, p [2]int, id int) {
	changed := c.in[p]
	before := make(map[[2]int]int) // how often the pairs occurred that become more frequent
	for k := range changed {
		w := &words[k]
		c.add(k, *w, -1)
		w.tokens = joinPair(w.tokens, p, id)
		c.add(k, *w, 1)
		for i := range len(w.tokens) - 1 {
			if q := [2]int{w.tokens[i], w.tokens[i+1]}; q[0] == id || q[1] == id {
				before[q] = 0
			}
		}
	}
	delete(c.in, p)
	delete(c.count, p)
	for q := range before {
		heap.Push(&c.queue, queuedPair{q, c.count[q]})
	}
}

// joinPair replaces each pair p by id, from the left, in place.
func joinPair(tokens []int, p [2]int, id int) []int {
	out := tokens[:0]
	for i := 0; i < len(tokens); i++ {
		if i+1 < len(tokens) && tokens[i] == p[0] && tokens[i+1] == p[1] {
			out = append(out, id)
			i++
			continue
		}
		out = append(out, tokens[i])
	}
	return out
}

// A queuedPair is a pair and how often it occurred when it was put into the queue.
type queuedPair struct {
	pair  [2]int
	count int
}

// A pairQueue is a heap with the most frequent pair first.
type pairQueue []queuedPair

func (q pairQueue) Len() int      { return len(q) }
func (q pairQueue) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q pairQueue) Less(i, j int) bool {
	a, b := q[i], q[j]
	return cmp.Or(cmp.Compare(b.count, a.count), cmp.Compare(a.pair[0], b.pair[0]), cmp.Compare(a.pair[1], b.pair[1])) < 0
}
func (q *pairQueue) Push(x any) { *q = append(*q, x.(queuedPair)) }
func (q *pairQueue) Pop() any {
	last := (*q)[len(*q)-1]
	*q = (*q)[:len(*q)-1]
	return last
}

// Encode returns the identifiers of the tokens of a text. The name of a special token
// in the text is text like any other: append the identifier of a special token where
// one is wanted.
func (b *BPE) Encode(text string) ([]int, error) {
	if b.table == nil {
		return nil, notFitted("BPE")
	}
	ids := make([]int, 0, len(text)/3)
	seen := make(map[string][]int)
	for piece := range pieces(text) {
		tokens, ok := seen[piece]
		if !ok {
			tokens = b.table.encode(byteTokens(nil, piece))
			seen[piece] = tokens
		}
		ids = append(ids, tokens...)
	}
	return ids, nil
}

// encode merges the pair of the lowest rank until there is none.
func (t *bpeTable) encode(tokens []int) []int {
	for {
		best, pair := bpeMerge{rank: len(t.merges)}, [2]int{}
		for i := range len(tokens) - 1 {
			p := [2]int{tokens[i], tokens[i+1]}
			if m, ok := t.merges[p]; ok && m.rank < best.rank {
				best, pair = m, p
			}
		}
		if best.rank == len(t.merges) {
			return tokens
		}
		tokens = joinPair(tokens, pair, best.id)
	}
}

// Decode returns the text of the tokens, that of a special token being its name. It
// returns an error that names the first identifier that is not in the vocabulary.
// Decode of any part of an encoding is a part of the text, but it may begin or end
// within a character.
func (b *BPE) Decode(ids []int) (string, error) {
	if b.table == nil {
		return "", notFitted("BPE")
	}
	var text strings.Builder
	for k, id := range ids {
		if id < 0 || id >= b.Size() {
			return "", unknownID("BPE", k, id, b.Size())
		}
		text.WriteString(b.token(id))
	}
	return text.String(), nil
}

// Size returns the number of tokens: the identifiers are 0 to Size − 1. It is 0
// before Fit.
func (b *BPE) Size() int {
	if b.table == nil {
		return 0
	}
	return len(b.table.tokens) + len(b.Special)
}

// ID returns the identifier of a token, given as its text or as its name in Special,
// and whether there is such a token. Special tokens go first.
func (b *BPE) ID(token string) (id int, ok bool) {
	if b.table == nil {
		return 0, false
	}
	if k := slices.Index(b.Special, token); k >= 0 {
		return len(b.table.tokens) + k, true
	}
	id, ok = b.table.ids[token]
	return id, ok
}

// Tokens returns the text of each token. A token may be a part of a character.
func (b *BPE) Tokens() ([]string, error) {
	if b.table == nil {
		return nil, notFitted("BPE")
	}
	return slices.Concat(b.table.tokens, b.Special), nil
}

func (b *BPE) token(id int) string {
	if k := id - len(b.table.tokens); k >= 0 {
		return b.Special[k]
	}
	return b.table.tokens[id]
}

// Validate returns an error unless MaxTokens has room for the 256 bytes and Special,
// MinCount is not negative, the special tokens are distinct, and each merge joins two
// tokens that exist.
func (b *BPE) Validate() error {
	if b.MaxTokens < 256+len(b.Special) || b.MinCount < 0 {
		return fmt.Errorf("preprocess: BPE: MaxTokens %d must be at least %d, for the 256 bytes and %d special tokens, and MinCount %d not negative (preprocess.NewBPE has the customary settings)", b.MaxTokens, 256+len(b.Special), len(b.Special), b.MinCount)
	}
	if err := checkSpecial("BPE", b.Special); err != nil {
		return err
	}
	t, err := readMerges(b.Merges)
	if err == nil && len(t.tokens)+len(b.Special) > b.MaxTokens {
		err = fmt.Errorf("preprocess: BPE: the merges make %d tokens, more than MaxTokens %d", len(t.tokens)+len(b.Special), b.MaxTokens)
	}
	return err
}

// loaded makes the table after Merges was read from a file.
func (b *BPE) loaded() (err error) {
	if len(b.Merges) > 0 {
		b.table, err = readMerges(b.Merges)
	}
	return err
}

// readMerges returns the table of the merges.
func readMerges(merges []string) (*bpeTable, error) {
	t := newBPETable()
	for k, line := range merges {
		left, right, ok := strings.Cut(line, " ")
		var p [2]int
		for i, part := range []string{left, right} {
			token, valid := unwritten(part)
			id, known := t.ids[token]
			ok = ok && valid && known
			p[i] = id
		}
		if _, twice := t.merges[p]; !ok || twice {
			return nil, fmt.Errorf(`preprocess: BPE: merge %d is %q, want two tokens that exist, as "left right", and that were not merged before`, k, line)
		}
		t.add(p)
	}
	return t, nil
}

// newBPETable returns the table of the 256 bytes.
func newBPETable() *bpeTable {
	t := &bpeTable{ids: make(map[string]int), merges: make(map[[2]int]bpeMerge)}
	for id, b := range byteOrder {
		t.tokens = append(t.tokens, string([]byte{b}))
		t.ids[t.tokens[id]] = id
	}
	return t
}

// add adds the merge of p and returns its token, which is an old one if the same text
// was merged from other parts before.
func (t *bpeTable) add(p [2]int) (id int) {
	token := t.tokens[p[0]] + t.tokens[p[1]]
	id, ok := t.ids[token]
	if !ok {
		id = len(t.tokens)
		t.tokens = append(t.tokens, token)
		t.ids[token] = id
	}
	t.merges[p] = bpeMerge{len(t.merges), id}
	return id
}

// The bytes in the order of GPT-2's vocabulary: those that Latin-1 can print, then
// the rest; and the inverse.
var byteOrder, byteID = func() (order [256]byte, id [256]int) {
	n := 0
	for _, wanted := range []bool{true, false} {
		for b := range 256 {
			if printable := '!' <= b && b <= '~' || '¡' <= b && b <= 'ÿ' && b != 0xad; printable == wanted {
				order[n], id[b] = byte(b), n
				n++
			}
		}
	}
	return order, id
}()

// printableBytes is how many bytes are written as themselves.
const printableBytes = 188

// written returns a token as GPT-2 writes it: a byte that Latin-1 cannot print is one
// of the characters from U+0100 on.
func written(token string) string {
	var out strings.Builder
	for _, b := range []byte(token) {
		if k := byteID[b]; k < printableBytes {
			out.WriteRune(rune(b))
		} else {
			out.WriteRune(rune(0x100 + k - printableBytes))
		}
	}
	return out.String()
}

// unwritten is the inverse of written; ok is false for a text that it cannot return.
func unwritten(text string) (token string, ok bool) {
	var out []byte
	for _, r := range text {
		switch k := int(r) - 0x100 + printableBytes; {
		case r < 0x100 && byteID[r] < printableBytes:
			out = append(out, byte(r))
		case k >= printableBytes && k < 256:
			out = append(out, byteOrder[k])
		default:
			return "", false
		}
	}
	return string(out), len(out) > 0
}

// byteTokens appends the tokens of the bytes of text.
func byteTokens(out []int, text string) []int {
	for _, b := range []byte(text) {
		out = append(out, byteID[b])
	}
	return out
}

// pieces yields the parts of text that GPT-2's pattern cuts it into:
//
//	's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
//
// Together they are the text.
func pieces(text string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for text != "" {
			n := firstPiece(text)
			if !yield(text[:n]) {
				return
			}
			text = text[n:]
		}
	}
}

// firstPiece returns the length of the first piece of a text.
func firstPiece(text string) int {
	for _, ending := range []string{"'s", "'t", "'re", "'ve", "'m", "'ll", "'d"} {
		if strings.HasPrefix(text, ending) {
			return len(ending)
		}
	}
	start := 0
	if text[0] == ' ' && len(text) > 1 {
		start = 1
	}
	first, _ := utf8.DecodeRuneInString(text[start:])
	kind := kindOfRune(first)
	if kind != space {
		return start + runOf(text[start:], kind)
	}
	n := runOf(text, space)
	if n == len(text) {
		return n
	}
	_, last := utf8.DecodeLastRuneInString(text[:n])
	if n > last {
		return n - last // the last space belongs to the next word, if it is one
	}
	return n
}

// What a piece consists of.
const (
	space = iota
	letters
	digits
	signs
)

func kindOfRune(r rune) int {
	switch {
	case unicode.IsLetter(r):
		return letters
	case unicode.IsNumber(r):
		return digits
	case unicode.IsSpace(r):
		return space
	}
	return signs
}

// runOf returns the length of the run of characters of a kind at the start of text.
func runOf(text string, kind int) int {
	if n := strings.IndexFunc(text, func(r rune) bool { return kindOfRune(r) != kind }); n >= 0 {
		return n
	}
	return len(text)
}
