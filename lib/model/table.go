package model

import (
	"fmt"
	"math/rand/v2"

	"github.com/descent-go/descent/lib/blas"
)

// This file has the words' vectors and their gradient, of which a batch needs few. So a
// network in float32 rounds the vectors of its words alone, and their gradients alone
// become float64, unless a layer such as [Unembedding] needs all of them.

// table is the words' vectors.
type table[T element] struct {
	vocabulary, size, padding int
	weights                   *view[T]
}

func newTable[T element](vocabulary, size, padding int, init Initializer, b *builder[T]) (table[T], error) {
	t := table[T]{vocabulary: vocabulary, size: size, padding: padding}
	if !b.first {
		return t, fmt.Errorf("reads words and not numbers: it must be the first layer")
	}
	if vocabulary < 1 || size < 1 {
		return t, fmt.Errorf("has vocabulary %d and size %d, want at least 1 each", vocabulary, size)
	}
	const exact = 1 << 24 // all whole numbers up to it are a float32
	if vocabulary > exact && T(exact+1) == T(exact) {
		return t, fmt.Errorf("has a vocabulary of %d words, more than float32 can tell apart: use NewNetwork", vocabulary)
	}
	if padding < -1 || padding >= vocabulary {
		return t, fmt.Errorf("has padding id %d, want one of its vocabulary of %d, or -1", padding, vocabulary)
	}
	if init == nil {
		init = LeCunNormal
	}
	t.weights = b.param("weights", true, func(v []float64, r *rand.Rand) {
		init(v, 1, size, r)
		if padding >= 0 {
			clear(v[padding*size : (padding+1)*size])
		}
	}, vocabulary, size)
	t.weights.byRow = blas.HasKernels
	return t, nil
}

// of returns the vector of a word in a vector laid out like the table.
func (t table[T]) of(v []T, word int) []T { return v[word*t.size : (word+1)*t.size] }

// wide is of in float64.
func (t table[T]) wide(v []float64, word int) []float64 { return v[word*t.size : (word+1)*t.size] }

// copyVector sets dst to the vector of a word.
func (t table[T]) copyVector(dst []T, word int) {
	if source := t.weights.source; blas.HasKernels && source != nil {
		convert(dst, t.wide(source, word))
		return
	}
	copy(dst, t.of(t.weights.values, word))
}

// vectors is a table that rounds the vector of each word when it is first read.
type vectors[T element] struct {
	table[T]
	rounded []uint32 // by word, when
	now     uint32
}

// forget has all vectors rounded again: θ may have changed.
func (v *vectors[T]) forget() {
	if !blas.HasKernels || v.weights.source == nil {
		return
	}
	if v.now++; v.now == 0 || v.rounded == nil {
		v.rounded, v.now = make([]uint32, v.vocabulary), 1
	}
}

// vector returns the vector of a word.
func (v *vectors[T]) vector(word int) []T {
	vector := v.of(v.weights.values, word)
	if blas.HasKernels && v.weights.source != nil && v.rounded[word] != v.now {
		v.rounded[word] = v.now
		convert(vector, v.wide(v.weights.source, word))
	}
	return vector
}

// sent is what a batch sends back to the vectors of its words: to each the sum of
// share·∂L/∂yᵢ over the rows i of y that it is in, in the order in which they were added.
// The words are divided among the cores. It is a short cut of adding one row after another.
type sent[T element] struct {
	rows   []int32 // i of each
	shares []T
	next   []int32 // the next one to the same word, + 1; 0 for none
	words  []int32 // that are sent something
	first  []int32 // by word, + 1
	last   []int32

	table      table[T]
	grad, dy   []T
	divided    shares
	deliverAll func(lo, hi int) // part, bound once
}

func (s *sent[T]) add(word, row int, share T) {
	if n := word + 1 - len(s.first); n > 0 {
		s.first, s.last = append(s.first, make([]int32, n)...), append(s.last, make([]int32, n)...)
	}
	s.rows, s.shares, s.next = append(s.rows, int32(row)), append(s.shares, share), append(s.next, 0)
	number := int32(len(s.rows))
	if s.first[word] == 0 {
		s.first[word], s.words = number, append(s.words, int32(word))
	} else {
		s.next[s.last[word]-1] = number
	}
	s.last[word] = number
}

// deliver adds all to the gradient, and forgets it.
func (s *sent[T]) deliver(t table[T], grad, dy []T) {
	if s.deliverAll == nil {
		s.deliverAll = s.part
	}
	s.table, s.grad, s.dy = t, t.weights.in(grad), dy
	s.divided.do(len(s.words)*t.size, t.size, s.deliverAll)
	for _, word := range s.words {
		s.first[word] = 0
	}
	s.rows, s.shares, s.next, s.words = s.rows[:0], s.shares[:0], s.next[:0], s.words[:0]
	s.grad, s.dy = nil, nil
}

// part delivers to the words that have the numbers from lo to hi.
func (s *sent[T]) part(lo, hi int) {
	t := s.table
	sink := t.weights.sink
	for _, word := range s.words[lo/t.size : hi/t.size] {
		i, to := s.first[word]-1, t.of(s.grad, int(word))
		if sink != nil {
			if s.next[i] == 0 && s.shares[i] == 1 {
				addWide(t.wide(sink, int(word)), t.of(s.dy, int(s.rows[i])))
				continue
			}
			clear(to)
		}
		for ; i >= 0; i = s.next[i] - 1 {
			if from := t.of(s.dy, int(s.rows[i])); s.shares[i] == 1 {
				blas.AddRuns(to, 0, from, t.size, 1, t.size)
			} else {
				addScaled(to, s.shares[i], from)
			}
		}
		if sink != nil {
			addWide(t.wide(sink, int(word)), to)
		}
	}
}
