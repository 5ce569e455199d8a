package model

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/mat"
)

// MatrixFactorization predicts the rating that user u gives item i, from how
// generously the user rates, how well the item is liked, and how well the two
// match:
//
//	f(u, i) = μ + b_u + b_i + p_u·q_i
//
// with p_u and q_i vectors of Rank numbers. Each row of x is a pair of ids,
// (u, i), whole numbers from 0; there is one output. Trained with squared
// error on the known ratings, it predicts the others: it completes a matrix
// by a low-rank one.
//
// Penalties apply to all parameters except μ, and so to the biases too, as in
// the source: a single rating says little about a user.
//
// Source: Koren, Bell and Volinsky, Matrix Factorization Techniques for
// Recommender Systems, 2009, equations 4 and 5.
type MatrixFactorization struct {
	users, items, rank int
	theta              []float64
	layout             []Param
	x                  mat.Matrix // of the last Forward
}

var (
	_ Model        = (*MatrixFactorization)(nil)
	_ InputChecker = (*MatrixFactorization)(nil)
)

// The order of the parts of θ.
const (
	mfMean = iota
	mfUserBiases
	mfItemBiases
	mfUserFactors
	mfItemFactors
)

// NewMatrixFactorization returns the model for ids below users and items,
// initialised by Init(seed). With rank 0 it has biases only. It panics if
// users or items is below 1.
func NewMatrixFactorization(users, items, rank int, seed uint64) *MatrixFactorization {
	if users < 1 || items < 1 || rank < 0 {
		panic(fmt.Sprintf("model: a matrix factorization has %d users, %d items and rank %d, want at least 1, 1 and 0",
			users, items, rank))
	}
	m := &MatrixFactorization{users: users, items: items, rank: rank}
	offset := 0
	for _, p := range []Param{
		mfMean:        {Name: "mean", Shape: []int{1}},
		mfUserBiases:  {Name: "user.biases", Shape: []int{users}, Decay: true},
		mfItemBiases:  {Name: "item.biases", Shape: []int{items}, Decay: true},
		mfUserFactors: {Name: "user.factors", Shape: []int{users, rank}, Decay: true},
		mfItemFactors: {Name: "item.factors", Shape: []int{items, rank}, Decay: true},
	} {
		p.Offset = offset
		offset += p.Size()
		m.layout = append(m.layout, p)
	}
	m.theta = make([]float64, offset)
	m.Init(seed)
	return m
}

// Init sets μ and the biases to 0 and draws the factors from N(0, 0.1²). At 0
// the gradient of the product would vanish.
func (m *MatrixFactorization) Init(seed uint64) {
	r := rand.New(rand.NewPCG(seed, 0))
	clear(m.theta)
	normal(m.theta[m.layout[mfUserFactors].Offset:], 0.01, r)
}

// Dims returns 2, for the ids of user and item, and 1.
func (m *MatrixFactorization) Dims() (inputs, outputs int) { return 2, 1 }

func (m *MatrixFactorization) Params() []float64 { return m.theta }

// Layout returns "mean" of shape (1), "user.biases" (users), "item.biases"
// (items), "user.factors" (users, rank) and "item.factors" (items, rank).
func (m *MatrixFactorization) Layout() []Param { return slices.Clone(m.layout) }

// Clone returns a deep copy of the model.
func (m *MatrixFactorization) Clone() Model {
	c := *m
	c.theta, c.x = slices.Clone(m.theta), nil
	return &c
}

// CheckInput reports the first row of x that is not a valid pair of user and
// item ids.
func (m *MatrixFactorization) CheckInput(x mat.Matrix) error {
	rows, cols := x.Dims()
	if cols != 2 {
		return fmt.Errorf("model: the data have %d columns, want 2: the id of a user and of an item", cols)
	}
	for i := range rows {
		for j, limit := range []int{m.users, m.items} {
			if !isID(x.At(i, j), limit) {
				return fmt.Errorf("model: %w", badID(x.At(i, j), i, j, limit))
			}
		}
	}
	return nil
}

// Predict sets dst ← f(u, i) for each row (u, i) of x, of shape m×1. It panics
// on ids that CheckInput reports.
func (m *MatrixFactorization) Predict(dst *mat.Dense, x mat.Matrix) {
	rows := checkColumns(x, 2)
	shape(dst, rows, 1)
	d := dst.RawMatrix()
	mean := m.theta[0]
	userBiases, itemBiases := m.part(mfUserBiases, m.theta), m.part(mfItemBiases, m.theta)
	for k := range rows {
		u, i := m.ids(x, k)
		d.Data[k*d.Stride] = mean + userBiases[u] + itemBiases[i] +
			dot(m.factors(mfUserFactors, m.theta, u), m.factors(mfItemFactors, m.theta, i))
	}
}

// Forward is Predict, and remembers x for Backward.
func (m *MatrixFactorization) Forward(dst *mat.Dense, x mat.Matrix) {
	m.Predict(dst, x)
	m.x = x
}

// Backward adds, for each row (u, i) with e = ∂L/∂f, e to μ, b_u and b_i, e·q_i
// to p_u and e·p_u to q_i.
func (m *MatrixFactorization) Backward(grad []float64, dPred *mat.Dense) {
	if m.x == nil {
		panic("model: Backward before Forward")
	}
	rows, _ := m.x.Dims()
	checkBackward(grad, len(m.theta), dPred, rows, 1)
	d := dPred.RawMatrix()
	userBiases, itemBiases := m.part(mfUserBiases, grad), m.part(mfItemBiases, grad)
	for k := range rows {
		u, i := m.ids(m.x, k)
		e := d.Data[k*d.Stride]
		grad[0] += e
		userBiases[u] += e
		itemBiases[i] += e
		axpy(m.factors(mfUserFactors, grad, u), e, m.factors(mfItemFactors, m.theta, i))
		axpy(m.factors(mfItemFactors, grad, i), e, m.factors(mfUserFactors, m.theta, u))
	}
}

// part returns a part of a vector laid out like θ, and factors the row of one
// user or item in it.
func (m *MatrixFactorization) part(part int, v []float64) []float64 { return m.layout[part].In(v) }

func (m *MatrixFactorization) factors(part int, v []float64, id int) []float64 {
	return m.layout[part].In(v)[id*m.rank : (id+1)*m.rank]
}

// ids returns the user and the item of row k.
func (m *MatrixFactorization) ids(x mat.Matrix, k int) (user, item int) {
	return mustID(x.At(k, 0), k, 0, m.users), mustID(x.At(k, 1), k, 1, m.items)
}
