package preprocess

import (
	"errors"
	"fmt"
	"math"

	"github.com/descent-go/descent/lib/sparse"
)

// TFIDFVectorizer weights the counts of a [CountVectorizer], whose settings it
// embeds, by the rarity of each term in the training documents:
//
//	tf·idf,   idf = ln((1 + n) / (1 + df)) + 1    (with Smooth)
//	          idf = ln(n / df) + 1                (without)
//
// for n documents of which df have the term, and divides each row by its norm. With
// Sublinear tf is 1 + ln tf: ten occurrences are not ten times the evidence. Unlike
// the textbook formula, the +1 keeps a term that is in every document (Manning,
// Raghavan and Schütze, Introduction to Information Retrieval, 2008, §6.2). Create
// it with [NewTFIDFVectorizer].
type TFIDFVectorizer struct {
	CountVectorizer
	UseIDF    bool
	Smooth    bool // count one extra document with every term
	Sublinear bool
	Norm      Norm

	IDF []float64 // of each column, if UseIDF; set by Fit
}

// NewTFIDFVectorizer returns a vectorizer with smooth idf and rows of
// Euclidean length 1.
func NewTFIDFVectorizer() *TFIDFVectorizer {
	return &TFIDFVectorizer{CountVectorizer: *NewCountVectorizer(), UseIDF: true, Smooth: true, Norm: L2Norm}
}

// Fit chooses the vocabulary and computes idf.
func (v *TFIDFVectorizer) Fit(docs []string) error {
	v.IDF = nil
	if err := v.checkSettings(); err != nil {
		return err
	}
	stats, err := v.CountVectorizer.fit(docs)
	if err != nil || !v.UseIDF {
		return err
	}
	v.setIDF(stats, len(docs))
	return nil
}

// setIDF computes idf of the vocabulary, from the number of documents.
func (v *TFIDFVectorizer) setIDF(stats []termStats, docs int) {
	n, idf := float64(docs), make([]float64, len(stats))
	for j, s := range stats {
		df := float64(s.df)
		if v.Smooth {
			idf[j] = math.Log((n+1)/(df+1)) + 1
		} else {
			idf[j] = math.Log(n/df) + 1
		}
	}
	v.IDF = idf
}

func (v *TFIDFVectorizer) Transform(docs []string) (*sparse.CSR, error) {
	if len(v.Vocabulary) == 0 || v.UseIDF && len(v.IDF) != len(v.Vocabulary) {
		return nil, notFitted("TFIDFVectorizer")
	}
	x, err := v.CountVectorizer.Transform(docs)
	if err != nil {
		return nil, err
	}
	for k, j := range x.Cols {
		if v.Sublinear {
			x.Values[k] = math.Log(x.Values[k]) + 1
		}
		if v.UseIDF {
			x.Values[k] *= v.IDF[j]
		}
	}
	v.Norm.rows(x)
	return x, nil
}

// Validate returns an error if the norm is unknown, if IDF does not match the
// vocabulary, or if a setting of CountVectorizer is invalid.
func (v *TFIDFVectorizer) Validate() error {
	if v.IDF != nil && len(v.IDF) != len(v.Vocabulary) {
		return fmt.Errorf("preprocess: TFIDFVectorizer: %d weights for %d terms", len(v.IDF), len(v.Vocabulary))
	}
	if err := v.checkSettings(); err != nil {
		return err
	}
	return v.CountVectorizer.Validate()
}

// checkSettings reports settings that are this type's own, or missing.
func (v *TFIDFVectorizer) checkSettings() error {
	if err := v.Norm.validate("TFIDFVectorizer"); err != nil {
		return err
	}
	if v.MaxDF == 0 {
		return errors.New("preprocess: TFIDFVectorizer's MaxDF is 0 (preprocess.NewTFIDFVectorizer has the customary settings)")
	}
	return nil
}
