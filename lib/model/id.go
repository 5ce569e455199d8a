package model

import (
	"fmt"

	"gonum.org/v1/gonum/mat"
)

// An id is a whole number in a matrix of float64: a word, a
// user or an item. float64 holds whole numbers up to 2⁵³ exactly.

// isID tells whether v is a whole number from 0 to limit − 1. NaN is not.
func isID(v float64, limit int) bool {
	return v >= 0 && v < float64(limit) && v == float64(int(v))
}

// mustID returns the id v of row i, column j.
func mustID(v float64, i, j, limit int) int {
	if !isID(v, limit) {
		panic("model: " + badID(v, i, j, limit).Error())
	}
	return int(v)
}

// noID stands for padding in data in which all ids are words.
const noID = -1

func badID(v float64, i, j, limit int) error {
	return fmt.Errorf("row %d, column %d has the id %g, want a whole number from 0 to %d: "+
		"give what is unknown an id of its own, or make room for more",
		i, j, v, limit-1)
}

// checkWords reports the first element of x that is not an id, nor padding, which
// may be −1.
func checkWords(x mat.Matrix, limit, padding int) error {
	rows, cols := x.Dims()
	for i := range rows {
		for j := range cols {
			v := x.At(i, j)
			if isID(v, limit) || padding == noID && v == noID {
				continue
			}
			err := badID(v, i, j, limit)
			if padding == noID {
				err = fmt.Errorf("%w; padding is %d", err, noID)
			}
			return fmt.Errorf("model: %w", err)
		}
	}
	return nil
}
