package stream_test

import (
	"context"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/lib/format"
	"github.com/descent-go/descent/lib/loss"
	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/lib/must"
	"github.com/descent-go/descent/lib/optim"
	"github.com/descent-go/descent/lib/preprocess"
	"github.com/descent-go/descent/lib/stream"
	"github.com/descent-go/descent/lib/train"
)

// Two CSV files are one stream. Training takes steps on batches of two rows.
func Example() {
	dir := must.Get(os.MkdirTemp("", "stream"))
	defer os.RemoveAll(dir)
	monday, tuesday := filepath.Join(dir, "monday.csv"), filepath.Join(dir, "tuesday.csv")
	must.Do(os.WriteFile(monday, []byte("x,y\n0,1\n1,3\n2,5\n"), 0o600))
	must.Do(os.WriteFile(tuesday, []byte("x,y\n3,7\n4,9\n"), 0o600))

	week := stream.Concat(
		stream.CSV{File: monday, Targets: []string{"y"}}.Batches(2),
		stream.CSV{File: tuesday, Targets: []string{"y"}}.Batches(2),
	)
	line := model.NewLinear(1, 1)
	must.Get(train.Stream(context.Background(), line, stream.Shuffle(week, 4, 2, 1), train.Options{
		Loss: loss.MSE{}, Schedule: optim.Constant(0.1), Epochs: 200,
	}))
	fmt.Printf("y = %.3f + %.3f·x\n", line.Params()[0], line.Params()[1])
	// Output: y = 1.000 + 2.000·x
}

func ExampleSource() {
	// Rows 0, 1, 2 … of the line y = 2x, a thousand in an epoch: none is stored.
	var line stream.Source = func(epoch int) iter.Seq2[stream.Batch, error] {
		return func(yield func(stream.Batch, error) bool) {
			for i := range 1000 {
				x := float64(i)
				if !yield(stream.Batch{X: mat.NewDense(1, 1, []float64{x}), Y: mat.NewDense(1, 1, []float64{2 * x})}, nil) {
					return
				}
			}
		}
	}
	for b := range stream.Batches(line, 300)(1) {
		rows, _ := b.X.Dims()
		fmt.Println(rows, "rows, the last target is", b.Y.At(rows-1, 0))
	}
	// Output:
	// 300 rows, the last target is 598
	// 300 rows, the last target is 1198
	// 300 rows, the last target is 1798
	// 100 rows, the last target is 1998
}

// write writes a file for an example and returns its name.
func write(dir, name, text string) string {
	name = filepath.Join(dir, name)
	must.Do(os.WriteFile(name, []byte(text), 0o600))
	return name
}

// show prints what a source yields.
func show(source stream.Source) {
	for b, err := range source(1) {
		must.Do(err)
		rows, cols := b.X.Dims()
		fmt.Println(rows, "rows of", cols, "columns, targets", mat.Col(nil, 0, b.Y))
	}
}

// A batch is made of matrices, as training takes them.
func ExampleBatch() {
	rows := stream.Batch{X: mat.NewDense(3, 1, []float64{1, 2, 3}), Y: mat.NewDense(3, 1, []float64{2, 4, 6})}
	show(stream.Of(rows, 2))
	// Output:
	// 2 rows of 1 columns, targets [2 4]
	// 1 rows of 1 columns, targets [6]
}

// The categories are learned in one pass over the file, by parts.
func ExampleCSV() {
	dir := must.Get(os.MkdirTemp("", "stream"))
	defer os.RemoveAll(dir)
	file := stream.CSV{File: write(dir, "flats.csv", "city,rooms,rent\nBern,3,1900\nBasel,2,1500\nBern,1,1100\n"), Targets: []string{"rent"}}

	file.Transform = &preprocess.TableTransformer{Parts: []preprocess.TablePart{
		{Columns: []string{"city"}, Strings: preprocess.NewOneHotEncoder()},
		{Columns: []string{"rooms"}, Numbers: preprocess.NewStandardScaler()},
	}}
	for part, err := range file.Tables() {
		must.Do(err)
		must.Do(file.Transform.PartialFit(part))
	}
	show(file.Batches(2))
	// Output:
	// 2 rows of 3 columns, targets [1900 1500]
	// 1 rows of 3 columns, targets [1100]
}

func ExampleLibSVM() {
	dir := must.Get(os.MkdirTemp("", "stream"))
	defer os.RemoveAll(dir)
	file := stream.LibSVM{
		File: write(dir, "a.svm", "+1 1:0.5 17:2\n-1 3:1 # the other class\n"), Columns: 20,
		Target: func(label float64) float64 { return (label + 1) / 2 },
	}
	show(file.Batches(10))
	// Output: 2 rows of 20 columns, targets [1 0]
}

func ExampleNPY() {
	dir := must.Get(os.MkdirTemp("", "stream"))
	defer os.RemoveAll(dir)
	name := filepath.Join(dir, "xy.npy")
	must.Do(format.WriteFile(name, func(w io.Writer) error {
		return format.WriteNPY(w, format.Tensor{Shape: []int{2, 3}, Data: []float64{1, 2, 10, 3, 4, 20}})
	}))
	show(stream.NPY{X: name}.Batches(100)) // the last column is the target
	// Output: 2 rows of 2 columns, targets [10 20]
}
