package stream_test

import (
	"context"
	"fmt"
	"iter"
	"os"
	"path/filepath"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/lib/loss"
	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/lib/must"
	"github.com/descent-go/descent/lib/optim"
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
		Loss: loss.MSE{}, Schedule: optim.Constant(0.05), Epochs: 500,
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
