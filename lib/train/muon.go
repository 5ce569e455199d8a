package train

import (
	"fmt"
	"slices"
	"strings"

	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/lib/optim"
)

// NewMuon returns the customary optimizer for a network m with hidden layers:
// [optim.Muon] with a decay of 0.1 for the weights between layers, filters of
// convolutions included; [optim.AdamW] for embeddings and for the weights of the last
// layer; and [optim.Adam], without decay, for biases and scales. One learning rate
// serves all, since the steps of Muon are scaled like those of AdamW.
//
// It returns an error if m has no hidden layers, such as a [model.Linear]. For
// other groups, build [optim.Groups] from m.Layout().
//
// Source: Liu et al., Muon is Scalable for LLM Training, 2025.
func NewMuon(m model.Model) (*optim.Groups, error) {
	layout := m.Layout()
	last := -1 // of the weights that are matrices: those of the output layer
	for i, p := range layout {
		if isMatrix(p) {
			last = i
		}
	}
	var hidden, weights, others []optim.Range
	var shapes []optim.Matrix
	for i, p := range layout {
		r := optim.Span(p.Offset, p.Size())
		switch {
		case !p.Decay:
			others = append(others, r)
		case i == last || !isMatrix(p):
			weights = append(weights, r)
		default:
			hidden = append(hidden, r)
			shapes = append(shapes, matrixOf(p))
		}
	}
	if len(hidden) == 0 {
		return nil, fmt.Errorf("train: the %T has no weights between two layers, which Muon is for: use optim.NewAdamW", m)
	}
	muon := optim.NewMuon(shapes...)
	muon.Scale = optim.ScaleLikeAdamW
	groups := []optim.Group{
		{Ranges: hidden, Rate: 1, Optimizer: optim.WeightDecay{Lambda: 0.1, Decoupled: true, Optimizer: muon}},
		{Ranges: weights, Rate: 1, Optimizer: optim.NewAdamW()},
		{Ranges: others, Rate: 1, Optimizer: optim.NewAdam()},
	}
	return &optim.Groups{Groups: slices.DeleteFunc(groups, func(g optim.Group) bool { return len(g.Ranges) == 0 })}, nil
}

// isMatrix reports that p holds the weights between two layers. An embedding is a
// list of vectors, one for each word, and no such matrix.
func isMatrix(p model.Param) bool {
	return p.Decay && len(p.Shape) >= 2 && !strings.Contains(p.Name, "embedding") && !strings.Contains(p.Name, "factors")
}

// matrixOf returns the shape of weights: (inputs, outputs) as of a dense layer,
// (outputs, inputs) as of a recurrent layer, or (filters, channels, height, width).
func matrixOf(p model.Param) optim.Matrix {
	if len(p.Shape) == 2 && !strings.Contains(p.Name, ".weight_") {
		return optim.Matrix{Rows: p.Shape[0], Cols: p.Shape[1]}
	}
	return optim.Matrix{Rows: p.Shape[0], Cols: p.Size() / p.Shape[0], OutputRows: true}
}
