package main

import (
	"fmt"
	"math"
	"strings"
)

// comparison is the table of all contests that are not matrix products.
func comparison(results []result) string {
	t := table{head: []string{"work", "precision", "threads", "Descent", "peer", "", "times faster", "aim", "before"}}
	for _, r := range results {
		before := ""
		if r.before != nil {
			before = seconds(median(r.before))
		}
		t.add(r.work, r.precision, fmt.Sprint(r.threads), seconds(median(r.mine)), r.peerName(), seconds(median(r.peer)),
			r.factor(), r.verdict(), before)
	}
	return t.String()
}

// rates is the table of the matrix products, in 10⁹ operations per second. What
// float64 can reach is measured; float32 has twice as many lanes.
func rates(results []result, most map[int]limits) string {
	t := table{head: []string{"product, m×k×n", "precision", "threads", "Descent", "peer", "", "times faster", "aim", "of the peak"}}
	for _, r := range results {
		operations := 2 * float64(r.args.M) * float64(r.args.K) * float64(r.args.N)
		mine, peer := operations/median(r.mine), operations/median(r.peer)
		peak := most[r.threads].operations
		if r.precision == "float32" {
			peak *= 2
		}
		t.add(r.work, r.precision, fmt.Sprint(r.threads), digits(mine/1e9), r.peerName(), digits(peer/1e9),
			r.factor(), r.verdict(), share(mine, peak))
	}
	return t.String()
}

// passes is the table of full-batch work: how fast the data would be read if
// each iteration read them once.
func passes(results []result, most map[int]limits) string {
	t := table{head: []string{"work", "threads", "Descent, GB/s", "plain read, GB/s", "share", "peer, GB/s"}}
	for _, r := range results {
		mine, peer := r.bytes/median(r.mine), r.bytes/median(r.peer)
		limit := most[r.threads].bytes
		t.add(r.work, fmt.Sprint(r.threads), digits(mine/1e9), digits(limit/1e9), share(mine, limit), digits(peer/1e9))
	}
	return t.String()
}

func (r result) peerName() string {
	if r.variant == "" {
		return r.rival.name
	}
	return fmt.Sprintf("%s (%s)", r.rival.name, r.variant)
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
	return fmt.Sprintf("%g %s", r.rival.bar, sign(r.reached()))
}

// reached says whether the ratio is the bar, rounded as the table writes it.
func (r result) reached() bool {
	middle, _, _ := r.ratio()
	return math.Round(middle*100) >= 100*r.rival.bar
}

func sign(reached bool) string {
	if reached {
		return "✓"
	}
	return "–"
}

// progress is the result in a line for the terminal.
func (r result) progress() string {
	return fmt.Sprintf("%-70s %s, %d threads: %9s, %s %9s: %s, aim %s", r.work, r.precision, r.threads,
		seconds(median(r.mine)), r.peerName(), seconds(median(r.peer)), r.factor(), r.verdict())
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
