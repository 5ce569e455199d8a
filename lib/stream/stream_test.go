package stream_test

import (
	"errors"
	"fmt"
	"iter"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/lib/preprocess"
	"github.com/descent-go/descent/lib/sparse"
	"github.com/descent-go/descent/lib/stream"
)

// numbered returns n rows, row i being (i, −i, 0, 0 or 1), with target 10·i.
func numbered(n int) stream.Batch {
	x, y := mat.NewDense(n, 4, nil), mat.NewDense(n, 1, nil)
	for i := range n {
		x.SetRow(i, []float64{float64(i), -float64(i), 0, float64(i % 2)})
		y.Set(i, 0, float64(10*i))
	}
	return stream.Batch{X: x, Y: y}
}

// everything reads an epoch. Rows are texts of the samples, their targets and weights.
func everything(t *testing.T, source stream.Source, epoch int) (rows []string, sizes []int) {
	t.Helper()
	for b, err := range source(epoch) {
		if err != nil {
			t.Fatal(err)
		}
		n, cols := b.X.Dims()
		sizes = append(sizes, n)
		for i := range n {
			row := mat.Row(nil, i, b.X)
			row = append(row, b.Y.RawRowView(i)...)
			if b.SampleWeights != nil {
				row = append(row, b.SampleWeights[i])
			}
			rows = append(rows, fmt.Sprint(cols, row))
		}
	}
	return rows, sizes
}

func lastError(source stream.Source) (err error) {
	for _, err = range source(1) {
	}
	return err
}

// sources are the same ten rows in many ways.
func TestSameRows(t *testing.T) {
	data := numbered(10)
	weighted := data
	weighted.SampleWeights = []float64{1, 1, 1, 2, 1, 1, 1, 1, 0, 1}
	csr := data
	csr.X = sparse.FromDense(data.X)
	identity := func(b stream.Batch) (stream.Batch, error) { return b, nil }
	for name, data := range map[string]stream.Batch{"dense": data, "weighted": weighted, "sparse": csr, "a transpose": {X: mat.DenseCopyOf(data.X.T()).T(), Y: data.Y}} {
		of := stream.Of(data, 3)
		want, _ := everything(t, of, 1)
		two := stream.Concat(stream.Of(data.Take([]int{0, 1, 2, 3, 4, 5, 6}), 3), stream.Of(data.Take([]int{7, 8, 9}), 2))
		for kind, test := range map[string]struct {
			source stream.Source
			sizes  []int
		}{
			"Of":          {of, []int{3, 3, 3, 1}},
			"Concat":      {two, []int{3, 3, 1, 2, 1}},
			"Batches":     {stream.Batches(two, 4), []int{4, 4, 2}},
			"one batch":   {stream.Batches(two, 100), []int{10}},
			"smaller":     {stream.Batches(two, 1), []int{1, 1, 1, 1, 1, 1, 1, 1, 1, 1}},
			"Map":         {stream.Map(two, identity), []int{3, 3, 1, 2, 1}},
			"ReadAhead":   {stream.ReadAhead(two), []int{3, 3, 1, 2, 1}},
			"all of them": {stream.ReadAhead(stream.Batches(stream.ReadAhead(stream.Map(two, identity)), 5)), []int{5, 5}},
		} {
			for epoch := 1; epoch <= 2; epoch++ {
				got, sizes := everything(t, test.source, epoch)
				if !slices.Equal(got, want) || !slices.Equal(sizes, test.sizes) {
					t.Errorf("%s, %s: batches of %v:\n%v, want %v:\n%v", name, kind, sizes, got, test.sizes, want)
				}
			}
		}
		shuffled := stream.Shuffle(two, 6, 4, 7)
		first, sizes := everything(t, shuffled, 1)
		again, _ := everything(t, shuffled, 1)
		second, _ := everything(t, shuffled, 2)
		if !slices.Equal(first, again) || slices.Equal(first, second) || slices.Equal(first, want) || !slices.Equal(sizes, []int{4, 2, 4}) {
			t.Errorf("%s: shuffled are, in batches of %v,\n%v, again\n%v, in epoch 2\n%v", name, sizes, first, again, second)
		}
		for _, window := range [][2]int{{0, 6}, {6, 10}} {
			a, b := slices.Clone(first[window[0]:window[1]]), slices.Clone(want[window[0]:window[1]])
			slices.Sort(a)
			slices.Sort(b)
			if !slices.Equal(a, b) {
				t.Errorf("%s: rows %v have others than in order", name, window)
			}
		}
	}
}

// TestWeightsInSomeFiles: rows of files without weights have the weight 1.
func TestWeightsInSomeFiles(t *testing.T) {
	plain, weighted := numbered(2), numbered(2)
	weighted.SampleWeights = []float64{3, 4}
	source := stream.Batches(stream.Concat(stream.Of(plain, 2), stream.Of(weighted, 2), stream.Of(plain, 2)), 6)
	for b, err := range source(1) {
		if err != nil || !slices.Equal(b.SampleWeights, []float64{1, 1, 3, 4, 1, 1}) {
			t.Errorf("weights %v, error %v", b.SampleWeights, err)
		}
	}
}

// TestShuffleIsUniform: each order of a window is as likely as another.
func TestShuffleIsUniform(t *testing.T) {
	source := stream.Shuffle(stream.Of(numbered(3), 2), 3, 3, 1)
	counts := map[string]int{}
	const epochs = 6000
	for epoch := range epochs {
		rows, _ := everything(t, source, epoch)
		counts[strings.Join(rows, "")]++
	}
	if len(counts) != 6 {
		t.Fatalf("%d orders, want 6", len(counts))
	}
	for order, n := range counts {
		if math.Abs(float64(n)-epochs/6) > 5*math.Sqrt(epochs/6) {
			t.Errorf("%s: %d times of %d", order, n, epochs)
		}
	}
}

