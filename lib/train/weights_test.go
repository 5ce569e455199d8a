package train_test

import (
	"context"
	"math"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/lib/loss"
	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/lib/optim"
	"github.com/descent-go/descent/lib/regularizer"
	"github.com/descent-go/descent/lib/sparse"
	"github.com/descent-go/descent/lib/train"
)

// ghost puts a row of weight 0 before row at of d, with value in all its
// features and label as its target.
func ghost(d train.Data, at int, value, label float64) train.Data {
	rows, cols := d.X.Dims()
	x, y := mat.NewDense(rows+1, cols, nil), mat.NewDense(rows+1, 1, nil)
	var weights []float64
	for i, k := 0, 0; i <= rows; i++ {
		if i == at {
			for j := range cols {
				x.Set(i, j, value)
			}
			y.Set(i, 0, label)
			weights = append(weights, 0)
			continue
		}
		x.SetRow(i, mat.Row(nil, k, d.X))
		y.Set(i, 0, d.Y.At(k, 0))
		weights = append(weights, d.SampleWeights[k])
		k++
	}
	return train.Data{X: x, Y: y, SampleWeights: weights}
}

// TestRowsOfWeightZeroAreNotThere trains with a row of weight 0 in which nothing
// is right, and wants every bit as without it.
func TestRowsOfWeightZeroAreNotThere(t *testing.T) {
	x, y := line(30, 0.1, 5)
	for i := range 30 {
		label := 0.0
		if y.At(i, 0) > 1 {
			label = 1
		}
		y.Set(i, 0, label)
	}
	weights := slices.Repeat([]float64{1, 2, 0.5}, 10)
	clean := train.Data{X: x, Y: y, SampleWeights: weights}
	network := func() model.Model {
		n, err := model.NewNetwork(model.Shape{2}, 7, model.Dense{Units: 4}, model.NewBatchNorm(), model.Tanh{},
			model.Dropout{Rate: 0.2}, model.Dense{Units: 1})
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	for _, c := range []struct {
		name   string
		model  func() model.Model
		loss   loss.Loss
		batch  int
		sparse bool
	}{
		{"all samples", func() model.Model { return model.NewLogistic(2) }, loss.BinaryCrossEntropy{}, 0, false},
		{"batches", func() model.Model { return model.NewLogistic(2) }, loss.BinaryCrossEntropy{}, 8, false},
		{"single samples", func() model.Model { return model.NewLogistic(2) }, loss.BinaryCrossEntropy{}, 1, false},
		{"sparse, all samples", func() model.Model { return model.NewLogistic(2) }, loss.BinaryCrossEntropy{}, 0, true},
		{"sparse, single samples", func() model.Model { return model.NewLogistic(2) }, loss.BinaryCrossEntropy{}, 1, true},
		{"squared error", func() model.Model { return model.NewLinear(2, 1) }, loss.MSE{}, 0, false},
		{"classes", func() model.Model { return model.NewSoftmax(2, 2) }, loss.CrossEntropy{}, 7, false},
		{"network", network, loss.BinaryCrossEntropy{}, 8, false},
		{"network, all samples", network, loss.BinaryCrossEntropy{}, 0, false},
	} {
		run := func(d, v train.Data) (*train.History, []float64) {
			if c.sparse {
				d.X, v.X = sparse.FromDense(d.X), sparse.FromDense(v.X)
			}
			m := c.model()
			h, err := train.Fit(context.Background(), m, d.X, d.Y, train.Options{
				Loss: c.loss, Schedule: optim.Constant(0.05), Epochs: 20, BatchSize: c.batch, Seed: 3,
				SampleWeights: d.SampleWeights, Validation: &v,
			})
			if err != nil {
				t.Fatalf("%s: %v", c.name, err)
			}
			return h, m.Params()
		}
		want, wantTheta := run(clean, clean)
		for _, at := range []int{0, 11, 30} {
			with := ghost(clean, at, math.NaN(), -1)
			got, theta := run(with, with)
			if !slices.Equal(theta, wantTheta) {
				t.Errorf("%s: with a row of weight 0 before row %d θ is %v, without it %v", c.name, at, theta, wantTheta)
			}
			if !slices.Equal(got.Losses(), want.Losses()) || !slices.Equal(got.ValLosses(), want.ValLosses()) {
				t.Errorf("%s: with a row of weight 0 before row %d the losses differ", c.name, at)
			}
		}
	}
}

// What is wrong in a row that counts is still found, and named by its number.
func TestRowsOfWeightZeroKeepTheirNumbers(t *testing.T) {
	x, y := line(10, 0.1, 5)
	d := train.Data{X: x, Y: y, SampleWeights: slices.Repeat([]float64{1}, 10)}
	x.Set(6, 1, math.Inf(1))
	with := ghost(d, 2, math.NaN(), math.NaN())
	err := with.Check(model.NewLinear(2, 1), loss.MSE{})
	if want := "x is +Inf in row 7, column 1"; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("error %v, want %q", err, want)
	}
	x.Set(6, 1, 0)
	y.Set(9, 0, math.NaN())
	with = ghost(d, 2, math.NaN(), math.NaN())
	err = with.Check(model.NewLinear(2, 1), loss.MSE{})
	if want := "y is NaN in row 10, column 0"; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("error %v, want %q", err, want)
	}
}

