package check

import (
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/mat"
)

// wiring returns a graph of n nodes in topological order: each is made from up to two before it. Some node is used
// twice, and its gradient arrives along ways of different length.
func wiring(r *rand.Rand, n int) [][]int {
	from := make([][]int, n)
	for i := 2; i < n; i++ {
		from[i] = []int{between(r, max(0, i-3), i-1), between(r, max(0, i-3), i-1)}
		if r.IntN(4) == 0 {
			from[i] = from[i][:1]
		}
	}
	if n >= 5 { // 1 is used by 2 and by 4, and 2 by 4: level by level is wrong here
		from[2], from[3], from[4] = []int{0, 1}, []int{1}, []int{1, 2}
	}
	return from
}

// scrambled gives the nodes of a graph other numbers, and returns where the last one went.
func scrambled(r *rand.Rand, from [][]int) (mixed [][]int, last int) {
	to := r.Perm(len(from))
	mixed = make([][]int, len(from))
	for i, inputs := range from {
		mixed[to[i]] = []int{}
		for _, j := range inputs {
			mixed[to[i]] = append(mixed[to[i]], to[j])
		}
	}
	return mixed, to[len(from)-1]
}

// needed returns which nodes last depends on, with itself.
func needed(from [][]int, last int) map[int]bool {
	set := map[int]bool{last: true}
	for todo := []int{last}; len(todo) > 0; todo = todo[1:] {
		for _, j := range from[todo[0]] {
			if !set[j] {
				set[j] = true
				todo = append(todo, j)
			}
		}
	}
	return set
}

var topologicalOrder = Exercise{"TopologicalOrder", []string{
	"Write a function that visits a node: first it visits the inputs, and then it appends the node itself.",
	"A node that is used twice must be visited once: remember in a map[int]bool which you have seen, and return at once at those.",
	"Declare it first, since it calls itself: var visit func(i int). Then visit = func(i int) { … }, and visit(last).",
}}

// TopologicalOrder checks an order of the nodes that last depends on in which every node comes once, after its inputs.
func TopologicalOrder(f func(from [][]int, last int) []int) Answer {
	return examine(topologicalOrder, func(t *trial) {
		cases(t, 4401, []int{5, 1, 8}, func(r *rand.Rand) int { return between(r, 5, 9) }, func(n int, r *rand.Rand) {
			from, last := scrambled(r, wiring(r, n))
			t.give("from", from, "last", last)
			before := make([][]int, n)
			for i := range from {
				before[i] = slices.Clone(from[i])
			}
			got := f(from, last)
			t.unchanged("from", from, before)
			want := needed(from, last)
			place := map[int]int{}
			for at, i := range got {
				if i < 0 || i >= n {
					t.fail("Your list has %d, and the nodes are 0 to %d.", i, n-1)
				}
				if _, twice := place[i]; twice {
					t.fail("Your list has node %d twice: it is used twice, and it must be visited once. Remember what you have seen.", i)
				}
				place[i] = at
			}
			for i := range n {
				_, has := place[i]
				switch {
				case i == last && !has:
					t.fail("The node itself is missing: %d belongs to the list, at its end.", i)
				case want[i] && !has:
					t.fail("Node %d is missing: %d depends on it, perhaps through others. Your list is %v.", i, last, got)
				case !want[i] && has:
					t.fail("Node %d is in your list, and %d does not depend on it.", i, last)
				}
			}
			if len(got) > 1 && got[0] == last {
				t.fail("Your list begins with the node that should be its end: that is the order of the backward pass. Inputs come first.")
			}
			for i, at := range place {
				for _, j := range from[i] {
					if place[j] > at {
						t.fail("Node %d is made from node %d and comes before it. Append a node when all its inputs have been visited. Your list is %v.", i, j, got)
					}
				}
			}
		})
	})
}

