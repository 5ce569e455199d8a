//go:build !noasm

package main

import "golang.org/x/sys/cpu"

//go:noescape
func fma512(rounds int)

//go:noescape
func fma256(rounds int)

// fma does twelve independent vector multiply-adds a round, of the widest kind.
func fma(rounds int) {
	switch {
	case cpu.X86.HasAVX512F:
		fma512(rounds)
	case cpu.X86.HasFMA:
		fma256(rounds)
	}
}

// fmaOperations is the number of floating-point operations of a round, a
// multiply-add being two; 0 means that it cannot be measured.
func fmaOperations() float64 {
	switch {
	case cpu.X86.HasAVX512F:
		return 12 * 8 * 2
	case cpu.X86.HasFMA:
		return 12 * 4 * 2
	}
	return 0
}
