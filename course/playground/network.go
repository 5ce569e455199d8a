package playground

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/datasets"
	"github.com/descent-go/descent/lib/loss"
	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/lib/optim"
	"github.com/descent-go/descent/lib/regularizer"
	"github.com/descent-go/descent/lib/train"
)

// NetworkSettings are those of a small classifier of points in the plane.
type NetworkSettings struct {
	Data       string       `json:"data"`   // one of Shapes, or "drawn"
	Points     [][3]float64 `json:"points"` // x, y and class, if the data are drawn
	Noise      float64      `json:"noise"`  // of generated data
	Samples    int          `json:"samples"`
	Hidden     []int        `json:"hidden"` // units of each hidden layer
	Activation string       `json:"activation"`
	L1         float64      `json:"l1"`
	L2         float64      `json:"l2"`
	Dropout    float64      `json:"dropout"`
	Optimizer  string       `json:"optimizer"` // the name of a Method
	Rate       float64      `json:"rate"`
	Momentum   float64      `json:"momentum"`
	Batch      int          `json:"batch"` // 0 means all samples
	Seed       uint64       `json:"seed"`
}

// UsualNetwork returns the settings that the page begins with.
func UsualNetwork() NetworkSettings {
	return NetworkSettings{
		Data: "moons", Points: [][3]float64{}, Noise: 0.2, Samples: 200, Hidden: []int{8, 4}, Activation: "tanh",
		Optimizer: "adam", Rate: 0.02, Momentum: 0.9, Batch: 16, Seed: 1,
	}
}

// Shapes are the generated data, each with two classes, in a square from −3 to 3.
var Shapes = []string{"moons", "circles", "blobs", "xor", "spiral"}

// Activations are the names of what bends the hidden layers.
var Activations = []string{"tanh", "relu", "sigmoid", "none"}

// A Learner trains a network epoch by epoch.
type Learner struct {
	settings   NetworkSettings
	train, val train.Data
	net        *model.Network
	opt        optim.Optimizer
	layers     []model.Layer
	ends       []int // behind which layer each hidden layer is complete
	next       func() (*train.State, error, bool)
	stop       func()

	Epoch      int
	TrainLoss  []float64 // after each epoch, from before the first
	Validation []float64
}

// Validate returns an error for settings that mean nothing.
func (s NetworkSettings) Validate() error {
	var errs []error
	check := func(ok bool, format string, args ...any) {
		if !ok {
			errs = append(errs, fmt.Errorf(format, args...))
		}
	}
	within := func(v, lo, hi float64) bool { return v >= lo && v <= hi }
	m, err := method(s.Optimizer)
	errs = append(errs, err)
	check(err != nil || m.Trains, "%s does not train by batches: choose another optimizer", m.Title)
	check(s.Optimizer != "muon" || len(s.Hidden) > 0, "Muon is for the weights between layers: add a hidden layer or choose another optimizer")
	_, err = activation(s.Activation)
	errs = append(errs, err)
	check(len(s.Hidden) <= 6, "%d hidden layers, want at most 6", len(s.Hidden))
	for _, units := range s.Hidden {
		check(units >= 1 && units <= 64, "a layer of %d units, want 1 to 64", units)
	}
	check(within(s.Rate, 1e-9, 1e3), "the rate is %g, want it between 1e-9 and 1000", s.Rate)
	check(within(s.Momentum, 0, 0.9999), "β is %g, want 0 ≤ β < 1", s.Momentum)
	check(within(s.L1, 0, 100) && within(s.L2, 0, 100), "the penalties are %g and %g, want them between 0 and 100", s.L1, s.L2)
	check(within(s.Dropout, 0, 0.95), "dropout is %g, want 0 ≤ rate ≤ 0.95", s.Dropout)
	check(s.Batch >= 0, "batches of %d, want 0 for all samples or more", s.Batch)
	check(s.Data == "drawn" || s.Samples >= 4 && s.Samples <= 2000, "%d samples, want 4 to 2000", s.Samples)
	check(within(s.Noise, 0, 10), "the noise is %g, want it between 0 and 10", s.Noise)
	return errors.Join(errs...)
}

func activation(name string) (model.Layer, error) {
	switch name {
	case "relu":
		return model.ReLU{}, nil
	case "tanh":
		return model.Tanh{}, nil
	case "sigmoid":
		return model.SigmoidLayer{}, nil
	case "none":
		return nil, nil
	}
	return nil, fmt.Errorf("there is no activation %q", name)
}

