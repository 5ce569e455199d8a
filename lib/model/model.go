// Package model holds y = f(x; θ): models whose parameters lie in one flat
// vector.
//
// A model maps a matrix x of m samples (rows) and n features (columns) to
// predictions of m rows and k columns; a model of sequences predicts a row for each
// token. The vector θ holds everything that
// training may change. An optimizer sees θ as one []float64; the model sees
// the same numbers as weights and biases, because layers hold views into θ,
// never copies. So every optimizer works with every model, a saved model is
// one vector, and a gradient check is one loop.
//
// # Models
//
// [Linear] is linear, logistic and softmax regression, on dense and on sparse
// rows. [Network] is a list of layers, each of which takes the output of the
// previous one. [MatrixFactorization] predicts the rating that a user gives an
// item.
//
// Classifiers return scores (logits), not probabilities: cross-entropy can be
// computed from them without overflow. [Sigmoid] and [Softmax] turn scores
// into probabilities, and [Probabilities] does it for a whole model.
//
// # Networks
//
// A network is made from the shape of one input sample and a list of layers:
//
//	net, err := model.NewNetwork(model.Image(28, 28, 1), seed,
//		model.Conv2D{Filters: 8, Kernel: 3, Padding: 1}, model.ReLU{},
//		model.MaxPool{Size: 2},
//		model.Flatten{},
//		model.Dense{Units: 10},
//	)
//
// Every sample is one row of a matrix. The row of an image holds its channels
// one after another, each row by row: element (c·height + y)·width + x is
// channel c at row y and column x, as in PyTorch. The layers are
//
//   - [Dense], [Conv2D], [Embedding], [Unembedding], [MeanEmbedding], [EmbeddingBag], with
//     weights;
//   - [ReLU], [LeakyReLU], [ELU], [GELU], [SiLU], [Tanh], [SigmoidLayer],
//     [SoftmaxLayer], the activations;
//   - [MaxPool], [AvgPool], [Flatten], which change the shape;
//   - [SimpleRNN], [LSTM], [GRU], [Conv1D], which read a sequence;
//   - [SelfAttention], [TransformerBlock], [LearnedPositions], [SinusoidalPositions],
//     the layers of transformers, and [SwiGLU], which can replace two Dense in them;
//   - [LastToken], [MeanTokens], which make one vector of a sequence;
//   - [BatchNorm], [LayerNorm], [RMSNorm], which normalise;
//   - [Dropout], [GaussianNoise], which add randomness during training only;
//   - [Residual], which adds its input to the output of the layers in it;
//   - [LoRA], [Frozen], which keep the parameters of a layer as they are.
//
// Backward goes through the list in reverse: each layer turns ∂L/∂y into
// ∂L/∂x for the layer before it, and adds ∂L/∂θ of its parameters to the
// gradient (Rumelhart, Hinton and Williams, Learning representations by
// back-propagating errors, 1986).
//
// Buffers grow with the first batch and are reused, so later steps allocate
// nothing. Matrix products come from lib/blas.
//
// # Sequences
//
// A sample may be a sequence: T token numbers, which an [Embedding] makes T vectors
// of, or T vectors that the data hold. Dense, activations, normalisations and dropout
// work on each vector. If the last layer returns a sequence, the network predicts a
// row for each token, rows·T in all, and a row of the target holds T labels:
//
//	net, err := model.NewNetwork(model.Tokens(64), seed,
//		model.NewEmbedding(1000, 128), model.LSTM{Units: 128}, model.Dense{Units: 1000})
//
// Shorter sequences are filled up with −1 in x, which becomes a vector of zeros, and
// with −1 in y, which loss.NewTokenCrossEntropy ignores. [LastToken] and [MeanTokens]
// make one vector of a sequence, to classify it.
//
// # Precision
//
// [NewNetwork] computes in float64, [NewNetwork32] in float32. θ, gradients and
// predictions are float64 in both, so optimizers, files and checks are
// unaffected. A step in float32 rounds θ and x once, computes with the rounded
// values, and adds its gradient to one in float64. This is more accurate than
// training entirely in float32, where an update that is small relative to θ is
// lost. Products in float32 take half the time and half the memory;
// docs/performance.md has the figures. Numbers below 10⁻³⁸, such as the gradients
// of a network that has memorised its data, are slow in float32 on most CPUs.
//
// # Convolutions
//
// A convolution becomes a matrix product once the pixels under the kernel form
// the columns of a matrix. The usual method, im2col, copies each pixel K² times
// for a K×K kernel; here it is copied K times, once for each column of the
// kernel. One product computes one row of the output for several images. In
// float32, where there is a kernel that multiplies by rows which overlap, it is
// copied once.
// docs/performance.md says what this saves, and which alternatives were tried.
//
// Up to eight parts of a batch are computed on several cores. Their gradients are
// added in order, so the result does not depend on the number of cores. A
// [MaxPool] that follows a [ReLU] is computed before it: the results are the
// same, and ReLU has a quarter of the work.
//
// # Training and evaluation
//
// Forward trains and Predict evaluates. Several goroutines may call Predict at
// once, but not while another trains.
//
// A model may implement optional interfaces: [Affine], [Sharer], [Stateful],
// [InputChecker] and [SecondOrder]. The documentation of package objective lists
// what each is for.
package model

