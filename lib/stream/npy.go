package stream

import (
	"errors"
	"fmt"
	"iter"

	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/lib/format"
)

// NPY names .npy files of samples, as numpy.save writes them. The first dimension is
// the rows; the others are flattened. The files are mapped into memory where the system
// can do that: see [format.OpenNPY].
type NPY struct {
	X string // the file of the samples
	// Y is the file of the targets, of one or two dimensions. If it is empty, the last
	// column of X is the target.
	Y       string
	Weights string // the file of the sample weights; empty for none
}

// Batches returns a source of the rows in their order, in batches of size rows. An error
// names the file. The files are open while an epoch is read.
func (n NPY) Batches(size int) Source {
	if size < 1 {
		panic(fmt.Sprintf("stream: batches of %d rows", size))
	}
	return func(int) iter.Seq2[Batch, error] {
		return func(yield func(Batch, error) bool) {
			if err := n.read(size, yield); err != nil {
				yield(Batch{}, fmt.Errorf("stream: %w", err))
			}
		}
	}
}

func (n NPY) read(size int, yield func(Batch, error) bool) error {
	x, err := openMatrix(n.X)
	if err != nil {
		return err
	}
	defer x.close()
	var y, weights *matrix
	if n.Y != "" {
		if y, err = openMatrix(n.Y); err != nil {
			return err
		}
		defer y.close()
	} else if x.cols < 2 {
		return fmt.Errorf("%s has one column, want features and, in the last column, the target: or set Y", n.X)
	}
	if n.Weights != "" {
		if weights, err = openMatrix(n.Weights); err != nil {
			return err
		}
		defer weights.close()
	}
	for _, other := range []*matrix{y, weights} {
		if other != nil && other.rows != x.rows {
			return fmt.Errorf("%s has %d rows, %s has %d", n.X, x.rows, other.name, other.rows)
		}
	}
	if weights != nil && weights.cols != 1 {
		return fmt.Errorf("%s has %d columns, want one weight for each row", n.Weights, weights.cols)
	}
	var samples, targets mat.Dense
	for lo := 0; lo < x.rows; lo += size {
		hi := min(lo+size, x.rows)
		all, err := x.slice(lo, hi)
		if err != nil {
			return err
		}
		features, rest := all, all
		if y == nil {
			last := x.cols - 1
			features.Cols, rest.Cols, rest.Data = last, 1, rest.Data[last:]
			features.Data = features.Data[:len(features.Data)-1]
		} else if rest, err = y.slice(lo, hi); err != nil {
			return err
		}
		samples.SetRawMatrix(features)
		targets.SetRawMatrix(rest)
		b := Batch{X: &samples, Y: &targets}
		if weights != nil {
			w, err := weights.slice(lo, hi)
			if err != nil {
				return err
			}
			b.SampleWeights = w.Data
		}
		if !yield(b, nil) {
			return nil
		}
	}
	return nil
}

// A matrix is a file as rows.
type matrix struct {
	name       string
	file       *format.NPYFile
	rows, cols int
	buffer     []float64
}

func openMatrix(name string) (*matrix, error) {
	if name == "" {
		return nil, errors.New("NPY.X is not set")
	}
	f, err := format.OpenNPY(name)
	if err != nil {
		return nil, err
	}
	if len(f.Shape) == 0 || f.Len() == 0 {
		_ = f.Close()
		return nil, fmt.Errorf("%s has the shape %v, want rows", name, f.Shape)
	}
	return &matrix{name: name, file: f, rows: f.Shape[0], cols: f.Len() / f.Shape[0]}, nil
}

func (m *matrix) close() { _ = m.file.Close() } // nothing was written

// slice returns rows, which hold until the next call.
func (m *matrix) slice(lo, hi int) (blas64.General, error) {
	data, err := m.file.Slice(lo*m.cols, hi*m.cols, m.buffer)
	if err != nil {
		return blas64.General{}, err
	}
	m.buffer = data // if it is the file itself, Slice does not use it
	return blas64.General{Rows: hi - lo, Cols: m.cols, Stride: m.cols, Data: data}, nil
}
