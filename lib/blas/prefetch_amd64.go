//go:build !noasm

package blas

import "unsafe"

// prefetch asks for the n > 0 bytes from p. Unlike a load it waits for nothing,
// and it cannot fault.
//
//go:noescape
func prefetch(p unsafe.Pointer, n uintptr)
