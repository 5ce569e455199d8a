package model

import (
	"fmt"
	"strconv"
	"strings"
)

// Shape is the shape of one sample on its way through a network: {n} for n
// features, {channels, height, width} for an image, {tokens, size} for a
// sequence of vectors.
type Shape []int

// Features returns the shape of n features in no spatial order.
func Features(n int) Shape { return Shape{n} }

// Tokens returns the shape of a sequence of n token numbers, which an [Embedding]
// takes. Shorter sequences are filled up with −1.
func Tokens(n int) Shape { return Shape{n} }

// Sequence returns the shape of n vectors of the given size, such as the values of
// several sensors at n times. A row of data holds one vector after another.
func Sequence(n, size int) Shape { return Shape{n, size} }

// Image returns the shape of an image of height×width pixels, with one
// channel for grey or three for colour. In a row of data the channels come
// first.
func Image(height, width, channels int) Shape { return Shape{channels, height, width} }

// Size returns the number of elements of a sample, the product of the shape.
func (s Shape) Size() int {
	n := 1
	for _, v := range s {
		n *= v
	}
	return n
}

// String writes the shape as 3×28×28.
func (s Shape) String() string {
	parts := make([]string, len(s))
	for i, v := range s {
		parts[i] = strconv.Itoa(v)
	}
	return strings.Join(parts, "×")
}

// check reports a shape that no sample has.
func (s Shape) check() error {
	if len(s) == 0 {
		return fmt.Errorf("the input has no shape: use Features, Tokens, Sequence or Image")
	}
	for _, v := range s {
		if v < 1 {
			return fmt.Errorf("the input has shape %v, want sizes of at least 1", s)
		}
	}
	return nil
}

// features returns n for the shape {n}, and an error for another.
func (s Shape) features() (int, error) {
	if len(s) != 1 {
		return 0, fmt.Errorf("needs features, but its input has shape %v: put Flatten before it", s)
	}
	return s[0], nil
}

// vectors returns how many vectors a sample consists of, and their size: one of n
// for features, {n, size} for a sequence. It returns an error for an image.
func (s Shape) vectors() (n, size int, err error) {
	switch len(s) {
	case 1:
		return 1, s[0], nil
	case 2:
		return s[0], s[1], nil
	}
	return 0, 0, fmt.Errorf("needs features, but its input has shape %v: put Flatten before it", s)
}

// with returns the shape with vectors of another size.
func (s Shape) with(size int) Shape {
	if len(s) == 2 {
		return Shape{s[0], size}
	}
	return Features(size)
}

// sequence returns the parts of a sequence's shape, and an error for another.
func (s Shape) sequence() (n, size int, err error) {
	if len(s) != 2 {
		return 0, 0, fmt.Errorf("needs a sequence of vectors, but its input has shape %v: begin the network with Sequence, or with Tokens and an Embedding", s)
	}
	return s[0], s[1], nil
}

// tokens returns how many rows the network predicts for a sample of this shape, and
// of how many columns: those of a sequence are one for each token.
func (s Shape) tokens() (rows, cols int) {
	if len(s) == 2 {
		return s[0], s[1]
	}
	return 1, s.Size()
}

// image returns the parts of an image's shape, and an error for another.
func (s Shape) image() (channels, height, width int, err error) {
	if len(s) != 3 {
		return 0, 0, 0, fmt.Errorf("needs an image, but its input has shape %v: begin the network with Image", s)
	}
	return s[0], s[1], s[2], nil
}
