package preprocess

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/accurate"
)

// A PartialFitter is a Transformer that learns from data part by part, for data that do
// not fit into memory:
//
//	for b, err := range source(1) {
//		if err != nil { … }
//		err = scaler.PartialFit(b.X)
//	}
//
// After the last part it has learned what Fit learns from all rows. Between parts it
// may be used: it knows the rows so far. StandardScaler, MinMaxScaler and OneHotEncoder
// are such.
type PartialFitter interface {
	Transformer
	// PartialFit learns from more rows, in addition to those of earlier calls. After an
	// error it has learned nothing from these rows.
	PartialFit(x mat.Matrix) error
}

// partMoments are the moments of the columns of all parts so far. Those of a part are
// computed as in Fit. With counts n, means μ and sums of squared deviations M, two parts
// have together
//
//	n = n₁ + n₂,   μ = (n₁μ₁ + n₂μ₂)/n,   M = M₁ + M₂ + (μ₂ − μ₁)²·n₁n₂/n
//
// Source: Chan, Golub and LeVeque, Updating formulae and a pairwise algorithm for
// computing sample variances, COMPSTAT 1982.
type partMoments struct {
	count   float64
	columns []partMoment
}

type partMoment struct {
	low, high    float64
	sum, squares accurate.Sum // Σx, M
}

// plus returns the moments with those of a part of n rows added.
func (p *partMoments) plus(n int, part []moment) *partMoments {
	m := &partMoments{float64(n), make([]partMoment, len(part))}
	for j, c := range part {
		to := &m.columns[j]
		to.low, to.high = c.low, c.high
		to.sum.AddProduct(c.mean, m.count)
		to.sum.AddProduct(c.rest, m.count)
		to.squares.AddProduct(float64(c.deviation*c.deviation), m.count)
	}
	if p == nil {
		return m
	}
	total := p.count + m.count
	for j, before := range p.columns {
		to := &m.columns[j]
		mean, rest := quotient(before.sum, p.count)
		distance := (part[j].mean - mean) + (part[j].rest - rest)
		to.low, to.high = min(to.low, before.low), max(to.high, before.high)
		to.sum.AddSum(before.sum)
		to.squares.AddSum(before.squares)
		to.squares.AddProduct(distance*distance, p.count/total*m.count)
	}
	m.count = total
	return m
}

// quotient returns sum/n, rounded, and what is missing.
func quotient(sum accurate.Sum, n float64) (mean, rest float64) {
	mean = sum.Value() / n
	sum.AddProduct(-mean, n)
	return mean, sum.Value() / n
}

// PartialFit learns from more rows: see [PartialFitter]. The result agrees with that of
// Fit on all rows to about 14 digits. It goes on from earlier calls of PartialFit, and
// returns an error after Fit and for a scaler from a file, which do not know how many
// rows they have seen: use a new scaler.
func (s *StandardScaler) PartialFit(x mat.Matrix) error {
	switch {
	case !s.WithMean && !s.WithStd:
		return errors.New("preprocess: StandardScaler has neither WithMean nor WithStd (preprocess.NewStandardScaler has both)")
	case s.Mean != nil && s.parts == nil:
		return errors.New("preprocess: StandardScaler: PartialFit cannot go on from Fit or from a file: begin with a new scaler")
	}
	if err := s.sparseError(x); err != nil {
		return err
	}
	if err := checkPart("StandardScaler", x, len(s.Mean)); err != nil {
		return err
	}
	part, err := moments("StandardScaler", x, true)
	if err != nil {
		return err
	}
	n, _ := x.Dims()
	all := s.parts.plus(n, part)
	columns := make([]moment, len(part))
	for j, c := range all.columns {
		columns[j] = moment{low: c.low, high: c.high, mean: c.sum.Value() / all.count}
		if c.low == c.high {
			columns[j].mean = c.low
		}
		columns[j].deviation = max(math.Sqrt(c.squares.Value()/all.count), math.SmallestNonzeroFloat64)
	}
	if err := s.keep(columns); err != nil {
		return err
	}
	s.parts = all
	return nil
}

// checkPart returns an error if a part has other columns than those before it.
func checkPart(kind string, x mat.Matrix, columns int) error {
	if _, cols := x.Dims(); columns > 0 && cols != columns {
		return fmt.Errorf("preprocess: %s: a part of %d columns follows parts of %d", kind, cols, columns)
	}
	return nil
}

// PartialFit learns from more rows: see [PartialFitter]. The result is that of Fit on
// all rows. It goes on from what the scaler knows, also after Fit and from a file.
func (s *MinMaxScaler) PartialFit(x mat.Matrix) error {
	if err := checkPart("MinMaxScaler", x, len(s.Min)); err != nil {
		return err
	}
	part := MinMaxScaler{Low: s.Low, High: s.High}
	if err := part.Fit(x); err != nil {
		return err
	}
	for j, low := range s.Min {
		part.Min[j], part.Max[j] = min(part.Min[j], low), max(part.Max[j], s.Max[j])
		if math.IsInf(part.Max[j]-part.Min[j], 0) {
			return fmt.Errorf("preprocess: MinMaxScaler: the range of column %d overflows: divide the column by a power of ten first", j)
		}
	}
	s.Min, s.Max = part.Min, part.Max
	return nil
}

