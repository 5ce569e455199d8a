package solve_test

import (
	"flag"
	"fmt"
	"math"
	"math/big"
	"os"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/golden"
	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/lib/solve"
)

var update = flag.Bool("update", false, "write docs/nist.md")

// nist is a dataset of NIST's Statistical Reference Datasets with the certified
// results of its regression, https://www.itl.nist.gov/div898/strd/lls/lls.shtml
type nist struct {
	Name, Difficulty string
	Degree           int // of the polynomial in the only column of X
	Intercept        bool
	X                [][]float64
	Y                []float64
	Coefficients     []float64
	ResidualSD       float64
}

func (n nist) data() (m *model.Linear, x, y *mat.Dense) {
	cols := max(n.Degree, len(n.X[0]))
	x = mat.NewDense(len(n.X), cols, nil)
	for i, row := range n.X {
		copy(x.RawRowView(i), row)
		for j := len(row); j < cols; j++ {
			x.Set(i, j, x.At(i, j-1)*row[0])
		}
	}
	m = model.NewLinearNoIntercept(cols, 1)
	if n.Intercept {
		m = model.NewLinear(cols, 1)
	}
	return m, x, mat.NewDense(len(n.Y), 1, n.Y)
}

// digits is the log relative error, −log₁₀(|got − want|/|want|): how many
// decimal digits agree, between 0 and the 15 that are certified.
func digits(got, want float64) float64 {
	e := math.Abs(got - want)
	if want != 0 {
		e /= math.Abs(want)
	}
	return max(0, min(15, -math.Log10(e)))
}

func fewestDigits(got, want []float64) float64 {
	fewest := 15.0
	for j := range got {
		fewest = min(fewest, digits(got[j], want[j]))
	}
	return fewest
}

// exact solves the least squares of the float64s in x and y in rational numbers,
// by the normal equations.
func exact(x, y *mat.Dense, intercept bool) []float64 {
	rows, cols := x.Dims()
	a := make([][]*big.Rat, rows) // with y as last column
	for i := range a {
		if intercept {
			a[i] = append(a[i], big.NewRat(1, 1))
		}
		for j := range cols {
			a[i] = append(a[i], new(big.Rat).SetFloat64(x.At(i, j)))
		}
		a[i] = append(a[i], new(big.Rat).SetFloat64(y.At(i, 0)))
	}
	n := len(a[0]) - 1
	normal := make([][]*big.Rat, n) // aᵀa, with aᵀy as last column
	for j := range normal {
		for k := range n + 1 {
			sum := new(big.Rat)
			for i := range a {
				sum.Add(sum, new(big.Rat).Mul(a[i][j], a[i][k]))
			}
			normal[j] = append(normal[j], sum)
		}
	}
	for j := range n { // Gauss and Jordan; the matrix is positive definite
		inverse := new(big.Rat).Inv(normal[j][j])
		for k := range normal[j] {
			normal[j][k].Mul(normal[j][k], inverse)
		}
		for i := range n {
			if i == j {
				continue
			}
			factor := new(big.Rat).Set(normal[i][j])
			for k := range normal[i] {
				normal[i][k].Sub(normal[i][k], new(big.Rat).Mul(factor, normal[j][k]))
			}
		}
	}
	theta := make([]float64, n)
	for j := range theta {
		theta[j], _ = normal[j][n].Float64()
	}
	return theta
}

// residualSD is √(‖y − f‖²/(m − n)), the standard deviation of the errors.
func residualSD(m *model.Linear, x, y *mat.Dense) float64 {
	var f mat.Dense
	m.Predict(&f, x)
	f.Sub(&f, y)
	rows, _ := x.Dims()
	return mat.Norm(&f, 2) / math.Sqrt(float64(rows-len(m.Params())))
}

// The digits that agree with NIST's certified values, and those that agree with
// the exact solution for the float64s into which the data are read. The first
// are fewer where the solution magnifies that rounding, the second show what
// the solver itself loses.
func TestNIST(t *testing.T) {
	tests := []struct {
		name                       string
		certified, computed, sigma int // digits that must agree, at least
	}{
		{"Norris", 14, 15, 13},
		{"Pontius", 13, 15, 13},
		{"NoInt1", 14, 15, 14},
		{"NoInt2", 14, 15, 14},
		{"Filip", 7, 15, 7},
		{"Longley", 14, 15, 12},
		{"Wampler1", 15, 15, 8},
		{"Wampler2", 13, 15, 12},
		{"Wampler3", 15, 15, 13},
		{"Wampler4", 15, 15, 14},
		{"Wampler5", 15, 15, 14},
	}
	table := new(strings.Builder)
	fmt.Fprint(table, nistHeader)
	for _, test := range tests {
		n := golden.Load[nist](t, "testdata/nist/"+test.name+".json")
		m, x, y := n.data()
		if err := solve.LeastSquares(m, x, y, nil); err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		certified := fewestDigits(m.Params(), n.Coefficients)
		computed := fewestDigits(m.Params(), exact(x, y, n.Intercept))
		sigma := digits(residualSD(m, x, y), n.ResidualSD)
		if certified < float64(test.certified) || computed < float64(test.computed) || sigma < float64(test.sigma) {
			t.Errorf("%s: digits that agree: certified coefficients %.2f, want %d; exact ones %.2f, want %d; residual SD %.2f, want %d",
				test.name, certified, test.certified, computed, test.computed, sigma, test.sigma)
		}
		fmt.Fprintf(table, "| %s | %s | %d | %d | %d | %d | %d |\n", n.Name, n.Difficulty, len(n.Y), len(n.Coefficients),
			test.certified, test.computed, test.sigma)
	}
	const path = "docs/nist.md"
	if *update {
		if err := os.WriteFile(path, []byte(table.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if table.String() != string(want) {
		t.Errorf("%s is out of date: run go test -run TestNIST -update\n%s", path, table)
	}
}

const nistHeader = `# Least squares on NIST's certified data

The Statistical Reference Datasets of the US National Institute of Standards and
Technology (https://www.itl.nist.gov/div898/strd/, public domain) are linear
regressions whose results are certified to 15 digits. This table, which a test
holds solve.LeastSquares to, has the decimal digits that agree at the least
(−log₁₀ of the relative error; 15 at the most):

- *certified*: the worst coefficient against its certified value;
- *exact*: the worst coefficient against the exact solution, in rational
  arithmetic, for the float64s into which the data are read;
- *SD*: the residual standard deviation, of predictions in float64, against its
  certified value. Where that is 0 (Wampler1, Wampler2) it is −log₁₀ of the
  absolute value.

The solver loses next to nothing: where *certified* is below *exact*, the rest
was lost when decimal fractions and powers of x were rounded to float64s, before
it began. For Filip, a polynomial of degree 10, the powers alone cost 7 digits.

| dataset | difficulty | samples | parameters | certified | exact | SD |
| --- | --- | ---: | ---: | ---: | ---: | ---: |
`
