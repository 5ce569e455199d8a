package tabular

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/bits"
	"slices"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/lib/metric"
	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/lib/optim"
	"github.com/descent-go/descent/lib/preprocess"
	"github.com/descent-go/descent/lib/train"
)

// Network is a network of dense layers with ReLU on the prepared features, trained by
// AdamW on shuffled mini-batches. A part of the training rows is left out to stop early,
// and the parameters with the smallest loss on that part are kept.
//
// For Regression the target is scaled to mean 0 and variance 1 while training, and the
// last layer is scaled back afterwards. Create it with [NewNetwork].
type Network struct {
	Hidden     []int   // units of the hidden layers; none is a linear model
	Dropout    float64 // after each hidden layer
	Rate       float64 // learning rate
	Decay      float64 // λ of AdamW's decoupled weight decay
	Epochs     int     // at most
	BatchSize  int
	Validation float64 // the share of the rows that training does not see; 0 for none
	Patience   int     // epochs without improvement on them after which training stops
	Seed       uint64  // of the parameters, the split, the batches and the dropout

	// Configure changes the options of training, for example to add callbacks, metrics
	// or a schedule. It is not saved.
	Configure func(*train.Options) `json:"-"`
}

// NewNetwork returns a network with the given hidden layers, a rate of 0.003, batches of
// 32, at most 200 epochs, and a tenth of the rows for early stopping after 15 epochs.
func NewNetwork(hidden ...int) Network {
	return Network{Hidden: hidden, Rate: 3e-3, Decay: 1e-2, Epochs: 200, BatchSize: 32, Validation: 0.1, Patience: 15}
}

// Validate returns an error for settings that cannot be.
func (n Network) Validate() error {
	switch {
	case !(n.Rate > 0) || n.Epochs < 1 || n.BatchSize < 0:
		return fmt.Errorf("tabular: Network: Rate is %g, Epochs %d, BatchSize %d: want above 0, 1 or more, 0 or more (tabular.NewNetwork sets them)", n.Rate, n.Epochs, n.BatchSize)
	case !(n.Dropout >= 0 && n.Dropout < 1) || !(n.Validation >= 0 && n.Validation < 1) || !(n.Decay >= 0):
		return fmt.Errorf("tabular: Network: Dropout is %g, Validation %g, Decay %g: want the first two from 0 to below 1, the last 0 or more", n.Dropout, n.Validation, n.Decay)
	case n.Validation > 0 && n.Patience < 1:
		return fmt.Errorf("tabular: Network: Patience is %d, want 1 or more", n.Patience)
	case slices.ContainsFunc(n.Hidden, func(units int) bool { return units < 1 }):
		return fmt.Errorf("tabular: Network: hidden layers of %d units: want 1 or more", n.Hidden)
	}
	return nil
}

// New returns a model.Network.
func (n Network) New(inputs, outputs int) (model.Model, error) {
	var layers []model.Layer
	for _, units := range n.Hidden {
		layers = append(layers, model.Dense{Units: units}, model.ReLU{})
		if n.Dropout > 0 {
			layers = append(layers, model.Dropout{Rate: n.Dropout})
		}
	}
	return model.NewNetwork(model.Features(inputs), n.Seed, append(layers, model.Dense{Units: outputs})...)
}

// Size returns the sum over layers of (inputs + 1)·outputs.
func (n Network) Size(inputs, outputs int) int {
	total := 0
	for _, units := range append(slices.Clone(n.Hidden), outputs) {
		size := denseSize(inputs, units)
		if total += size; total < 0 || size == math.MaxInt {
			return math.MaxInt
		}
		inputs = units
	}
	return total
}

// denseSize returns (inputs + 1)·outputs, or math.MaxInt where that is too large.
func denseSize(inputs, outputs int) int {
	if inputs < 0 || outputs < 1 {
		return math.MaxInt
	}
	high, low := bits.Mul64(uint64(inputs)+1, uint64(outputs))
	if high != 0 || low > math.MaxInt {
		return math.MaxInt
	}
	return int(low)
}

// Fit trains a model.Network.
func (n Network) Fit(ctx context.Context, d Prepared) (model.Model, error) {
	if err := n.Validate(); err != nil {
		return nil, err
	}
	_, inputs := d.X.Dims()
	m, err := n.New(inputs, d.Outputs())
	if err != nil {
		return nil, err
	}
	mean, scale := 0.0, 1.0
	if d.Task == Regression {
		if mean, scale = moments(d.Y, d.SampleWeights); scale == 0 {
			return nil, errors.New("tabular: Network: the target is constant")
		}
		y := mat.DenseCopyOf(d.Y)
		y.Apply(func(_, _ int, v float64) float64 { return (v - mean) / scale }, y)
		d.Y = y
	}
	adam := optim.NewAdamW()
	adam.Lambda = n.Decay
	learn := d.Data
	options := train.Options{
		Loss: d.lossOf(), Optimizer: adam, Schedule: optim.Constant(n.Rate),
		Epochs: n.Epochs, BatchSize: n.BatchSize, Seed: n.Seed,
	}
	if n.Validation > 0 {
		split, err := n.split(d)
		if err != nil {
			return nil, err
		}
		validation := d.Take(split.Test)
		learn, options.Validation = d.Take(split.Train), &validation
		options.OnEpoch = append(options.OnEpoch, train.EarlyStopping(n.Patience, 0))
	}
	options.SampleWeights = learn.SampleWeights
	if n.Configure != nil {
		n.Configure(&options)
	}
	if _, err := train.Fit(ctx, m, learn.X, learn.Y, options); err != nil {
		return nil, err
	}
	rescale(m, mean, scale)
	return m, nil
}

// split divides the rows into those to train on and those to stop by.
func (n Network) split(d Prepared) (preprocess.Split, error) {
	share := preprocess.Fractions{Test: n.Validation}
	if d.Task == Classification {
		if s, err := preprocess.SplitStratified(metric.Column(d.Y, 0), share, n.Seed); err == nil {
			return s, nil // some class may have a single row
		}
	}
	rows, _ := d.Y.Dims()
	return preprocess.SplitRandom(rows, share, n.Seed)
}

// moments returns the weighted mean and standard deviation of the one column of y.
func moments(y *mat.Dense, weights []float64) (mean, std float64) {
	values := metric.Column(y, 0)
	weight := func(i int) float64 {
		if weights == nil {
			return 1
		}
		return weights[i]
	}
	total := 0.0
	for i, v := range values {
		total += weight(i)
		mean += weight(i) * (v - mean) / total
	}
	for i, v := range values {
		std += weight(i) / total * (v - mean) * (v - mean)
	}
	return mean, math.Sqrt(std)
}

// rescale makes the last layer of m return scale·f + mean.
func rescale(m model.Model, mean, scale float64) {
	if mean == 0 && scale == 1 {
		return
	}
	layout := m.Layout()
	weights, biases := layout[len(layout)-2].In(m.Params()), layout[len(layout)-1].In(m.Params())
	for i := range weights {
		weights[i] *= scale
	}
	for i := range biases {
		biases[i] = biases[i]*scale + mean
	}
}
