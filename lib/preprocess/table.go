package preprocess

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"sort"
	"strconv"
	"strings"
	"sync/atomic"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/cells"
	"github.com/descent-go/descent/internal/decimal"
	"github.com/descent-go/descent/internal/pages"
)

// Table is data with named columns of equal length, as in a CSV file. The cells are
// kept as text, so that nothing is lost by guessing a type. Float and Matrix
// convert columns to numbers; their errors name the line and the column. The zero
// value is an empty table.
type Table struct {
	names   []string
	cells   []cells.Column
	lines   lines    // of the rows in the file; nil if there is none
	missing []string // what Float reads as NaN, besides the empty cell
	marks   marks    // of numbers
}

// lines are the lines that rows stand in. As long as rows follow line by line,
// one number says all.
type lines []cells.Jump

// add says where a row stands that comes after all others.
func (l *lines) add(row, line int) {
	if last := len(*l) - 1; last < 0 || line-row != (*l)[last].Line-(*l)[last].Row {
		*l = append(*l, cells.Jump{Row: row, Line: line})
	}
}

// of returns the line of a row.
func (l lines) of(row int) int {
	k := sort.Search(len(l), func(k int) bool { return l[k].Row > row }) - 1
	return l[k].Line + row - l[k].Row
}

// Len returns the number of rows.
func (t *Table) Len() int {
	if len(t.cells) == 0 {
		return 0
	}
	return t.cells[0].Len()
}

// Names returns the names of the columns in order.
func (t *Table) Names() []string { return slices.Clone(t.names) }

// column returns the place of a column.
func (t *Table) column(name string) (int, error) {
	j := slices.Index(t.names, name)
	if j < 0 {
		return 0, fmt.Errorf("preprocess: the table has no column %q: it has %q", name, t.names)
	}
	return j, nil
}

// Numeric reports whether the column exists, has at least one number, and has no
// cells other than numbers and missing ones.
func (t *Table) Numeric(name string) bool {
	values, err := t.Float(name)
	return err == nil && slices.ContainsFunc(values, func(v float64) bool { return !math.IsNaN(v) })
}

// Float returns a column as numbers. A missing cell is NaN. A number is decimal, as
// in -12, .5 or 6.02e23, or inf or infinity, in any case, with or without a sign;
// 1_000 and 0x10 are text. White space around a number is ignored. The error for a
// cell that is not a number names its line and column.
func (t *Table) Float(name string) ([]float64, error) {
	j, err := t.column(name)
	if err != nil {
		return nil, err
	}
	values := make([]float64, t.Len())
	var bad atomic.Bool
	shareRows(t.Len(), 1, func(lo, hi int) {
		if !t.numbers(values[lo:hi], []int{j}, lo, hi) {
			bad.Store(true)
		}
	})
	if !bad.Load() {
		return values, nil
	}
	return nil, t.firstError(j)
}

// numbers sets dst to the cells of columns, row by row, from row lo to hi. That is the
// order of the file. It returns false if a cell is no number.
func (t *Table) numbers(dst []float64, columns []int, lo, hi int) bool {
	plain := t.marks == marks{} && !slices.ContainsFunc(t.missing, func(m string) bool {
		_, ok := decimal.Plain(m)
		return ok
	})
	runs := make([]cells.Run, len(columns))
	for lo < hi {
		count := hi - lo
		for k, j := range columns {
			runs[k] = t.cells[j].Run(lo, hi)
			count = min(count, runs[k].Len())
		}
		for i := range count {
			for k := range runs {
				cell := runs[k].At(i)
				v, ok := decimal.Plain(cell)
				if !ok || !plain {
					var err error
					if v, err = t.number(cell); err != nil {
						return false
					}
				}
				dst[k] = v
			}
			dst = dst[len(runs):]
		}
		lo += count
	}
	return true
}

// firstError returns the error of the first cell of column j that is no number.
func (t *Table) firstError(j int) error {
	for i, cell := range t.cells[j].All() {
		if _, err := t.number(cell); err != nil {
			return t.cellError(i, j, err)
		}
	}
	return nil
}

// number reads a cell.
func (t *Table) number(cell string) (float64, error) {
	text := strings.TrimSpace(cell)
	if text == "" || slices.Contains(t.missing, text) {
		return math.NaN(), nil
	}
	if t.marks == (marks{}) {
		return decimal.Parse(text)
	}
	if usual, ok := t.marks.usual(text); ok {
		if v, err := decimal.Parse(usual); err == nil {
			return v, nil
		}
	}
	return 0, fmt.Errorf("%q is not a number with the decimal mark %q", text, t.marks.point())
}

func (t *Table) cellError(i, j int, err error) error {
	if t.lines == nil {
		return fmt.Errorf("preprocess: row %d, column %q: %w", i, t.names[j], err)
	}
	return fmt.Errorf("preprocess: line %d, column %q: %w", t.lines.of(i), t.names[j], err)
}

// Strings returns a column as text, as it is in the file.
func (t *Table) Strings(name string) ([]string, error) {
	j, err := t.column(name)
	if err != nil {
		return nil, err
	}
	return t.cells[j].Strings(), nil
}

