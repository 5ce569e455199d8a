package onnx

import (
	"fmt"
	"math"
	"strings"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/lib/format"
	"github.com/descent-go/descent/lib/model"
)

// builder adds the layers of a network to a graph.
type builder struct {
	*graph
	n       *model.Network
	buffers map[string][]float64
}

// chain adds layers, whose names in the network's layout begin with prefix. shapes
// are those of the samples between them, if they are known: within a Residual all
// are features.
func (b *builder) chain(layers []model.Layer, prefix string, shapes []model.Shape) error {
	for i, l := range layers {
		kind := strings.TrimPrefix(fmt.Sprintf("%T", l), "model.")
		if shapes != nil && len(shapes[i]) != 1 {
			return fmt.Errorf("layer %s%d (%s) takes samples of shape %v: only networks of features can be exported", prefix, i, kind, shapes[i])
		}
		b.prefix = fmt.Sprintf("%s%d.%s.", prefix, i, strings.ToLower(kind))
		if err := b.layer(l); err != nil {
			return fmt.Errorf("layer %s%d (%s): %w", prefix, i, kind, err)
		}
	}
	return nil
}

func (b *builder) param(name string) []float64 { return b.n.Param(b.prefix + name) }

func (b *builder) layer(l model.Layer) error {
	switch l := l.(type) {
	case model.Dense:
		w := b.param("weights")
		b.affine(mat.NewDense(len(w)/l.Units, l.Units, w), b.param("biases"))
	case model.BatchNorm:
		b.batchNorm(l)
	case model.LayerNorm:
		b.layerNorm(l)
	case model.Residual:
		return b.residual(l)
	case model.Dropout, model.GaussianNoise, model.Flatten:
	case model.ReLU:
		b.last = b.op("Relu", b.last)
	case model.Tanh:
		b.last = b.op("Tanh", b.last)
	case model.SigmoidLayer:
		b.last = b.op("Sigmoid", b.last)
	case model.SoftmaxLayer:
		b.softmax()
	case model.LeakyReLU:
		b.negative(l.Slope, func(x string) string { return x })
	case model.ELU:
		b.negative(l.Alpha, func(x string) string { return b.op("Sub", b.op("Exp", x), b.number("one", 1)) })
	case model.GELU:
		return b.gelu(l)
	case model.SiLU:
		b.last = b.op("Mul", b.last, b.op("Sigmoid", b.last))
	default:
		return fmt.Errorf("cannot be exported: only dense layers, their activations and normalisations can")
	}
	return nil
}

// batchNorm is (x − μ)·γ/√(σ² + ε) + β.
func (b *builder) batchNorm(l model.BatchNorm) {
	scale := make([]float64, len(b.param("scale")))
	for j, v := range b.buffers[b.prefix+"variance"] {
		scale[j] = b.param("scale")[j] / math.Sqrt(v+l.Epsilon)
	}
	centred := b.op("Sub", b.last, b.row("mean", b.buffers[b.prefix+"mean"]))
	b.last = b.op("Add", b.op("Mul", centred, b.row("scale", scale)), b.row("shift", b.param("shift")))
}

// layerNorm is (x − μ)/√(σ² + ε)·γ + β with the mean and the variance of the row.
func (b *builder) layerNorm(l model.LayerNorm) {
	centred := b.op("Sub", b.last, b.mean(b.last))
	variance := b.mean(b.op("Mul", centred, centred))
	normal := b.op("Div", centred, b.op("Sqrt", b.op("Add", variance, b.number("epsilon", l.Epsilon))))
	b.last = b.op("Add", b.op("Mul", normal, b.row("scale", b.param("scale"))), b.row("shift", b.param("shift")))
}

// mean is the mean of each row, as a column.
func (b *builder) mean(x string) string {
	b.op("ReduceMean", x)
	return b.set(attribute{name: "axes", value: -1, list: true})
}

// residual is x + F(x).
func (b *builder) residual(l model.Residual) error {
	x, prefix := b.last, b.prefix
	if err := b.chain(l, prefix, nil); err != nil {
		return err
	}
	b.prefix = prefix
	b.last = b.op("Add", x, b.last)
	return nil
}

// negative is max(x, 0) + slope·f(min(x, 0)), for an f with f(0) = 0.
func (b *builder) negative(slope float64, f func(string) string) {
	zero := b.number("zero", 0)
	below := b.op("Mul", f(b.op("Min", b.last, zero)), b.number("slope", slope))
	b.last = b.op("Add", b.op("Max", b.last, zero), below)
}

// gelu is x·½(1 + erf(x/√2)), or approximately x·σ(2√(2/π)(x + 0.044715x³)).
func (b *builder) gelu(l model.GELU) error {
	x := b.last
	if !l.Approximate {
		if b.t == format.Float64 {
			return fmt.Errorf("needs the error function, which onnxruntime does not have in float64: write the file in format.Float32, or take GELU{Approximate: true}")
		}
		erf := b.op("Erf", b.op("Div", x, b.number("root", math.Sqrt2)))
		b.last = b.op("Mul", b.op("Mul", x, b.number("half", 0.5)), b.op("Add", erf, b.number("one", 1)))
		return nil
	}
	cubic := b.op("Mul", b.op("Mul", x, b.op("Mul", x, x)), b.number("cubic", 0.044715))
	inner := b.op("Mul", b.op("Add", x, cubic), b.number("inner", 2*math.Sqrt(2/math.Pi)))
	b.last = b.op("Mul", x, b.op("Sigmoid", inner))
	return nil
}
