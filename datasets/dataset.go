package datasets

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/pages"
)

// A Dataset is a table of samples with a target, and its description.
type Dataset struct {
	Name string // short and lower case: "iris"

	X *mat.Dense // m×n, one row a sample, one column a feature
	Y *mat.Dense // m×1: the index of the class (classification) or the value (regression)

	Features []string // n names, in the order of the columns of X
	Units    []string // n units; "" if the source states none or the number has none
	Classes  []string // names of the classes 0, 1, …; nil for regression

	Target     string // what Y is
	TargetUnit string // its unit; "" for classes or if the source states none

	Title    string // one line for a heading
	Source   string // the origin of the data
	Licence  string // the terms of use
	Citation string // the publication to cite
	Notes    string // what to know before using the data
}

// Dims returns the number of samples m and the number of features n.
func (d *Dataset) Dims() (m, n int) { return d.X.Dims() }

// Clone returns a deep copy.
func (d *Dataset) Clone() *Dataset {
	c := *d
	c.X = mat.DenseCopyOf(d.X)
	c.Y = mat.DenseCopyOf(d.Y)
	c.Features = slices.Clone(d.Features)
	c.Units = slices.Clone(d.Units)
	c.Classes = slices.Clone(d.Classes)
	return &c
}

// Column returns a copy of the m values of a feature, or of the target, by name. For
// an unknown name it returns an error that lists the known ones.
func (d *Dataset) Column(name string) ([]float64, error) {
	if j := slices.Index(d.Features, name); j >= 0 {
		return mat.Col(nil, j, d.X), nil
	}
	if name == d.Target {
		return mat.Col(nil, 0, d.Y), nil
	}
	return nil, d.unknown(name)
}

// Select returns a copy with only the named features, in the given order. It returns
// an error for an unknown or duplicate name, and for no names.
func (d *Dataset) Select(features ...string) (*Dataset, error) {
	if len(features) == 0 {
		return nil, fmt.Errorf("datasets: Select needs at least one feature of %s: %s", d.Name, d.names())
	}
	m, _ := d.Dims()
	c := d.described()
	c.X = pages.Dense(m, len(features))
	c.Y = mat.DenseCopyOf(d.Y)
	for k, name := range features {
		j := slices.Index(d.Features, name)
		if j < 0 {
			return nil, d.unknown(name)
		}
		if slices.Contains(features[:k], name) {
			return nil, fmt.Errorf("datasets: Select got the feature %q twice", name)
		}
		c.X.SetCol(k, mat.Col(nil, j, d.X))
		c.Features = append(c.Features, name)
		c.Units = append(c.Units, d.unit(j))
	}
	return c, nil
}

// Subset returns a copy with the given rows, in the given order; a row may occur more
// than once, as in a bootstrap sample. It panics if rows is empty or a row does not
// exist.
func (d *Dataset) Subset(rows []int) *Dataset {
	m, n := d.Dims()
	if len(rows) == 0 {
		panic("datasets: Subset of no rows")
	}
	c := d.described()
	c.X = pages.Dense(len(rows), n)
	c.Y = mat.NewDense(len(rows), 1, nil)
	c.Features = slices.Clone(d.Features)
	c.Units = slices.Clone(d.Units)
	for k, i := range rows {
		if i < 0 || i >= m {
			panic(fmt.Sprintf("datasets: Subset of row %d: %s has rows 0 to %d", i, d.Name, m-1))
		}
		c.X.SetRow(k, d.X.RawRowView(i))
		c.Y.Set(k, 0, d.Y.At(i, 0))
	}
	return c
}

// Head returns a copy of the first n samples, or of all if there are fewer. It panics if n < 1.
func (d *Dataset) Head(n int) *Dataset {
	if n < 1 {
		panic(fmt.Sprintf("datasets: Head(%d): want at least 1", n))
	}
	m, _ := d.Dims()
	rows := make([]int, min(n, m))
	for i := range rows {
		rows[i] = i
	}
	return d.Subset(rows)
}

// Split shuffles the samples and divides them into a training set and a test set of round(testFraction·m) samples.
//
// With classes the split is stratified: both parts have the classes in nearly the
// same proportions. Rounding is by largest remainders, so that the total is exact.
// The same seed gives the same split. The parts are copies.
//
// It panics unless 0 < testFraction < 1 and both parts get at least one sample.
func (d *Dataset) Split(testFraction float64, seed uint64) (train, test *Dataset) {
	m, _ := d.Dims()
	var classes []int
	if d.Classes != nil {
		classes = d.Labels()
	}
	trainRows, testRows := splitRows(classes, max(1, len(d.Classes)), m, testFraction, seed)
	return d.Subset(trainRows), d.Subset(testRows)
}

// Labels returns the class of each sample, an index of Classes, in the form
// that metrics take. It panics for regression data.
func (d *Dataset) Labels() []int {
	if d.Classes == nil {
		panic(fmt.Sprintf("datasets: %s has no labels: its target, %s, is a value", d.Name, d.Target))
	}
	return classIndices(d.Y, len(d.Classes))
}

// classIndices returns the class of each sample; it panics if y holds something else.
func classIndices(y *mat.Dense, classes int) []int {
	m, _ := y.Dims()
	labels := make([]int, m)
	for i := range labels {
		labels[i] = class(y, i, classes)
	}
	return labels
}

// ClassCounts returns the number of samples of each class, or nil for
// regression.
func (d *Dataset) ClassCounts() []int {
	if d.Classes == nil {
		return nil
	}
	counts := make([]int, len(d.Classes))
	for _, k := range d.Labels() {
		counts[k]++
	}
	return counts
}

// class returns the class of sample i.
func (d *Dataset) class(i int) int { return class(d.Y, i, len(d.Classes)) }

// class returns the class of sample i; it panics if y holds something else than the index of a class, NaN for example.
func class(y *mat.Dense, i, classes int) int {
	v := y.At(i, 0)
	if !(v >= 0 && v < float64(classes)) || v != math.Trunc(v) {
		panic(fmt.Sprintf("datasets: target %v of sample %d is not the index of one of the %d classes", v, i, classes))
	}
	return int(v)
}

// described returns a Dataset with the description of d, without its numbers and features.
func (d *Dataset) described() *Dataset {
	c := *d
	c.X, c.Y, c.Features, c.Units = nil, nil, nil, nil
	c.Classes = slices.Clone(d.Classes)
	return &c
}

func (d *Dataset) feature(j int) string {
	if j < len(d.Features) {
		return d.Features[j]
	}
	return fmt.Sprintf("x%d", j+1)
}

func (d *Dataset) unit(j int) string {
	if j < len(d.Units) {
		return d.Units[j]
	}
	return ""
}

func (d *Dataset) unknown(name string) error {
	return fmt.Errorf("datasets: %s has no feature %q: it has %s", d.Name, name, d.names())
}

func (d *Dataset) names() string {
	const most = 30
	if len(d.Features) > most {
		return strings.Join(d.Features[:most], ", ") + fmt.Sprintf(" and %d more", len(d.Features)-most)
	}
	return strings.Join(d.Features, ", ")
}
