package blas

// pointLosses are kernels for losses of one prediction f and one target y. All may be
// nil.
type pointLosses[T element] struct {
	squared, hinge, squaredHinge, poisson, logCosh func(n int, l, d, f, y *T)
	huber                                          func(n int, l, d, f, y *T, bound T)
	focal                                          func(n int, l, d, f, y *T, gamma, alpha T)
	sided                                          func(n int, l, d, f, y *T, below, above T)
}

// SquaredLoss sets, for each element, l ← (f−y)² and its derivative by f, d ← 2(f−y).
// It returns false if there is no kernel for it, as do all functions named after a
// loss. d may be f.
func SquaredLoss(l, d, f, y []float64) bool { return pointLoss(engine64.squared, l, d, f, y) }

// HuberLoss sets d ← c, which is f−y, but at least −bound and at most bound, and
// l ← c·(f − y − ½c): Huber's loss and its derivative by f.
func HuberLoss(l, d, f, y []float64, bound float64) bool {
	n, kernel := sameLength("f, y, l and d", len(f), len(y), len(l), len(d)), engine64.huber
	if n > 0 && kernel != nil {
		kernel(n, &l[0], &d[0], &f[0], &y[0], bound)
	}
	return kernel != nil
}

// SidedLoss sets d to below where f < y, to above where f > y, and to f−y elsewhere,
// which is 0 or NaN, and l ← d·(f−y): a loss that is linear on each side.
func SidedLoss(l, d, f, y []float64, below, above float64) bool {
	n, kernel := sameLength("f, y, l and d", len(f), len(y), len(l), len(d)), engine64.sided
	if n > 0 && kernel != nil {
		kernel(n, &l[0], &d[0], &f[0], &y[0], below, above)
	}
	return kernel != nil
}

// HingeLoss sets l ← max(0, 1 − s·f) and d ← −s where that is above 0, with s = 2y − 1.
func HingeLoss(l, d, f, y []float64) bool { return pointLoss(engine64.hinge, l, d, f, y) }

// SquaredHingeLoss sets l ← v² and d ← −2s·v, with v = max(0, 1 − s·f) and s = 2y − 1.
func SquaredHingeLoss(l, d, f, y []float64) bool {
	return pointLoss(engine64.squaredHinge, l, d, f, y)
}

// PoissonLoss sets l ← eᶠ − y·f and d ← eᶠ − y.
func PoissonLoss(l, d, f, y []float64) bool { return pointLoss(engine64.poisson, l, d, f, y) }

// LogCoshLoss sets l ← ln cosh(f−y) and d ← tanh(f−y).
func LogCoshLoss(l, d, f, y []float64) bool { return pointLoss(engine64.logCosh, l, d, f, y) }

// FocalLoss sets l ← a·(1−p)^gamma·(−ln p) and d to its derivative by f, where p is
// σ(f) and a is alpha for y = 1, and p is σ(−f) and a is 1 − alpha elsewhere.
func FocalLoss(l, d, f, y []float64, gamma, alpha float64) bool {
	n, kernel := sameLength("f, y, l and d", len(f), len(y), len(l), len(d)), engine64.focal
	if n > 0 && kernel != nil {
		kernel(n, &l[0], &d[0], &f[0], &y[0], gamma, alpha)
	}
	return kernel != nil
}

func pointLoss(kernel func(n int, l, d, f, y *float64), l, d, f, y []float64) bool {
	n := sameLength("f, y, l and d", len(f), len(y), len(l), len(d))
	if n > 0 && kernel != nil {
		kernel(n, &l[0], &d[0], &f[0], &y[0])
	}
	return kernel != nil
}
