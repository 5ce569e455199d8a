package main

import (
	"fmt"
	"strings"
)

// comparison is the table of all contests that are not matrix products.
func comparison(results []result) string {
	t := table{head: []string{"work", "precision", "threads", "Descent", "peer", "", "times faster", "aim"}}
	for _, r := range results {
		peer := r.rival.name
		if r.variant != "" {
			peer += " (" + r.variant + ")"
		}
		t.add(r.work, r.precision, fmt.Sprint(r.threads), seconds(median(r.mine)), peer, seconds(median(r.peer)),
			r.factor(), r.verdict())
	}
	return t.String()
}

// factor is the ratio with its quartiles.
func (r result) factor() string {
	middle, low, high := r.ratio()
	return fmt.Sprintf("%s (%s–%s)", digits(middle), digits(low), digits(high))
}

// verdict is the bar and whether it was reached.
func (r result) verdict() string {
	if r.rival.bar == 0 {
		return ""
	}
	sign := "✓"
	if middle, _, _ := r.ratio(); middle < r.rival.bar {
		sign = "–"
	}
	return fmt.Sprintf("%g %s", r.rival.bar, sign)
}

// progress is the result in a line for the terminal.
func (r result) progress() string {
	return fmt.Sprintf("%-70s %s, %d threads: %9s, %s %s %9s: %s, aim %s", r.work, r.precision, r.threads,
		seconds(median(r.mine)), r.rival.name, r.variant, seconds(median(r.peer)), r.factor(), r.verdict())
}

// seconds writes a time with three digits and its unit.
func seconds(s float64) string {
	for _, u := range []struct {
		size float64
		name string
	}{{1, "s"}, {1e-3, "ms"}, {1e-6, "µs"}} {
		if s >= u.size {
			return digits(s/u.size) + " " + u.name
		}
	}
	return digits(s*1e9) + " ns"
}

// digits writes a number with three significant digits, or all before the point.
func digits(v float64) string {
	switch {
	case v >= 99.95:
		return fmt.Sprintf("%.0f", v)
	case v >= 9.995:
		return fmt.Sprintf("%.1f", v)
	}
	return fmt.Sprintf("%.2f", v)
}

// A table is written as Markdown.
type table struct {
	head []string
	rows [][]string
}

func (t *table) add(cells ...string) { t.rows = append(t.rows, cells) }

func (t *table) String() string {
	var b strings.Builder
	write := func(cells []string) { fmt.Fprintf(&b, "| %s |\n", strings.Join(cells, " | ")) }
	write(t.head)
	b.WriteString(strings.Repeat("|---", len(t.head)) + "|\n")
	for _, r := range t.rows {
		write(r)
	}
	return b.String()
}
