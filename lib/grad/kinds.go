package grad

// Most operations are of one of three kinds, and each kind knows what follows from
// the chain rule:
//
//	linear    y = Ax       one matrix, there and back
//	bilinear  y = a·b      a product: the derivative by one factor is the other
//	curve     y = f(x)     number by number, with f' and f''
//
// Others have a kernel in the file of the operation.

// linear is y = Ax, for a matrix A that does not depend on the parameters.
type linear[T element] struct {
	apply func(y, x []T)           // y ← Ax
	back  func(dx *sum[T], dy []T) // dx += Aᵀdy
}

func (k linear[T]) forward(y *tensor[T], x []*tensor[T])        { k.apply(y.value, x[0].value) }
func (k linear[T]) backward(y *tensor[T], x []*tensor[T])       { k.back(&x[0].grad, y.grad.data) }
func (k linear[T]) forwardTangent(y *tensor[T], x []*tensor[T]) { k.apply(y.tangent, x[0].tangent) }
func (k linear[T]) backwardTangent(y *tensor[T], x []*tensor[T]) {
	k.back(&x[0].curve, y.curve.data)
}

// bilinear is a product y = a·b of any sort: linear in a and in b.
type bilinear[T element] struct {
	apply func(y, a, b []T, beta T)   // y ← β·y + a·b
	left  func(da *sum[T], dy, b []T) // da += dy·bᵀ
	right func(db *sum[T], a, dy []T) // db += aᵀ·dy
}

func (k bilinear[T]) forward(y *tensor[T], x []*tensor[T]) {
	k.apply(y.value, x[0].value, x[1].value, 0)
}

func (k bilinear[T]) backward(y *tensor[T], x []*tensor[T]) {
	a, b := x[0], x[1]
	if a.needs {
		k.left(&a.grad, y.grad.data, b.value)
	}
	if b.needs {
		k.right(&b.grad, a.value, y.grad.data)
	}
}

// forwardTangent is the product rule: ẏ = ȧ·b + a·ḃ.
func (k bilinear[T]) forwardTangent(y *tensor[T], x []*tensor[T]) {
	a, b, beta := x[0], x[1], T(0)
	if a.needs {
		k.apply(y.tangent, a.tangent, b.value, 0)
		beta = 1
	}
	if b.needs {
		k.apply(y.tangent, a.value, b.tangent, beta)
	}
}

// backwardTangent is the product rule for dy·bᵀ and aᵀ·dy.
func (k bilinear[T]) backwardTangent(y *tensor[T], x []*tensor[T]) {
	a, b := x[0], x[1]
	if a.needs {
		k.left(&a.curve, y.curve.data, b.value)
		if b.needs {
			k.left(&a.curve, y.grad.data, b.tangent)
		}
	}
	if b.needs {
		k.right(&b.curve, a.value, y.curve.data)
		if a.needs {
			k.right(&b.curve, a.tangent, y.grad.data)
		}
	}
}

// A curve is y = f(x), number by number. The derivatives may use y.
type curve struct {
	f     func(x float64) float64
	slope func(x, y float64) float64 // f'
	bend  func(x, y float64) float64 // f''; nil is 0
}

// pointwise is a curve at work. It computes in float64, unless there is a kernel of
// lib/blas for f or a loop for its slope.
type pointwise[T element] struct {
	curve
	vector func(y, x []T)                 // y ← f(x); nil for number by number
	chain  func(dx, dy, x, y []T, beta T) // dx ← β·dx + dy·f'(x); nil likewise
}

func (k pointwise[T]) forward(y *tensor[T], x []*tensor[T]) {
	if k.vector != nil {
		k.vector(y.value, x[0].value)
		return
	}
	out := y.value
	for i, v := range x[0].value {
		out[i] = T(k.f(float64(v)))
	}
}

func (k pointwise[T]) backward(y *tensor[T], x []*tensor[T]) {
	if k.chain != nil {
		dx, beta := x[0].grad.scaled()
		k.chain(dx, y.grad.data, x[0].value, y.value, beta)
		return
	}
	k.addSlope(x[0].grad.plus(), y.grad.data, x[0].value, y.value)
}