// NewLearner makes data and network; nothing is trained yet.
func NewLearner(s NetworkSettings) (*Learner, error) {
	if err := s.Validate(); err != nil {
		return nil, err
	}
	l := &Learner{settings: s}
	var err error
	if l.train, l.val, err = Data(s); err != nil {
		return nil, err
	}
	bend, err := activation(s.Activation)
	if err != nil {
		return nil, err
	}
	for _, units := range s.Hidden {
		l.layers = append(l.layers, model.Dense{Units: units})
		if bend != nil {
			l.layers = append(l.layers, bend)
		}
		l.ends = append(l.ends, len(l.layers))
		if s.Dropout > 0 {
			l.layers = append(l.layers, model.Dropout{Rate: s.Dropout})
		}
	}
	l.layers = append(l.layers, model.Dense{Units: 1})
	if l.net, err = model.NewNetwork(model.Features(2), s.Seed, l.layers...); err != nil {
		return nil, err
	}
	m, err := method(s.Optimizer)
	if err != nil {
		return nil, err
	}
	var opt optim.Optimizer
	if s.Optimizer == "muon" {
		if opt, err = train.NewMuon(l.net); err != nil {
			return nil, err
		}
	} else {
		opt = m.make(Settings{Momentum: s.Momentum, Beta2: 0.999, Epsilon: 1e-8, Decay: 0.01})
	}
	l.opt = opt
	options := train.Options{
		Loss:      loss.BinaryCrossEntropy{},
		Optimizer: opt,
		Schedule:  optim.Constant(s.Rate),
		BatchSize: s.Batch,
		Epochs:    math.MaxInt32,
		Seed:      s.Seed,
	}
	if s.L2 > 0 {
		options.Regularizer = regularizer.L2{Lambda: s.L2}
	}
	if s.L1 > 0 {
		options.Proximal = regularizer.L1{Lambda: s.L1}
	}
	l.next, l.stop = iter.Pull2(train.Epochs(context.Background(), l.net, l.train.X, l.train.Y, options))
	l.judge()
	return l, nil
}

// Close ends training.
func (l *Learner) Close() { l.stop() }

// Data generates the points, or takes those that were drawn, and divides them: of each class every other one is for
// validation.
func Data(s NetworkSettings) (training, validation train.Data, err error) {
	points := s.Points
	if s.Data != "drawn" {
		if points, err = generate(s); err != nil {
			return training, validation, err
		}
	}
	var classes [2]int
	for i, p := range points {
		if p[2] != 0 && p[2] != 1 || !(math.Abs(p[0]) <= 1e3) || !(math.Abs(p[1]) <= 1e3) {
			return training, validation, fmt.Errorf("point %d is %v, want x, y and a class of 0 or 1", i, p)
		}
		classes[int(p[2])]++
	}
	if classes[0] < 2 || classes[1] < 2 {
		return training, validation, errors.New("draw at least two points of each colour")
	}
	var part [2][][3]float64
	var seen [2]int
	for _, p := range points {
		c := int(p[2])
		part[seen[c]%2] = append(part[seen[c]%2], p)
		seen[c]++
	}
	for k, d := range []*train.Data{&training, &validation} {
		x, y := mat.NewDense(len(part[k]), 2, nil), mat.NewDense(len(part[k]), 1, nil)
		for i, p := range part[k] {
			x.SetRow(i, p[:2])
			y.Set(i, 0, p[2])
		}
		d.X, d.Y = x, y
	}
	return training, validation, nil
}

func generate(s NetworkSettings) ([][3]float64, error) {
	r := rand.New(rand.NewPCG(s.Seed, 2))
	var d *datasets.Dataset
	scale, dx, dy := 1.0, 0.0, 0.0
	switch s.Data {
	case "moons":
		d = datasets.Moons(s.Samples, s.Noise, s.Seed)
		scale, dx, dy = 1.6, -0.5, -0.25
	case "circles":
		d = datasets.Circles(s.Samples, s.Noise, 0.45, s.Seed)
		scale = 2.2
	case "blobs", "xor", "spiral":
		var points [][3]float64
		for i := range s.Samples {
			class, along := i%2, float64(i/2)/float64((s.Samples+1)/2)
			var x, y float64
			switch side := float64(2*class - 1); s.Data {
			case "blobs":
				x, y = 1.2*side+0.6*r.NormFloat64(), 1.2*side+0.6*r.NormFloat64()
			case "xor":
				x, y = r.Float64()*2.4+0.2, side*(r.Float64()*2.4+0.2)
				if r.IntN(2) == 0 {
					x, y = -x, -y
				}
			default:
				angle := 3.5*math.Pi*along + math.Pi*float64(class)
				x, y = 2.6*along*math.Cos(angle)+0.1*math.Cos(angle), 2.6*along*math.Sin(angle)+0.1*math.Sin(angle)
			}
			points = append(points, [3]float64{x + s.Noise*r.NormFloat64(), y + s.Noise*r.NormFloat64(), float64(class)})
		}
		r.Shuffle(len(points), func(i, j int) { points[i], points[j] = points[j], points[i] })
		return points, nil
	default:
		return nil, fmt.Errorf("there are no data %q", s.Data)
	}
	points := make([][3]float64, 0, s.Samples)
	for i := range s.Samples {
		points = append(points, [3]float64{scale * (d.X.At(i, 0) + dx), scale * (d.X.At(i, 1) + dy), d.Y.At(i, 0)})
	}
	return points, nil
}