// sweepWith returns gradients as a backward pass gives them that adds (or does something else) in the given order.
func sweepWith(from [][]int, local [][]float64, order []int, put func(old, part float64) float64, part func(local, grad float64) float64) []float64 {
	grad := make([]float64, len(from))
	grad[len(from)-1] = 1
	for _, i := range order {
		for k, j := range from[i] {
			grad[j] = put(grad[j], part(local[i][k], grad[i]))
		}
	}
	return grad
}

var sweep = Exercise{"Sweep", []string{
	"Begin with grad[last] = 1, and go from the last node down to 0.",
	"Node i gives each of its inputs its own gradient times the local derivative.",
	"grad[j] += local[i][k] * grad[i], for k, j := range from[i].",
}}

// Sweep checks a backward pass over nodes in topological order.
func Sweep(f func(from [][]int, local [][]float64) []float64) Answer {
	return examine(sweep, func(t *trial) {
		cases(t, 4402, []int{5, 1, 8}, func(r *rand.Rand) int { return between(r, 5, 9) }, func(n int, r *rand.Rand) {
			from := wiring(r, n)
			local := make([][]float64, n)
			down := make([]int, n)
			for i := range from {
				local[i] = normal(r, len(from[i]))
				down[i] = n - 1 - i
			}
			t.give("from", from, "local", local)
			before := make([][]float64, n)
			for i := range local {
				before[i] = slices.Clone(local[i])
			}
			got := f(from, local)
			t.unchanged("local", local, before)
			up := slices.Clone(down)
			slices.Reverse(up)
			add, times := func(a, b float64) float64 { return a + b }, func(a, b float64) float64 { return a * b }
			right := sweepWith(from, local, down, add, times)
			t.equal("the gradients", got, right,
				mistake{sweepWith(from, local, down, func(_, b float64) float64 { return b }, times), "A gradient is overwritten: a node that is used twice gets the sum of what comes back. Write += and not =."},
				mistake{sweepWith(from, local, up, add, times), "You go from the first node to the last. Gradients flow from the loss: begin at the end."},
				mistake{sweepWith(from, local, down, add, func(a, _ float64) float64 { return a }), "The gradient of the node itself is missing: the chain rule multiplies it with the local derivative."},
				mistake{sweepWith(from, local, down, add, add), "Along an arrow the gradient is multiplied by the local derivative, not added to it. Only what meets at a node is added."},
				mistake{make([]float64, n), "All is 0: begin with 1 at the loss, the last node."},
				mistake{combine(1, right, -1, onlyLast(n)), "The gradient of the loss by itself is 1, and should be so at the end, too."},
				mistake{twice(from, local), "You multiply by what a node had got when it was first reached. Wait until all who use it have given their part: go down by number, from the last node to the first."})
		})
	})
}

func onlyLast(n int) []float64 {
	v := make([]float64, n)
	v[n-1] = 1
	return v
}

// twice is the sweep that goes level by level from the end, each node once, when it is first met.
func twice(from [][]int, local [][]float64) []float64 {
	order := []int{len(from) - 1}
	for i := 0; i < len(order); i++ {
		for _, j := range from[order[i]] {
			if !slices.Contains(order, j) {
				order = append(order, j)
			}
		}
	}
	return sweepWith(from, local, order, func(a, b float64) float64 { return a + b }, func(a, b float64) float64 { return a * b })
}

var dualQuotient = Exercise{"DualQuotient", []string{
	"The first result is a/b, as ever. For the second take the quotient rule.",
	"(a/b)′ = (a′b − ab′)/b².",
	"dy = (da*b − a*db) / (b*b).",
}}

