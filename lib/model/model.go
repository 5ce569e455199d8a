// Package model holds y = f(x; θ): models with their parameters in one flat
// vector.
//
// A model maps a matrix x of m samples (rows) and n features (columns) to
// predictions of m rows and k columns. Everything that training may change is
// the vector θ. The same numbers, seen by an optimizer as one []float64, are
// seen by the model as weights and biases: layers hold views into θ, never
// copies. That is why any optimizer fits any model, a saved model is one
// vector, and a gradient check is one loop.
//
// # Models
//
// [Linear] is linear, logistic and softmax regression, on dense and on sparse
// rows. [Network] is a list of layers, each fed with the output of the one
// before. [MatrixFactorization] predicts the rating that a user gives an item.
//
// Classifiers return scores (logits), not probabilities: cross-entropy can
// then be computed without overflow. [Sigmoid] and [Softmax] turn scores into
// probabilities, and [Probabilities] does it for a whole model.
//
// # Networks
//
// A network is settings in a list, and the shape of one input sample:
//
//	net, err := model.NewNetwork(model.Image(28, 28, 1), seed,
//		model.Conv2D{Filters: 8, Kernel: 3, Padding: 1}, model.ReLU{},
//		model.MaxPool{Size: 2},
//		model.Flatten{},
//		model.Dense{Units: 10},
//	)
//
// Samples stay rows of a matrix. The row of an image holds its channels one
// after the other, each row by row: number (c·height + y)·width + x is channel
// c at row y and column x, as in PyTorch. The layers are
//
//   - [Dense], [Conv2D], [Embedding], [MeanEmbedding], [EmbeddingBag], with
//     weights;
//   - [ReLU], [LeakyReLU], [ELU], [GELU], [SiLU], [Tanh], [SigmoidLayer],
//     [SoftmaxLayer], which bend;
//   - [MaxPool], [AvgPool], [Flatten], which change the shape;
//   - [BatchNorm], [LayerNorm], which normalise;
//   - [Dropout], [GaussianNoise], which disturb in training and do nothing
//     after it;
//   - [Residual], which adds its input to the output of the layers in it.
//
// Backward goes through the list from the end: each layer turns ∂L/∂y into
// ∂L/∂x for the layer before it, and adds ∂L/∂θ of its own parameters to the
// gradient (Rumelhart, Hinton and Williams, Learning representations by
// back-propagating errors, 1986).
//
// Buffers grow with the first batch and are used again, so a step of training
// allocates nothing after it, a smaller last batch included. The
// matrix products are those of lib/blas, on all cores if they are large.
//
// # Precision
//
// [NewNetwork] computes in float64, [NewNetwork32] in float32. It is the same
// code, with the type of an element as its parameter; θ, gradients and
// predictions are float64 in both, so that optimizers, files and checks know
// nothing of it. A step in float32 rounds θ and x once, works on what is
// rounded, and adds its gradient to one in float64. That is more exact than
// training wholly in float32, where a step that is small beside θ is lost.
// Sums for normalisations are formed in float64 in both.
//
// The products of float32 take half the time and half the memory, so a
// convolutional network takes little more than half as long, and a small
// perceptron gains little: docs/performance.md has the figures. Numbers below
// 10⁻³⁸ are slow on most CPUs, and float32 gets there earlier: the gradients of
// a network that has learnt its data by heart are that small.
//
// # Convolutions
//
// A convolution is a product of matrices once the pixels under the kernel lie
// in the columns of one. The usual way, im2col, copies each pixel K² times for a
// K×K kernel, which for the first layers costs more than the product. Here it
// is copied K times, once for each column of the kernel, and the rows of the
// kernel find their pixels by starting at different places. One row of the
// output, of several images at once, is one product. On the way back one row of
// the input is one product too: it takes the gradients of all rows of the output
// that it had a part in. docs/performance.md says what this saves, and which
// other ways were tried.
//
// Images are divided among the cores in up to eight parts, whose gradients
// are added in order: the result does not depend on the number of cores.
// Training keeps K times the input of each convolution for the way back.
//
// [MaxPool] after [ReLU] is computed before it. The results and gradients are
// the same, and ReLU has a quarter of the work.
//
// # Training and evaluation
//
// Forward trains and Predict evaluates: two methods and not a flag that one
// could forget to set. Several goroutines may Predict at once, but not while
// another trains.
//
// Optional interfaces tell training more about a model: [Affine], [Sharer],
// [Stateful], [InputChecker] and [SecondOrder]. The table of package objective says
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
// Training and evaluation are two methods and not a flag, so that they cannot
// be confused: Forward remembers what Backward needs and switches dropout and
// batch statistics on; Predict does neither.
type Model interface {
	// Dims returns the numbers of columns of x and of predictions.
	Dims() (inputs, outputs int)
	// Params returns θ. It aliases the model: writing to it changes the model.
	Params() []float64
	// Layout names the parts of θ, in the order in which they lie in it.
	Layout() []Param
	// Predict sets dst ← f(x; θ). An empty dst is resized; another must have
	// the right shape. Predict leaves the model as it is.
	Predict(dst *mat.Dense, x mat.Matrix)
	// Forward sets dst as Predict does, in training mode, and remembers x,
	// which must not change before Backward.
	Forward(dst *mat.Dense, x mat.Matrix)
	// Backward adds ∂L/∂θ to grad, given dPred = ∂L/∂f for the last Forward.
	Backward(grad []float64, dPred *mat.Dense)
}

// A Stateful model depends on more than θ and x: on what its random layers draw,
// such as dropout, and on numbers that it keeps beside θ, such as the running
// statistics of batch normalisation. A model that has only one of the two does
// nothing in Seed, or yields nothing in Buffers.
type Stateful interface {
	// Seed says what the random layers draw. Training calls it before each
	// Forward, with a seed and the number of the step, and so a training that
	// is resumed at a step draws what it would have drawn without the pause. A
	// model that nobody seeds counts its Forwards itself.
	Seed(seed, step uint64)
	// Buffers yields the names and the numbers that are kept, as views: to save
	// a model copy from them, to restore it copy into them. They are not
	// trained by gradients, but predictions depend on them.
	Buffers() iter.Seq2[string, []float64]
}

// An Affine is a Model that is linear in θ: f = b + xW, where b and W are views of
// θ. Training then knows the derivative by θ without asking for it.
type Affine interface {
	Model
	// Affine returns the views of b and W in a vector laid out like θ. The
	// intercept is empty if there is none; weights has a row for each input
	// and a column for each output.
	Affine(v []float64) (intercept []float64, weights blas64.General)
}

// A Sharer is a Model in which samples do not depend on each other: the
// gradient of a batch is the sum of those of its parts. Training computes the
// parts in blocks that stay in the cache, and on several cores.
type Sharer interface {
	Model
	// Share returns a model on the same θ, in the same memory, that remembers
	// a Forward of its own. Shares may be at work at the same time, as long
	// as θ does not change.
	Share() Model
}

// An InputChecker is a Model that can tell whether it can use data. Training
// asks once, before it starts.
type InputChecker interface {
	// CheckInput returns an error that names the first element of x that
	// means nothing to the model, such as an unknown word.
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
	Decay  bool // whether penalties apply: weights yes, intercepts and biases no
}

// Size returns the number of elements, the product of the shape.
func (p Param) Size() int {
	n := 1
	for _, s := range p.Shape {
		n *= s
	}
	return n
}

// In returns the part of a vector laid out like θ that belongs to p.
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
