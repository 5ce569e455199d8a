package blas

// Places sets dst to the indices of the bytes of text that are a or b, in their
// order, and returns how many there are. It stops where dst is full. What dst has
// behind them may change.
func Places(dst []uint32, text []byte, a, b byte) (n int) {
	done, n := places(dst, text, a, b)
	for i := done; i < len(text) && n < len(dst); i++ {
		if c := text[i]; c == a || c == b {
			dst[n] = uint32(i)
			n++
		}
	}
	return n
}
