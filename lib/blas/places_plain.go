//go:build !amd64 || noasm

package blas

import (
	"encoding/binary"
	mathbits "math/bits"
)

// places does the first words of eight bytes, as long as dst has room for all of one.
func places(dst []uint32, text []byte, a, b byte) (done, n int) {
	const ones = 0x0101010101010101
	as, bs := uint64(a)*ones, uint64(b)*ones
	for ; done+8 <= len(text) && n+8 <= len(dst); done += 8 {
		w := binary.LittleEndian.Uint64(text[done:])
		for found := zeroBytes(w^as) | zeroBytes(w^bs); found != 0; found &= found - 1 {
			dst[n] = uint32(done + mathbits.TrailingZeros64(found)/8)
			n++
		}
	}
	return done, n
}

// zeroBytes has the highest bit of each byte set that is 0 in w.
func zeroBytes(w uint64) uint64 {
	const low = 0x7f7f7f7f7f7f7f7f
	return ^((w&low + low) | w | low)
}
