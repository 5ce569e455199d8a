package model

import (
	"math"
	"math/rand/v2"
)

// An Initializer draws the weights w of a layer in which each output depends
// on fanIn inputs and each input acts on fanOut outputs. For a convolution
// these are channels·kernel² and filters·kernel².
//
// Weights that are too small or too large make the signal vanish or explode
// over the layers; the right variance keeps it at its size. A layer whose Init
// is nil draws HeNormal when a member of the ReLU family (ReLU, LeakyReLU, ELU,
// GELU, SiLU) follows, directly or after a normalisation, dropout or pooling
// layer, and GlorotUniform otherwise. Biases start at 0.
//
// PyTorch instead draws both weights and biases from U(±1/√fanIn), a variance
// of 1/(3·fanIn), for historical reasons.
type Initializer func(w []float64, fanIn, fanOut int, r *rand.Rand)

// HeNormal draws from N(0, 2/fanIn). It suits ReLU, which halves the variance.
//
// Source: He, Zhang, Ren and Sun, Delving Deep into Rectifiers, 2015.
func HeNormal(w []float64, fanIn, fanOut int, r *rand.Rand) {
	normal(w, 2/float64(fanIn), r)
}

// HeUniform draws from the uniform distribution of variance 2/fanIn, which is
// U(±√(6/fanIn)).
//
// Source: see HeNormal.
func HeUniform(w []float64, fanIn, fanOut int, r *rand.Rand) {
	uniform(w, 2/float64(fanIn), r)
}

// GlorotNormal draws from N(0, 2/(fanIn+fanOut)), a compromise between
// preserving the variance of the signal forwards and that of the gradient
// backwards. It suits tanh.
//
// Source: Glorot and Bengio, Understanding the difficulty of training deep
// feedforward neural networks, 2010.
func GlorotNormal(w []float64, fanIn, fanOut int, r *rand.Rand) {
	normal(w, 2/float64(fanIn+fanOut), r)
}

// GlorotUniform draws from the uniform distribution of variance
// 2/(fanIn+fanOut), which is U(±√(6/(fanIn+fanOut))).
//
// Source: see GlorotNormal.
func GlorotUniform(w []float64, fanIn, fanOut int, r *rand.Rand) {
	uniform(w, 2/float64(fanIn+fanOut), r)
}

// LeCunNormal draws from N(0, 1/fanIn). It suits layers that no activation
// follows.
//
// Source: LeCun, Bottou, Orr and Müller, Efficient BackProp, 1998, §4.6.
func LeCunNormal(w []float64, fanIn, fanOut int, r *rand.Rand) {
	normal(w, 1/float64(fanIn), r)
}

// LeCunUniform draws from the uniform distribution of variance 1/fanIn, which
// is U(±√(3/fanIn)).
//
// Source: see LeCunNormal.
func LeCunUniform(w []float64, fanIn, fanOut int, r *rand.Rand) {
	uniform(w, 1/float64(fanIn), r)
}

// Zeros sets the weights to 0. Use it for output layers, and for the last
// layer of a Residual, which then starts as the identity. In a hidden layer
// all units would learn the same.
func Zeros(w []float64, fanIn, fanOut int, r *rand.Rand) { clear(w) }

// Normal returns an Initializer that draws from N(0, std²) and ignores fanIn
// and fanOut: model.Embedding{Vocabulary: 1000, Size: 16, Init:
// model.Normal(0.1)}.
func Normal(std float64) Initializer {
	return func(w []float64, _, _ int, r *rand.Rand) { normal(w, std*std, r) }
}

func normal(w []float64, variance float64, r *rand.Rand) {
	scale := math.Sqrt(variance)
	for i := range w {
		w[i] = scale * r.NormFloat64()
	}
}

func uniform(w []float64, variance float64, r *rand.Rand) {
	bound := math.Sqrt(3 * variance)
	for i := range w {
		w[i] = bound * (2*r.Float64() - 1)
	}
}

// weights is the initialisation of a layer's weights: init, or the default for
// the activation that follows.
func (b *builder[T]) weights(init Initializer, fanIn, fanOut int) func([]float64, *rand.Rand) {
	if init == nil {
		if init = GlorotUniform; b.rectified {
			init = HeNormal
		}
	}
	return func(w []float64, r *rand.Rand) { init(w, fanIn, fanOut, r) }
}

// constant is the initialisation of biases and of scales.
func constant(c float64) func([]float64, *rand.Rand) {
	return func(v []float64, _ *rand.Rand) {
		for i := range v {
			v[i] = c
		}
	}
}

// rectified tells whether the first activation among the layers is of the ReLU
// family. Layers that only reshape, normalise or disturb are passed over; if
// the list ends before an activation, the answer is outer.
func rectified(layers []Layer, outer bool) bool {
	for _, l := range layers {
		switch unwrap(l).(type) {
		case ReLU, LeakyReLU, ELU, GELU, SiLU:
			return true
		case BatchNorm, LayerNorm, RMSNorm, Dropout, GaussianNoise, MaxPool, AvgPool, Flatten, Residual:
			continue
		}
		return false
	}
	return outer
}
