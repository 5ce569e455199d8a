package model

import "github.com/descent-go/descent/lib/blas"

// GRU is the gated recurrent unit: gates as in [LSTM], but no state beside h. The new
// state is a mixture of the state before and of a candidate:
//
//	r = σ(W_ir·xₜ + b_ir + W_hr·hₜ₋₁ + b_hr)           reset gate
//	z = σ(W_iz·xₜ + b_iz + W_hz·hₜ₋₁ + b_hz)           update gate
//	n = tanh(W_in·xₜ + b_in + r⊙(W_hn·hₜ₋₁ + b_hn))    candidate
//	hₜ = (1−z)⊙n + z⊙hₜ₋₁
//
// {T, n} becomes {T, Units}: a row with hₜ for each token. Padding does not change
// the state, and its output is 0. [LastToken] makes one vector of a text. Layers in a
// row are a stack of them.
//
// It is the form of torch.nn.GRU, with r outside the product, where the paper has
// W_hn·(r⊙hₜ₋₁). It has the names, shapes and order of torch.nn.GRU's parameters, whose
// names end in _l0: "weight_ih" (3·units, n), "weight_hh" (3·units, units), "bias_ih"
// and "bias_hh" (3·units), each with the gates in the order r, z, n.
//
// Source: Cho et al., Learning Phrase Representations using RNN Encoder–Decoder for
// Statistical Machine Translation, 2014.
type GRU struct {
	Units    int         // H, the numbers in the state
	Truncate int         // cuts the gradient before tokens k, 2k, …; see SimpleRNN
	Carry    int         // rows whose state is carried to the next batch; see SimpleRNN
	Init     Initializer // of the matrices of each gate; nil draws from U(±1/√Units), as PyTorch
}

func newGRU[T element](l GRU, in Shape, b *builder[T]) (module[T], Shape, error) {
	return newRecurrent(recurrence{units: l.Units, gates: 3, kept: 1, apart: true, truncate: l.Truncate, carry: l.Carry}, gruCell[T]{}, in, l.Init, b)
}

type gruCell[T element] struct{}

func (gruCell[T]) forward(m *recurrent[T], t int) {
	n := m.units
	for i := range m.rows {
		v, hidden := m.gatesOf(m.at(m.pre, t), i), m.gatesOf(m.at(m.hidden, t), i)
		before, after := m.row(m.state(0, t), i), m.row(m.state(0, t+1), i)
		if blas.GRU(v, hidden, before, after) {
			continue
		}
		add(v[:2*n], hidden[:2*n])
		blas.Sigmoid(v[:2*n], v[:2*n])
		reset, update, candidate := v[:n], v[n:2*n], v[2*n:]
		for j, r := range reset {
			candidate[j] += r * hidden[2*n+j]
		}
		blas.Tanh(candidate, candidate)
		for j, z := range update {
			after[j] = (1-z)*candidate[j] + z*before[j]
		}
	}
}

func (gruCell[T]) backward(m *recurrent[T], t int) {
	n := m.units
	for i := range m.rows {
		v, hidden := m.gatesOf(m.at(m.pre, t), i), m.gatesOf(m.at(m.hidden, t), i)
		d, dHidden := m.gatesOf(m.inBlock(m.dPre, t), i), m.gatesOf(m.inBlock(m.dHidden, t), i)
		if m.isPadding(i, t) {
			clear(d)
			clear(dHidden)
			continue
		}
		before, dh := m.row(m.state(0, t), i), m.row(m.dStates[0], i)
		if blas.GRUGrad(d, dHidden, dh, v, hidden, before) {
			continue
		}
		for j, g := range dh {
			r, z, a := v[j], v[n+j], v[2*n+j]
			dCandidate := g * (1 - z) * (1 - a*a)
			dUpdate := g * (before[j] - a) * z * (1 - z)
			dReset := dCandidate * hidden[2*n+j] * r * (1 - r)
			d[j], d[n+j], d[2*n+j] = dReset, dUpdate, dCandidate
			dHidden[j], dHidden[n+j], dHidden[2*n+j] = dReset, dUpdate, dCandidate*r
			dh[j] = g * z
		}
	}
}
