// Package sparse holds matrices that are mostly zero, row by row.
//
// A bag of words has one column for each word of the vocabulary and a handful
// of non-zeros in each row. The compressed sparse row format (CSR) keeps only
// those: for row i, the columns Cols[Ptr[i]:Ptr[i+1]] and the values at the
// same places of Values. Algorithms that work row by row then take time
// proportional to the non-zeros instead of rows × columns.
//
// Source: Saad, Iterative Methods for Sparse Linear Systems, 2nd ed., §3.4.
package sparse

import (
	"fmt"

	"gonum.org/v1/gonum/mat"
)

// CSR is a matrix in compressed sparse row format. It implements mat.Matrix
// and can be used in place of a dense matrix of samples.
//
// Within a row the columns are strictly increasing.
type CSR struct {
	rows, cols int
	Ptr        []int     // length rows+1; Ptr[0] = 0
	Cols       []int     // length Ptr[rows]
	Values     []float64 // length Ptr[rows]
	view       bool      // Cols and Values belong to another matrix
}

var _ mat.Matrix = (*CSR)(nil)

// NewCSR returns the rows×cols matrix with the given parts, which it keeps
// without copying. It returns an error that names the row if the parts do not
// make a matrix: pointers that fall or do not end at len(values), a column out
// of range, or columns that do not increase within a row.
func NewCSR(rows, cols int, ptr, columns []int, values []float64) (*CSR, error) {
	if rows < 0 || cols < 0 {
		return nil, fmt.Errorf("sparse: negative shape %d×%d", rows, cols)
	}
	if len(ptr) != rows+1 || ptr[0] != 0 || ptr[rows] != len(values) || len(columns) != len(values) {
		return nil, fmt.Errorf("sparse: %d row pointers, %d columns and %d values do not make a matrix of %d rows",
			len(ptr), len(columns), len(values), rows)
	}
	for i := range rows {
		lo, hi := ptr[i], ptr[i+1]
		if lo > hi || hi > len(values) {
			return nil, fmt.Errorf("sparse: row %d has bad pointers %d..%d", i, lo, hi)
		}
		last := -1
		for _, j := range columns[lo:hi] {
			if j <= last || j >= cols {
				return nil, fmt.Errorf("sparse: row %d has column %d after column %d: columns must increase and be below %d", i, j, last, cols)
			}
			last = j
		}
	}
	return &CSR{rows: rows, cols: cols, Ptr: ptr, Cols: columns, Values: values}, nil
}

// FromDense returns the matrix with the non-zeros of x.
func FromDense(x mat.Matrix) *CSR {
	m, n := x.Dims()
	s := &CSR{rows: m, cols: n, Ptr: make([]int, m+1)}
	row := make([]float64, n)
	for i := range m {
		for j, v := range mat.Row(row, i, x) {
			if v != 0 {
				s.Cols = append(s.Cols, j)
				s.Values = append(s.Values, v)
			}
		}
		s.Ptr[i+1] = len(s.Values)
	}
	return s
}

func (s *CSR) Dims() (rows, cols int) { return s.rows, s.cols }

// At returns the element in row i and column j, by binary search in the row.
func (s *CSR) At(i, j int) float64 {
	if i < 0 || i >= s.rows || j < 0 || j >= s.cols {
		panic(fmt.Sprintf("sparse: element (%d, %d) is outside a %d×%d matrix", i, j, s.rows, s.cols))
	}
	lo, hi := s.Ptr[i], s.Ptr[i+1]
	for lo < hi {
		mid := int(uint(lo+hi) / 2)
		if s.Cols[mid] < j {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	if lo < s.Ptr[i+1] && s.Cols[lo] == j {
		return s.Values[lo]
	}
	return 0
}

func (s *CSR) T() mat.Matrix { return mat.Transpose{Matrix: s} }

// NNZ returns the number of stored elements.
func (s *CSR) NNZ() int { return len(s.Values) }

// Row returns the columns and values of row i, aliasing the matrix.
func (s *CSR) Row(i int) (cols []int, values []float64) {
	lo, hi := s.Ptr[i], s.Ptr[i+1]
	return s.Cols[lo:hi], s.Values[lo:hi]
}

// Gather sets s to the given rows of x, in that order. It reuses the memory
// of s, so that a loop over batches allocates nothing once s has grown to the
// largest batch.
func (s *CSR) Gather(x *CSR, rows []int) {
	if s.view {
		*s = CSR{}
	}
	s.rows, s.cols = len(rows), x.cols
	s.Ptr = append(s.Ptr[:0], 0)
	s.Cols, s.Values = s.Cols[:0], s.Values[:0]
	for _, i := range rows {
		cols, values := x.Row(i)
		s.Cols = append(s.Cols, cols...)
		s.Values = append(s.Values, values...)
		s.Ptr = append(s.Ptr, len(s.Values))
	}
}

// View sets s to the rows i ≤ r < j of x. It shares the elements with x and
// reuses the memory of s for the row pointers.
func (s *CSR) View(x *CSR, i, j int) {
	lo, hi := x.Ptr[i], x.Ptr[j]
	s.rows, s.cols, s.view = j-i, x.cols, true
	s.Cols, s.Values = x.Cols[lo:hi:hi], x.Values[lo:hi:hi]
	s.Ptr = s.Ptr[:0]
	for _, p := range x.Ptr[i : j+1] {
		s.Ptr = append(s.Ptr, p-lo)
	}
}
