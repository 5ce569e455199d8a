//go:build !noasm

package blas

import "unsafe"

// copyRuns16 copies runs of size bytes, at least 16, with the given steps in
// bytes.
//
//go:noescape
func copyRuns16(dst, src unsafe.Pointer, dstStep, srcStep, runs, size uintptr)

// copyRuns32 is copyRuns16 for at least 32 bytes, on a CPU with AVX.
//
//go:noescape
func copyRuns32(dst, src unsafe.Pointer, dstStep, srcStep, runs, size uintptr)

// quickRun is the least size of a run for copyRuns, in bytes.
const quickRun = 16

var wideRuns = hasAVX2()

func copyRuns(dst, src unsafe.Pointer, dstStep, srcStep, runs, size uintptr) {
	if size >= 32 && wideRuns {
		copyRuns32(dst, src, dstStep, srcStep, runs, size)
		return
	}
	copyRuns16(dst, src, dstStep, srcStep, runs, size)
}