import (
	"fmt"
	"iter"

	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/mat"
)

// A Model is y = f(x; θ). The rows of x are samples; x is a *mat.Dense, a
// *sparse.CSR or any other mat.Matrix.
//
// Training and evaluation are separate methods, so that they cannot be
// confused: Forward remembers what Backward needs and uses dropout and batch
// statistics; Predict does neither.
type Model interface {
	// Dims returns the numbers of columns of x and of predictions. A model of
	// sequences of T tokens takes rows of T numbers, or T vectors, and predicts T
	// rows for each: row T·i + t is token t of row i.
	Dims() (inputs, outputs int)
	// Params returns θ. It aliases the model: writing to it changes the model.
	Params() []float64
	// Layout names the parts of θ, in order.
	Layout() []Param
	// Predict sets dst ← f(x; θ). An empty dst is resized; any other must
	// have the right shape. Predict does not change the model.
	Predict(dst *mat.Dense, x mat.Matrix)
	// Forward sets dst as Predict does, in training mode, and remembers x,
	// which must not change before Backward.
	Forward(dst *mat.Dense, x mat.Matrix)
	// Backward adds ∂L/∂θ to grad, given dPred = ∂L/∂f for the last Forward.
	Backward(grad []float64, dPred *mat.Dense)
}

// A Stateful model depends on more than θ and x: on the random numbers of its
// layers, such as dropout, or on numbers outside θ, such as the running statistics
// of batch normalisation. If a model has only one of the two, its Seed does nothing,
// or its Buffers yields nothing.
type Stateful interface {
	// Seed seeds the random layers. Training calls it before each Forward, with
	// its seed and the number of the step, so that resumed training draws what
	// uninterrupted training would have drawn. Without Seed the model counts its
	// Forwards itself.
	Seed(seed, step uint64)
	// Buffers yields the names and the numbers, as views. To save a model, copy
	// from them; to restore it, copy into them. Gradients do not train them, but
	// predictions depend on them.
	Buffers() iter.Seq2[string, []float64]
}

// An Affine is a Model that is linear in θ: f = b + xW, where b and W are views of
// θ. Training can then compute the gradient with respect to θ directly.
type Affine interface {
	Model
	// Affine returns the views of b and W in a vector laid out like θ. The
	// intercept is empty if there is none; weights has a row for each input
	// and a column for each output.
	Affine(v []float64) (intercept []float64, weights blas64.General)
}

// A Sharer is a Model that treats each sample independently: the gradient of
// a batch is the sum of the gradients of its parts. Training computes the
// parts in blocks that stay in the cache, and on several cores.
type Sharer interface {
	Model
	// Share returns a model that uses the same θ, in the same memory, but
	// remembers its own Forward. Several goroutines may use different shares
	// at once, as long as θ does not change.
	Share() Model
}

// An InputChecker is a Model that can check its input. Training calls
// CheckInput once, before it starts.
type InputChecker interface {
	// CheckInput returns an error that names the first element of x that is
	// not valid input for the model, such as an unknown word.
	CheckInput(x mat.Matrix) error
}

// A SecondOrder model knows its second derivative, for Newton's method and for
// curvature: see objective.Hessian.
type SecondOrder interface {
	Model
	// Tangent sets dst to ∂f/∂θ·v: how the predictions of the last Forward move
	// when θ moves along v.
	Tangent(dst *mat.Dense, v []float64)
	// BackwardTangent adds to hv how the gradient that the last Backward has computed
	// changes when θ moves along the v of the last Tangent, and ∂L/∂f along
	// dPredTangent: forward over reverse.
	BackwardTangent(hv []float64, dPredTangent *mat.Dense)
}

// Param names a part of θ: for penalties, parameter groups, Summary and the
// names in a saved file.
type Param struct {
	Name   string
	Shape  []int
	Offset int
	Decay  bool // whether penalties apply: true for weights, false for intercepts and biases
}

// Size returns the number of elements, the product of the shape.
func (p Param) Size() int {
	n := 1
	for _, s := range p.Shape {
		n *= s
	}
	return n
}

// In returns the elements of p in a vector laid out like θ, as a view.
func (p Param) In(theta []float64) []float64 {
	return theta[p.Offset : p.Offset+p.Size()]
}

// shape resizes an empty dst to r×c and panics if another shape is there.
func shape(dst *mat.Dense, r, c int) {
	if dst.IsEmpty() {
		dst.ReuseAs(r, c)
		return
	}
	if dr, dc := dst.Dims(); dr != r || dc != c {
		panic(fmt.Sprintf("model: destination is %d×%d, want %d×%d", dr, dc, r, c))
	}
}

func checkColumns(x mat.Matrix, want int) (rows int) {
	rows, cols := x.Dims()
	if cols != want {
		panic(fmt.Sprintf("model: x has %d columns, want %d", cols, want))
	}
	return rows
}

func checkBackward(grad []float64, params int, dPred *mat.Dense, rows, outputs int) {
	if len(grad) != params {
		panic(fmt.Sprintf("model: gradient has length %d, want %d", len(grad), params))
	}
	if r, c := dPred.Dims(); r != rows || c != outputs {
		panic(fmt.Sprintf("model: ∂L/∂f is %d×%d, want %d×%d as in the last Forward", r, c, rows, outputs))
	}
}
