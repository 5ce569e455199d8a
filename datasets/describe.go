package datasets

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/descent-go/descent/internal/decimal"
)

// The output of String fits into a notebook without horizontal scrolling.
const (
	lineWidth    = 100
	allFeatures  = 13 // the largest number of features that are all shown
	someFeatures = 10 // the number shown of more
	firstRows    = 5
	nameWidth    = 30
	unitWidth    = 16
)

// A FeatureSummary describes the distribution of one feature. Missing values (NaN)
// are counted and otherwise ignored; if all are missing, the numbers are NaN.
type FeatureSummary struct {
	Name, Unit string
	Min, Max   float64
	Mean       float64
	Std        float64 // population standard deviation √(Σ(x−mean)²/m)
	Missing    int
}

// Summary returns the summary of each feature, in the order of the columns of X.
func (d *Dataset) Summary() []FeatureSummary {
	_, n := d.Dims()
	out := make([]FeatureSummary, n)
	for j := range out {
		out[j] = summarise(d.feature(j), d.unit(j), func(i int) float64 { return d.X.At(i, j) }, d.X.RawMatrix().Rows)
	}
	return out
}

func summarise(name, unit string, at func(i int) float64, m int) FeatureSummary {
	s := FeatureSummary{Name: name, Unit: unit, Min: math.Inf(1), Max: math.Inf(-1)}
	sum := 0.0
	for i := range m {
		v := at(i)
		if math.IsNaN(v) {
			s.Missing++
			continue
		}
		sum += v
		s.Min, s.Max = min(s.Min, v), max(s.Max, v)
	}
	if s.Missing == m {
		nan := math.NaN()
		s.Min, s.Max, s.Mean, s.Std = nan, nan, nan, nan
		return s
	}
	present := float64(m - s.Missing)
	s.Mean = sum / present
	squares := 0.0
	for i := range m {
		if v := at(i); !math.IsNaN(v) {
			squares += (v - s.Mean) * (v - s.Mean)
		}
	}
	s.Std = math.Sqrt(squares / present)
	return s
}

// String describes the dataset as plain text, at most 100 columns wide: title, shape,
// target and classes, source, licence, and a table with one line for each feature:
// minimum, mean, maximum and the values of the first samples. If there are more than
// 13 features, the table shows some of them. The text ends without a newline.
func (d *Dataset) String() string {
	var b strings.Builder
	title := d.Title
	if title == "" {
		title = d.Name
	}
	m, n := d.Dims()
	fmt.Fprintf(&b, "%s\n%s × %s\n", title, count(m, "sample"), count(n, "feature"))
	target := d.Target
	if d.TargetUnit != "" {
		target += " [" + d.TargetUnit + "]"
	}
	paragraph(&b, "Target:  ", target)
	if d.Classes != nil {
		paragraph(&b, "Classes: ", classList(d.Classes, d.ClassCounts()))
	}
	paragraph(&b, "Source:  ", d.Source)
	paragraph(&b, "Licence: ", d.Licence)
	b.WriteByte('\n')
	summaries := d.Summary()
	missing := 0
	for _, s := range summaries {
		missing += s.Missing
	}
	if missing > 0 {
		fmt.Fprintf(&b, "%s missing (NaN)\n", count(missing, "value"))
	}
	writeTable(&b, d.featureTable(summaries))
	return strings.TrimRight(b.String(), "\n")
}

func classList(names []string, counts []int) string {
	parts := make([]string, len(names))
	for k, name := range names {
		parts[k] = fmt.Sprintf("%d = %s (%d)", k, name, counts[k])
		if name == strconv.Itoa(k) {
			parts[k] = fmt.Sprintf("%s (%d)", name, counts[k])
		}
	}
	return strings.Join(parts, ", ")
}

// featureTable has a header, a line for each feature that is shown, and the target's line. The first column holds
// names, the second units; both are aligned to the left, the numbers to the right. Samples that do not fit into
// the line are left out.
func (d *Dataset) featureTable(summaries []FeatureSummary) [][]string {
	m, n := d.Dims()
	shown := min(firstRows, m)
	header := []string{"feature", "unit", "min", "mean", "max"}
	for i := range shown {
		header = append(header, "row "+strconv.Itoa(i))
	}
	line := func(s FeatureSummary, at func(i int) string) []string {
		cells := []string{clip(s.Name, nameWidth), clip(s.Unit, unitWidth), number(s.Min), number(s.Mean), number(s.Max)}
		for i := range shown {
			cells = append(cells, at(i))
		}
		return cells
	}
	table := [][]string{header}
	for j, s := range summaries {
		if n > allFeatures && j >= someFeatures-1 && j < n-1 {
			if j == someFeatures-1 {
				table = append(table, []string{fmt.Sprintf("… %d more …", n-someFeatures)})
			}
			continue
		}
		table = append(table, line(s, func(i int) string { return number(d.X.At(i, j)) }))
	}
	at := func(i int) float64 { return d.Y.At(i, 0) }
	target := summarise("→ "+d.Target, d.TargetUnit, at, m)
	last := line(target, func(i int) string { return number(at(i)) })
	if d.Classes != nil {
		last = line(target, func(i int) string { return clip(d.Classes[d.class(i)], 12) })
		last[2], last[3], last[4] = "", "", ""
	}
	return fit(append(table, last), 6)
}

