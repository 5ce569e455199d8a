package datasets

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
)

// An IDX is an array of bytes with any number of dimensions, the format of the MNIST files
// (Y. LeCun, C. Cortes, C. Burges, "The MNIST database of handwritten digits").
type IDX struct {
	Dims []int  // all positive
	Data []byte // row-major, as long as the product of Dims
}

// ReadIDX reads an IDX file of unsigned bytes (type 0x08) to its end. The format: two zero bytes, the
// type, the number of dimensions, each dimension as a big-endian uint32, then the data.
//
// limit bounds the number of data bytes, and so the memory that a damaged or malicious file can take. A wrong magic
// number, another type, a dimension of 0, a product of dimensions over the limit, too few data or too many are errors.
func ReadIDX(r io.Reader, limit int64) (*IDX, error) {
	var magic [4]byte
	if _, err := io.ReadFull(r, magic[:]); err != nil {
		return nil, fmt.Errorf("datasets: IDX file ends within its magic number: %w", unexpected(err))
	}
	if magic[0] != 0 || magic[1] != 0 {
		return nil, fmt.Errorf("datasets: not an IDX file: it starts with %#x, want two zero bytes (is it still compressed?)", magic[:2])
	}
	if magic[2] != 0x08 {
		return nil, fmt.Errorf("datasets: IDX type %#02x: only unsigned bytes (0x08) can be read", magic[2])
	}
	if magic[3] == 0 {
		return nil, errors.New("datasets: IDX file without dimensions")
	}
	a := &IDX{Dims: make([]int, magic[3])}
	size := int64(1)
	for k := range a.Dims {
		var word [4]byte
		if _, err := io.ReadFull(r, word[:]); err != nil {
			return nil, fmt.Errorf("datasets: IDX file ends within dimension %d of %d: %w", k+1, len(a.Dims), unexpected(err))
		}
		dim := int64(binary.BigEndian.Uint32(word[:]))
		if dim == 0 || dim > math.MaxInt32 {
			return nil, fmt.Errorf("datasets: IDX dimension %d of %d is %d", k+1, len(a.Dims), dim)
		}
		if size > limit/dim {
			return nil, fmt.Errorf("datasets: IDX file announces more than the allowed %d bytes", limit)
		}
		size *= dim
		a.Dims[k] = int(dim)
	}
	// Read what is there, not what is announced: a short file cannot make us allocate much.
	data, err := io.ReadAll(io.LimitReader(r, size+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("datasets: IDX data: %w", err)
	case int64(len(data)) < size:
		return nil, fmt.Errorf("datasets: IDX file has %d data bytes, its dimensions %v need %d", len(data), a.Dims, size)
	case int64(len(data)) > size:
		return nil, fmt.Errorf("datasets: IDX file has more than the %d data bytes of its dimensions %v", size, a.Dims)
	}
	a.Data = data
	return a, nil
}

// unexpected makes an end in the middle an error that is not taken for a regular end.
func unexpected(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}
