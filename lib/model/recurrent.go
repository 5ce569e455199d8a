package model

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"

	"github.com/descent-go/descent/lib/blas"
)

// A recurrent layer reads a sequence of T vectors one after another and keeps a state
// hₜ of H numbers, its output at token t. What is the same for [SimpleRNN], [LSTM] and
// [GRU] is here; what a step does is their cell. In their formulas xₜ is the vector of
// token t, h₋₁ = 0, σ the logistic function, and ⊙ multiplies element by element.
//
// Everything is computed with the tokens in the first place: the vectors of all
// samples at token 0, then those at token 1. So the part that depends on the input,
// W_ih·xₜ + b_ih, is one product for many tokens, as are the gradients of the weights;
// W_hh·hₜ₋₁ is a product for each token. Many are as many as the second cache holds, so
// that what a step computes is still there for the products that read it.
type recurrent[T element] struct {
	recurrence
	in      int // size of the vectors
	cell    cell[T]
	padding *padding
	words   *embedding[T] // that the vectors come from; nil if another layer is between

	wx, wh, bx, bh *view[T]
	carried        *view[float64] // of each row, one state after another; nil for none

	rows    int
	first   int   // token of the block that backward is at
	x       []T   // (T·rows)×in
	turned  []T   // W_hhᵀ, which the products of all tokens read
	bias    []T   // b_ih, or b_ih + b_hh
	pre     []T   // (T·rows)×gates·H: W_ih·x + b, of which the cell makes the gates
	hidden  []T   // likewise: W_hh·h + b_hh, if the cell wants it apart
	states  [][]T // ((T+1)·rows)×H each: h, and c of an LSTM; those at 0 come before token 0
	y       []T
	dPre    []T   // ∂L/∂(W_ih·x + b) of a block of tokens
	dHidden []T   // ∂L/∂(W_hh·h + b_hh) likewise
	dStates [][]T // rows×H: ∂L/∂h and ∂L/∂c at a token
	dxt, dx []T
	dBias   []T // ∂L/∂b_ih
	perWord []T // by word: W_ih·x + b of the vocabulary, or its gradient
}

// A recurrence is what the recurrent layers have in common.
type recurrence struct {
	tokens, units   int
	gates           int  // blocks of H numbers that a step computes
	kept            int  // states: 1, or 2 for h and c
	apart           bool // W_hh·h is not just added to W_ih·x
	truncate, carry int
}

// A cell is a step of a recurrent layer.
type cell[T element] interface {
	// forward computes the states after token t.
	forward(m *recurrent[T], t int)
	// backward sets the rows of dPre (and dHidden) at token t from dStates, the
	// gradient of the states after t, and replaces it by that of the states before,
	// without what comes through W_hh.
	backward(m *recurrent[T], t int)
}

// newRecurrent reserves the parameters, with the names and the order of PyTorch.
func newRecurrent[T element](r recurrence, c cell[T], in Shape, init Initializer, b *builder[T]) (module[T], Shape, error) {
	tokens, size, err := in.sequence()
	if err != nil {
		return nil, nil, err
	}
	switch {
	case r.units < 1:
		return nil, nil, fmt.Errorf("has %d units, want at least 1", r.units)
	case r.truncate < 0:
		return nil, nil, fmt.Errorf("has Truncate %d, want 0 (the gradient goes through all tokens) or more", r.truncate)
	case r.carry < 0:
		return nil, nil, fmt.Errorf("has Carry %d, want 0 (each row begins with state 0) or the number of rows in a batch", r.carry)
	}
	r.tokens = tokens
	m := &recurrent[T]{recurrence: r, in: size, cell: c, padding: b.padding}
	width := r.gates * r.units
	m.wx = b.param("weight_ih", true, m.draw(init, size), width, size)
	m.wh = b.param("weight_hh", true, m.draw(init, r.units), width, r.units)
	m.bx = b.param("bias_ih", false, func(v []float64, _ *rand.Rand) {
		clear(v)
		if b, ok := c.(interface{ biases(v []float64) }); ok {
			b.biases(v)
		}
	}, width)
	m.bh = b.param("bias_hh", false, constant(0), width)
	if r.carry > 0 {
		m.carried = b.buffer(stateName, constant(0), r.carry, r.kept*r.units)
	}
	m.states, m.dStates = make([][]T, r.kept), make([][]T, r.kept)
	return m, Sequence(tokens, r.units), nil
}

