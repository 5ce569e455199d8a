package tabular

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/descent-go/descent/lib/preprocess"
	"github.com/descent-go/descent/lib/tune"
)

// CrossValidation holds the scores of the folds, in order.
type CrossValidation struct {
	Train, Test []Scores
}

// CrossValidate fits preparation and model on the training rows of each fold and scores
// them on its test rows, on the given number of workers; 0 means one for each core. The
// kinds of the columns and the classes are those of the whole table, everything else is
// learned in each fold anew. Unknown categories are allowed.
//
// Errors are those of [Learner.Fit], of the first fold that has one. The end of the
// context is an error too.
func (l Learner) CrossValidate(ctx context.Context, table *preprocess.Table, folds []preprocess.Fold, workers int) (*CrossValidation, error) {
	p, err := l.plan(table)
	if err != nil {
		return nil, err
	}
	for f, fold := range folds {
		for _, part := range [][]int{fold.Train, fold.Test} {
			if len(part) == 0 || slices.Min(part) < 0 || slices.Max(part) >= table.Len() {
				return nil, fmt.Errorf("tabular: fold %d has a part that is empty or beyond the %d rows of the table: make the folds for this table", f, table.Len())
			}
		}
	}
	all, err := tune.EachFold(ctx, folds, func(ctx context.Context, fold preprocess.Fold) (s [2]Scores, err error) {
		m, err := p.fit(ctx, table.Rows(fold.Train))
		if err != nil {
			return s, err
		}
		for i, part := range [][]int{fold.Train, fold.Test} {
			rows, err := p.used(table.Rows(part))
			if err != nil {
				return s, err
			}
			e, err := m.evaluate(rows)
			if err != nil {
				return s, err
			}
			s[i] = e.Scores
		}
		return s, nil
	}, workers)
	if err != nil {
		return nil, fmt.Errorf("tabular: %w", err)
	}
	c := &CrossValidation{}
	for _, s := range all {
		c.Train, c.Test = append(c.Train, s[0]), append(c.Test, s[1])
	}
	return c, nil
}

// Mean returns the mean of each test score over the folds. Folds where a score is
// undefined make it NaN.
func (c *CrossValidation) Mean() Scores {
	return c.each(func(values []float64) float64 { mean, _ := meanStd(values); return mean })
}

// Std returns the standard deviation √(Σ(s−s̄)²/k) of each test score over the folds. It
// is not the error of the mean: see tune.Scores.Std.
func (c *CrossValidation) Std() Scores {
	return c.each(func(values []float64) float64 { _, std := meanStd(values); return std })
}

func (c *CrossValidation) each(f func(values []float64) float64) (s Scores) {
	if len(c.Test) == 0 {
		return nil
	}
	for _, score := range c.Test[0] {
		score.Value = f(c.values(score.Name))
		s = append(s, score)
	}
	return s
}

// values returns one test score of each fold.
func (c *CrossValidation) values(name string) []float64 {
	v := make([]float64, len(c.Test))
	for f, s := range c.Test {
		v[f] = s.Value(name)
	}
	return v
}

// Of returns one score of each fold, as tune.CrossValidate does.
func (c *CrossValidation) Of(name string) *tune.Scores {
	s := &tune.Scores{Test: c.values(name)}
	for _, scores := range c.Train {
		s.Train = append(s.Train, scores.Value(name))
	}
	return s
}

// String returns a line for each score: its mean ± standard deviation.
func (c *CrossValidation) String() string {
	width := 0
	mean, std := c.Mean(), c.Std()
	for _, s := range mean {
		width = max(width, utf8.RuneCountInString(s.Name))
	}
	var b strings.Builder
	for i, s := range mean {
		fmt.Fprintf(&b, "%-*s  %.4g ± %.2g\n", width, s.Name, s.Value, std[i].Value)
	}
	fmt.Fprintf(&b, "in %d folds", len(c.Test))
	return b.String()
}

func meanStd(v []float64) (mean, std float64) {
	for _, x := range v {
		mean += x / float64(len(v))
	}
	for _, x := range v {
		std += (x - mean) * (x - mean) / float64(len(v))
	}
	return mean, math.Sqrt(std)
}