// Step trains for some epochs. It returns an error where training diverges.
func (l *Learner) Step(epochs int) error {
	for range epochs {
		_, err, more := l.next()
		if err != nil {
			return err
		}
		if !more {
			return errors.New("training has ended")
		}
		l.Epoch++
		l.judge()
	}
	return nil
}

// atBest calls f with the parameters that training would keep: the average, of an optimizer that has one.
func (l *Learner) atBest(f func()) {
	a, ok := optim.As[optim.Averager](l.opt)
	if !ok || l.Epoch == 0 {
		f()
		return
	}
	theta := l.net.Params()
	now := slices.Clone(theta)
	copy(theta, a.Average())
	f()
	copy(theta, now)
}

// judge appends the losses of now, without dropout.
func (l *Learner) judge() {
	measure := func(d train.Data) float64 {
		var scores mat.Dense
		l.net.Predict(&scores, d.X)
		return loss.BinaryCrossEntropy{}.Loss(nil, &scores, d.Y, nil)
	}
	l.atBest(func() {
		l.TrainLoss = append(l.TrainLoss, measure(l.train))
		l.Validation = append(l.Validation, measure(l.val))
	})
}

// Points returns the training points and those for validation, as x, y and class.
func (l *Learner) Points() (training, validation []float64) {
	list := func(d train.Data) (v []float64) {
		x := d.X.(*mat.Dense)
		for i := range x.RawMatrix().Rows {
			v = append(v, x.At(i, 0), x.At(i, 1), d.Y.At(i, 0))
		}
		return v
	}
	return list(l.train), list(l.val)
}

// Field returns the probability of class 1 on a grid of n×n points from −3 to 3: row by row from the top, y = 3.
func (l *Learner) Field(n int) (field []float64) {
	l.atBest(func() { field = model.Probabilities(l.net, grid(n)).RawMatrix().Data })
	return field
}

// Units returns for each hidden layer what each of its units answers on a grid of n×n points, unit by unit, each
// grid as in Field.
func (l *Learner) Units(n int) ([][][]float64, error) {
	x := grid(n)
	all := [][][]float64{}
	for k, end := range l.ends {
		part, err := model.NewNetwork(model.Features(2), l.settings.Seed, l.layers[:end]...)
		if err != nil {
			return nil, err
		}
		l.atBest(func() { copy(part.Params(), l.net.Params()) }) // the first layers have the first parameters
		var out mat.Dense
		part.Predict(&out, x)
		units := make([][]float64, l.settings.Hidden[k])
		for j := range units {
			units[j] = mat.Col(nil, j, &out)
		}
		all = append(all, units)
	}
	return all, nil
}

func grid(n int) *mat.Dense {
	x := mat.NewDense(n*n, 2, nil)
	at := func(i int) float64 { return -3 + 6*(float64(i)+0.5)/float64(n) }
	for i := range n {
		for j := range n {
			x.SetRow(i*n+j, []float64{at(j), -at(i)})
		}
	}
	return x
}

// Weights returns the parameters by name, and whether they are all finite.
func (l *Learner) Weights() map[string][]float64 {
	all := map[string][]float64{}
	for _, p := range l.net.Layout() {
		all[p.Name] = l.net.Params()[p.Offset:][:p.Size()]
	}
	return all
}

// CheckGradient compares the gradient of the network with central differences, and says what came out. Dropout draws
// anew at each pass, so a network with it is checked without.
func (l *Learner) CheckGradient() error {
	var layers []model.Layer
	for _, layer := range l.layers {
		if _, drops := layer.(model.Dropout); !drops {
			layers = append(layers, layer)
		}
	}
	m, err := model.NewNetwork(model.Features(2), l.settings.Seed, layers...)
	if err != nil {
		return err
	}
	copy(m.Params(), l.net.Params())
	return train.CheckGradient(m, l.train.X, l.train.Y, loss.BinaryCrossEntropy{})
}
