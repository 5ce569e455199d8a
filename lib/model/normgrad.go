package model

import (
	"runtime"

	"github.com/descent-go/descent/internal/rows"
	"github.com/descent-go/descent/lib/blas"
)

// A normGrad is a short cut of the gradients of [LayerNorm] and [RMSNorm], bit by bit. Rows
// of ∂L/∂x depend on no other, and so do columns of the gradients of the parameters, which
// are sums over all rows in order. So the cores share the rows, and then the columns.
type normGrad[T element] struct {
	n           int // numbers of a row
	input       bool
	centered    bool // the mean is subtracted
	dx          []T
	dy, normal  []T
	scale       []T
	inverse     []T // of each row
	dScale      []T
	dShift      []T
	byRow       shares
	byColumn    shares
	backRows    func(lo, hi int) // bound once
	backColumns func(lo, hi int)
}

const (
	normBlock   = 1 << 12 // numbers of dy that stay in the first cache
	normColumns = 64      // that kernels take at a time
)

// backward is that of the layer, or it declines.
func (g *normGrad[T]) backward(n int, centered, input bool, dx, dy, normal, scale, inverse, dScale, dShift []T) bool {
	if !blas.DividesNormalizeGrad[T]() {
		return false
	}
	g.n, g.centered, g.input = n, centered, input
	g.dx, g.dy, g.normal, g.scale, g.inverse = dx, dy, normal, scale, inverse
	g.dScale, g.dShift = dScale, dShift
	count := len(g.inverse)
	if rows.Workers(runtime.GOMAXPROCS(0), len(g.dy)) == 1 {
		block := max(normBlock/g.n, 1)
		for lo := 0; lo < count; lo += block {
			hi := min(lo+block, count)
			g.rowsOf(lo*g.n, hi*g.n)
			g.columnsOf(0, g.n, lo, hi)
		}
		return true
	}
	if g.backRows == nil {
		g.backRows = g.rowsOf
		g.backColumns = func(lo, hi int) {
			count := len(g.inverse)
			g.columnsOf(lo/count, min(hi/count, g.n), 0, count)
		}
	}
	if g.input {
		g.byRow.do(len(g.dy), g.n, g.backRows)
	}
	whole := (g.n + normColumns - 1) / normColumns * normColumns
	g.byColumn.do(whole*count, normColumns*count, g.backColumns)
	return true
}

// rowsOf sets the numbers of dx from first to last, which are whole rows.
func (g *normGrad[T]) rowsOf(first, last int) {
	if !g.input {
		return
	}
	for lo := first; lo < last; lo += g.n {
		hi := lo + g.n
		dy, normal, mean := g.dy[lo:hi], g.normal[lo:hi], T(0)
		sum, cross := blas.NormalSums(dy, normal, g.scale)
		if g.centered {
			mean = T(sum / float64(g.n))
		}
		blas.CenterScaled(g.dx[lo:hi], dy, normal, g.scale, mean, T(cross/float64(g.n)), g.inverse[lo/g.n])
	}
}

// columnsOf adds the rows from lo to hi to the columns from first to last.
func (g *normGrad[T]) columnsOf(first, last, lo, hi int) {
	from := lo*g.n + first
	blas.NormalColumns(g.dScale[first:last], g.dShift[first:last], g.dy[from:], g.normal[from:], g.n, hi-lo)
}