// Table returns the first n samples as plain text, one per line, with the target in
// the last column: the name of the class or the value. Features that do not fit into
// 100 columns are omitted, and the last line says so. It panics if n < 1.
func (d *Dataset) Table(n int) string {
	if n < 1 {
		panic(fmt.Sprintf("datasets: Table(%d): want at least 1", n))
	}
	m, features := d.Dims()
	table := [][]string{{"row", clip("→ "+d.Target, nameWidth)}}
	for j := range features {
		table[0] = append(table[0], clip(d.feature(j), nameWidth))
	}
	for i := range min(n, m) {
		target := number(d.Y.At(i, 0))
		if d.Classes != nil {
			target = clip(d.Classes[d.class(i)], nameWidth)
		}
		cells := []string{strconv.Itoa(i), target}
		for j := range features {
			cells = append(cells, number(d.X.At(i, j)))
		}
		table = append(table, cells)
	}
	table = fit(table, 3)
	shown := len(table[0]) - 2
	for i, cells := range table { // the target goes last, now that the width is settled
		target := cells[1]
		table[i] = append(append(cells[:1:1], cells[2:]...), target)
	}
	var b strings.Builder
	writeTable(&b, table)
	if shown < features {
		fmt.Fprintf(&b, "(%d of %d features)\n", shown, features)
	}
	return strings.TrimRight(b.String(), "\n")
}

// fit drops columns from the right, keeping the first keep, until the table is no wider than a line.
func fit(table [][]string, keep int) [][]string {
	widths := columnWidths(table)
	total := -2
	for j, w := range widths {
		total += w + 2
		if total > lineWidth && j >= keep {
			for i := range table {
				table[i] = table[i][:min(j, len(table[i]))]
			}
			break
		}
	}
	return table
}

func columnWidths(table [][]string) []int {
	widths := make([]int, len(table[0]))
	for _, cells := range table {
		if len(cells) == 1 {
			continue // a remark, not a row
		}
		for j, cell := range cells {
			widths[j] = max(widths[j], utf8.RuneCountInString(cell))
		}
	}
	return widths
}

// writeTable aligns text columns to the left and numbers, that is columns whose first value is one, to the right.
func writeTable(b *strings.Builder, table [][]string) {
	widths := columnWidths(table)
	for _, cells := range table {
		var line strings.Builder
		for j, cell := range cells {
			pad := max(0, widths[j]-utf8.RuneCountInString(cell))
			if j > 0 {
				line.WriteString("  ")
			}
			if numeric(table, j) {
				line.WriteString(strings.Repeat(" ", pad) + cell)
			} else {
				line.WriteString(cell + strings.Repeat(" ", pad))
			}
		}
		b.WriteString(strings.TrimRight(line.String(), " ") + "\n")
	}
}

func numeric(table [][]string, j int) bool {
	if len(table) < 2 || j >= len(table[1]) {
		return false
	}
	_, err := decimal.Parse(table[1][j])
	return err == nil
}

// number writes four significant digits, without an exponent where that is short.
func number(v float64) string {
	if a := math.Abs(v); a >= 1e4 && a < 1e8 {
		return strconv.FormatFloat(math.Round(v), 'f', -1, 64)
	}
	return strconv.FormatFloat(v, 'g', 4, 64)
}

// paragraph writes text after a label, broken between words, with the further lines indented. Nothing is
// written for an empty text.
func paragraph(b *strings.Builder, label, text string) {
	if text == "" {
		return
	}
	indent := strings.Repeat(" ", utf8.RuneCountInString(label))
	line := label
	for k, word := range strings.Fields(text) {
		if k > 0 && utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > lineWidth {
			b.WriteString(line + "\n")
			line = indent + word
			continue
		}
		if k > 0 {
			line += " "
		}
		line += word
	}
	b.WriteString(line + "\n")
}

func clip(s string, width int) string {
	if utf8.RuneCountInString(s) <= width {
		return s
	}
	runes, end := []rune(s), width-1
	for end > 0 && unicode.IsMark(runes[end]) {
		end-- // a mark belongs to the letter before it
	}
	return string(runes[:end]) + "…"
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
