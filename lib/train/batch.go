package train

import (
	"math/rand/v2"

	"github.com/descent-go/descent/internal/accurate"
)

// A feed deals the batches of an epoch to the loop. Batches are counted from 0.
type feed interface {
	// begin goes to a batch of an epoch: to 0, or in a resumed run to a later one.
	begin(epoch, batch int) error
	// next makes the objective see the batch. more is false if there is none.
	next(batch int) (more bool, err error)
	last(batch int) bool           // whether no other follows
	bounds(batch int) (lo, hi int) // of its rows in the objective
	weight(batch int) float64      // the sum of its sample weights
	largest() int                  // rows of the largest batch of the epoch so far
	end()
}

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

func (b *batches) begin(epoch, _ int) error {
	b.shuffle(epoch)
	return nil
}

func (b *batches) next(batch int) (more bool, err error) { return batch < b.count(), nil }
func (b *batches) last(batch int) bool                   { return batch == b.count()-1 }
func (b *batches) largest() int                          { return b.size }
func (b *batches) end()                                  {}

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
