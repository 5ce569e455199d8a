package preprocess

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/descent-go/descent/internal/crew"
	"github.com/descent-go/descent/lib/sparse"
)

// A Vectorizer turns documents into the rows of a sparse matrix with a column
// for each term, for [TableTransformer] and for models that take a sparse.CSR.
type Vectorizer interface {
	// Fit learns from the training documents, and forgets what it learned before.
	Fit(docs []string) error
	// Transform returns a matrix with a row for each document.
	Transform(docs []string) (*sparse.CSR, error)
	// Terms returns the term of each column. A HashingVectorizer does not know its
	// terms and returns an error.
	Terms() ([]string, error)
}

// CountVectorizer counts how often each term of the vocabulary occurs in a
// document. The vocabulary is the set of tokens of the training documents, in
// ascending order; other tokens are ignored in Transform.
//
// Fit drops terms that occur in fewer than MinDF documents (typing errors) or in
// more than the share MaxDF of them (words without information). It then keeps the
// MaxFeatures most frequent terms over all documents; ties go to the first in
// alphabetical order. Create it with [NewCountVectorizer].
type CountVectorizer struct {
	Tokenizer
	MinDF       int     // a number of documents
	MaxDF       float64 // a share of the documents, 1 for no limit
	MaxFeatures int     // 0 for no limit
	Binary      bool    // 1 for every term that occurs, instead of its count

	Vocabulary []string // the term of each column, ascending; set by Fit

	parts *partTerms // of PartialFit
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

// A lexicon is the terms of some documents.
type lexicon struct {
	index map[string]int32
	stats []termStats
}

// id returns the number of a term, which it adds if it is new.
func (l *lexicon) id(term string) int32 {
	id, ok := l.index[term]
	if !ok {
		id = int32(len(l.stats))
		term = strings.Clone(term) // not to keep the document
		l.index[term] = id
		l.stats = append(l.stats, termStats{term: term})
	}
	return id
}

// collect returns the statistics of all terms, ascending. Cores share the
// documents; what they count is whole numbers, whose sum has no order.
func (t Tokenizer) collect(docs []string) []termStats {
	parts := max(1, min(coresFor(textLength(docs)), len(docs)))
	found := make([]lexicon, parts)
	new(crew.Crew).Do(parts, parts, func(_, part int) {
		found[part] = t.lexicon(docs[part*len(docs)/parts : (part+1)*len(docs)/parts])
	})
	all := &found[0]
	for _, l := range found[1:] {
		for _, s := range l.stats {
			to := &all.stats[all.id(s.term)]
			to.count, to.df = to.count+s.count, to.df+s.df
		}
	}
	slices.SortFunc(all.stats, func(a, b termStats) int { return cmp.Compare(a.term, b.term) })
	return all.stats
}

// textLength returns the number of bytes of the documents.
func textLength(docs []string) int {
	n := 0
	for _, doc := range docs {
		n += len(doc)
	}
	return n
}

// lexicon returns the terms of docs.
func (t Tokenizer) lexicon(docs []string) lexicon {
	l := lexicon{index: make(map[string]int32)}
	c := t.compile()
	var last []int32 // for each term 1 + the last document that has it
	for i, doc := range docs {
		for _, token := range c.tokens(doc) {
			id := l.id(token)
			if int(id) == len(last) {
				last = append(last, 0)
			}
			s := &l.stats[id]
			s.count++
			if last[id] != int32(i)+1 {
				last[id] = int32(i) + 1
				s.df++
			}
		}
	}
	return l
}

// Fit chooses the vocabulary. If no term is left, it returns an error that names
// the setting that removed them.
func (v *CountVectorizer) Fit(docs []string) error {
	_, err := v.fit(docs)
	return err
}

// fit is Fit, and returns what is known of the terms of the vocabulary.
func (v *CountVectorizer) fit(docs []string) ([]termStats, error) {
	v.Vocabulary, v.parts = nil, nil
	if err := v.Validate(); err != nil {
		return nil, err
	}
	all := v.collect(docs)
	count := len(all)
	stats := v.choose(all, len(docs))
	if len(stats) == 0 {
		why := v.whyNone(docs)
		if why == "" {
			why = fmt.Sprintf("none of %d terms in %d documents is left: lower MinDF %d or raise MaxDF %v", count, len(docs), v.MinDF, v.MaxDF)
		}
		return nil, fmt.Errorf("preprocess: CountVectorizer: %s", why)
	}
	return stats, nil
}

// choose sets the vocabulary to the terms that are kept, and returns these. It may
// change stats.
func (v *CountVectorizer) choose(stats []termStats, docs int) []termStats {
	limit := v.MaxDF * float64(docs)
	stats = slices.DeleteFunc(stats, func(s termStats) bool {
		return s.df < v.MinDF || float64(s.df) > limit
	})
	if v.MaxFeatures > 0 && len(stats) > v.MaxFeatures {
		slices.SortStableFunc(stats, func(a, b termStats) int { return cmp.Compare(b.count, a.count) })
		stats = stats[:v.MaxFeatures]
		slices.SortFunc(stats, func(a, b termStats) int { return cmp.Compare(a.term, b.term) })
	}
	v.Vocabulary = nil
	for _, s := range stats {
		v.Vocabulary = append(v.Vocabulary, s.term)
	}
	return stats
}

func (v *CountVectorizer) Transform(docs []string) (*sparse.CSR, error) {
	if len(v.Vocabulary) == 0 {
		return nil, notFitted("CountVectorizer")
	}
	index := make(map[string]int32, len(v.Vocabulary))
	for j, term := range v.Vocabulary {
		index[term] = int32(j)
	}
	out := countRows(docs, v.Tokenizer, len(v.Vocabulary), func(token string) (int, bool) {
		if j, ok := index[token]; ok {
			return int(j), false
		}
		return -1, false
	})
	if v.Binary {
		fill(out.Values, 1)
	}
	return out, nil
}

// Index returns the column of a term, and whether the term is in the vocabulary.
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

// countRows counts, for each document, the tokens in their columns, those that
// are negative as −1; column gives −1 for a token that does not count. Cores share
// the documents.
func countRows(docs []string, t Tokenizer, columns int, column func(token string) (j int, negative bool)) *sparse.CSR {
	const together = 64 // documents
	type part struct {
		cols   []int
		values []float64
	}
	parts := make([]part, (len(docs)+together-1)/together)
	workers := coresFor(textLength(docs))
	cutters, keys := make([]*cutter, workers), make([][]uint32, workers)
	ptr := make([]int, len(docs)+1)
	new(crew.Crew).Do(workers, len(parts), func(worker, k int) {
		if cutters[worker] == nil {
			cutters[worker] = t.compile()
		}
		p := &parts[k]
		for i := k * together; i < min((k+1)*together, len(docs)); i++ {
			row := keys[worker][:0] // twice the column, and 1 more for −1
			for _, token := range cutters[worker].tokens(docs[i]) {
				if j, negative := column(token); negative {
					row = append(row, uint32(j)<<1|1)
				} else if j >= 0 {
					row = append(row, uint32(j)<<1)
				}
			}
			slices.Sort(row)
			before := len(p.cols)
			for n, key := range row {
				if j := int(key >> 1); n == 0 || key>>1 != row[n-1]>>1 {
					p.cols, p.values = append(p.cols, j), append(p.values, 0)
				}
				p.values[len(p.values)-1] += 1 - 2*float64(key&1)
			}
			keys[worker], ptr[i+1] = row, len(p.cols)-before
		}
	})
	for i := range docs {
		ptr[i+1] += ptr[i]
	}
	cols, values := make([]int, 0, ptr[len(docs)]), make([]float64, 0, ptr[len(docs)])
	for _, p := range parts {
		cols, values = append(cols, p.cols...), append(values, p.values...)
	}
	return newCSR(len(docs), columns, ptr, cols, values)
}

func fill(values []float64, v float64) {
	for k := range values {
		values[k] = v
	}
}
