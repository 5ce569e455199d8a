package sparse_test

import (
	"fmt"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/lib/sparse"
)

// Three documents over a vocabulary of five words: a row holds the counts of
// the words that occur.
func ExampleCSR() {
	x, err := sparse.NewCSR(3, 5,
		[]int{0, 2, 2, 4}, // row i has the elements Ptr[i] to Ptr[i+1]
		[]int{0, 3, 1, 4},
		[]float64{1, 2, 1, 1})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(mat.Formatted(x))
	cols, counts := x.Row(0)
	fmt.Println("words", cols, "occur", counts, "times in the first")
	// Output:
	// ⎡1  0  0  2  0⎤
	// ⎢0  0  0  0  0⎥
	// ⎣0  1  0  0  1⎦
	// words [0 3] occur [1 2] times in the first
}

func ExampleFromDense() {
	x := sparse.FromDense(mat.NewDense(2, 3, []float64{0, 7, 0, 0, 0, 0}))
	rows, cols := x.Dims()
	fmt.Printf("%d×%d with %d non-zero\n", rows, cols, x.NNZ())
	// Output: 2×3 with 1 non-zero
}

// A loop over batches gathers each into the same memory.
func ExampleCSR_Gather() {
	x := sparse.FromDense(mat.NewDense(4, 2, []float64{0, 1, 2, 0, 0, 3, 4, 0}))
	var batch sparse.CSR
	for _, rows := range [][]int{{3, 0}, {2, 1}} {
		batch.Gather(x, rows)
		fmt.Println(mat.Formatted(&batch))
	}
	// Output:
	// ⎡4  0⎤
	// ⎣0  1⎦
	// ⎡0  3⎤
	// ⎣2  0⎦
}

func ExampleNewCSR() {
	_, err := sparse.NewCSR(1, 3, []int{0, 2}, []int{2, 1}, []float64{1, 1})
	fmt.Println(err)
	// Output: sparse: row 0 has column 1 after column 2: columns must increase and be below 3
}
