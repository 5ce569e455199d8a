package preprocess

import (
	"cmp"
	"fmt"
	"slices"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/crew"
)

// The first identifiers of a SequenceEncoder.
const (
	PadID     = 0 // pads short documents
	UnknownID = 1 // a token that is not in the vocabulary
)

// SequenceEncoder turns documents into rows of token identifiers of equal length,
// the input of an embedding: 0 is padding, 1 an unknown token, and 2, 3, … the
// tokens of the vocabulary in order of falling frequency (ties in alphabetical
// order). Longer documents are truncated.
type SequenceEncoder struct {
	Tokenizer
	Length    int  // the number of columns
	MaxTokens int  // the maximum size of the vocabulary without 0 and 1; 0 for no limit
	MinCount  int  // drop tokens that occur less often in the training documents
	FromEnd   bool // pad at the start and keep the end of long documents, for recurrent networks

	Vocabulary []string // Vocabulary[k] has identifier k+2; set by Fit

	ids map[string]int // the inverse of Vocabulary
}

// NewSequenceEncoder returns an encoder to rows of the given length that keeps
// every token.
func NewSequenceEncoder(length int) *SequenceEncoder {
	t := NewTokenizer()
	t.MinLength = 1
	return &SequenceEncoder{Tokenizer: t, Length: length, MinCount: 1}
}

// maxLength bounds the rows of a SequenceEncoder that was read from a file.
const maxLength = 1 << 20

func (e *SequenceEncoder) Fit(docs []string) error {
	e.Vocabulary, e.ids = nil, nil
	if err := e.Validate(); err != nil {
		return err
	}
	stats := slices.DeleteFunc(e.collect(docs), func(s termStats) bool { return s.count < e.MinCount })
	slices.SortStableFunc(stats, func(a, b termStats) int { return cmp.Compare(b.count, a.count) })
	if e.MaxTokens > 0 && len(stats) > e.MaxTokens {
		stats = stats[:e.MaxTokens]
	}
	if len(stats) == 0 {
		why := e.whyNone(docs)
		if why == "" {
			why = fmt.Sprintf("no token occurs often enough in %d documents: lower MinCount %d", len(docs), e.MinCount)
		}
		return fmt.Errorf("preprocess: SequenceEncoder: %s", why)
	}
	vocabulary := make([]string, len(stats))
	for k, s := range stats {
		vocabulary[k] = s.term
	}
	e.setVocabulary(vocabulary)
	return nil
}

func (e *SequenceEncoder) setVocabulary(v []string) {
	e.Vocabulary, e.ids = v, make(map[string]int, len(v))
	for k, term := range v {
		e.ids[term] = k + 2
	}
}

// Size returns the number of identifiers, including 0 and 1: the number of rows
// that the table of an embedding needs.
func (e *SequenceEncoder) Size() int { return len(e.Vocabulary) + 2 }

// ID returns the identifier of a token, or UnknownID if it is not in the
// vocabulary.
func (e *SequenceEncoder) ID(token string) int {
	if id, ok := e.ids[token]; ok {
		return id
	}
	return UnknownID
}

// Transform returns a matrix of len(docs) rows and Length columns.
func (e *SequenceEncoder) Transform(docs []string) (*mat.Dense, error) {
	if e.ids == nil {
		return nil, notFitted("SequenceEncoder")
	}
	if len(docs) == 0 {
		return nil, fmt.Errorf("preprocess: SequenceEncoder: no documents")
	}
	out, err := newDense("SequenceEncoder", len(docs), e.Length) // PadID is 0
	if err != nil {
		return nil, err
	}
	workers := coresFor(textLength(docs))
	cutters := make([]*cutter, workers)
	new(crew.Crew).Do(workers, len(docs), func(worker, i int) {
		if cutters[worker] == nil {
			cutters[worker] = e.compile()
		}
		row, words := out.RawRowView(i), cutters[worker].tokens(docs[i])
		switch cut := len(words) - e.Length; {
		case e.FromEnd && cut > 0:
			words = words[cut:]
		case e.FromEnd:
			row = row[-cut:]
		case cut > 0:
			words = words[:e.Length]
		}
		for k, w := range words {
			row[k] = float64(e.ID(w))
		}
	})
	return out, nil
}

// Decode returns the tokens of a row of identifiers without padding; an unknown
// or impossible identifier becomes "�".
func (e *SequenceEncoder) Decode(ids []float64) []string {
	var out []string
	for _, id := range ids {
		switch {
		case id == PadID:
		case id >= 2 && id < float64(e.Size()):
			out = append(out, e.Vocabulary[int(id)-2])
		default:
			out = append(out, "�")
		}
	}
	return out
}

// Validate returns an error unless Length is 1 to 2²⁰ and no limit is negative.
func (e *SequenceEncoder) Validate() error {
	if e.Length < 1 || e.Length > maxLength || e.MaxTokens < 0 || e.MinCount < 0 {
		return fmt.Errorf("preprocess: SequenceEncoder: Length %d must be 1 to %d, and MaxTokens %d and MinCount %d not negative (preprocess.NewSequenceEncoder has the customary settings)", e.Length, maxLength, e.MaxTokens, e.MinCount)
	}
	sorted := slices.Sorted(slices.Values(e.Vocabulary))
	for k := range max(0, len(sorted)-1) {
		if sorted[k] == sorted[k+1] {
			return fmt.Errorf("preprocess: SequenceEncoder: the vocabulary has %q twice", sorted[k])
		}
	}
	return e.Tokenizer.Validate()
}
