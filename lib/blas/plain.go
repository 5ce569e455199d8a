package blas

import "unsafe"

// plain returns kernels in Go. Of gonum's interface only the tile is ours: its
// loops are as fast as Go gets for the rest.
func plain[T element]() kernels[T] {
	return kernels[T]{name: "Go", rows: 2, cols: 4, tile: tilePlain[T], functions: plainFunctions[T]()}
}

// tilePlain is the tile in Go: 8 accumulators that stay in registers. It reads
// four columns of B, even beyond cols.
func tilePlain[T element](k int, a *T, ra, ca int, b *T, rb int, c *T, rc, rows, cols int, alpha, beta T) bool {
	if rows == 1 {
		ra = 0
	}
	x := unsafe.Slice(a, ra+(k-1)*ca+1)
	y := unsafe.Slice(b, (k-1)*rb+4)
	var s [2][4]T
	var s00, s01, s02, s03, s10, s11, s12, s13 T
	for l := range k {
		x0, x1 := x[l*ca], x[l*ca+ra]
		y := (*[4]T)(y[l*rb:])
		s00 += x0 * y[0]
		s01 += x0 * y[1]
		s02 += x0 * y[2]
		s03 += x0 * y[3]
		s10 += x1 * y[0]
		s11 += x1 * y[1]
		s12 += x1 * y[2]
		s13 += x1 * y[3]
	}
	sum := s00 + s01 + s02 + s03 + s10 + s11 + s12 + s13
	if sum != sum {
		return true
	}
	s = [2][4]T{{s00, s01, s02, s03}, {s10, s11, s12, s13}}
	for i := range rows {
		row := unsafe.Slice((*T)(unsafe.Add(unsafe.Pointer(c), i*rc*int(unsafe.Sizeof(*c)))), cols)
		update(row, s[i][:cols], alpha, beta)
	}
	return false
}

// update computes c ← beta·c + alpha·s, without reading c when beta is 0.
func update[T element](c, s []T, alpha, beta T) {
	if beta == 0 {
		for j, v := range s {
			c[j] = alpha * v
		}
		return
	}
	for j, v := range s {
		c[j] = beta*c[j] + alpha*v
	}
}
