package beam

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/DataDog/sketches-go/ddsketch"
	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/accurate"
	"github.com/descent-go/descent/lib/preprocess"
)

// Moments has the moments and the ends of each column of the features.
type Moments struct {
	Names    []string
	Rows     float64
	Mean     []float64
	Squares  []float64 // Σ(x − mean)²
	Min, Max []float64
}

type none struct{}

var momentsPass = define("moments", func(ctx context.Context, _ *none, d Data, file string) (*Moments, error) {
	x, names, err := d.plain(ctx, file)
	if err != nil {
		return nil, err
	}
	rows, cols := x.Dims()
	m := &Moments{Names: names, Rows: float64(rows), Mean: make([]float64, cols), Squares: make([]float64, cols), Min: make([]float64, cols), Max: make([]float64, cols)}
	column := make([]float64, rows)
	for j := range cols {
		mat.Col(column, j, x)
		m.Min[j], m.Max[j] = slices.Min(column), slices.Max(column)
		if math.IsInf(m.Max[j]-m.Min[j], 0) {
			return nil, invalid(fmt.Errorf("the range of column %s overflows: divide the column by a power of ten first", names[j]))
		}
		// From the smallest value on, so that a column far from 0 keeps its digits.
		var sum, squares accurate.Sum
		for _, v := range column {
			sum.Add(v - m.Min[j])
		}
		m.Mean[j] = m.Min[j] + sum.Value()/m.Rows
		for _, v := range column {
			squares.AddProduct(v-m.Mean[j], v-m.Mean[j])
		}
		m.Squares[j] = squares.Value()
	}
	return m, nil
}, func(a, b *Moments) error {
	if err := sameColumns(a.Names, b.Names); err != nil {
		return err
	}
	rows := a.Rows + b.Rows
	for j := range a.Mean {
		gap := b.Mean[j] - a.Mean[j]
		a.Squares[j] += b.Squares[j] + gap*gap*(a.Rows*b.Rows/rows)
		a.Mean[j] += gap * (b.Rows / rows)
		a.Min[j], a.Max[j] = min(a.Min[j], b.Min[j]), max(a.Max[j], b.Max[j])
	}
	a.Rows = rows
	return nil
})

// plain returns the features as they are in the file, and their names.
func (d Data) plain(ctx context.Context, file string) (*mat.Dense, []string, error) {
	s, err := openShard(ctx, file)
	if err != nil {
		return nil, nil, err
	}
	names := s.features(d)
	x, err := s.numbers(names)
	if err != nil {
		return nil, nil, err
	}
	rows, _ := x.Dims()
	for i := range rows {
		for j, v := range x.RawRowView(i) {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				return nil, nil, invalid(fmt.Errorf("row %d, column %s is %v: remove the row or fill the gap", i, names[j], v))
			}
		}
	}
	return x, names, nil
}

func sameColumns(a, b []string) error {
	if !slices.Equal(a, b) {
		return invalid(fmt.Errorf("shards have different columns: %d and %d, or in another order", len(a), len(b)))
	}
	return nil
}

// Moments computes the moments of the features in one pass, as they are in the files: Prepare is not applied. Sums of shards are
// joined without loss of digits (Chan, Golub and LeVeque, Updating Formulae and a Pairwise Algorithm, 1979).
func (e *Engine) Moments(ctx context.Context, d Data) (*Moments, error) {
	m, err := momentsPass.run(ctx, e, "moments", d, none{})
	return m, e.done(err)
}

// done logs the last pass if it went well.
func (e *Engine) done(err error) error {
	if err == nil {
		e.log(e.last)
	}
	return err
}

// isConstant is what lib/preprocess calls a constant column.
func isConstant(low, high float64) bool { return high-low <= 0x1p-51*max(-low, high) }

// StandardScaler returns the scaler that preprocess.StandardScaler.Fit makes of all rows, up to rounding.
func (m *Moments) StandardScaler() *preprocess.StandardScaler {
	s := preprocess.NewStandardScaler()
	s.Mean = slices.Clone(m.Mean)
	for j, v := range m.Squares {
		s.Scale = append(s.Scale, 1)
		if !isConstant(m.Min[j], m.Max[j]) {
			s.Scale[j] = math.Sqrt(v / m.Rows)
		}
	}
	return s
}

// MinMaxScaler returns the scaler that preprocess.MinMaxScaler.Fit makes of all rows.
func (m *Moments) MinMaxScaler() *preprocess.MinMaxScaler {
	s := preprocess.NewMinMaxScaler()
	s.Min, s.Max = slices.Clone(m.Min), slices.Clone(m.Max)
	return s
}

// Levels has the distinct texts of columns, in ascending order.
type Levels struct {
	Names  []string
	Levels [][]string
}

type levelsSpec struct{ Most int }

type levelsPart struct {
	Names []string
	Sets  []map[string]bool
}