func TestTransform(t *testing.T) {
	scaler := preprocess.NewStandardScaler()
	data := numbered(10)
	data.X = data.X.(*mat.Dense).Slice(0, 10, 0, 2)
	if err := scaler.Fit(data.X); err != nil {
		t.Fatal(err)
	}
	x, err := scaler.Transform(data.X)
	if err != nil {
		t.Fatal(err)
	}
	want, _ := everything(t, stream.Of(stream.Batch{X: x, Y: data.Y}, 4), 1)
	got, _ := everything(t, stream.Transform(stream.Of(data, 4), scaler), 1)
	if !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	if err := lastError(stream.Transform(stream.Of(numbered(10), 4), scaler)); err == nil || !strings.Contains(err.Error(), "batch 1 of epoch 1: preprocess: StandardScaler") {
		t.Errorf("other columns than in Fit: error %v", err)
	}
}

func TestErrors(t *testing.T) {
	broken := errors.New("no disk")
	breaks := func(epoch int) iter.Seq2[stream.Batch, error] {
		return func(yield func(stream.Batch, error) bool) {
			for b, err := range stream.Of(numbered(5), 5)(epoch) {
				if !yield(b, err) {
					return
				}
			}
			yield(stream.Batch{}, broken)
		}
	}
	narrow := stream.Of(stream.Batch{X: mat.NewDense(2, 3, nil), Y: mat.NewDense(2, 1, nil)}, 2)
	csr := stream.Of(stream.Batch{X: sparse.FromDense(numbered(2).X), Y: numbered(2).Y}, 2)
	identity := func(b stream.Batch) (stream.Batch, error) { return b, nil }
	for part, source := range map[string]stream.Source{
		"no disk":                                breaks,
		"x or y is":                              stream.Of(stream.Batch{X: mat.NewDense(1, 1, nil)}, 1),
		"x has 2 rows, y has 3, and there are 0": stream.Of(stream.Batch{X: mat.NewDense(2, 1, nil), Y: mat.NewDense(3, 1, nil)}, 1),
		"rows of 3 columns and 1 targets follow": stream.Batches(stream.Concat(stream.Of(numbered(2), 2), narrow), 9),
		"sparse rows and dense rows":             stream.Shuffle(stream.Concat(stream.Of(numbered(2), 2), csr), 9, 3, 1),
	} {
		for kind, source := range map[string]stream.Source{
			"itself": source, "Concat": stream.Concat(source, stream.Of(numbered(9), 9)), "Map": stream.Map(source, identity),
			"Batches": stream.Batches(source, 100), "Shuffle": stream.Shuffle(source, 2, 2, 1), "ReadAhead": stream.ReadAhead(source),
		} {
			if err := lastError(source); err == nil || !strings.Contains(err.Error(), part) {
				t.Errorf("%q, %s: error %v", part, kind, err)
			}
		}
	}
}

// TestLeave: a loop that is left ends what it reads from, and its goroutines.
func TestLeave(t *testing.T) {
	ended := 0
	endless := func(int) iter.Seq2[stream.Batch, error] {
		return func(yield func(stream.Batch, error) bool) {
			defer func() { ended++ }()
			for yield(numbered(3), nil) {
			}
		}
	}
	identity := func(b stream.Batch) (stream.Batch, error) { return b, nil }
	for i, source := range []stream.Source{
		endless, stream.Concat(endless, endless), stream.Map(endless, identity), stream.Batches(endless, 2), stream.Shuffle(endless, 2, 1, 1), stream.ReadAhead(endless),
	} {
		for range 3 {
			ended = 0
			for range source(1) {
				break
			}
			if ended != 1 {
				t.Errorf("source %d: %d ends", i, ended)
			}
		}
	}
}

// TestPanics: sizes that cannot be are mistakes of a program.
func TestPanics(t *testing.T) {
	of := stream.Of(numbered(1), 1)
	for i, f := range []func(){
		func() { stream.Of(numbered(1), 0) }, func() { stream.Batches(of, 0) }, func() { stream.Shuffle(of, 1, 2, 1) }, func() { stream.Shuffle(of, 1, 0, 1) },
		func() { stream.NPY{}.Batches(0) }, func() { stream.CSV{}.Batches(0) }, func() { stream.LibSVM{}.Batches(0) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("case %d does not panic", i)
				}
			}()
			f()
		}()
	}
}

// TestAllocatesNothing for each batch, after the first ones.
func TestAllocatesNothing(t *testing.T) {
	data := numbered(4096)
	for name, source := range map[string]stream.Source{
		"Batches": stream.Batches(stream.Of(data, 3), 4), "Shuffle": stream.Shuffle(stream.Of(data, 3), 64, 4, 1), "ReadAhead": stream.ReadAhead(stream.Of(data, 4)),
	} {
		n := testing.AllocsPerRun(3, func() {
			for _, err := range source(1) {
				if err != nil {
					t.Fatal(err)
				}
			}
		})
		if n > 200 {
			t.Errorf("%s: %g allocations for a thousand batches", name, n)
		}
	}
}

// random returns rows of random numbers, some 0.
func random(rows, cols int) stream.Batch {
	r := rand.New(rand.NewPCG(uint64(rows), uint64(cols)))
	x, y := mat.NewDense(rows, cols, nil), mat.NewDense(rows, 1, nil)
	for i := range rows {
		for j := range cols {
			if r.IntN(3) > 0 {
				x.Set(i, j, r.NormFloat64())
			}
		}
		y.Set(i, 0, r.NormFloat64())
	}
	return stream.Batch{X: x, Y: y}
}
