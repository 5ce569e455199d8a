package model

// decoding is the state of a network whose tokens come one at a time: how many have
// come, and how many may. nil is the state of a network that sees whole sequences.
type decoding struct{ at, context int }

// position returns the position of the first token of the input.
func (d *decoding) position() int {
	if d == nil {
		return 0
	}
	return d.at
}

// positions returns how many positions a sequence of the network has, given the
// number of tokens of its input.
func (b *builder[T]) positions(tokens int) int {
	if b.decoding != nil {
		return b.decoding.context
	}
	return tokens
}

// part builds a part of the present layer, whose parameters are called name.
func (b *builder[T]) part(name string, build func()) {
	prefix := b.prefix
	b.prefix += name + "."
	build()
	b.prefix = prefix
}

// A cache holds the keys and values of the tokens that have come, so that attention
// computes them once. Those of a sample have the size of its whole sequence.
type cache[T element] struct {
	*decoding
	kv []T // for each sample and position, the keys of all heads and then the values
}

func (c *cache[T]) position() int {
	if c == nil {
		return 0
	}
	return c.at
}

// add keeps the keys and values of the present token, given [Q K V] of each sample.
func (c *cache[T]) add(qkv []T, rows, size int) {
	c.kv = grow(c.kv, rows*c.context*2*size)
	for i := range rows {
		copy(c.kv[(i*c.context+c.at)*2*size:][:2*size], qkv[i*3*size+size:])
	}
}

// operands returns the keys and values of one head of a sample.
func (c *cache[T]) operands(sample, head, size, d int) (k, v matrix[T]) {
	all := asMatrix(c.kv[sample*c.context*2*size:], c.at+1, 2*size)
	return all.columns(head*d, d), all.columns(size+head*d, d)
}
