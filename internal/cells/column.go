// Package cells stores the cells of a table in little more memory than their text
// takes, and splits the text of a file into cells, many lines at a time.
package cells

import (
	"iter"
	"sort"
	"unsafe"
)

// A Column is a list of texts. It keeps them in blocks: the texts one after the
// other, and the end of each. The zero value is empty.
type Column struct {
	blocks []block
	length int
}

type block struct {
	first int // the index of its first text
	text  []byte
	ends  []uint32
}

// blockSize is how many bytes of text, about, a block gets that grows.
const blockSize = 1 << 20

// maxText is the length from which a text is a block by itself.
const maxText = 1 << 30

// at returns text i of the block.
func (b *block) at(i int) string {
	start := uint32(0)
	if i > 0 {
		start = b.ends[i-1]
	}
	return view(b.text[start:b.ends[i]])
}

// view returns b as a string over the same memory. Nobody writes there any more.
func view(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// Len returns the number of texts.
func (c *Column) Len() int { return c.length }

// At returns text i.
func (c *Column) At(i int) string {
	b := &c.blocks[c.block(i)]
	return b.at(i - b.first)
}

// block returns the number of the block that has text i.
func (c *Column) block(i int) int {
	return sort.Search(len(c.blocks), func(k int) bool { return c.blocks[k].first > i }) - 1
}

// Range yields texts lo to hi−1 with their indices.
func (c *Column) Range(lo, hi int) iter.Seq2[int, string] {
	return func(yield func(int, string) bool) {
		if lo >= hi {
			return
		}
		for k := c.block(lo); k < len(c.blocks); k++ {
			b := &c.blocks[k]
			for i := max(lo, b.first) - b.first; i < len(b.ends); i++ {
				if b.first+i >= hi || !yield(b.first+i, b.at(i)) {
					return
				}
			}
		}
	}
}

// All yields all texts with their indices.
func (c *Column) All() iter.Seq2[int, string] { return c.Range(0, c.length) }

// Strings returns the texts.
func (c *Column) Strings() []string {
	s := make([]string, 0, c.length)
	for _, text := range c.All() {
		s = append(s, text)
	}
	return s
}

// Append adds texts.
func (c *Column) Append(texts ...string) {
	for _, text := range texts {
		last := len(c.blocks) - 1
		if last < 0 || len(c.blocks[last].text) >= blockSize || len(text) >= maxText {
			c.blocks = append(c.blocks, block{first: c.length})
			last++
		}
		b := &c.blocks[last]
		b.text = append(b.text, text...)
		b.ends = append(b.ends, uint32(len(b.text)))
		c.length++
	}
}

// Bytes returns the number of bytes that the texts take in memory.
func (c *Column) Bytes() int {
	n := 0
	for _, b := range c.blocks {
		n += int(unsafe.Sizeof(b)) + cap(b.text) + 4*cap(b.ends)
	}
	return n
}