// stateName is the name of the buffer of carried states.
const stateName = "state"

// ResetState sets the states that recurrent layers carry from batch to batch to 0.
// Call it where one text ends and an unrelated one begins, such as from an OnEpoch
// callback. A network without Carry has none, and it does nothing.
func (n *Network) ResetState() {
	for _, p := range n.state {
		if strings.HasSuffix(p.Name, "."+stateName) {
			clear(p.In(n.buffers))
		}
	}
}

// draw is the initialisation of the weights of all gates, from fanIn numbers each.
func (r recurrence) draw(init Initializer, fanIn int) func([]float64, *rand.Rand) {
	bound := 1 / math.Sqrt(float64(r.units))
	return func(w []float64, random *rand.Rand) {
		if init == nil {
			uniform(w, bound*bound/3, random)
			return
		}
		for size := r.units * fanIn; len(w) > 0; w = w[size:] {
			init(w[:size], fanIn, r.units, random)
		}
	}
}

func (m *recurrent[T]) forward(x []T, rows int, training bool) []T {
	m.begin(x, rows, training)
	for t := range m.tokens {
		if t%m.block() == 0 {
			m.input(t, min(t+m.block(), m.tokens))
		}
		if m.apart {
			blas.CopyRuns(m.at(m.hidden, t), m.width(), m.bh.values, 0, rows, m.width())
			m.multiply(m.at(m.hidden, t), m.state(0, t))
		} else {
			m.multiply(m.at(m.pre, t), m.state(0, t))
		}
		m.cell.forward(m, t)
		m.hold(t)
		m.scatter(m.y, m.state(0, t+1), t, t+1, m.units)
	}
	if training {
		m.keep()
	}
	m.clearPadding()
	return m.y
}

// begin turns the input and W_hh, and computes the states before the first token.
func (m *recurrent[T]) begin(x []T, rows int, training bool) {
	m.rows = rows
	n, width := rows*m.tokens, m.width()
	block := m.block() * rows * width
	m.pre, m.dPre = grow(m.pre, n*width), grow(m.dPre, block)
	m.bias = append(m.bias[:0], m.bx.values...)
	if m.apart {
		m.hidden, m.dHidden = grow(m.hidden, n*width), grow(m.dHidden, block)
	} else {
		m.dHidden = m.dPre
		add(m.bias, m.bh.values)
	}
	if !m.beginByWord() {
		m.x = grow(m.x, n*m.in)
		m.gather(m.x, x, 0, m.tokens, m.in)
	}
	m.y = grow(m.y, n*m.units)
	m.turned = grow(m.turned, len(m.wh.values))
	blas.CopyTransposed(m.turned, m.wh.values, width, m.units)
	for k := range m.states {
		m.states[k] = grow(m.states[k], (m.tokens+1)*rows*m.units)
		clear(m.state(k, 0))
	}
	if training && m.carried != nil {
		m.resume()
	}
}

// blockRows is how many vectors, of all rows, are multiplied by W_ih at a time.
const blockRows = 256

// block is the number of tokens that have them.
func (m *recurrent[T]) block() int { return max(1, blockRows/max(1, m.rows)) }

// input computes W_ih·x + b for the tokens from lo to hi.
func (m *recurrent[T]) input(lo, hi int) {
	if !m.inputByWord(lo, hi) {
		lo, hi := lo*m.rows, hi*m.rows
		m.affine(m.pre[lo*m.width():], m.x[lo*m.in:], hi-lo)
	}
}