// DualQuotient checks the division of dual numbers: (a/b, (ȧb − aḃ)/b²).
func DualQuotient(f func(a, da, b, db float64) (y, dy float64)) Answer {
	return examine(dualQuotient, func(t *trial) {
		draw := func(r *rand.Rand) [4]float64 {
			return [4]float64{uniform(r, 0.5, 3), uniform(r, 0.3, 2), uniform(r, 1.5, 4), -uniform(r, 0.4, 2)}
		}
		cases(t, 4403, [][4]float64{{3, 0.5, 2, -1.25}, {1, 0, 4, 1}, {-2, 1, 0.5, 0}}, draw, func(c [4]float64, r *rand.Rand) {
			a, da, b, db := c[0], c[1], c[2], c[3]
			t.give("a", a, "da", da, "b", b, "db", db)
			y, dy := f(a, da, b, db)
			t.equal("y", y, a/b,
				mistake{b / a, "You divide b by a."},
				mistake{a * b, "That is the product."})
			t.equal("dy", dy, (da*b-a*db)/(b*b),
				mistake{da / db, "You divide the derivatives. A quotient needs the quotient rule, as a product needs that of products."},
				mistake{(a*db - da*b) / (b * b), "The sign is wrong: when b grows, a/b gets smaller, so the term with db is subtracted."},
				mistake{(da*b + a*db) / (b * b), "The term with db is subtracted: when b grows, a/b gets smaller."},
				mistake{(da*b - a*db) / b, "Divide by b², not by b."},
				mistake{da*b + a*db, "That is the rule for products."},
				mistake{da / b, "b moves, too: the term with db is missing."})
		})
	})
}

var unbroadcast = Exercise{"Unbroadcast", []string{
	"Each element of X was used in several places. What comes back from all of them is added.",
	"Go through dy once. Element (i, j) belongs to element (i, j) of X, or to index 0 along an axis that has length 1.",
	"min(i, rows-1) and min(j, cols-1) are these indices. Add dy.At(i, j) there.",
}}

// Unbroadcast checks the gradient of a matrix that was broadcast: sums over the axes that were stretched.
func Unbroadcast(f func(dy *mat.Dense, rows, cols int) *mat.Dense) Answer {
	return examine(unbroadcast, func(t *trial) {
		type shape struct{ m, n, rows, cols int }
		draw := func(r *rand.Rand) shape {
			s := shape{m: between(r, 2, 4), n: between(r, 2, 4)}
			if r.IntN(2) == 0 {
				s.n = s.m
			}
			s.rows, s.cols = []int{1, s.m}[r.IntN(2)], []int{1, s.n}[r.IntN(2)]
			return s
		}
		cases(t, 4404, []shape{{3, 3, 1, 3}, {3, 3, 3, 1}, {2, 4, 1, 1}, {2, 3, 2, 3}}, draw, func(s shape, r *rand.Rand) {
			dy := normalMatrix(r, s.m, s.n)
			before := mat.DenseCopyOf(dy)
			t.give("dy", dy, "rows", s.rows, "cols", s.cols)
			got := f(dy, s.rows, s.cols)
			t.unchanged("dy", dy, before)
			// gathered is X̄ with each element of dy put where its index along each axis leads.
			gathered := func(at func(i, j int) (int, int), put func(old, v float64) float64) *mat.Dense {
				dx := mat.NewDense(s.rows, s.cols, nil)
				for i := range s.m {
					for j := range s.n {
						if r, c := at(i, j); r < s.rows && c < s.cols {
							dx.Set(r, c, put(dx.At(r, c), dy.At(i, j)))
						}
					}
				}
				return dx
			}
			first := func(i, j int) (int, int) { return i, j }
			index := func(i, j int) (int, int) { return min(i, s.rows-1), min(j, s.cols-1) }
			add := func(a, b float64) float64 { return a + b }
			want := gathered(index, add)
			uses := float64(s.m*s.n) / float64(s.rows*s.cols)
			t.equal("the gradient", got, want,
				mistake{scaledBy(want, 1/uses), "That is the mean over the places where an element was used. Each use adds its part: take the sum."},
				mistake{gathered(index, func(_, v float64) float64 { return v }), "The gradient is overwritten: only the last place counts, and all of them should be added."},
				mistake{gathered(first, add), "Only the first place counts. An element that was stretched was used in several, and gets the sum."},
				mistake{gathered(func(i, j int) (int, int) { r, c := index(j%s.m, i%s.n); return r, c }, add), "You sum over the wrong axis: the one that is stretched is summed, the other one stays."},
				mistake{before, "That is dy itself. X has another shape: sum over the axes along which it was stretched."})
		})
	})
}
