//go:build !noasm

package blas

import "golang.org/x/sys/cpu"

var placesKernel = hasAVX2() && cpu.X86.HasBMI1 && cpu.X86.HasPOPCNT

const (
	placesBlock = 64              // bytes of text
	placesRoom  = placesBlock + 8 // that the kernel writes to for a block, at most
)

// places does the first blocks of text, as long as dst has room for all bytes of
// one.
func places(dst []uint32, text []byte, a, b byte) (done, n int) {
	blocks := len(text) / placesBlock
	if !placesKernel || blocks == 0 || len(dst) < placesRoom {
		return 0, 0
	}
	left, n := placesAVX2(blocks, &text[0], a, b, &dst[0], len(dst)-placesRoom)
	return (blocks - left) * placesBlock, n
}

//go:noescape
func placesAVX2(blocks int, text *byte, a, b byte, dst *uint32, most int) (left, n int)
