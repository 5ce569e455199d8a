package main

import (
	"github.com/descent-go/descent/lib/blas"
	"github.com/descent-go/descent/tools/bench/side"
)

// gemm is C ← op(A)·op(B), with the matrices of side.Product.
func gemm(a side.Args) (side.Task, error) {
	var b blas.Implementation
	if a.Precision == "float32" {
		return side.Product(a, b.Sgemm), nil
	}
	return side.Product(a, b.Dgemm), nil
}