// Labels returns a column of classes as numbers from 0, one for each row, as
// metrics take them. It also returns the names of the classes: the distinct cells
// in ascending order, as numbers if all are numbers, otherwise as text. For a
// second file with the same classes, pass the names from the first. A cell that is
// missing or not among the given classes is an error that names its line. [Targets]
// converts labels for losses.
func (t *Table) Labels(name string, classes ...string) (labels []int, names []string, err error) {
	j, err := t.column(name)
	if err != nil {
		return nil, nil, err
	}
	if names = slices.Clone(classes); len(names) == 0 {
		names = t.distinct(j)
	}
	index := map[string]int{}
	for k, class := range names {
		index[class] = k
	}
	labels = make([]int, t.Len())
	for i, cell := range t.cells[j].All() {
		text := strings.TrimSpace(cell)
		if text == "" || slices.Contains(t.missing, text) {
			return nil, nil, t.cellError(i, j, errors.New("the label is missing: remove the row"))
		}
		k, known := index[text]
		if !known {
			return nil, nil, t.cellError(i, j, fmt.Errorf("%q is none of the classes %q", text, names))
		}
		labels[i] = k
	}
	return labels, names, nil
}

// distinct returns the distinct cells of column j, without white space around
// them.
func (t *Table) distinct(j int) []string {
	numbers, value := true, map[string]float64{}
	for _, cell := range t.cells[j].All() {
		text := strings.TrimSpace(cell)
		if _, known := value[text]; !known {
			v, err := t.number(text)
			numbers = numbers && err == nil
			value[strings.Clone(text)] = v // not to keep the table
		}
	}
	return slices.SortedFunc(maps.Keys(value), func(a, b string) int {
		if numbers && value[a] != value[b] {
			return cmp.Compare(value[a], value[b])
		}
		return cmp.Compare(a, b)
	})
}

// Targets returns labels as the m×1 matrix that training and losses take.
func Targets(labels []int) *mat.Dense {
	y := mat.NewDense(len(labels), 1, nil)
	for i, label := range labels {
		y.Set(i, 0, float64(label))
	}
	return y
}

// Text returns the rows of the named columns, or of all columns without names, as
// they are in the file. The encoders of strings take such rows.
func (t *Table) Text(names ...string) ([][]string, error) {
	columns, err := t.columns(names)
	if err != nil {
		return nil, err
	}
	rows, all := make([][]string, t.Len()), make([]string, t.Len()*len(columns))
	for i := range rows {
		rows[i] = all[i*len(columns):][:len(columns):len(columns)]
	}
	for k, j := range columns {
		for i, cell := range t.cells[j].All() {
			rows[i][k] = cell
		}
	}
	return rows, nil
}

// Matrix returns the named columns, or all columns without names, as numbers. It
// returns an error if a cell is not a number or the table has no rows.
func (t *Table) Matrix(names ...string) (*mat.Dense, error) {
	columns, err := t.columns(names)
	if err != nil {
		return nil, err
	}
	if t.Len() == 0 {
		return nil, fmt.Errorf("preprocess: the table has no rows")
	}
	x := pages.UnclearedDense(t.Len(), len(columns))
	var bad atomic.Bool
	shareRows(t.Len(), len(columns), func(lo, hi int) {
		if !t.numbers(x.RawMatrix().Data[lo*len(columns):hi*len(columns)], columns, lo, hi) {
			bad.Store(true)
		}
	})
	if bad.Load() {
		for _, j := range columns {
			if err := t.firstError(j); err != nil {
				return nil, err
			}
		}
	}
	return x, nil
}

func (t *Table) columns(names []string) ([]int, error) {
	if len(names) == 0 {
		return sequence(len(t.names)), nil
	}
	columns := make([]int, len(names))
	for k, name := range names {
		j, err := t.column(name)
		if err != nil {
			return nil, err
		}
		columns[k] = j
	}
	return columns, nil
}

// Rows returns a new table of the rows listed in idx, in that order, such as a part
// of a Split. It panics if an index is out of range.
func (t *Table) Rows(idx []int) *Table {
	out := &Table{names: t.Names(), missing: t.missing, marks: t.marks}
	out.cells = make([]cells.Column, len(t.cells))
	for j := range t.cells {
		for _, i := range idx {
			out.cells[j].Append(t.cells[j].At(i))
		}
	}
	if t.lines != nil {
		for row, i := range idx {
			out.lines.add(row, t.lines.of(i))
		}
	}
	return out
}

// AddStrings appends a column. It returns an error if the name is empty or taken,
// or if the length is not that of the table.
func (t *Table) AddStrings(name string, values []string) error {
	if name == "" || slices.Contains(t.names, name) {
		return fmt.Errorf("preprocess: cannot add a column named %q: want a name that is new, besides %q", name, t.names)
	}
	if len(t.names) > 0 && len(values) != t.Len() {
		return fmt.Errorf("preprocess: column %q has %d rows, the table has %d", name, len(values), t.Len())
	}
	t.names = append(t.names, name)
	var c cells.Column
	c.Append(values...)
	t.cells = append(t.cells, c)
	return nil
}

// AddFloats appends a column of numbers. NaN becomes an empty cell. Each number has
// enough digits to read back the same float64.
func (t *Table) AddFloats(name string, values []float64) error {
	cells := make([]string, len(values))
	for i, v := range values {
		if !math.IsNaN(v) {
			cells[i] = strings.Replace(strconv.FormatFloat(v, 'g', -1, 64), ".", string(t.marks.point()), 1)
		}
	}
	return t.AddStrings(name, cells)
}
