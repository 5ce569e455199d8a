package ngram

import (
	"cmp"
	"slices"
	"sort"
)

// A counter counts n-grams. A context is a node of a tree: the root is the empty
// context, and a child's is one token longer, at its beginning.
type counter struct {
	n        int
	children []map[uint64]int32 // of order k: (node of length k−1, token before it) → node of length k
	nodes    []int32            // the number of nodes of each length
	counts   []map[uint64]int32 // of order k: (node of length k, next token) → count
}

func newCounter(n int) *counter {
	c := &counter{n: n, children: make([]map[uint64]int32, n), counts: make([]map[uint64]int32, n), nodes: make([]int32, n)}
	for k := range n {
		c.children[k], c.counts[k] = make(map[uint64]int32), make(map[uint64]int32)
	}
	c.nodes[0] = 1
	return c
}

// pair joins a node and a token, which may be −1.
func pair(node int32, token int) uint64 { return uint64(uint32(node))<<32 | uint64(uint32(token+1)) }

// count counts the n-grams of a sequence. A shorter gram counts once for each
// different token before it, so only when the longer gram is seen for the first time.
func (c *counter) count(tokens []int) {
	path := make([]int32, c.n) // the node of each length
	for i, w := range tokens {
		for k := 1; k < c.n; k++ {
			path[k] = c.child(k, path[k-1], at(tokens[:i], k))
		}
		for k := c.n - 1; k >= 0; k-- {
			gram := pair(path[k], w)
			c.counts[k][gram]++
			if c.counts[k][gram] > 1 {
				break
			}
		}
	}
}

// child returns the node of length k for a context with token before it.
func (c *counter) child(k int, node int32, token int) int32 {
	key := pair(node, token)
	id, ok := c.children[k][key]
	if !ok {
		id = c.nodes[k]
		c.nodes[k]++
		c.children[k][key] = id
	}
	return id
}

// An order is the counts of the grams of one length. The grams of a context are those
// from first[node] to first[node+1], in ascending order of the token.
type order struct {
	children map[uint64]int32
	first    []int32
	token    []int32
	counts   []int32
	discount [3]float64
	total    []float64 // of each context: the sum of its counts
	kept     []float64 // of each context: the sum of the discounts, which goes to the shorter context
}

// orders returns the counts, sorted.
func (c *counter) orders() []order {
	out := make([]order, c.n)
	for k := range out {
		keys := make([]uint64, 0, len(c.counts[k]))
		for key := range c.counts[k] {
			keys = append(keys, key)
		}
		slices.SortFunc(keys, cmp.Compare)
		o := order{
			children: c.children[k], first: make([]int32, c.nodes[k]+1),
			token: make([]int32, len(keys)), counts: make([]int32, len(keys)),
		}
		for i, key := range keys {
			o.first[key>>32+1]++
			o.token[i], o.counts[i] = int32(uint32(key))-1, c.counts[k][key]
		}
		for node := range c.nodes[k] {
			o.first[node+1] += o.first[node]
		}
		out[k] = o
	}
	return out
}

// sum adds the counts and the discounts of each context.
func (o *order) sum() {
	contexts := len(o.first) - 1
	o.total, o.kept = make([]float64, contexts), make([]float64, contexts)
	for node := range contexts {
		for _, c := range o.counts[o.first[node]:o.first[node+1]] {
			o.total[node] += float64(c)
			o.kept[node] += min(float64(c), o.of(c))
		}
	}
}

// of returns the discount of a count.
func (o *order) of(count int32) float64 { return o.discount[min(count, 3)-1] }

// child returns the node of the context with token before it, if it was seen.
func (o *order) child(node, token int) (int, bool) {
	id, ok := o.children[pair(int32(node), token)]
	return int(id), ok
}

// interpolate returns p_k(w | h), where lower is p_{k−1}(w | h′).
func (o *order) interpolate(node, w int, lower float64) float64 {
	p := o.kept[node] * lower
	start := int(o.first[node])
	tokens := o.token[start:o.first[node+1]]
	if i := sort.Search(len(tokens), func(i int) bool { return int(tokens[i]) >= w }); i < len(tokens) && int(tokens[i]) == w {
		c := o.counts[start+i]
		p += max(float64(c)-o.of(c), 0)
	}
	return p / o.total[node]
}

// interpolateAll turns p_{k−1}(w | h′) into p_k(w | h), for all w.
func (o *order) interpolateAll(node int, p []float64) {
	for w := range p {
		p[w] *= o.kept[node]
	}
	for i := o.first[node]; i < o.first[node+1]; i++ {
		p[o.token[i]] += max(float64(o.counts[i])-o.of(o.counts[i]), 0)
	}
	for w := range p {
		p[w] /= o.total[node]
	}
}

// discounts returns those of order k+1.
func (m *Model) discounts(k int) [3]float64 {
	if m.Discounts != nil {
		d := m.Discounts[k]
		return [3]float64{d, d, d}
	}
	var n [5]float64 // n[j] grams have the count j
	for _, c := range m.orders[k].counts {
		if c <= 4 {
			n[c]++
		}
	}
	y := 0.5
	if n[1] > 0 && n[2] > 0 {
		y = n[1] / (n[1] + 2*n[2])
	}
	d := [3]float64{y, y, y}
	if m.Modified {
		for j := 1.0; j <= 3; j++ {
			if a, b := n[int(j)], n[int(j)+1]; a > 0 && b > 0 {
				if dj := j - (j+1)*y*b/a; dj > 0 {
					d[int(j)-1] = dj // never more than j
				}
			}
		}
	}
	return d
}