// affine sets y to W_ih·x + b for n vectors x.
func (m *recurrent[T]) affine(y, x []T, n int) {
	width := m.width()
	blas.CopyRuns(y, width, m.bias, 0, n, width)
	gemm(blas.NoTrans, blas.Trans, asMatrix(x, n, m.in), asMatrix(m.wx.values, width, m.in), 1, asMatrix(y, n, width))
}

// multiply adds W_hh·h to the numbers of one token.
func (m *recurrent[T]) multiply(y, h []T) {
	width := m.width()
	gemm(blas.NoTrans, blas.NoTrans, asMatrix(h, m.rows, m.units), asMatrix(m.turned, m.units, width), 1, asMatrix(y, m.rows, width))
}

// hold keeps the states of the rows in which token t is padding.
func (m *recurrent[T]) hold(t int) {
	if m.padding == nil || !m.padding.some {
		return
	}
	for i := range m.rows {
		if m.isPadding(i, t) {
			for k := range m.states {
				copy(m.row(m.state(k, t+1), i), m.row(m.state(k, t), i))
			}
		}
	}
}

func (m *recurrent[T]) isPadding(row, t int) bool { return m.padding.is(row*m.tokens + t) }

// clearPadding sets the outputs of padding to 0.
func (m *recurrent[T]) clearPadding() {
	if m.padding == nil || !m.padding.some {
		return
	}
	for i, is := range m.padding.at {
		if is {
			clear(m.row(m.y, i))
		}
	}
}

// backward goes through the tokens in reverse. The gradient of a state is the sum of
// what comes from the output, and from the next token through the state.
func (m *recurrent[T]) backward(grad, dy []T, input bool) []T {
	for k := range m.dStates {
		m.dStates[k] = grow(m.dStates[k], m.rows*m.units)
		clear(m.dStates[k])
	}
	if input {
		m.dxt, m.dx = grow(m.dxt, m.block()*m.rows*m.in), grow(m.dx, m.rows*m.tokens*m.in)
	}
	m.dBias = grow(m.dBias, m.width())
	for hi := m.tokens; hi > 0; {
		lo := max(0, hi-m.block())
		m.first = lo
		for t := hi - 1; t >= lo; t-- {
			m.receive(dy, t)
			m.cell.backward(m, t)
			m.pass(t)
		}
		m.weightsGrad(grad, lo, hi, input)
		hi = lo
	}
	if m.backwardByWord(grad, input) || !input {
		return nil
	}
	return m.dx
}

// pass adds to the gradient of the states before token t what comes through W_hh.
func (m *recurrent[T]) pass(t int) {
	if m.truncate > 0 && t%m.truncate == 0 {
		for _, d := range m.dStates {
			clear(d)
		}
	} else if t > 0 {
		gemm(blas.NoTrans, blas.NoTrans, asMatrix(m.inBlock(m.dHidden, t), m.rows, m.width()), asMatrix(m.wh.values, m.width(), m.units), 1, asMatrix(m.dStates[0], m.rows, m.units))
	}
}

// weightsGrad adds the gradients of the weights at the tokens from lo to hi, and
// computes that of their vectors if input is set.
func (m *recurrent[T]) weightsGrad(grad []T, lo, hi int, input bool) {
	byWord := m.sumByWord(lo, hi)
	n, width := (hi-lo)*m.rows, m.width()
	gemm(blas.Trans, blas.NoTrans, asMatrix(m.dHidden, n, width), asMatrix(m.states[0][lo*m.rows*m.units:], n, m.units), 1, asMatrix(m.wh.in(grad), width, m.units))
	if m.apart {
		blas.AddRuns(m.bh.in(grad), 0, m.dHidden, width, n, width)
	}
	if byWord {
		return
	}
	m.inputGrad(grad, m.dPre, m.x[lo*m.rows*m.in:], n)
	if input {
		gemm(blas.NoTrans, blas.NoTrans, asMatrix(m.dPre, n, width), asMatrix(m.wx.values, width, m.in), 0, asMatrix(m.dxt, n, m.in))
		m.scatter(m.dx, m.dxt, lo, hi, m.in)
	}
}

