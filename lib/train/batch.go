package train

import (
	"math/rand/v2"

	"github.com/descent-go/descent/internal/accurate"
)

// batches deals the samples of a data set out in batches. It shuffles a list
// of indices and never moves the caller's data.
type batches struct {
	data      Data
	weights   []float64 // of the rows; nil means all 1
	rows      int
	size      int
	seed      uint64
	keepOrder bool
	order     []int // nil for one batch of all samples
}

func newBatches(data Data, weights []float64, size int, keepOrder bool, seed uint64) *batches {
	rows, _ := data.X.Dims()
	if size == 0 || size > rows {
		size = rows
	}
	b := &batches{data: data, weights: weights, rows: rows, size: size, seed: seed, keepOrder: keepOrder}
	if size < rows {
		b.order = make([]int, rows)
	}
	return b
}

// count returns the number of batches in an epoch.
func (b *batches) count() int { return (b.rows + b.size - 1) / b.size }

// shuffle draws the order of an epoch. It depends on the seed and the epoch
// alone, so that training resumed in any epoch sees the same batches.
func (b *batches) shuffle(epoch int) {
	if b.order == nil {
		return
	}
	for i := range b.order {
		b.order[i] = i
	}
	if b.keepOrder {
		return
	}
	r := rand.New(rand.NewPCG(b.seed, uint64(epoch)))
	r.Shuffle(len(b.order), func(i, j int) { b.order[i], b.order[j] = b.order[j], b.order[i] })
}

// bounds returns where in the epoch's order batch number i begins and ends.
func (b *batches) bounds(i int) (lo, hi int) {
	return i * b.size, min((i+1)*b.size, b.rows)
}

// weight returns the sum of the weights of batch number i: of its samples, or of the
// tokens in them.
func (b *batches) weight(i int) float64 {
	lo, hi := b.bounds(i)
	if b.weights == nil {
		return float64(hi - lo)
	}
	var sum accurate.Sum
	for k := lo; k < hi; k++ {
		if b.order == nil {
			sum.Add(b.weights[k])
		} else {
			sum.Add(b.weights[b.order[k]])
		}
	}
	return sum.Value()
}
