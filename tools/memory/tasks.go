package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"time"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/lib/format"
	"github.com/descent-go/descent/lib/loss"
	"github.com/descent-go/descent/lib/optim"
	"github.com/descent-go/descent/lib/solve"
	"github.com/descent-go/descent/lib/stream"
	"github.com/descent-go/descent/lib/train"
)

// A job is what one process does.
type job struct {
	Task  string
	File  string // of the rows; empty for rows that are made
	Rows  int
	Batch int
	Seed  uint64
	Limit uint64 // bytes of data; 0 for none
	Cold  bool   // the file is not in the system's memory before
}

// A result is what comes of it.
type result struct {
	Theta   []float64
	Seconds float64
	Own     uint64 // bytes of memory at most
	Disk    uint64 // bytes read from disks
	Passes  int
}

// do does a job in this process.
func do(j job) (r result, err error) {
	if j.Limit > 0 {
		if err := limitData(j.Limit); err != nil {
			return r, err
		}
	}
	if j.Cold {
		file, err := os.Open(j.File)
		if err != nil {
			return r, err
		}
		err = forget(file)
		if err := errors.Join(err, file.Close()); err != nil {
			return r, err
		}
	}
	source := stream.NPY{X: j.File}.Batches(j.Batch)
	if j.File == "" {
		source = generated(j.Rows, j.Seed, j.Batch)
	}
	source = r.watch(source)
	begin := time.Now()
	m := newModel()
	switch j.Task {
	case "read":
		err = read(j.File)
	case "Gram":
		_, err = solve.StreamLeastSquares(m, source, solve.StreamOptions{})
	case "QR":
		_, err = solve.StreamLeastSquares(m, source, solve.StreamOptions{QR: true})
	case "Newton":
		_, err = solve.StreamLogistic(m, stream.Map(source, classes), solve.NewtonOptions{Tolerance: 1e-14})
	case "train.Stream":
		_, err = train.Stream(context.Background(), m, source, training(j))
	case "in memory: least squares", "in memory: Newton", "train.Fit":
		err = inMemory(j, func(data stream.Batch) error {
			switch j.Task {
			case "train.Fit":
				_, err := train.Fit(context.Background(), m, data.X, data.Y, training(j))
				return err
			case "in memory: Newton":
				data, _ = classes(data)
				_, err := solve.Logistic(m, data.X, data.Y, solve.NewtonOptions{Tolerance: 1e-14})
				return err
			}
			return solve.LeastSquares(m, data.X, data.Y, nil)
		})
		r.look()
	default:
		err = fmt.Errorf("there is no task %q", j.Task)
	}
	r.Seconds = time.Since(begin).Seconds()
	r.Theta = m.Params()
	if bytes, err := disk(); err == nil {
		r.Disk = bytes
	}
	return r, err
}

// training is one epoch of Adam.
func training(j job) train.Options {
	return train.Options{Loss: loss.MSE{}, Optimizer: optim.NewAdam(), Schedule: optim.Constant(0.01), Epochs: 1, BatchSize: j.Batch, KeepOrder: true}
}

// watch measures memory now and then while a source is read, and counts passes.
func (r *result) watch(source stream.Source) stream.Source {
	return func(epoch int) iter.Seq2[stream.Batch, error] {
		r.Passes++
		return func(yield func(stream.Batch, error) bool) {
			number := 0
			for b, err := range source(epoch) {
				if number++; number%64 == 0 {
					r.look()
				}
				if !yield(b, err) {
					break
				}
			}
			r.look()
		}
	}
}

// look measures memory.
func (r *result) look() {
	if bytes, err := own(); err == nil {
		r.Own = max(r.Own, bytes)
	}
}

// read reads a file and does nothing with it.
func read(name string) error {
	file, err := os.Open(name)
	if err != nil {
		return err
	}
	defer file.Close()
	buffer := make([]byte, 4<<20)
	for {
		if _, err := file.Read(buffer); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
	}
}

// inMemory reads all rows into memory and calls f.
func inMemory(j job, f func(stream.Batch) error) error {
	file, err := format.OpenNPY(j.File)
	if err != nil {
		return err
	}
	defer file.Close()
	x, y := mat.NewDense(j.Rows, features, nil), mat.NewDense(j.Rows, 1, nil)
	for i := range j.Rows {
		row, err := file.Slice(i*columns, (i+1)*columns, nil)
		if err != nil {
			return err
		}
		copy(x.RawRowView(i), row)
		y.Set(i, 0, row[features])
	}
	return f(stream.Batch{X: x, Y: y})
}
