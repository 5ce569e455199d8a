//go:build !noasm

package blas

import "unsafe"

// prefetch asks for the n > 0 bytes from p. Unlike a load it waits for nothing,
// and it cannot fault.
//
//go:noescape
func prefetch(p unsafe.Pointer, n uintptr)

// prefetchL2 is prefetch into the second-level cache.
//
//go:noescape
func prefetchL2(p unsafe.Pointer, n uintptr)
