package preprocess

import (
	"fmt"

	"github.com/descent-go/descent/lib/sparse"
)

// HashingVectorizer counts terms without a vocabulary: a term's column is its hash.
// It needs no Fit and no memory for terms, and it accepts words that it has never
// seen. On the other hand, the term of a column is unknown, and different terms may
// share a column.
//
// The hash h is MurmurHash3_x86_32 of the term's UTF-8 bytes, read as a signed
// number, and the column |h| mod Features, as in scikit-learn. With AlternateSign a
// term counts +1 or −1 by the sign of h, so that terms that share a column cancel
// on average instead of adding up (Weinberger et al., Feature hashing for large
// scale multitask learning, 2009). Create it with [NewHashingVectorizer].
type HashingVectorizer struct {
	Tokenizer
	Features      int // the number of columns, at most 2³¹ − 1
	AlternateSign bool
	Binary        bool // 1 for every column that is hit, instead of its count
	Norm          Norm
}

// NewHashingVectorizer returns a vectorizer with 2²⁰ columns, alternating signs
// and rows of Euclidean length 1.
func NewHashingVectorizer() *HashingVectorizer {
	return &HashingVectorizer{Tokenizer: NewTokenizer(), Features: 1 << 20, AlternateSign: true, Norm: L2Norm}
}

// Fit checks the settings. There is nothing to learn.
func (v *HashingVectorizer) Fit(docs []string) error { return v.Validate() }

// Transform returns the counts, normalized. It works without Fit.
func (v *HashingVectorizer) Transform(docs []string) (*sparse.CSR, error) {
	if err := v.Validate(); err != nil {
		return nil, err
	}
	x := countRows(docs, v.Tokenizer, v.Features, func(token string) (int, bool) {
		h := int64(int32(murmur3(token, 0)))
		return int(max(h, -h) % int64(v.Features)), v.AlternateSign && h < 0
	})
	if v.Binary {
		fill(x.Values, 1)
	}
	v.Norm.rows(x)
	return x, nil
}

// Terms returns an error: a hash cannot be inverted.
func (v *HashingVectorizer) Terms() ([]string, error) {
	return nil, fmt.Errorf("preprocess: HashingVectorizer does not know the terms of its columns: use a CountVectorizer or TFIDFVectorizer")
}

// Validate returns an error unless 1 ≤ Features < 2³¹ and the norm is known.
func (v *HashingVectorizer) Validate() error {
	if v.Features < 1 || v.Features > 1<<31-1 {
		return fmt.Errorf("preprocess: HashingVectorizer: %d columns, want 1 to 2147483647 (preprocess.NewHashingVectorizer has the customary settings)", v.Features)
	}
	if err := v.Norm.validate("HashingVectorizer"); err != nil {
		return err
	}
	return v.Tokenizer.Validate()
}
