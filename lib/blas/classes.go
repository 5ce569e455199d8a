package blas

// classLosses are kernels on a block: some rows of scores, class by class. All may be nil.
type classLosses[T element] struct {
	toClasses, fromClasses func(rows, n int, block, x *T, stride int)
	softmax, divergence    func(rows, n int, l, d, f, a, scale, top, logZ *T)
	ofClass                func(rows, n int, l, d, f, own, scale, top, logZ *T)
	rivals                 func(rows, n int, top, rival, f, own *T)
}

// A Block is k rows of n numbers, one for each class, that are stored class by class: that of row
// i and class j is element j·k + i. Kernels then have another row in each element of a vector,
// which is fast where classes are few. k is a multiple of [Octet], and there is room for n classes
// rounded up to one; what lies beyond the n classes means nothing.
type Block []float64

// BlockLen returns the length of a block.
func BlockLen(rows, n int) int { return rows * ((n + Octet - 1) &^ (Octet - 1)) }

// Blocks reports whether there are kernels for blocks. If not, the methods of Block must not be
// called.
func Blocks() bool { return HasKernels && engine64.toClasses != nil }

// ToClasses sets b to rows of n elements of x, stride apart.
func (b Block) ToClasses(x []float64, stride, rows, n int) {
	b.check(x, stride, rows, n)
	engine64.toClasses(rows, n, &b[0], &x[0], stride)
}

// FromClasses sets the rows of x to those of b.
func (b Block) FromClasses(x []float64, stride, rows, n int) {
	b.check(x, stride, rows, n)
	engine64.fromClasses(rows, n, &b[0], &x[0], stride)
}

func (b Block) check(x []float64, stride, rows, n int) {
	checkBlock(len(b), rows, n)
	if stride < n || len(x) < (rows-1)*stride+n {
		panic("blas: x is too short for the rows")
	}
}

func checkBlock(length, rows, n int) {
	if rows < 1 || rows%Octet != 0 || n < 1 {
		panic("blas: a block is a multiple of eight rows, of one class at least")
	}
	if length < BlockLen(rows, n) {
		panic("blas: a block is too short")
	}
}

// SoftmaxRows are rows of a block that [Block] methods named after a softmax write, with what
// they need for each row.
type SoftmaxRows struct {
	Loss      []float64 // ℓ
	Scale     []float64 // s, by which the gradient is multiplied
	Top, LogZ []float64 // room
}

func (r SoftmaxRows) check() int {
	return sameLength("Scale, Loss, Top and LogZ", len(r.Scale), len(r.Loss), len(r.Top), len(r.LogZ))
}

// SoftmaxLoss sets, for each row, ℓ ← −Σ_c a_c log p_c and b ← s·(p·Σ_c a_c − a), where p is the
// softmax of n scores f. The sums are formed class by class. With the largest score f_m, log p_c is
// (f_c − f_m) − log(1 + Σ_{c≠m} e^(f_c − f_m)).
func (b Block) SoftmaxLoss(f, a Block, n int, r SoftmaxRows) {
	rows := r.check()
	checkBlock(min(len(b), len(f), len(a)), rows, n)
	engine64.softmax(rows, n, &r.Loss[0], &b[0], &f[0], &a[0], &r.Scale[0], &r.Top[0], &r.LogZ[0])
}

// SoftmaxDivergence is SoftmaxLoss with ℓ ← Σ_c a_c (log a_c − log p_c), where 0·log 0 is 0.
func (b Block) SoftmaxDivergence(f, a Block, n int, r SoftmaxRows) {
	rows := r.check()
	checkBlock(min(len(b), len(f), len(a)), rows, n)
	engine64.divergence(rows, n, &r.Loss[0], &b[0], &f[0], &a[0], &r.Scale[0], &r.Top[0], &r.LogZ[0])
}

// SoftmaxClass is SoftmaxLoss with a that is 1 for the class own of each row, and 0 for the others.
func (b Block) SoftmaxClass(f Block, own []float64, n int, r SoftmaxRows) {
	rows := sameLength("own and Loss", len(own), r.check())
	checkBlock(min(len(b), len(f)), rows, n)
	engine64.ofClass(rows, n, &r.Loss[0], &b[0], &f[0], &own[0], &r.Scale[0], &r.Top[0], &r.LogZ[0])
}

// Rivals sets top, for each row, to the largest of its n ≥ 2 scores b but for that of the class
// own, and rival to its class, the first if several are equal. A NaN counts as larger than any
// number, and the last of several as the largest.
func (b Block) Rivals(top, rival, own []float64, n int) {
	rows := sameLength("top, rival and own", len(top), len(rival), len(own))
	checkBlock(len(b), rows, n)
	if n < 2 {
		panic("blas: one class has no rival")
	}
	engine64.rivals(rows, n, &top[0], &rival[0], &b[0], &own[0])
}
