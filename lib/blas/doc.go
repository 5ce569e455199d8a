// Package blas does the arithmetic of matrices.
package blas
