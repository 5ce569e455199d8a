//go:build !amd64 || noasm

package blas

import (
	"math"
	"unsafe"
)

// quickRun is the least size of a run for copyRuns: never.
const quickRun = math.MaxInt

func copyRuns(dst, src unsafe.Pointer, dstStep, srcStep, runs, size uintptr) {}