// PartialFit learns from more rows: see [PartialFitter]. The result is that of Fit on
// all rows. It goes on from what the encoder knows, also after Fit and from a file.
func (e *OneHotEncoder) PartialFit(x mat.Matrix) error {
	if e.Categories.Strings != nil {
		return errors.New("preprocess: OneHotEncoder was fitted with strings: use PartialFitStrings")
	}
	if err := checkPart("OneHotEncoder", x, len(e.Categories.Numbers)); err != nil {
		return err
	}
	part := OneHotEncoder{Drop: e.Drop}
	if err := part.Fit(x); err != nil {
		return err
	}
	for j, before := range e.Categories.Numbers {
		part.Categories.Numbers[j] = union(before, part.Categories.Numbers[j])
	}
	e.Categories = part.Categories
	return nil
}

// PartialFitStrings is PartialFit for rows of strings. Columns with Levels keep them.
func (e *OneHotEncoder) PartialFitStrings(rows [][]string) error {
	if e.Categories.Numbers != nil {
		return errors.New("preprocess: OneHotEncoder was fitted with numbers: use PartialFit")
	}
	part := OneHotEncoder{Drop: e.Drop, IgnoreUnknown: e.IgnoreUnknown, Levels: e.Levels}
	if err := part.FitStrings(rows); err != nil {
		return err
	}
	before := e.Categories.Strings
	if len(before) > 0 && len(before) != len(part.Categories.Strings) {
		return fmt.Errorf("preprocess: OneHotEncoder: a part of %d columns follows parts of %d", len(part.Categories.Strings), len(before))
	}
	for j, before := range before {
		if e.Levels == nil || e.Levels[j] == nil {
			part.Categories.Strings[j] = union(before, part.Categories.Strings[j])
		}
	}
	e.Categories = part.Categories
	return nil
}

// union returns the elements of two ascending lists, ascending.
func union[T cmp.Ordered](a, b []T) []T {
	all := slices.Concat(a, b)
	slices.Sort(all)
	return slices.Clip(slices.Compact(all))
}

// partTerms is how often terms occur in all parts so far.
type partTerms struct {
	docs  int
	stats map[string]termStats
}

// plus adds the terms of more documents, and returns the statistics of all, ascending.
func (p *partTerms) plus(docs int, stats []termStats) []termStats {
	if p.stats == nil {
		p.stats = map[string]termStats{}
	}
	p.docs += docs
	for _, s := range stats {
		before := p.stats[s.term]
		p.stats[s.term] = termStats{s.term, before.count + s.count, before.df + s.df}
	}
	return slices.SortedFunc(maps.Values(p.stats), func(a, b termStats) int { return cmp.Compare(a.term, b.term) })
}

// PartialFit learns from more documents, in addition to those of earlier calls: after the
// last part, the vocabulary is that of Fit on all documents. It keeps the counts of all
// terms, and returns an error after Fit and for a vectorizer from a file, which do not
// have them: use a new one. As long as MinDF and MaxDF leave no term, there is no
// vocabulary, and Transform returns [ErrNotFitted].
func (v *CountVectorizer) PartialFit(docs []string) error {
	_, _, err := v.partialFit(docs)
	return err
}

// partialFit is PartialFit, and returns what is known of the terms of the vocabulary,
// and the number of documents.
func (v *CountVectorizer) partialFit(docs []string) (stats []termStats, n int, err error) {
	if v.Vocabulary != nil && v.parts == nil {
		return nil, 0, errors.New("preprocess: PartialFit of a vocabulary cannot go on from Fit or from a file: begin with a new one")
	}
	if err := v.Validate(); err != nil {
		return nil, 0, err
	}
	if v.parts == nil {
		v.parts = new(partTerms)
	}
	stats = v.choose(v.parts.plus(len(docs), v.collect(docs)), v.parts.docs)
	return stats, v.parts.docs, nil
}

// PartialFit learns from more documents, as [CountVectorizer.PartialFit] does, and
// computes idf from all documents so far.
func (v *TFIDFVectorizer) PartialFit(docs []string) error {
	if err := v.checkSettings(); err != nil {
		return err
	}
	v.IDF = nil // of another vocabulary
	stats, n, err := v.partialFit(docs)
	if err != nil || !v.UseIDF || len(stats) == 0 {
		return err
	}
	v.setIDF(stats, n)
	return nil
}

// PartialFit fits each part to more rows of the training table: see [PartialFitter].
// All transformers must have PartialFit, or PartialFitStrings.
func (t *TableTransformer) PartialFit(table *Table) error {
	if err := t.Validate(); err != nil {
		return err
	}
	for k, p := range t.Parts {
		if err := p.partialFit(table); err != nil {
			return t.partError(k, err)
		}
	}
	return nil
}

func (p TablePart) partialFit(table *Table) error {
	switch {
	case p.Strings != nil:
		fitter, ok := p.Strings.(interface{ PartialFitStrings(rows [][]string) error })
		if !ok {
			return fmt.Errorf("%T has no PartialFitStrings: fit it to a table in memory", p.Strings)
		}
		rows, err := table.Text(p.Columns...)
		if err != nil {
			return err
		}
		return fitter.PartialFitStrings(rows)
	case p.Text != nil:
		fitter, ok := p.Text.(interface{ PartialFit(docs []string) error })
		if !ok {
			return fmt.Errorf("%T has no PartialFit: fit it to a table in memory", p.Text)
		}
		docs, err := table.Strings(p.Columns[0])
		if err != nil {
			return err
		}
		return fitter.PartialFit(docs)
	}
	x, err := table.Matrix(p.Columns...)
	if err != nil || p.Numbers == nil {
		return err
	}
	fitter, ok := p.Numbers.(PartialFitter)
	if !ok {
		return fmt.Errorf("%T has no PartialFit: fit it to a table in memory", p.Numbers)
	}
	return fitter.PartialFit(x)
}
