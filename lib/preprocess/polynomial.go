package preprocess

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/rows"
)

// PolynomialFeatures makes the products of columns up to a degree, so that a
// model that is linear in them is a polynomial in x. For columns a, b and degree
// 2 they are
//
//	1, a, b, a², a·b, b²
//
// ordered by degree and then by columns. n columns and degree d give (n+d choose d)
// products, including the 1. Scale the columns first: no learning rate suits powers
// of both 100 and 0.01.
type PolynomialFeatures struct {
	Degree          int
	InteractionOnly bool // no column occurs twice in a product: 1, a, b, a·b
	Bias            bool // the column of ones; a model with an intercept has it already

	Inputs int // the number of columns, set by Fit
}

// NewPolynomialFeatures returns all products up to the given degree, with the
// column of ones.
func NewPolynomialFeatures(degree int) *PolynomialFeatures {
	return &PolynomialFeatures{Degree: degree, Bias: true}
}

// maxProducts bounds the number of columns that PolynomialFeatures makes.
const maxProducts = 1 << 20

// A product is an earlier product, or 1 if parent is −1, times a column.
type product struct{ parent, column int }

// Fit records the number of columns. It returns an error if there would be more
// than 2²⁰ products.
func (p *PolynomialFeatures) Fit(x mat.Matrix) error {
	p.Inputs = 0
	if err := p.Validate(); err != nil {
		return err
	}
	if err := checkDense("PolynomialFeatures", x); err != nil {
		return err
	}
	if err := checkFit("PolynomialFeatures", x); err != nil {
		return err
	}
	_, cols := x.Dims()
	fitted := *p
	fitted.Inputs = cols
	if err := fitted.Validate(); err != nil {
		return err
	}
	p.Inputs = cols
	return nil
}

// products lists the products of degree 1 and more in order. Each degree takes
// those of the degree before and multiplies them by the columns from their last
// one on (after it, for interactions only).
func (p *PolynomialFeatures) products() []product {
	var list []product
	for j := range p.Inputs {
		list = append(list, product{-1, j})
	}
	from := 0
	for range p.Degree - 1 {
		to := len(list)
		if from == to {
			break // no product of more columns: there are not that many
		}
		for k := from; k < to; k++ {
			first := list[k].column
			if p.InteractionOnly {
				first++
			}
			for j := first; j < p.Inputs; j++ {
				list = append(list, product{k, j})
			}
		}
		from = to
	}
	return list
}

// count returns the number of columns of the result without making them,
// as a float64 since it may be astronomic.
func (p *PolynomialFeatures) count() float64 {
	total, n := 0.0, 1.0
	if p.Bias {
		total = 1
	}
	for k := 1; k <= p.Degree && n > 0 && total <= maxProducts; k++ {
		// From (n+k−2 choose k−1) to (n+k−1 choose k), or to (n choose k).
		next := float64(p.Inputs + k - 1)
		if p.InteractionOnly {
			next = float64(p.Inputs - k + 1)
		}
		n = math.Round(n * next / float64(k))
		total += n
	}
	return total
}

// Transform returns the products. If a product overflows, it returns an error that
// names the product.
func (p *PolynomialFeatures) Transform(x mat.Matrix) (mat.Matrix, error) {
	if err := checkDense("PolynomialFeatures", x); err != nil {
		return nil, err
	}
	if err := checkTransform("PolynomialFeatures", x, p.Inputs); err != nil {
		return nil, err
	}
	m, _ := x.Dims()
	out, err := newDense("PolynomialFeatures", m, int(p.count()))
	if err != nil {
		return nil, err
	}
	list := p.products()
	runs := runsOf(list)
	from := rows.Of(x)
	eachRow(rows.Of(out), func(i int) {
		row := out.RawRowView(i)
		if p.Bias {
			row[0], row = 1, row[1:]
		}
		from.Copy(row[:p.Inputs], i)
		for _, r := range runs {
			r.multiply(row)
		}
	})
	if i, j, _, found := rows.Of(out).FirstBad(false); found {
		if p.Bias {
			j--
		}
		return nil, fmt.Errorf("preprocess: PolynomialFeatures: row %d: a product with column %d overflows: scale the columns first", i, list[j].column)
	}
	return out, nil
}

// A run is neighbouring products with the same parent, whose columns are
// neighbours too.
type run struct{ parent, column, from, to int }

// runsOf returns the runs of the products that have a parent.
func runsOf(list []product) []run {
	var runs []run
	for k, t := range list {
		switch {
		case t.parent < 0:
		case len(runs) > 0 && runs[len(runs)-1].parent == t.parent:
			runs[len(runs)-1].to++
		default:
			runs = append(runs, run{t.parent, t.column, k, k + 1})
		}
	}
	return runs
}

// multiply makes the products of a row, which begins with its columns.
func (r run) multiply(row []float64) {
	factor, dst := row[r.parent], row[r.from:r.to]
	columns := row[r.column:][:len(dst)]
	for k, v := range columns {
		dst[k] = factor * v
	}
}

// FeatureNames returns names such as "1", "a", "a^2" and "a b".
func (p *PolynomialFeatures) FeatureNames(in []string) ([]string, error) {
	in, err := defaultNames("PolynomialFeatures", in, p.Inputs)
	if err != nil {
		return nil, err
	}
	list := p.products()
	var names []string
	if p.Bias {
		names = append(names, "1")
	}
	for k := range list {
		var factors []string
		for t := k; t >= 0; {
			j, power := list[t].column, 0
			for ; t >= 0 && list[t].column == j; t = list[t].parent {
				power++
			}
			factor := in[j]
			if power > 1 {
				factor = fmt.Sprintf("%s^%d", in[j], power)
			}
			factors = append(factors, factor)
		}
		slices.Reverse(factors) // the last column of a product comes first above
		names = append(names, strings.Join(factors, " "))
	}
	return names, nil
}

// Validate returns an error if Degree is below 1 or there are too many products.
func (p *PolynomialFeatures) Validate() error {
	if p.Degree < 1 || p.Inputs < 0 {
		return fmt.Errorf("preprocess: PolynomialFeatures: degree is %d, want at least 1", p.Degree)
	}
	if p.Inputs > 0 && !(p.count() <= maxProducts) {
		return fmt.Errorf("preprocess: PolynomialFeatures: degree %d of %d columns makes more than %d products: lower the degree or select columns", p.Degree, p.Inputs, maxProducts)
	}
	return nil
}
