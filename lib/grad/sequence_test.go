package grad_test

import (
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/golden"
	"github.com/descent-go/descent/lib/grad"
	"github.com/descent-go/descent/lib/model"
)

// A cell returns the states after a token from those before, x·W_ihᵀ + b_ih and
// h·W_hhᵀ + b_hh, as the formulas of package model say.
type cell struct {
	gates, states int
	next          func(states []*grad.Node, fromX, fromH func(gate int) *grad.Node) []*grad.Node
}

var cells = map[string]cell{
	"SimpleRNN": {1, 1, func(_ []*grad.Node, x, h func(int) *grad.Node) []*grad.Node {
		return []*grad.Node{x(0).Add(h(0)).Tanh()}
	}},
	"LSTM": {4, 2, func(s []*grad.Node, x, h func(int) *grad.Node) []*grad.Node {
		i, f, g, o := x(0).Add(h(0)).Sigmoid(), x(1).Add(h(1)).Sigmoid(), x(2).Add(h(2)).Tanh(), x(3).Add(h(3)).Sigmoid()
		c := f.Mul(s[1]).Add(i.Mul(g))
		return []*grad.Node{o.Mul(c.Tanh()), c}
	}},
	"GRU": {3, 1, func(s []*grad.Node, x, h func(int) *grad.Node) []*grad.Node {
		r, z := x(0).Add(h(0)).Sigmoid(), x(1).Add(h(1)).Sigmoid()
		n := x(2).Add(r.Mul(h(2))).Tanh()
		return []*grad.Node{n.Sub(z.Mul(n)).Add(z.Mul(s[0]))}
	}},
}

// TestRecurrentLayersAreTheirFormulas writes the recurrent layers with nodes, tokens
// one after another, and compares outputs and gradients with those of package model on
// texts that are filled up with −1 at either end.
func TestRecurrentLayersAreTheirFormulas(t *testing.T) {
	const rows, tokens, vocabulary, size, units = 6, 5, 4, 3, 4
	for name, layer := range map[string]model.Layer{
		"SimpleRNN": model.SimpleRNN{Units: units}, "LSTM": model.LSTM{Units: units}, "GRU": model.GRU{Units: units},
	} {
		s := cells[name]
		width := s.gates * units
		written := must[*grad.Model](t)(grad.NewModel(tokens, 1, func(g *grad.Graph, x *grad.Node) *grad.Node {
			e := g.Weights("weights", vocabulary, size)
			wx, wh := g.Weights("weight_ih", width, size), g.Weights("weight_hh", width, units)
			bx, bh := g.Biases("bias_ih", width), g.Biases("bias_hh", width)
			count := x.Len(0)
			states := make([]*grad.Node, s.states)
			for k := range states {
				states[k] = g.Const(make([]float64, count*units), count, units)
			}
			var out []*grad.Node
			for t := range tokens {
				id := x.Slice(1, t, t+1)
				real := id.Greater(g.Scalar(-0.5)) // count×1
				vector := e.Gather(id.Reshape(count).Maximum(g.Scalar(0)))
				fromX, fromH := vector.MatMul(wx.Transpose()).Add(bx), states[0].MatMul(wh.Transpose()).Add(bh)
				next := s.next(states,
					func(gate int) *grad.Node { return fromX.Slice(1, gate*units, (gate+1)*units) },
					func(gate int) *grad.Node { return fromH.Slice(1, gate*units, (gate+1)*units) })
				for k := range states {
					states[k] = states[k].Add(real.Mul(next[k].Sub(states[k])))
				}
				out = append(out, real.Mul(states[0]))
			}
			return grad.Concat(1, out...)
		}))
		layers := must[*model.Network](t)(model.NewNetwork(model.Tokens(tokens), 1, model.NewEmbedding(vocabulary, size), layer))
		r := rand.New(rand.NewPCG(2, 3))
		for i := range layers.Params() {
			layers.Params()[i] = r.NormFloat64()
		}
		copy(written.Params(), layers.Params())
		x := mat.NewDense(rows, tokens, nil)
		for i := range rows {
			for j := range tokens {
				x.Set(i, j, -1)
				if length := 1 + i%tokens; i%2 == 0 && j < length || i%2 == 1 && j >= tokens-length {
					x.Set(i, j, float64(r.IntN(vocabulary)))
				}
			}
		}
		var want, got mat.Dense
		written.Forward(&want, x)
		layers.Forward(&got, x)
		golden.CloseSlice(t, name+": y", got.RawMatrix().Data, want.RawMatrix().Data, 1e-13)
		d := make([]float64, rows*tokens*units)
		for i := range d {
			d[i] = r.NormFloat64()
		}
		wantGrad, gotGrad := make([]float64, len(written.Params())), make([]float64, len(layers.Params()))
		written.Backward(wantGrad, mat.NewDense(rows, tokens*units, d))
		layers.Backward(gotGrad, mat.NewDense(rows*tokens, units, d))
		golden.CloseSlice(t, name+": ∂L/∂θ", gotGrad, wantGrad, 1e-12)
	}
}
