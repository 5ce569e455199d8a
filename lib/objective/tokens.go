package objective

import (
	"fmt"

	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/rows"
	"github.com/descent-go/descent/lib/loss"
	"github.com/descent-go/descent/lib/model"
)

// Tokens pairs the predictions of a sequence model with their targets. A row of
// x is a sequence of T tokens; the model predicts T rows for it, one for each
// token, and the row of y holds the T targets one after another. For the loss,
// the same memory is a target with a row for each token: row T·i + t is token t
// of row i. The weight of a row holds for each of its tokens.
//
// A target of −1 says that a token does not count: see loss.NewTokenCrossEntropy.
//
// The zero value is ready for use. It keeps buffers, so that later calls allocate
// nothing.
type Tokens struct {
	y       mat.Dense
	copied  []float64 // of targets that do not lie without gaps
	weights []float64
}

// Of returns y and weights with a row for each row of pred: as they are, if they
// have that already. They are valid until the next call. It panics if the rows and
// columns do not fit.
func (t *Tokens) Of(pred, y *mat.Dense, weights []float64) (*mat.Dense, []float64) {
	predictions, _ := pred.Dims()
	count, cols := y.Dims()
	if predictions == count {
		return y, weights
	}
	n := predictions / max(1, count)
	if n == 0 || n*count != predictions || cols%n != 0 {
		panic(fmt.Sprintf("objective: %d rows of predictions do not fit targets of %d×%d: want a target for each token of each row", predictions, count, cols))
	}
	t.view(y, n)
	return &t.y, t.spread(weights, n)
}

// view sets t.y to y with n rows for each row.
func (t *Tokens) view(y *mat.Dense, n int) {
	raw := y.RawMatrix()
	if raw.Stride != raw.Cols {
		t.copied = grow(t.copied, raw.Rows*raw.Cols)
		for i := range raw.Rows {
			copy(t.copied[i*raw.Cols:(i+1)*raw.Cols], y.RawRowView(i))
		}
		raw.Data = t.copied
	}
	cols := raw.Cols / n
	t.y.SetRawMatrix(blas64.General{Rows: raw.Rows * n, Cols: cols, Stride: cols, Data: raw.Data[:raw.Rows*raw.Cols]})
}

// spread repeats each weight n times.
func (t *Tokens) spread(weights []float64, n int) []float64 {
	if weights == nil {
		return nil
	}
	t.weights = grow(t.weights, n*len(weights))
	for i := range t.weights {
		t.weights[i] = weights[i/n]
	}
	return t.weights
}

// perRow returns how many rows m predicts for each row of x: the number of tokens
// for a sequence model, and 1 for others. It asks a model that it does not know to
// predict the first row, which must be valid input.
func perRow(m model.Model, x mat.Matrix) int {
	switch m := m.(type) {
	case model.Affine:
		return 1
	case *model.Network:
		return m.Tokens()
	}
	var pred mat.Dense
	m.Predict(&pred, new(rows.Buffer).Take(rows.Of(x), []int{0}, 0, 1))
	n, _ := pred.Dims()
	return n
}

// TokenWeights returns the weight of each row in a mean over several batches: for a
// model that predicts a row for each token, the weights of its tokens that count,
// as l sums them; for others the sample weights, nil if all are 1.
func (d Data) TokenWeights(m model.Model, l loss.Loss) []float64 {
	n := perRow(m, d.X)
	if n == 1 {
		return d.SampleWeights
	}
	s, ok := loss.AsSeparable(l)
	if !ok {
		return d.SampleWeights
	}
	var t Tokens
	t.view(d.Y, n)
	of := make([]float64, n)
	all := t.y.RawMatrix()
	weights := make([]float64, all.Rows/n)
	var y mat.Dense // the targets of one row
	for i := range weights {
		w := 1.0
		if d.SampleWeights != nil {
			w = d.SampleWeights[i]
		}
		for j := range of {
			of[j] = w
		}
		lo, hi := i*n*all.Stride, ((i+1)*n-1)*all.Stride+all.Cols
		y.SetRawMatrix(blas64.General{Rows: n, Cols: all.Cols, Stride: all.Stride, Data: all.Data[lo:hi]})
		weights[i] = s.Total(&y, of)
	}
	return weights
}

// checkTokens is checkTarget for a model that predicts n rows for each row of y.
func checkTokens(l loss.Loss, y *mat.Dense, outputs, n int) error {
	if _, cols := y.Dims(); cols%n != 0 {
		return fmt.Errorf("y has %d columns, but the model predicts %d rows for each row of x, one for each token: "+
			"give y a column for each token, with −1 where it does not count, or end the network with model.LastToken or model.MeanTokens", cols, n)
	}
	var t Tokens
	t.view(y, n)
	if err := checkTarget(l, &t.y, outputs); err != nil {
		return fmt.Errorf("y with a row for each token (row %d·i + t is token t of row i): %w", n, err)
	}
	return nil
}
