// Package stream reads data that are larger than memory, in batches.
//
// A [Source] is a function that yields the batches of an epoch. It can be called
// again, so that each epoch reads the data anew, and no more than a few batches are
// in memory. [train.Stream] trains on a source as train.Fit does on a matrix, the
// solvers by passes (solve.LeastSquaresStream and others) find exact minima, and
// the transformers of package preprocess with a method PartialFit learn from it part
// by part.
//
//	rows, err := stream.OpenNPY("x.npy", "y.npy")   // mapped, not read
//	source := stream.Shuffle(rows.Batches(1000), 100_000, 64, seed)
//	history, err := train.Stream(ctx, m, source, options)
//
// # Sources
//
//	OpenNPY       .npy files, mapped into memory
//	CSV           a CSV file, by parts; Tables yields the parts as tables
//	LibSVM        a LibSVM file, as sparse rows
//	Of            a matrix in memory
//	a function    anything else, such as a generator
//
// lib/parquet, a separate module, reads Parquet files.
//
// # What can be done with a source
//
//	Concat        several sources, one after the other: many files as one
//	Batches       batches of a fixed size, across the borders of files
//	Shuffle       rows in random order within a window
//	Transform     a fitted transformer applied to each batch
//	Map           any function of a batch
//	ReadAhead     the next batch is read on another goroutine
//
// # What holds for all sources
//
// A batch holds until the next one is asked for: keep a copy, not the batch. An
// error ends an epoch; it says which file and line or row. The same source yields
// the same bits for the same epoch, which training needs to resume in the middle of
// one. Reading does not begin before the first batch is asked for, and ends when the
// loop is left; files are closed then.
package stream

import (
	"fmt"
	"iter"
	"math/rand/v2"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/batch"
	"github.com/descent-go/descent/internal/rows"
	"github.com/descent-go/descent/lib/objective"
)

// Batch is some samples with their targets, and weights or none. X is a *mat.Dense, a
// *sparse.CSR or any other matrix.
type Batch = objective.Data

// Source yields the batches of an epoch: see [objective.Source].
type Source = objective.Source

// Of returns a source of the rows of data in their order, in batches of size rows; the
// last one may be smaller. The batches are views where they can be.
func Of(data Batch, size int) Source {
	if size < 1 {
		panic(fmt.Sprintf("stream: batches of %d rows", size))
	}
	return func(int) iter.Seq2[Batch, error] {
		return func(yield func(Batch, error) bool) {
			count, err := batch.CountRows(data)
			if err != nil {
				yield(Batch{}, err)
				return
			}
			var x, y rows.Buffer
			for lo := 0; lo < count; lo += size {
				hi := min(lo+size, count)
				b := Batch{X: x.Take(rows.Of(data.X), nil, lo, hi), Y: y.Take(rows.Of(data.Y), nil, lo, hi).(*mat.Dense)}
				if data.SampleWeights != nil {
					b.SampleWeights = data.SampleWeights[lo:hi]
				}
				if !yield(b, nil) {
					return
				}
			}
		}
	}
}

// Concat returns a source that yields the batches of all sources, one source after
// the other: several files as one. A batch does not reach across the border of two
// sources; see [Batches].
func Concat(sources ...Source) Source {
	return func(epoch int) iter.Seq2[Batch, error] {
		return func(yield func(Batch, error) bool) {
			for _, source := range sources {
				for b, err := range source(epoch) {
					if !yield(b, err) || err != nil {
						return
					}
				}
			}
		}
	}
}

// Map returns a source that yields f(batch) for each batch of source. f must not
// change the batch. Its error ends the epoch.
func Map(source Source, f func(Batch) (Batch, error)) Source {
	return func(epoch int) iter.Seq2[Batch, error] {
		return func(yield func(Batch, error) bool) {
			number := 0
			for b, err := range source(epoch) {
				number++
				if err == nil {
					if b, err = f(b); err != nil {
						err = fmt.Errorf("stream: batch %d of epoch %d: %w", number, epoch, err)
					}
				}
				if err != nil {
					yield(Batch{}, err)
					return
				}
				if !yield(b, nil) {
					return
				}
			}
		}
	}
}

// Transform returns a source whose X is that of source, transformed by t, a fitted
// transformer of package preprocess.
func Transform(source Source, t interface {
	Transform(x mat.Matrix) (mat.Matrix, error)
}) Source {
	return Map(source, func(b Batch) (Batch, error) {
		x, err := t.Transform(b.X)
		b.X = x
		return b, err
	})
}

// Batches returns a source of the same rows in batches of size rows, whatever the
// batches of source are: they are cut, and joined across the borders of files. The
// last batch of an epoch may be smaller.
func Batches(source Source, size int) Source {
	if size < 1 {
		panic(fmt.Sprintf("stream: batches of %d rows", size))
	}
	return batch.Join(source, size)
}

// Shuffle returns a source of the same rows in random order, in batches of size rows.
// The order is random within windows of the given number of rows, which are in memory:
// window k of epoch e is put into the order in which a generator that is seeded by
// (seed, e) leaves it. A row does not leave its window, so that files in which
// neighbours are alike, such as files sorted by label, need a window that is larger
// than a run of these, or files shuffled once.
//
// Batches do not reach across windows: choose a window that is a multiple of size.
func Shuffle(source Source, window, size int, seed uint64) Source {
	if size < 1 || window < size {
		panic(fmt.Sprintf("stream: batches of %d rows from windows of %d", size, window))
	}
	return func(epoch int) iter.Seq2[Batch, error] {
		var d dealer
		r := rand.New(rand.NewPCG(seed, uint64(epoch)))
		return batch.Windows(source(epoch), window, func(full *batch.Buffer, yield func(Batch, error) bool) bool {
			d.order = d.order[:0]
			for i := range full.Len() {
				d.order = append(d.order, i)
			}
			r.Shuffle(len(d.order), func(i, j int) { d.order[i], d.order[j] = d.order[j], d.order[i] })
			all := full.Data(0, full.Len())
			for lo := 0; lo < len(d.order); lo += size {
				if !yield(d.take(all, d.order[lo:min(lo+size, len(d.order))]), nil) {
					return false
				}
			}
			return true
		})
	}
}

// A dealer takes rows out of a window, into memory that it uses again.
type dealer struct {
	order   []int
	x, y    rows.Buffer
	weights []float64
}

func (d *dealer) take(all Batch, part []int) Batch {
	b := Batch{
		X: d.x.Take(rows.Of(all.X), part, 0, len(part)),
		Y: d.y.Take(rows.Of(all.Y), part, 0, len(part)).(*mat.Dense),
	}
	if all.SampleWeights != nil {
		d.weights = d.weights[:0]
		for _, i := range part {
			d.weights = append(d.weights, all.SampleWeights[i])
		}
		b.SampleWeights = d.weights
	}
	return b
}

// ReadAhead returns a source that yields the batches of source. It reads the next
// batch, on another goroutine, while the caller works on one. It copies them.
// [train.Stream] and the solvers do this by themselves.
func ReadAhead(source Source) Source {
	return func(epoch int) iter.Seq2[Batch, error] {
		return func(yield func(Batch, error) bool) {
			r := batch.Read(source(epoch))
			defer r.Close()
			for {
				b, more, err := r.Next()
				if err != nil {
					yield(Batch{}, err)
					return
				}
				if !more || !yield(b, nil) {
					return
				}
			}
		}
	}
}
