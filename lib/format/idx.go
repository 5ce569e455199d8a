package format

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"
)

// ReadIDX reads an IDX file, the format of MNIST, to its end. limit is the
// largest number of elements.
//
// The format: two zero bytes, the type (0x08 uint8, 0x09 int8, 0x0B int16, 0x0C
// int32, 0x0D float32, 0x0E float64), the number of dimensions, each dimension as
// a uint32, then the numbers, all big-endian. It returns an error for other
// types, for no dimension or a dimension of 0, and for too few or too many
// numbers.
//
// Source: LeCun, Cortes and Burges, The MNIST database of handwritten digits.
func ReadIDX(r io.Reader, limit int) (Tensor, error) {
	t, err := readIDX(r, limit)
	if err != nil {
		return Tensor{}, fmt.Errorf("format: IDX: %w", err)
	}
	return t, nil
}

func readIDX(r io.Reader, limit int) (t Tensor, err error) {
	var magic [4]byte
	if _, err := io.ReadFull(r, magic[:]); err != nil {
		return t, fmt.Errorf("the file ends within its first 4 bytes: %w", unexpected(err))
	}
	if magic[0] != 0 || magic[1] != 0 {
		return t, fmt.Errorf("it begins with %#x, want two zero bytes (is it still compressed?)", magic[:2])
	}
	kind, ok := typeWhere(func(p property) bool { return p.idx == magic[2] })
	if !ok || magic[2] == 0 {
		return t, fmt.Errorf("there is no type %#02x", magic[2])
	}
	if magic[3] == 0 {
		return t, fmt.Errorf("there are no dimensions")
	}
	shape := make([]int, magic[3])
	for k := range shape {
		var word [4]byte
		if _, err := io.ReadFull(r, word[:]); err != nil {
			return t, fmt.Errorf("the file ends within dimension %d of %d: %w", k+1, len(shape), unexpected(err))
		}
		dim := binary.BigEndian.Uint32(word[:])
		if dim == 0 || dim > math.MaxInt32 {
			return t, fmt.Errorf("dimension %d of %d is %d", k+1, len(shape), dim)
		}
		shape[k] = int(dim)
	}
	n, err := count(shape, limit)
	if err != nil {
		return t, err
	}
	data, err := readNumbers(r, n, kind, binary.BigEndian)
	if err != nil {
		return t, err
	}
	return Tensor{shape, data, kind}, atEnd(r)
}

// WriteIDX writes an IDX file of the types Uint8, Int8, Int16, Int32, Float32 and
// Float64.
//
// It returns an error for other types, for data that do not fit the Shape or
// the Type, and for no dimension or a dimension of 0.
func WriteIDX(w io.Writer, t Tensor) error {
	if err := t.check(); err != nil {
		return err
	}
	code := properties[t.Type].idx
	if code == 0 || len(t.Shape) == 0 || len(t.Data) == 0 {
		return fmt.Errorf("format: IDX has no arrays of %s with shape %v", t.Type, t.Shape)
	}
	head := []byte{0, 0, code, byte(len(t.Shape))}
	for _, d := range t.Shape {
		if int64(d) > math.MaxInt32 {
			return fmt.Errorf("format: IDX: a dimension of %d, want at most %d", d, math.MaxInt32)
		}
		head = binary.BigEndian.AppendUint32(head, uint32(d))
	}
	if _, err := w.Write(head); err != nil {
		return fmt.Errorf("format: IDX: %w", err)
	}
	if err := writeNumbers(w, t, binary.BigEndian); err != nil {
		return fmt.Errorf("format: IDX: %w", err)
	}
	return nil
}
