package grad

// An element is a precision in which a graph computes.
type element interface{ float32 | float64 }

// A tape is the operations of a graph in the order in which they were written,
// with the numbers of each. An operation stands after those that it needs: from
// the front to the back, each finds its operands computed; from the back to the
// front, each finds the derivative of its result complete.
type tape[T element] struct {
	steps []step[T]

	traced, bent, curved bool // there is room for grad, tangent and curve
}

// A step computes y from x.
type step[T element] struct {
	kernel[T]
	y *tensor[T]
	x []*tensor[T]
}

// A tensor is the numbers of one node. L is the number that is differentiated,
// and a dot is the derivative along a direction in which the parameters move.
type tensor[T element] struct {
	needs   bool   // the node depends on a parameter
	value   []T    // y
	grad    sum[T] // ∂L/∂y
	tangent []T    // ẏ; nil is 0
	curve   sum[T] // the derivative of grad along that direction
}

// A kernel is what an operation y = f(x) does with the numbers. x[i].needs says
// whether a derivative by operand i is wanted.
type kernel[T element] interface {
	// forward sets y ← f(x).
	forward(y *tensor[T], x []*tensor[T])
	// backward is the chain rule: ∂L/∂x += ∂L/∂y·f'(x).
	backward(y *tensor[T], x []*tensor[T])
	// forwardTangent sets ẏ ← f'(x)·ẋ.
	forwardTangent(y *tensor[T], x []*tensor[T])
	// backwardTangent is backward, differentiated along ẋ:
	// (∂L/∂x)˙ += (∂L/∂y)˙·f'(x) + ∂L/∂y·f''(x)·ẋ.
	backwardTangent(y *tensor[T], x []*tensor[T])
}

// forward computes every node.
func (t *tape[T]) forward() {
	for _, s := range t.steps {
		s.forward(s.y, s.x)
	}
}

// backward hands the derivative by node last, which the caller has put there,
// back to all nodes before it.
func (t *tape[T]) backward(last int) {
	for i := last; i >= 0; i-- {
		if s := &t.steps[i]; s.y.needs && !s.y.grad.empty {
			s.backward(s.y, s.x)
		}
	}
}

// forwardTangent computes how every node moves when the parameters do.
func (t *tape[T]) forwardTangent() {
	for _, s := range t.steps {
		if s.y.needs {
			s.forwardTangent(s.y, s.x)
		}
	}
}

// backwardTangent computes how the derivatives of the last backward move when
// the parameters do: forward over reverse.
func (t *tape[T]) backwardTangent(last int) {
	for i := last; i >= 0; i-- {
		if s := &t.steps[i]; s.y.needs && !s.y.grad.empty {
			s.y.curve.plus()
			s.backwardTangent(s.y, s.x)
		}
	}
}

// A sum is a derivative to which every use of a node adds its part.
type sum[T element] struct {
	data  []T
	empty bool // nothing has been added yet, and data means nothing
}

// plus returns the sum so far, for more to be added to it.
func (s *sum[T]) plus() []T {
	if s.empty {
		clear(s.data)
		s.empty = false
	}
	return s.data
}

// add adds v to the sum.
func (s *sum[T]) add(v []T) {
	if s.empty {
		copy(s.data, v)
		s.empty = false
		return
	}
	plus(s.data, 1, 1, v, 1, len(v))
}

// scaled returns the numbers for a kernel that computes data ← β·data + …: β is 0
// if nothing has been added yet.
func (s *sum[T]) scaled() (data []T, beta T) {
	if s.empty {
		s.empty = false
		return s.data, 0
	}
	return s.data, 1
}
