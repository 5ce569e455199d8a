package preprocess

import (
	"errors"
	"fmt"
	"math"
	"sync/atomic"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/number"
	"github.com/descent-go/descent/internal/rows"
	"github.com/descent-go/descent/lib/blas"
	"github.com/descent-go/descent/lib/sparse"
)

// Norm names a norm of a row.
type Norm string

// The norms ‖x‖₁ = Σ|xⱼ|, ‖x‖₂ = √Σxⱼ² and ‖x‖∞ = max |xⱼ|; NoNorm leaves rows
// unchanged.
const (
	NoNorm  Norm = ""
	L1Norm  Norm = "l1"
	L2Norm  Norm = "l2"
	MaxNorm Norm = "max"
)

// Normalizer divides each row by its norm, so that only its direction counts: a
// long text and a short one on the same subject become similar. A row of zeros
// stays unchanged. Fit only records the number of columns. A sparse matrix stays
// sparse.
type Normalizer struct {
	Norm Norm

	Inputs int // the number of columns, set by Fit
}

// NewNormalizer returns a Normalizer to ‖x‖₂ = 1.
func NewNormalizer() *Normalizer { return &Normalizer{Norm: L2Norm} }

// Fit records the number of columns of x.
func (n *Normalizer) Fit(x mat.Matrix) error {
	n.Inputs = 0
	if n.Norm == NoNorm {
		return errors.New("preprocess: Normalizer's Norm is not set (preprocess.NewNormalizer has L2Norm)")
	}
	if err := n.Validate(); err != nil {
		return err
	}
	if err := checkFit("Normalizer", x); err != nil {
		return err
	}
	_, n.Inputs = x.Dims()
	return nil
}

func (n *Normalizer) Transform(x mat.Matrix) (mat.Matrix, error) {
	if err := checkColumns("Normalizer", x, n.Inputs); err != nil {
		return nil, err
	}
	if s := rows.Of(x).Sparse(); s != nil {
		if err := checkFinite("Normalizer", x); err != nil {
			return nil, err
		}
		out := sparseCopy(s)
		n.Norm.rows(out)
		return out, nil
	}
	var bad atomic.Bool
	out := mapRows(x, func(row []float64) {
		if !n.Norm.normalize(row) {
			bad.Store(true)
		}
	})
	if bad.Load() {
		return nil, checkFinite("Normalizer", x)
	}
	return out, nil
}

func (n *Normalizer) FeatureNames(in []string) ([]string, error) {
	return defaultNames("Normalizer", in, n.Inputs)
}

// Validate returns an error if the norm is unknown.
func (n *Normalizer) Validate() error {
	if n.Inputs < 0 {
		return fmt.Errorf("preprocess: Normalizer: %d columns", n.Inputs)
	}
	return n.Norm.validate("Normalizer")
}

func (n Norm) validate(kind string) error {
	switch n {
	case NoNorm, L1Norm, L2Norm, MaxNorm:
		return nil
	}
	return fmt.Errorf("preprocess: %s: unknown norm %q: use L1Norm, L2Norm, MaxNorm or NoNorm", kind, string(n))
}

// rows normalizes the rows of x in place.
func (n Norm) rows(x *sparse.CSR) {
	rows, _ := x.Dims()
	for i := range rows {
		_, values := x.Row(i)
		n.normalize(values)
	}
}

// normalize divides a row by its norm, and returns false if an element is not finite,
// which the norm shows. Where the norm is beyond the range of
// float64, or so small that digits are lost, it brings the row's largest element
// to between 1 and 2 first.
func (n Norm) normalize(row []float64) (finite bool) {
	if n == NoNorm {
		return true
	}
	length := n.of(row)
	if !(length >= 0x1p-960 && length <= math.MaxFloat64) {
		largest := MaxNorm.of(row)
		if largest == 0 {
			return true
		}
		if !number.IsFinite(largest) {
			return false
		}
		floats.Scale(1/binade(largest), row)
		length = n.of(row)
	}
	blas.Divide(row, length)
	return true
}

// of returns the norm of a row. That of L2Norm may be infinite, or have lost
// digits, where squares are beyond the range of float64.
func (n Norm) of(row []float64) float64 {
	switch n {
	case L1Norm:
		return floats.Norm(row, 1)
	case L2Norm:
		if square := (blas.Implementation{}).Ddot(len(row), row, 1, row, 1); square > 0x1p-960 {
			return math.Sqrt(square)
		}
		return floats.Norm(row, 2)
	}
	largest := 0.0
	for _, v := range row {
		largest = max(largest, math.Abs(v))
	}
	return largest
}
