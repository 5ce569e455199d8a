//go:build !amd64 || noasm

package blas

import "unsafe"

func prefetch(unsafe.Pointer, uintptr) {}

func prefetchL2(unsafe.Pointer, uintptr) {}
