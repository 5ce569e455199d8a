// Package cells stores the cells of a table in little more memory than their text
// takes, and splits the text of a file into cells, many lines at a time.
package cells

import (
	"iter"
	"sort"
	"unsafe"
)

// A Column is a list of texts. It keeps them in blocks. Columns of one file share
// these: the text of a block is then that of some of the file's lines, as it is there
// or nearly so. The zero value is empty.
type Column struct {
	blocks []block
	length int
}

// A block has texts one after the other, a byte after each, such as a comma. They are
// those of width columns, row by row.
type block struct {
	first         int // the index of the column's first text in it
	text          []byte
	ends          []uint32 // of the texts, after one that is −1: each begins two bytes after the one before has its last
	column, width int
}

// newBlock returns a block without texts, for one column.
func newBlock(first int) block { return block{first: first, ends: []uint32{beforeFirst}, width: 1} }

// beforeFirst is −1, the end before the first text.
const beforeFirst = ^uint32(0)

// blockSize is how many bytes of text, about, a block gets that grows.
const blockSize = 1 << 20

// maxText is the length from which a text is a block by itself.
const maxText = 1 << 30

// at returns text i of the column in the block.
func (b *block) at(i int) string {
	k := i*b.width + b.column
	return view(b.text[b.ends[k]+1 : b.ends[k+1]])
}

// count returns how many texts of the column are in the block.
func (b *block) count() int { return (len(b.ends) - 1) / b.width }

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

// A Run is texts of a column that follow one another in its memory.
type Run struct {
	block *block
	from  int // in the block
	count int
}

// Run returns the texts lo to hi−1, or as many of them from lo on as are in one run.
func (c *Column) Run(lo, hi int) Run {
	b := &c.blocks[c.block(lo)]
	return Run{b, lo - b.first, min(hi-b.first, b.count()) - (lo - b.first)}
}

// Len returns the number of texts.
func (r Run) Len() int { return r.count }

// At returns text i.
func (r Run) At(i int) string { return r.block.at(r.from + i) }

// Range yields texts lo to hi−1 with their indices.
func (c *Column) Range(lo, hi int) iter.Seq2[int, string] {
	return func(yield func(int, string) bool) {
		for lo < hi {
			run := c.Run(lo, hi)
			for i := range run.Len() {
				if !yield(lo+i, run.At(i)) {
					return
				}
			}
			lo += run.Len()
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
		if last < 0 || c.blocks[last].width > 1 || len(c.blocks[last].text) >= blockSize || len(text) >= maxText {
			c.blocks = append(c.blocks, newBlock(c.length))
			last++
		}
		b := &c.blocks[last]
		b.text = append(b.text, text...)
		b.ends = append(b.ends, uint32(len(b.text)))
		b.text = append(b.text, '\n')
		c.length++
	}
}

// Bytes returns the number of bytes that the texts take in memory. What columns share
// is divided among them.
func (c *Column) Bytes() int {
	n := 0
	for _, b := range c.blocks {
		n += int(unsafe.Sizeof(b)) + (cap(b.text)+4*cap(b.ends))/b.width
	}
	return n
}
