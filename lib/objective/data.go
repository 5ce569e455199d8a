package objective

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/rows"
	"github.com/descent-go/descent/lib/loss"
	"github.com/descent-go/descent/lib/model"
)

// Data is a set of samples with their targets. For a model of sequences, which
// predicts a row for each token, a row of Y holds the targets of all tokens of the
// row of X: see [Tokens].
type Data struct {
	X             mat.Matrix
	Y             *mat.Dense
	SampleWeights []float64 // ≥ 0; nil means all 1, and a row of weight 0 is ignored
}

// Check returns an error for data on which m and l cannot be trained: no
// samples, shapes that do not fit, a NaN or an infinity (with its row and
// column), invalid labels or inputs, or invalid weights. It reads every number
// once. Training calls it before it starts. Rows of weight 0 are not checked:
// see [Data.Used].
func (d Data) Check(m model.Model, l loss.Loss) error {
	if d.X == nil || d.Y == nil {
		return errors.New("x or y is nil")
	}
	rows, cols := d.X.Dims()
	inputs, outputs := m.Dims()
	if rows == 0 {
		return errors.New("there are no samples")
	}
	if cols != inputs {
		return fmt.Errorf("x has %d columns, the model takes %d", cols, inputs)
	}
	if yRows, _ := d.Y.Dims(); yRows != rows {
		return fmt.Errorf("x has %d rows, y has %d", rows, yRows)
	}
	if err := checkWeights(d.SampleWeights, rows); err != nil {
		return err
	}
	err := d.checkValues(m, l, outputs)
	if err != nil && slices.Contains(d.SampleWeights, 0) {
		good := func(i int) bool { return d.Take([]int{i}).checkValues(m, l, outputs) == nil }
		return d.masked(good).checkValues(m, l, outputs)
	}
	return err
}

func (d Data) checkValues(m model.Model, l loss.Loss, outputs int) error {
	if err := finite("x", d.X); err != nil {
		return err
	}
	if c, ok := m.(model.InputChecker); ok {
		if err := c.CheckInput(d.X); err != nil {
			return err
		}
	}
	if err := finite("y", d.Y); err != nil {
		return err
	}
	if n := perRow(m, d.X); n > 1 {
		return checkTokens(l, d.Y, outputs, n)
	}
	return checkTarget(l, d.Y, outputs)
}

func checkTarget(l loss.Loss, y *mat.Dense, outputs int) error {
	if c, ok := l.(loss.TargetChecker); ok {
		return c.CheckTarget(y, outputs)
	}
	if _, cols := y.Dims(); cols != outputs {
		return fmt.Errorf("y has %d columns, the model has %d outputs", cols, outputs)
	}
	return nil
}

// finite names the first element that is NaN or infinite.
func finite(name string, x mat.Matrix) error {
	if i, j, v, found := rows.Of(x).FirstBad(false); found {
		return fmt.Errorf("%s is %g in row %d, column %d: impute or remove it", name, v, i, j)
	}
	return nil
}

func checkWeights(weights []float64, rows int) error {
	if weights == nil {
		return nil
	}
	if len(weights) != rows {
		return fmt.Errorf("there are %d sample weights for %d rows", len(weights), rows)
	}
	total := 0.0
	for i, w := range weights {
		if !(w >= 0) || math.IsInf(w, 1) {
			return fmt.Errorf("the sample weight of row %d is %g, want a finite number ≥ 0", i, w)
		}
		total += w
	}
	if total == 0 {
		return errors.New("all sample weights are 0")
	}
	return nil
}

// Used returns d without the rows of weight 0: d itself if there are none,
// otherwise a copy of the other rows. A sample of weight 0 has no influence,
// and so a missing value or an invalid label in it must not have any either.
func (d Data) Used() Data {
	if d.SampleWeights == nil {
		return d
	}
	return d.only(len(d.SampleWeights), func(i int) bool { return d.SampleWeights[i] != 0 })
}

// only returns d without the rows that are not wanted: d itself if all are or none,
// and then it takes no memory.
func (d Data) only(rows int, wanted func(row int) bool) Data {
	count := 0
	for i := range rows {
		if wanted(i) {
			count++
		}
	}
	if count == rows || count == 0 {
		return d
	}
	order := make([]int, 0, count)
	for i := range rows {
		if wanted(i) {
			order = append(order, i)
		}
	}
	return d.Take(order)
}

// Labelled returns d without the rows that l ignores, such as those with the target
// −1 for a loss.CrossEntropy with AllowUnlabelled: d itself if there are none,
// otherwise a copy of the other rows. A row of several targets, such as the tokens
// of a sequence, is dropped if l ignores each of them. Training and solvers drop
// these rows, so that no batch consists only of them.
func (d Data) Labelled(l loss.Loss) Data {
	ignorer, ok := l.(ignorer)
	if !ok {
		return d
	}
	return d.only(d.Y.RawMatrix().Rows, func(i int) bool { return !ignores(ignorer, d.Y.RawRowView(i)) })
}

// Counts reports whether a row of d counts: one whose weight is not 0 and that l does
// not ignore. Data that [Data.Check] refuses may count.
func (d Data) Counts(l loss.Loss) bool {
	rows, _ := d.X.Dims()
	if d.Y == nil || d.Y.RawMatrix().Rows != rows || d.SampleWeights != nil && len(d.SampleWeights) != rows {
		return true
	}
	ignorer, some := l.(ignorer)
	for i := range rows {
		weighs := d.SampleWeights == nil || d.SampleWeights[i] != 0
		if weighs && !(some && ignores(ignorer, d.Y.RawRowView(i))) {
			return true
		}
	}
	return false
}

// An ignorer is a loss for which some targets do not count.
type ignorer interface{ Ignores(target []float64) bool }

// ignores reports whether l ignores a row of y, or each of the several targets in it.
func ignores(l ignorer, row []float64) bool {
	if l.Ignores(row) {
		return true
	}
	for j := range row {
		if !l.Ignores(row[j : j+1]) {
			return false
		}
	}
	return true
}

// masked returns d with a good row of weight above 0, if there is one, in place of
// all rows of weight 0: what is wrong with it is wrong with d, and in the same row.
func (d Data) masked(good func(row int) bool) Data {
	order := make([]int, len(d.SampleWeights))
	filler := slices.IndexFunc(d.SampleWeights, func(w float64) bool { return w != 0 })
	for i, w := range d.SampleWeights {
		if w != 0 && good(i) {
			filler = i
			break
		}
	}
	for i, w := range d.SampleWeights {
		order[i] = i
		if w == 0 {
			order[i] = filler
		}
	}
	masked := d.Take(order)
	masked.SampleWeights = d.SampleWeights
	return masked
}

// Take returns a copy of the given rows, in the given order. A row may occur more
// than once.
func (d Data) Take(order []int) Data {
	x, y := new(rows.Buffer), new(rows.Buffer)
	taken := Data{
		X: x.Take(rows.Of(d.X), order, 0, len(order)),
		Y: y.Take(rows.Of(d.Y), order, 0, len(order)).(*mat.Dense),
	}
	if d.SampleWeights != nil {
		taken.SampleWeights = make([]float64, len(order))
		for k, i := range order {
			taken.SampleWeights[k] = d.SampleWeights[i]
		}
	}
	return taken
}
