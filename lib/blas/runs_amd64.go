//go:build !noasm

package blas

import "unsafe"

// copyRuns copies runs of size bytes, at least 16, so many bytes apart.
//
//go:noescape
func copyRuns(dst, src unsafe.Pointer, dstStep, srcStep, runs, size uintptr)

// quickRun is the least size of a run for copyRuns, in bytes.
const quickRun = 16