// TestEpochLossOfManyRows: the loss of an epoch is the mean over its rows, to
// the last digits, however they are dealt out in batches and blocks.
func TestEpochLossOfManyRows(t *testing.T) {
	const n = 100_000
	x, y, weights := mat.NewDense(n, 1, nil), mat.NewDense(n, 1, nil), make([]float64, n)
	for i := range n {
		x.Set(i, 0, 1)
		y.Set(i, 0, 0.1)
		weights[i] = 0.3
	}
	for _, batch := range []int{0, 1, 7, 30_000} {
		for _, l := range []loss.Loss{loss.MSE{}, loss.MAE{}} {
			for _, w := range [][]float64{nil, weights} {
				m := model.NewLinear(1, 1)
				h, err := train.Fit(context.Background(), m, x, y, train.Options{
					Loss: l, Schedule: optim.ScheduleFunc(func(int) float64 { return 0 }), Epochs: 1, BatchSize: batch,
					SampleWeights: w, Validation: &train.Data{X: x, Y: y, SampleWeights: w},
				})
				if err != nil {
					t.Fatal(err)
				}
				want := l.Loss(nil, mat.NewDense(1, 1, nil), mat.NewDense(1, 1, []float64{0.1}), nil)
				for name, got := range map[string]float64{"loss": h.Last().Loss, "validation loss": h.Last().ValLoss} {
					if math.Abs(got-want) > 1e-15*want {
						t.Errorf("%T in batches of %d, weighted %v: the %s is %v, want %v", l, batch, w != nil, name, got, want)
					}
				}
			}
		}
	}
}

// TestRowsWithoutALabelAreNotThere: training, epochs' losses and validation are, to
// the bit, those of the data without them, in batches of any size. With several
// questions, a row of which one answer is known counts with that.
func TestRowsWithoutALabelAreNotThere(t *testing.T) {
	x, _ := line(30, 0.1, 1)
	labels := func(cols, classes int) (y *mat.Dense, known []int) {
		y = mat.NewDense(30, cols, nil)
		for i := range 30 {
			for j := range cols {
				y.Set(i, j, float64((i*i+j)%classes))
				if i%4 == 0 || cols > 1 && i%3 == j {
					y.Set(i, j, -1)
				}
			}
			if i%4 != 0 {
				known = append(known, i)
			}
		}
		return y, known
	}
	for name, c := range map[string]struct {
		loss          loss.Loss
		outputs       int
		cols, classes int
	}{
		"binary":    {loss.BinaryCrossEntropy{AllowUnlabelled: true}, 1, 1, 2},
		"questions": {loss.BinaryCrossEntropy{AllowUnlabelled: true, PositiveWeight: []float64{2, 0.5}}, 2, 2, 2},
		"classes":   {loss.CrossEntropy{AllowUnlabelled: true, ClassWeight: []float64{1, 2, 0.5}}, 3, 1, 3},
	} {
		y, known := labels(c.cols, c.classes)
		all := train.Data{X: x, Y: y}
		without := all.Take(known)
		for _, size := range []int{0, 1, 7} {
			fit := func(d train.Data) ([]float64, *train.History) {
				m := model.NewLinear(2, c.outputs)
				if err := train.CheckGradient(m, d.X, d.Y, c.loss); err != nil {
					t.Error(err)
				}
				h, err := train.Fit(context.Background(), m, d.X, d.Y, train.Options{
					Loss: c.loss, Schedule: optim.Constant(0.1), Epochs: 3, BatchSize: size, Seed: 2, Validation: &d, Regularizer: regularizer.L2{Lambda: 0.1}})
				if err != nil {
					t.Fatal(err)
				}
				return m.Params(), h
			}
			got, h := fit(all)
			want, w := fit(without)
			if !slices.Equal(got, want) || !slices.Equal(h.Losses(), w.Losses()) || !slices.Equal(h.ValLosses(), w.ValLosses()) {
				t.Errorf("%s in batches of %d: θ = %v, want %v; losses %v, want %v", name, size, got, want, h.Losses(), w.Losses())
			}
		}
		none := all.Take([]int{0, 4})
		none.Y.Apply(func(int, int, float64) float64 { return -1 }, none.Y)
		_, err := train.Fit(context.Background(), model.NewLinear(2, c.outputs), none.X, none.Y,
			train.Options{Loss: c.loss, Schedule: optim.Constant(0.1), Epochs: 1})
		if err == nil || !strings.Contains(err.Error(), "every target is -1") {
			t.Errorf("%s: without any label: %v", name, err)
		}
	}
}
