package blas

import "fmt"

// LSTM is a step of long short-term memory for one row of n units, in one pass. gates
// holds four blocks of n numbers, i, f, g and o, and they are replaced by their values:
//
//	i ← σ(i), f ← σ(f), g ← tanh(g), o ← σ(o)
//	after ← f·before + i·g
//	squashed ← tanh(after)
//	h ← o·squashed
//
// It returns false if there is no kernel for it, and so do [LSTMGrad], [GRU] and
// [GRUGrad].
func LSTM[T float32 | float64](gates, before, after, squashed, h []T) bool {
	n := sameLength("before, after, squashed, h and a gate", len(before), len(after), len(squashed), len(h), blockOf(gates, 4))
	kernel := engineOf[T]().lstm
	if n > 0 && kernel != nil {
		kernel(n, &gates[0], &before[0], &after[0], &squashed[0], &h[0])
	}
	return kernel != nil
}

// LSTMGrad is the gradient of [LSTM] with respect to the four blocks that it had in
// gates, given dh, that with respect to h, and dc, that with respect to after: it sets
// d, and replaces dc by the gradient with respect to before. With c = dc + dh·o·(1−squashed²):
//
//	dᵢ ← c·g·i·(1−i), d_f ← c·before·f·(1−f), d_g ← c·i·(1−g²), dₒ ← dh·squashed·o·(1−o)
//	dc ← c·f
func LSTMGrad[T float32 | float64](d, dc, dh, gates, before, squashed []T) bool {
	n := sameLength("dc, dh, before, squashed, a gate and its gradient",
		len(dc), len(dh), len(before), len(squashed), blockOf(gates, 4), blockOf(d, 4))
	kernel := engineOf[T]().lstmGrad
	if n > 0 && kernel != nil {
		kernel(n, &d[0], &dc[0], &dh[0], &gates[0], &before[0], &squashed[0])
	}
	return kernel != nil
}

// GRU is a step of a gated recurrent unit for one row of n units, in one pass. gates and
// hidden hold three blocks of n numbers: what comes from the input and from the state. The
// values r, z and a take the place of gates:
//
//	r ← σ(gates₀ + hidden₀), z ← σ(gates₁ + hidden₁), a ← tanh(gates₂ + r·hidden₂)
//	after ← (1−z)·a + z·before
func GRU[T float32 | float64](gates, hidden, before, after []T) bool {
	n := sameLength("before, after, a gate and a gate's part of the state", len(before), len(after), blockOf(gates, 3), blockOf(hidden, 3))
	kernel := engineOf[T]().gru
	if n > 0 && kernel != nil {
		kernel(n, &gates[0], &hidden[0], &before[0], &after[0])
	}
	return kernel != nil
}

// GRUGrad is the gradient of [GRU] with respect to gates and hidden, given dh, that with
// respect to after: it sets d and dHidden, and replaces dh by what reaches before without
// hidden. With c = dh·(1−z)·(1−a²):
//
//	d₀ ← c·hidden₂·r·(1−r), d₁ ← dh·(before−a)·z·(1−z), d₂ ← c
//	dHidden ← d₀, d₁, c·r
//	dh ← dh·z
func GRUGrad[T float32 | float64](d, dHidden, dh, gates, hidden, before []T) bool {
	n := sameLength("dh, before, a gate, its part of the state and their gradients",
		len(dh), len(before), blockOf(gates, 3), blockOf(hidden, 3), blockOf(d, 3), blockOf(dHidden, 3))
	kernel := engineOf[T]().gruGrad
	if n > 0 && kernel != nil {
		kernel(n, &d[0], &dHidden[0], &dh[0], &gates[0], &hidden[0], &before[0])
	}
	return kernel != nil
}

// blockOf is the length of each of k blocks of v, or −1 if they differ.
func blockOf[T element](v []T, k int) int {
	if len(v)%k != 0 {
		return -1
	}
	return len(v) / k
}

// CopyTransposed copies a matrix of rows×cols elements, row after row, into dst, column
// after column.
func CopyTransposed[T float32 | float64](dst, src []T, rows, cols int) {
	if sameLength("src, dst and rows·cols", len(src), len(dst), rows*cols) > 0 {
		engineOf[T]().copyTransposed(dst, view[T]{src, cols, 1}, rows, cols)
	}
}

// copyTransposed copies rows×cols elements into dst, column after column.
func (e *engine[T]) copyTransposed(dst []T, src view[T], rows, cols int) {
	const block = 1 << 11 // elements of dst, about, which stay in the first cache until they are complete
	steps := max(32, block/rows&^3)
	for l := 0; l < cols; l += steps {
		e.pack(dst[l*rows:], rows, src, 0, rows, l, min(steps, cols-l))
	}
}

// CopyTransposedRows is CopyTransposed of rows that lie srcStep apart, into columns that
// lie dstStep apart. It panics if they do not fit.
func CopyTransposedRows[T float32 | float64](dst []T, dstStep int, src []T, srcStep, rows, cols int) {
	if rows <= 0 || cols <= 0 {
		return
	}
	if srcStep < 0 || (rows-1)*srcStep+cols > len(src) || (cols-1)*dstStep+rows > len(dst) || dstStep < rows {
		panic(fmt.Sprintf("blas: %d×%d elements, %d and %d apart, do not fit %d and %d elements", rows, cols, srcStep, dstStep, len(src), len(dst)))
	}
	if e := engineOf[T](); e.transpose != nil && rows >= 4 && cols >= 4 {
		e.packQuads(dst, dstStep, view[T]{src, srcStep, 1}, 0, rows, 0, cols)
		return
	}
	for i := range rows {
		for j := range cols {
			dst[j*dstStep+i] = src[i*srcStep+j]
		}
	}
}