// inputGrad adds the gradients of W_ih and of the biases beside it, given d =
// ∂L/∂(W_ih·x + b) for n vectors x.
func (m *recurrent[T]) inputGrad(grad, d, x []T, n int) {
	width := m.width()
	gemm(blas.Trans, blas.NoTrans, asMatrix(d, n, width), asMatrix(x, n, m.in), 1, asMatrix(m.wx.in(grad), width, m.in))
	clear(m.dBias)
	blas.AddRuns(m.dBias, 0, d, width, n, width)
	add(m.bx.in(grad), m.dBias)
	if !m.apart {
		add(m.bh.in(grad), m.dBias)
	}
}

// receive adds the gradient of the outputs at token t to that of the states.
func (m *recurrent[T]) receive(dy []T, t int) {
	if m.padding == nil || !m.padding.some {
		blas.AddRuns(m.dStates[0], m.units, dy[t*m.units:], m.tokens*m.units, m.rows, m.units)
		return
	}
	for i := range m.rows {
		if !m.isPadding(i, t) {
			add(m.row(m.dStates[0], i), m.row(dy, i*m.tokens+t))
		}
	}
}

// resume takes the states before the first token from those that were kept.
func (m *recurrent[T]) resume() {
	if m.rows > m.carry {
		panic(fmt.Sprintf("model: a recurrent layer with Carry %d got a batch of %d rows: set Carry to the rows of a batch", m.carry, m.rows))
	}
	m.eachCarried(func(kept []float64, k, i int) { convert(m.row(m.state(k, 0), i), kept) })
}

// keep stores the states after the last token.
func (m *recurrent[T]) keep() {
	if m.carried != nil {
		m.eachCarried(func(kept []float64, k, i int) { convert(kept, m.row(m.state(k, m.tokens), i)) })
	}
}

// eachCarried calls f with state k of each row i as it is kept.
func (m *recurrent[T]) eachCarried(f func(kept []float64, k, i int)) {
	for i := range m.rows {
		for k := range m.states {
			f(m.carried.values[(i*m.kept+k)*m.units:][:m.units], k, i)
		}
	}
}

func (r recurrence) width() int { return r.gates * r.units }

// at is the part of v, which has gates·H numbers for each token of each row, that
// belongs to token t.
func (m *recurrent[T]) at(v []T, t int) []T {
	n := m.rows * m.width()
	return v[t*n : (t+1)*n]
}

// inBlock is the part that belongs to token t of a v which has those of its block.
func (m *recurrent[T]) inBlock(v []T, t int) []T { return m.at(v, t-m.first) }

// state is state k before token t.
func (m *recurrent[T]) state(k, t int) []T {
	n := m.rows * m.units
	return m.states[k][t*n : (t+1)*n]
}

// row is row i of H numbers.
func (m *recurrent[T]) row(v []T, i int) []T { return v[i*m.units : (i+1)*m.units] }

// gatesOf is row i of gates·H numbers.
func (m *recurrent[T]) gatesOf(v []T, i int) []T {
	width := m.width()
	return v[i*width : (i+1)*width]
}

// gather copies the vectors, of n numbers, of the tokens from lo to hi out of src, where
// those of a sample follow one another, to dst, where those of a token do.
func (m *recurrent[T]) gather(dst, src []T, lo, hi, n int) {
	for t := lo; t < hi; t++ {
		for i := range m.rows {
			copy(dst[((t-lo)*m.rows+i)*n:][:n], src[(i*m.tokens+t)*n:])
		}
	}
}

// scatter copies them back.
func (m *recurrent[T]) scatter(dst, src []T, lo, hi, n int) {
	for t := lo; t < hi; t++ {
		for i := range m.rows {
			copy(dst[(i*m.tokens+t)*n:][:n], src[((t-lo)*m.rows+i)*n:])
		}
	}
}

// add computes y += x for short rows.
func add[T element](y, x []T) {
	x = x[:len(y)]
	for i, v := range x {
		y[i] += v
	}
}
