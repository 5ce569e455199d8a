//go:build !noasm

package blas

func statisticsKernels() *bool { return &statistics8 }
