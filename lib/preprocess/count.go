package preprocess

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/descent-go/descent/lib/sparse"
)

// A Vectorizer turns documents into the rows of a sparse matrix with a column
// for each term, for [TableTransformer] and for models that take a sparse.CSR.
type Vectorizer interface {
	// Fit learns from the training documents, and forgets what it learned before.
	Fit(docs []string) error
	// Transform returns a matrix with a row for each document.
	Transform(docs []string) (*sparse.CSR, error)
	// Terms returns the term of each column. A HashingVectorizer has none and
	// returns an error.
	Terms() ([]string, error)
}

// CountVectorizer counts how often each term of the vocabulary occurs in a
// document. The vocabulary is the set of tokens of the training documents, in
// ascending order; other tokens are ignored in Transform.
//
// Fit drops terms that occur in fewer than MinDF documents (typing errors) or in
// more than the share MaxDF of them (words that say nothing), and then keeps the
// MaxFeatures terms that are most frequent over all documents; of equally
// frequent ones, the first in the alphabet. Create it with [NewCountVectorizer].
type CountVectorizer struct {
	Tokenizer
	MinDF       int     // a number of documents
	MaxDF       float64 // a share of the documents, 1 for no limit
	MaxFeatures int     // 0 for no limit
	Binary      bool    // 1 for every term that occurs, however often

	Vocabulary []string // the term of each column, ascending; set by Fit
}

// NewCountVectorizer returns a vectorizer that keeps every term.
func NewCountVectorizer() *CountVectorizer {
	return &CountVectorizer{Tokenizer: NewTokenizer(), MinDF: 1, MaxDF: 1}
}

// termStats is how often a term occurs, and in how many documents.
type termStats struct {
	term      string
	count, df int
}

// collect returns the statistics of all terms, ascending.
func (t Tokenizer) collect(docs []string) []termStats {
	tokens := t.compile()
	index := make(map[string]int)
	var stats []termStats
	var ids []int
	for _, doc := range docs {
		ids = ids[:0]
		for _, token := range tokens(doc) {
			id, ok := index[token]
			if !ok {
				id = len(stats)
				index[token] = id
				stats = append(stats, termStats{term: token})
			}
			stats[id].count++
			ids = append(ids, id)
		}
		slices.Sort(ids)
		for _, id := range slices.Compact(ids) {
			stats[id].df++
		}
	}
	slices.SortFunc(stats, func(a, b termStats) int { return cmp.Compare(a.term, b.term) })
	return stats
}

// Fit chooses the vocabulary. It returns an error if no term is left, which names
// the setting that removed them.
func (v *CountVectorizer) Fit(docs []string) error {
	v.Vocabulary = nil
	if err := v.Validate(); err != nil {
		return err
	}
	stats := v.collect(docs)
	all, limit := len(stats), v.MaxDF*float64(len(docs))
	stats = slices.DeleteFunc(stats, func(s termStats) bool {
		return s.df < v.MinDF || float64(s.df) > limit
	})
	if v.MaxFeatures > 0 && len(stats) > v.MaxFeatures {
		slices.SortStableFunc(stats, func(a, b termStats) int { return cmp.Compare(b.count, a.count) })
		stats = stats[:v.MaxFeatures]
		slices.SortFunc(stats, func(a, b termStats) int { return cmp.Compare(a.term, b.term) })
	}
	if len(stats) == 0 {
		why := v.whyNone(docs)
		if why == "" {
			why = fmt.Sprintf("none of %d terms in %d documents is left: lower MinDF %d or raise MaxDF %v", all, len(docs), v.MinDF, v.MaxDF)
		}
		return fmt.Errorf("preprocess: CountVectorizer: %s", why)
	}
	v.Vocabulary = make([]string, len(stats))
	for j, s := range stats {
		v.Vocabulary[j] = s.term
	}
	return nil
}

func (v *CountVectorizer) Transform(docs []string) (*sparse.CSR, error) {
	if len(v.Vocabulary) == 0 {
		return nil, notFitted("CountVectorizer")
	}
	out := countRows(docs, v.Tokenizer, len(v.Vocabulary), func(token string) (int, float64) {
		j, ok := v.Index(token)
		if !ok {
			return -1, 0
		}
		return j, 1
	})
	if v.Binary {
		fill(out.Values, 1)
	}
	return out, nil
}

// Index returns the column of a term, and whether the vocabulary has it.
func (v *CountVectorizer) Index(term string) (column int, ok bool) {
	return slices.BinarySearch(v.Vocabulary, term)
}

func (v *CountVectorizer) Terms() ([]string, error) {
	if len(v.Vocabulary) == 0 {
		return nil, notFitted("CountVectorizer")
	}
	return v.Vocabulary, nil
}

// Validate returns an error unless MinDF and MaxFeatures are not negative and
// 0 < MaxDF ≤ 1.
func (v *CountVectorizer) Validate() error {
	if v.MinDF < 0 || v.MaxFeatures < 0 || !(v.MaxDF > 0 && v.MaxDF <= 1) {
		return fmt.Errorf("preprocess: CountVectorizer: MinDF %d and MaxFeatures %d must not be negative, and MaxDF %v must be in (0, 1] (preprocess.NewCountVectorizer has the customary settings)", v.MinDF, v.MaxFeatures, v.MaxDF)
	}
	for k := range len(v.Vocabulary) - 1 {
		if v.Vocabulary[k] >= v.Vocabulary[k+1] {
			return fmt.Errorf("preprocess: CountVectorizer: the vocabulary is not ascending at %q", v.Vocabulary[k])
		}
	}
	return v.Tokenizer.Validate()
}

// countRows adds up, for each document, the values of its tokens in their
// columns; column gives −1 for a token that does not count.
func countRows(docs []string, t Tokenizer, columns int, column func(token string) (j int, value float64)) *sparse.CSR {
	type entry struct {
		column int
		value  float64
	}
	tokens := t.compile()
	ptr := make([]int, 1, len(docs)+1)
	var cols []int
	var values []float64
	var entries []entry
	for _, doc := range docs {
		entries = entries[:0]
		for _, token := range tokens(doc) {
			if j, v := column(token); j >= 0 {
				entries = append(entries, entry{j, v})
			}
		}
		slices.SortFunc(entries, func(a, b entry) int { return cmp.Compare(a.column, b.column) })
		for k, e := range entries {
			if k > 0 && e.column == entries[k-1].column {
				values[len(values)-1] += e.value
				continue
			}
			cols, values = append(cols, e.column), append(values, e.value)
		}
		ptr = append(ptr, len(values))
	}
	return newCSR(len(docs), columns, ptr, cols, values)
}

func fill(values []float64, v float64) {
	for k := range values {
		values[k] = v
	}
}
