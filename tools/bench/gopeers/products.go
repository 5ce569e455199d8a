package main

import (
	"github.com/gomlx/gomlx/backends/simplego"
	"github.com/gomlx/gomlx/pkg/core/graph"
	"github.com/gomlx/gomlx/pkg/core/tensors"
	"gonum.org/v1/gonum/blas"
	"gorgonia.org/tensor"

	"github.com/descent-go/descent/tools/bench/side"
)

type element interface{ float32 | float64 }

// gomlx is a product as a compiled graph. Its operands are put into GoMLX's
// tensors once, before the clock runs.
func gomlx(a side.Args) (side.Task, error) {
	if a.Precision == "float32" {
		return gomlxProduct[float32](a)
	}
	return gomlxProduct[float64](a)
}

func gomlxProduct[T element](a side.Args) (side.Task, error) {
	backend, err := simplego.New("")
	if err != nil {
		return side.Task{}, err
	}
	exec, err := graph.NewExec(backend, func(x, y *graph.Node) *graph.Node { return graph.Dot(x, y).Product() })
	if err != nil {
		return side.Task{}, err
	}
	var in []any
	return side.Product(a, func(_, _ blas.Transpose, m, n, k int, _ T, x []T, _ int, y []T, _ int, _ T, z []T, _ int) {
		if in == nil {
			in = []any{tensors.FromFlatDataAndDimensions(x, m, k), tensors.FromFlatDataAndDimensions(y, k, n)}
		}
		out, err := exec.Exec1(in...)
		if err != nil {
			panic(err)
		}
		flat, err := tensors.CopyFlatData[T](out)
		if err != nil {
			panic(err)
		}
		copy(z, flat)
		out.FinalizeAll()
	}), nil
}

// gorgonia is a product of its dense tensors, into one that is there already.
func gorgonia(a side.Args) (side.Task, error) {
	if a.Precision == "float32" {
		return gorgoniaProduct[float32](a), nil
	}
	return gorgoniaProduct[float64](a), nil
}

func gorgoniaProduct[T element](a side.Args) side.Task {
	return side.Product(a, func(_, _ blas.Transpose, m, n, k int, _ T, x []T, _ int, y []T, _ int, _ T, z []T, _ int) {
		of := func(rows, cols int, v []T) *tensor.Dense {
			return tensor.New(tensor.WithShape(rows, cols), tensor.WithBacking(v))
		}
		if _, err := tensor.MatMul(of(m, k, x), of(k, n, y), tensor.WithReuse(of(m, n, z))); err != nil {
			panic(err)
		}
	})
}