var levelsPass = define("levels", func(ctx context.Context, s *levelsSpec, d Data, file string) (*levelsPart, error) {
	t, err := openShard(ctx, file)
	if err != nil {
		return nil, err
	}
	p := &levelsPart{Names: t.features(d)}
	for _, n := range p.Names {
		texts, err := t.texts(n)
		if err != nil {
			return nil, err
		}
		set := map[string]bool{}
		for _, v := range texts {
			set[v] = true
		}
		p.Sets = append(p.Sets, set)
	}
	return p, p.check(s.Most)
}, func(a, b *levelsPart) error {
	if err := sameColumns(a.Names, b.Names); err != nil {
		return err
	}
	for j := range a.Sets {
		for v := range b.Sets[j] {
			a.Sets[j][v] = true
		}
	}
	return nil
})

func (p *levelsPart) check(most int) error {
	for j, s := range p.Sets {
		if len(s) > most {
			return invalid(fmt.Errorf("column %s has %d different values, want at most %d: is it a number or an identifier? Name the columns of categories in Features", p.Names[j], len(s), most))
		}
	}
	return nil
}

// Levels finds the distinct texts of the features, of which a column may have most; 0 means 100000.
func (e *Engine) Levels(ctx context.Context, d Data, most int) (*Levels, error) {
	if most == 0 {
		most = 100_000
	}
	p, err := levelsPass.run(ctx, e, "levels", d, levelsSpec{most})
	if err == nil {
		err = p.check(most)
	}
	if e.done(err) != nil {
		return nil, err
	}
	l := &Levels{Names: p.Names}
	for _, s := range p.Sets {
		var all []string
		for v := range s {
			all = append(all, v)
		}
		slices.Sort(all)
		l.Levels = append(l.Levels, all)
	}
	return l, nil
}

// OneHotEncoder returns the encoder that preprocess.OneHotEncoder.FitStrings makes of all rows.
func (l *Levels) OneHotEncoder() *preprocess.OneHotEncoder {
	e := preprocess.NewOneHotEncoder()
	e.Categories.Strings = l.Levels
	return e
}

// OrdinalEncoder returns the encoder that preprocess.OrdinalEncoder.FitStrings makes of all rows.
func (l *Levels) OrdinalEncoder() *preprocess.OrdinalEncoder {
	e := preprocess.NewOrdinalEncoder()
	e.Categories.Strings = l.Levels
	return e
}

type vocabularySpec struct {
	Tokenizer preprocess.Tokenizer
	Column    string
}

// A vocabularyPart counts the documents, and for each term those that have it and how often it occurs.
type vocabularyPart struct {
	Documents float64
	Terms     map[string][2]float64
}

var vocabularyPass = define("vocabulary", func(ctx context.Context, s *vocabularySpec, d Data, file string) (*vocabularyPart, error) {
	t, err := openShard(ctx, file)
	if err != nil {
		return nil, err
	}
	texts, err := t.texts(s.Column)
	if err != nil {
		return nil, err
	}
	p := &vocabularyPart{Documents: float64(len(texts)), Terms: map[string][2]float64{}}
	for _, text := range texts {
		seen := map[string]bool{}
		for _, token := range s.Tokenizer.Tokens(text) {
			c := p.Terms[token]
			if !seen[token] {
				seen[token] = true
				c[0]++
			}
			c[1]++
			p.Terms[token] = c
		}
	}
	return p, nil
}, func(a, b *vocabularyPart) error {
	a.Documents += b.Documents
	if a.Terms == nil {
		a.Terms = map[string][2]float64{}
	}
	for t, v := range b.Terms {
		c := a.Terms[t]
		a.Terms[t] = [2]float64{c[0] + v[0], c[1] + v[1]}
	}
	return nil
})

// Vocabulary sets v.Vocabulary to what v.Fit chooses for the texts of a column in all shards.
func (e *Engine) Vocabulary(ctx context.Context, d Data, column string, v *preprocess.CountVectorizer) error {
	v.Vocabulary = nil
	if err := v.Validate(); err != nil {
		return fmt.Errorf("beam: %w", err)
	}
	p, err := vocabularyPass.run(ctx, e, "vocabulary", d, vocabularySpec{v.Tokenizer, column})
	if e.done(err) != nil {
		return err
	}
	var terms []string
	for t, c := range p.Terms {
		if c[0] >= float64(v.MinDF) && c[0] <= v.MaxDF*p.Documents {
			terms = append(terms, t)
		}
	}
	if len(terms) == 0 {
		return fmt.Errorf("beam: none of %d terms in %.0f documents is left: lower MinDF %d or raise MaxDF %v", len(p.Terms), p.Documents, v.MinDF, v.MaxDF)
	}
	if v.MaxFeatures > 0 && len(terms) > v.MaxFeatures {
		slices.SortFunc(terms, func(a, b string) int {
			return cmp.Or(cmp.Compare(p.Terms[b][1], p.Terms[a][1]), cmp.Compare(a, b))
		})
		terms = terms[:v.MaxFeatures]
	}
	slices.Sort(terms)
	v.Vocabulary = terms
	return nil
}

