package batch

import (
	"errors"
	"iter"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/lib/objective"
)

// counting yields n batches of one row, all in the same memory, and then err or a panic.
func counting(n int, err error, panics any) iter.Seq2[objective.Data, error] {
	return func(yield func(objective.Data, error) bool) {
		d := objective.Data{X: mat.NewDense(1, 1, nil), Y: mat.NewDense(1, 1, nil)}
		for i := range n {
			d.Y.Set(0, 0, float64(i))
			if !yield(d, nil) {
				return
			}
		}
		if panics != nil {
			panic(panics)
		}
		if err != nil {
			yield(objective.Data{}, err)
		}
	}
}

// TestReader reads ahead and keeps what it has given out.
func TestReader(t *testing.T) {
	r := Read(counting(5, nil, nil))
	defer r.Close()
	for i := range 5 {
		d, more, err := r.Next()
		if err != nil || !more || d.Y.At(0, 0) != float64(i) {
			t.Fatalf("batch %d: %v, more %v, error %v", i, d, more, err)
		}
		if last := r.Last(); last != (i == 4) || d.Y.At(0, 0) != float64(i) {
			t.Errorf("batch %d is the last: %v; it is then %v", i, last, d.Y.At(0, 0))
		}
	}
	for range 2 {
		if _, more, err := r.Next(); more || err != nil {
			t.Errorf("after the last batch: more %v, error %v", more, err)
		}
	}
}

// TestReaderEnds with an error, by a panic, and when it is closed early.
func TestReaderEnds(t *testing.T) {
	broken := errors.New("no disk")
	r := Read(counting(1, broken, nil))
	if _, more, err := r.Next(); !more || err != nil || r.Last() {
		t.Errorf("more %v, error %v, last %v: an error is to follow", more, err, r.Last())
	}
	for range 2 {
		if _, more, err := r.Next(); more || !errors.Is(err, broken) {
			t.Errorf("more %v, error %v", more, err)
		}
	}
	r.Close()
	r.Close()
	Read(counting(1000, nil, nil)).Close()

	r = Read(counting(1, nil, "out of paper"))
	defer r.Close()
	if _, more, err := r.Next(); !more || err != nil {
		t.Errorf("more %v, error %v", more, err)
	}
	defer func() {
		if v := recover(); v != "out of paper" {
			t.Errorf("recovered %v", v)
		}
	}()
	_, _, _ = r.Next()
	t.Error("the panic is lost")
}
