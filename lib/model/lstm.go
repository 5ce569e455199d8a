package model

import "github.com/descent-go/descent/lib/blas"

// LSTM is long short-term memory: beside the state h there is a cell c, to which a
// step adds, so that what it holds and its gradient need not pass through a matrix.
// Gates say how much is written, kept and shown:
//
//	i = σ(W_ii·xₜ + b_ii + W_hi·hₜ₋₁ + b_hi)       input gate
//	f = σ(W_if·xₜ + b_if + W_hf·hₜ₋₁ + b_hf)       forget gate
//	g = tanh(W_ig·xₜ + b_ig + W_hg·hₜ₋₁ + b_hg)    candidate
//	o = σ(W_io·xₜ + b_io + W_ho·hₜ₋₁ + b_ho)       output gate
//	cₜ = f⊙cₜ₋₁ + i⊙g
//	hₜ = o⊙tanh(cₜ)
//
// {T, n} becomes {T, Units}: a row with hₜ for each token. Padding does not change
// the states, and its output is 0. [LastToken] makes one vector of a text. Layers in
// a row are a stack of them.
//
// Names, shapes and order of the parameters are those of torch.nn.LSTM, whose names
// end in _l0: "weight_ih" (4·units, n), "weight_hh" (4·units, units), "bias_ih" and
// "bias_hh" (4·units), each with the gates in the order i, f, g, o. The bias b_if
// starts at 1, others at 0: at first a step keeps most of the cell, σ(1) ≈ 0.73.
//
// Sources: Hochreiter and Schmidhuber, Long Short-Term Memory, 1997; Gers,
// Schmidhuber and Cummins, Learning to Forget, 2000; Jozefowicz, Zaremba and
// Sutskever, An Empirical Exploration of Recurrent Network Architectures, 2015, for
// the bias.
type LSTM struct {
	Units    int         // H, the numbers in h and in c
	Truncate int         // cuts the gradient before tokens k, 2k, …; see SimpleRNN
	Carry    int         // rows whose states are carried to the next batch; see SimpleRNN
	Init     Initializer // of the matrices of each gate; nil draws from U(±1/√Units), as PyTorch
}

func newLSTM[T element](l LSTM, in Shape, b *builder[T]) (module[T], Shape, error) {
	return newRecurrent(recurrence{units: l.Units, gates: 4, kept: 2, truncate: l.Truncate, carry: l.Carry}, &lstmCell[T]{}, in, l.Init, b)
}

type lstmCell[T element] struct {
	squashed []T // tanh(c) of all tokens
}

// biases has the forget gate start open.
func (*lstmCell[T]) biases(v []float64) { constant(1)(v[len(v)/4:len(v)/2], nil) }

func (c *lstmCell[T]) forward(m *recurrent[T], t int) {
	n, squashed := m.units, c.tanh(m, t)
	for i := range m.rows {
		v, h, s := m.gatesOf(m.at(m.pre, t), i), m.row(m.state(0, t+1), i), m.row(squashed, i)
		before, after := m.row(m.state(1, t), i), m.row(m.state(1, t+1), i)
		if blas.LSTM(v, before, after, s, h) {
			continue
		}
		blas.Sigmoid(v[:2*n], v[:2*n])
		blas.Tanh(v[2*n:3*n], v[2*n:3*n])
		blas.Sigmoid(v[3*n:], v[3*n:])
		in, forget, candidate, out := v[:n], v[n:2*n], v[2*n:3*n], v[3*n:]
		for j, f := range forget {
			after[j] = f*before[j] + in[j]*candidate[j]
		}
		blas.Tanh(s, after)
		for j, o := range out {
			h[j] = o * s[j]
		}
	}
}

// tanh is the part of tanh(c) that belongs to token t.
func (c *lstmCell[T]) tanh(m *recurrent[T], t int) []T {
	c.squashed = grow(c.squashed, m.tokens*m.rows*m.units)
	n := m.rows * m.units
	return c.squashed[t*n : (t+1)*n]
}

func (c *lstmCell[T]) backward(m *recurrent[T], t int) {
	n, squashed := m.units, c.tanh(m, t)
	for i := range m.rows {
		v, d := m.gatesOf(m.at(m.pre, t), i), m.gatesOf(m.inBlock(m.dPre, t), i)
		if m.isPadding(i, t) {
			clear(d)
			continue
		}
		before, s := m.row(m.state(1, t), i)[:n], m.row(squashed, i)[:n]
		dh, dc := m.row(m.dStates[0], i)[:n], m.row(m.dStates[1], i)[:n]
		if blas.LSTMGrad(d, dc, dh, v, before, s) {
			clear(dh)
			continue
		}
		in, forget, candidate, out := v[:n], v[n:2*n], v[2*n:3*n], v[3*n:4*n]
		dIn, dForget, dCandidate, dOut := d[:n], d[n:2*n], d[2*n:3*n], d[3*n:4*n]
		for j, g := range dh {
			i, f, a, o, s := in[j], forget[j], candidate[j], out[j], s[j]
			c := dc[j] + g*o*(1-s*s)
			dIn[j] = c * a * i * (1 - i)
			dForget[j] = c * before[j] * f * (1 - f)
			dCandidate[j] = c * i * (1 - a*a)
			dOut[j] = g * s * o * (1 - o)
			dc[j] = c * f
		}
		clear(dh)
	}
}