// Quantiles answers for the quantiles of columns, from sketches. A quantile is wrong by at most the fraction Accuracy of a
// value in the data: one of the two that it lies between.
//
// Source: Masson, Rim and Lee, DDSketch: A Fast and Fully-Mergeable Quantile Sketch with Relative-Error Guarantees, VLDB 2019. A
// sketch is counts of integers, so that the order of merging does not matter.
type Quantiles struct {
	Names    []string
	Accuracy float64
	sketches []*ddsketch.DDSketch
}

type quantilesSpec struct{ Accuracy float64 }

type quantilesPart struct {
	Names    []string
	Accuracy float64
	Sketches [][]byte
}

func newSketch(accuracy float64) (*ddsketch.DDSketch, error) {
	return ddsketch.NewDefaultDDSketch(accuracy)
}

func (p *quantilesPart) sketch(j int) (*ddsketch.DDSketch, error) {
	s, err := newSketch(p.Accuracy)
	if err != nil {
		return nil, err
	}
	return s, s.DecodeAndMergeWith(p.Sketches[j])
}

var quantilesPass = define("quantiles", func(ctx context.Context, s *quantilesSpec, d Data, file string) (*quantilesPart, error) {
	x, names, err := d.plain(ctx, file)
	if err != nil {
		return nil, err
	}
	rows, cols := x.Dims()
	p := &quantilesPart{Names: names, Accuracy: s.Accuracy}
	for j := range cols {
		sketch, err := newSketch(s.Accuracy)
		if err != nil {
			return nil, invalid(err)
		}
		for i := range rows {
			if err := sketch.Add(x.At(i, j)); err != nil {
				return nil, invalid(fmt.Errorf("row %d, column %s: %w", i, names[j], err))
			}
		}
		var b []byte
		sketch.Encode(&b, false)
		p.Sketches = append(p.Sketches, b)
	}
	return p, nil
}, func(a, b *quantilesPart) error {
	if err := sameColumns(a.Names, b.Names); err != nil {
		return err
	}
	for j := range a.Sketches {
		x, err := a.sketch(j)
		if err == nil {
			err = x.DecodeAndMergeWith(b.Sketches[j])
		}
		if err != nil {
			return err
		}
		a.Sketches[j] = nil
		x.Encode(&a.Sketches[j], false)
	}
	return nil
})

// Quantiles makes sketches of the features, as they are in the files, in one pass. accuracy is the relative error, between
// 0.00001 and 0.1; 0 means 0.001. A sketch of a column holds about ln(max/min)/(2·accuracy) counts.
func (e *Engine) Quantiles(ctx context.Context, d Data, accuracy float64) (*Quantiles, error) {
	if accuracy == 0 {
		accuracy = 0.001
	}
	if !(accuracy >= 1e-5 && accuracy <= 0.1) {
		return nil, fmt.Errorf("beam: an accuracy of %g, want 0.00001 to 0.1", accuracy)
	}
	p, err := quantilesPass.run(ctx, e, "quantiles", d, quantilesSpec{accuracy})
	if e.done(err) != nil {
		return nil, err
	}
	q := &Quantiles{Names: p.Names, Accuracy: accuracy}
	for j := range p.Sketches {
		s, err := p.sketch(j)
		if err != nil {
			return nil, fmt.Errorf("beam: %w", err)
		}
		q.sketches = append(q.sketches, s)
	}
	return q, nil
}

// Quantile returns the q-quantile of column j, 0 ≤ q ≤ 1.
func (q *Quantiles) Quantile(j int, at float64) (float64, error) {
	v, err := q.sketches[j].GetValueAtQuantile(at)
	if err != nil {
		return 0, fmt.Errorf("beam: %w", err)
	}
	return v, nil
}

// RobustScaler sets Center and Scale of s, from the quantiles that s asks for. UnitVariance must be false.
func (q *Quantiles) RobustScaler(s *preprocess.RobustScaler) error {
	if err := s.Validate(); err != nil {
		return fmt.Errorf("beam: %w", err)
	}
	if s.UnitVariance {
		return errors.New("beam: RobustScaler: UnitVariance is not fitted from sketches: set it to false")
	}
	var center, scale []float64
	for j := range q.sketches {
		var v [3]float64
		for k, at := range []float64{0.5, s.Low / 100, s.High / 100} {
			var err error
			if v[k], err = q.Quantile(j, at); err != nil {
				return err
			}
		}
		center, scale = append(center, v[0]), append(scale, 1)
		if s.WithScaling && !isConstant(v[1], v[2]) {
			scale[j] = v[2] - v[1]
		}
	}
	s.Center, s.Scale = center, scale
	return nil
}
