//go:build !amd64 || noasm

package blas

import "unsafe"

func prefetch(unsafe.Pointer, uintptr) {}
