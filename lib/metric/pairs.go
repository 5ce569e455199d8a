package metric

import (
	"math"
	"runtime"
	"sync"

	"github.com/descent-go/descent/internal/accurate"
	"github.com/descent-go/descent/internal/rows"
	"github.com/descent-go/descent/lib/blas"
)

// A pairing is a number for each pair of a true value and a prediction, in a form
// that takes many pairs at a time.
type pairing struct {
	set         func(dst, truth, pred []float64, center float64) // dst to the numbers; nil for the true values
	truth, pred []float64
	center      float64 // for deviations
	unit        float64 // not 0: the numbers are divided by it and squared
}

// at is the number of pair i.
func (p pairing) at(i int) float64 {
	if p.set == nil {
		return p.truth[i]
	}
	var dst [1]float64
	p.set(dst[:], p.truth[i:i+1], p.pred[i:i+1], p.center)
	p.square(dst[:])
	return dst[0]
}

// square divides by the unit and squares, if there is one.
func (p pairing) square(dst []float64) {
	switch p.unit {
	case 0:
	case 1:
		for k, v := range dst {
			dst[k] = v * v
		}
	default:
		for k, v := range dst {
			v /= p.unit
			dst[k] = v * v
		}
	}
}

// mean is that of the numbers over rows of positive weight, as in the function of
// that name: in parts of rows, which the cores share. The parts are the same on
// any number of cores.
func (p pairing) mean(weight []float64) float64 {
	m := means.Get().(*pairMean)
	defer means.Put(m)
	sum, total := m.sums(p, weight)
	if math.IsInf(sum, 0) || math.IsInf(total, 0) {
		return meanOfLarge(len(p.truth), weight, p.at)
	}
	return sum / total
}

const (
	partRows  = 1 << 14
	blockRows = 1 << 9
)

// A pairMean is the memory for a mean of pairs.
type pairMean struct {
	pairing
	weight  []float64
	parts   rows.Parts
	of      []partSum
	buffers [][blockRows]float64 // of each worker
	add     func(worker, part, lo, hi int)
}

type partSum struct{ sum, total accurate.Sum }

var means = sync.Pool{New: func() any {
	m := new(pairMean)
	m.add = m.addBlock
	return m
}}

// sums returns Σ wᵢ valueᵢ and Σ wᵢ.
func (m *pairMean) sums(p pairing, weight []float64) (sum, total float64) {
	n := len(p.truth)
	if n == 0 {
		return 0, 0
	}
	m.pairing, m.weight = p, weight
	m.parts.Set(0, n, partRows, blockRows)
	workers := rows.Workers(runtime.GOMAXPROCS(0), n)
	if len(m.buffers) < workers {
		m.buffers = make([][blockRows]float64, workers)
	}
	if len(m.of) < m.parts.Count() {
		m.of = make([]partSum, m.parts.Count())
	}
	of := m.of[:m.parts.Count()]
	clear(of)
	m.parts.Do(workers, m.add)
	m.pairing, m.weight = pairing{}, nil // not to be kept by the pool
	var all partSum
	for _, s := range of {
		all.sum.AddSum(s.sum)
		all.total.AddSum(s.total)
	}
	return all.sum.Value(), all.total.Value()
}

// addBlock adds the rows from lo to hi to the sums of a part.
func (m *pairMean) addBlock(worker, part, lo, hi int) {
	s, values := &m.of[part], m.truth[lo:hi]
	if m.set != nil {
		values = m.buffers[worker][:hi-lo]
		m.set(values, m.truth[lo:hi], m.pred[lo:hi], m.center)
		m.square(values)
	}
	if m.weight == nil {
		s.sum.AddSum(exactly(values))
		s.total.Add(float64(hi - lo))
		return
	}
	weight, weighted := m.weight[lo:hi], m.buffers[worker][:hi-lo]
	for k, w := range weight {
		v := w * values[k]
		if w == 0 {
			v = 0 // whatever the value is
		}
		weighted[k] = v
	}
	s.sum.AddSum(exactly(weighted))
	s.total.AddSum(exactly(weight))
}

func exactly(v []float64) accurate.Sum {
	high, low := blas.SumExactly(v)
	return accurate.Sum{High: high, Low: low}
}

// The pairings. Each takes slices of one length.

func differences(dst, truth, pred []float64, _ float64) {
	truth, pred = truth[:len(dst)], pred[:len(dst)]
	for k := range dst {
		dst[k] = truth[k] - pred[k]
	}
}

func absolutes(dst, truth, pred []float64, _ float64) {
	truth, pred = truth[:len(dst)], pred[:len(dst)]
	for k := range dst {
		dst[k] = math.Abs(truth[k] - pred[k])
	}
}

func percentages(dst, truth, pred []float64, _ float64) {
	truth, pred = truth[:len(dst)], pred[:len(dst)]
	for k := range dst {
		dst[k] = math.Abs(truth[k]-pred[k]) / max(math.Abs(truth[k]), epsilon)
	}
}

func deviations(dst, truth, _ []float64, center float64) {
	truth = truth[:len(dst)]
	for k := range dst {
		dst[k] = truth[k] - center
	}
}