func (k pointwise[T]) forwardTangent(y *tensor[T], x []*tensor[T]) {
	clear(y.tangent)
	k.addSlope(y.tangent, x[0].tangent, x[0].value, y.value)
}

func (k pointwise[T]) backwardTangent(y *tensor[T], x []*tensor[T]) {
	dx := x[0].curve.plus()
	k.addSlope(dx, y.curve.data, x[0].value, y.value)
	if k.bend == nil {
		return
	}
	dy, moves := y.grad.data, x[0].tangent
	for i, v := range x[0].value {
		dx[i] += dy[i] * moves[i] * T(k.bend(float64(v), float64(y.value[i])))
	}
}

// addSlope computes dx += dy·f'(x).
func (k pointwise[T]) addSlope(dx, dy, x, y []T) {
	for i, v := range x {
		dx[i] += dy[i] * T(k.slope(float64(v), float64(y[i])))
	}
}

// A surface is y = f(a, b), number by number, with all derivatives. They may use y.
type surface struct {
	f          func(a, b float64) float64
	da, db     func(a, b, y float64) float64
	aa, ab, bb func(a, b, y float64) float64 // nil are all 0
}

// pointwise2 is a surface at work, with broadcasting. It computes in float64.
type pointwise2[T element] struct {
	surface
	walk *walk // of y, a and b
}

func (k pointwise2[T]) forward(y *tensor[T], x []*tensor[T]) {
	a, b := x[0].value, x[1].value
	k.walk.each(func(n int, at [3]int) {
		for range n {
			y.value[at[0]] = T(k.f(float64(a[at[1]]), float64(b[at[2]])))
			at = k.walk.next(at)
		}
	})
}

func (k pointwise2[T]) backward(y *tensor[T], x []*tensor[T]) {
	if x[0].needs {
		k.add(x[0].grad.plus(), 1, k.da, y, x, y.grad.data, nil, 0)
	}
	if x[1].needs {
		k.add(x[1].grad.plus(), 2, k.db, y, x, y.grad.data, nil, 0)
	}
}

func (k pointwise2[T]) forwardTangent(y *tensor[T], x []*tensor[T]) {
	clear(y.tangent)
	if x[0].needs {
		k.add(y.tangent, 0, k.da, y, x, nil, x[0].tangent, 1)
	}
	if x[1].needs {
		k.add(y.tangent, 0, k.db, y, x, nil, x[1].tangent, 2)
	}
}

func (k pointwise2[T]) backwardTangent(y *tensor[T], x []*tensor[T]) {
	a, b := x[0], x[1]
	if a.needs {
		da := a.curve.plus()
		k.add(da, 1, k.da, y, x, y.curve.data, nil, 0)
		k.add(da, 1, k.aa, y, x, y.grad.data, a.tangent, 1)
		k.add(da, 1, k.ab, y, x, y.grad.data, b.tangent, 2)
	}
	if b.needs {
		db := b.curve.plus()
		k.add(db, 2, k.db, y, x, y.curve.data, nil, 0)
		k.add(db, 2, k.bb, y, x, y.grad.data, b.tangent, 2)
		k.add(db, 2, k.ab, y, x, y.grad.data, a.tangent, 1)
	}
}

// add adds the derivative d, times dy and times how an operand moves, to a tensor.
// to and from are the places of the tensor and of the operand in the walk.
func (k pointwise2[T]) add(dst []T, to int, d func(a, b, y float64) float64, y *tensor[T], x []*tensor[T], dy, move []T, from int) {
	if d == nil || dy == nil && move == nil {
		return
	}
	k.walk.each(func(n int, at [3]int) {
		for range n {
			v := d(float64(x[0].value[at[1]]), float64(x[1].value[at[2]]), float64(y.value[at[0]]))
			if dy != nil {
				v *= float64(dy[at[0]])
			}
			if move != nil {
				v *= float64(move[at[from]])
			}
			dst[at[to]] += T(v)
			at = k.walk.next(at)
		}
	})
}
