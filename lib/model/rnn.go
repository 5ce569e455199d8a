package model

import "github.com/descent-go/descent/lib/blas"

// SimpleRNN is the recurrent layer after Elman: the state is a function of the vector
// and of the state before,
//
//	hₜ = tanh(W_ih·xₜ + b_ih + W_hh·hₜ₋₁ + b_hh)
//
// {T, n} becomes {T, Units}: a row with hₜ for each token. Padding does not change
// the state, and its output is 0. [LastToken] makes one vector of a text. Layers in a
// row are a stack of them.
//
// The gradient of a state is multiplied by W_hh and by the slope of tanh at each
// token on its way back. It vanishes or explodes over many tokens, which [LSTM] and
// [GRU] are made against.
//
// Names, shapes and order of the parameters are those of torch.nn.RNN, whose names
// end in _l0: "weight_ih" (units, n), "weight_hh" (units, units), "bias_ih" and
// "bias_hh" (units).
//
// Source: Elman, Finding Structure in Time, 1990, with units between 0 and 1 in the
// place of tanh.
type SimpleRNN struct {
	Units int // H, the numbers in the state
	// Truncate k > 0 cuts the gradient before tokens k, 2k, …: it passes through
	// at most k steps (Williams and Peng, 1990). 0 lets it pass through all.
	Truncate int
	// Carry > 0 begins each row of a batch with the state in which the same row
	// of the batch before ended, without a gradient, so that a long text is read in
	// pieces: row i of each batch must go on where row i of the last one ended. It
	// is the number of rows in a batch, at most. 0 begins each row with state 0. With
	// train.Fit set Options.KeepOrder, and let row k·BatchSize + i of x be piece k of
	// text i: shuffled rows and larger batches are errors. A state carried from one
	// text to another that has nothing to do with it is a mistake: see
	// [Network.ResetState]. Predict always begins with state 0. The states are
	// buffers, "state", and part of checkpoints and files.
	Carry int
	Init  Initializer // of both matrices; nil draws from U(±1/√Units), as PyTorch
}

func newSimpleRNN[T element](l SimpleRNN, in Shape, b *builder[T]) (module[T], Shape, error) {
	return newRecurrent(recurrence{units: l.Units, gates: 1, kept: 1, truncate: l.Truncate, carry: l.Carry}, rnnCell[T]{}, in, l.Init, b)
}

type rnnCell[T element] struct{}

func (rnnCell[T]) forward(m *recurrent[T], t int) { blas.Tanh(m.state(0, t+1), m.at(m.pre, t)) }

func (rnnCell[T]) backward(m *recurrent[T], t int) {
	h, dPre := m.state(0, t+1), m.inBlock(m.dPre, t)
	for i := range m.rows {
		h, d, dh := m.row(h, i), m.row(dPre, i), m.row(m.dStates[0], i)
		if m.isPadding(i, t) {
			clear(d)
			continue
		}
		for j, g := range dh {
			d[j] = g * (1 - h[j]*h[j])
		}
		clear(dh)
	}
}

// Carry returns the number of rows whose states the recurrent layers carry from batch
// to batch, the smallest of all layers that do, or 0 if none does.
func (n *Network) Carry() int { return carried(n.layers) }

func carried(layers []Layer) (rows int) {
	for _, l := range layers {
		k := 0
		switch l := unwrap(l).(type) {
		case SimpleRNN:
			k = l.Carry
		case LSTM:
			k = l.Carry
		case GRU:
			k = l.Carry
		case Residual:
			k = carried(l)
		}
		if k > 0 && (rows == 0 || k < rows) {
			rows = k
		}
	}
	return rows
}
