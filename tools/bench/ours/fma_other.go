//go:build !amd64 || noasm

package main

// fma is not measured without assembly.
func fma(int) {}

func fmaOperations() float64 { return 0 }
