package main

import (
	"io"
	"math/rand/v2"

	"github.com/gomlx/gomlx/pkg/core/tensors"
)

// batches is a train.Dataset that goes through the rows in a new order in each epoch. (Shuffle of
// GoMLX's own in-memory dataset takes no seed in this version.)
type batches struct {
	x, y  [][]float64
	size  int
	order *rand.Rand
	next  []int // the rows that are still to come in this epoch
}

func newBatches(x, y [][]float64, size int, seed uint64) *batches {
	b := &batches{x: x, y: y, size: size, order: rand.New(rand.NewPCG(seed, 0))}
	b.Reset()
	return b
}

// Name implements train.Dataset.
func (b *batches) Name() string { return "rows" }

// Reset implements train.Dataset: it begins an epoch.
func (b *batches) Reset() { b.next = b.order.Perm(len(b.x)) }

// Yield implements train.Dataset: it returns the next batch, or io.EOF after the last one.
func (b *batches) Yield() (spec any, inputs, labels []*tensors.Tensor, err error) {
	if len(b.next) == 0 {
		return nil, nil, nil, io.EOF
	}
	n := min(b.size, len(b.next))
	var x, y [][]float64
	for _, i := range b.next[:n] {
		x, y = append(x, b.x[i]), append(y, b.y[i])
	}
	b.next = b.next[n:]
	return nil, []*tensors.Tensor{tensors.FromValue(x)}, []*tensors.Tensor{tensors.FromValue(y)}, nil
}
