package side

import (
	"bufio"
	"fmt"
	"os"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/lib/format"
)

// limit is the number of numbers in the largest file, with room to spare.
const limit = 1 << 28

// Read returns the array in a .npy file.
func Read(path string) (format.Tensor, error) {
	f, err := os.Open(path)
	if err != nil {
		return format.Tensor{}, err
	}
	defer f.Close()
	t, err := format.ReadNPY(bufio.NewReaderSize(f, 1<<20), limit)
	if err != nil {
		return t, fmt.Errorf("%s: %w", path, err)
	}
	return t, nil
}

// Matrix returns the array in a .npy file as a matrix: a vector is a column.
func Matrix(path string) (*mat.Dense, error) {
	t, err := Read(path)
	if err != nil {
		return nil, err
	}
	return t.Dense()
}

// Data returns the features and the targets of a work.
func Data(a Args) (x, y *mat.Dense, err error) {
	if x, err = Matrix(a.X); err != nil {
		return nil, nil, err
	}
	y, err = Matrix(a.Y)
	return x, y, err
}
