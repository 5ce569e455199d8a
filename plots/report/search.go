package report

import (
	"fmt"
	"maps"
	"slices"

	"github.com/descent-go/descent/lib/train"
	"github.com/descent-go/descent/lib/tune"
	"github.com/descent-go/descent/plots"
)

// Search returns the report of a search: how it ended, the best settings, a chart of the
// score against each hyper-parameter, the best score so far after each trial, and a table
// of all trials, the best first, with the errors of those that failed. Score is the name
// of the score; space may be nil: see [SearchChart].
func Search(title, score string, result *tune.Result, space tune.Space) *Report {
	r := New(title)
	failed := 0
	for _, t := range result.Trials {
		if t.Status != train.Completed {
			failed++
		}
	}
	r.Text(fmt.Sprintf("The search %s: %s. Of %d trials %d failed.", result.Status, result.Reason, len(result.Trials), failed))
	if best, err := result.Best(); err == nil {
		r.Text(fmt.Sprintf("The best %s is %.6g, of trial %d with %v. It is the best of many, so it is too good: judge the settings on rows that the search has not used.", score, best.Score, best.ID, best.Params))
	}
	r.Heading("Trials")
	r.Chart(SearchChart("Score by hyper-parameter", score, result, space), "The "+score+" of each trial against the value of each hyper-parameter, with the best one marked.")
	if progress := progressOf(result); len(progress.Y) > 1 {
		r.Chart(plots.Lines("Progress", "trial", "best "+score+" so far", progress), "The best "+score+" so far after each trial.")
	}

	names := map[string]bool{}
	for _, t := range result.Trials {
		for name := range t.Params {
			names[name] = true
		}
	}
	sorted := slices.Sorted(maps.Keys(names))
	head := append([]string{"trial", score, "budget"}, sorted...)
	var rows [][]string
	for _, t := range result.Sorted() {
		row := []string{fmt.Sprint(t.ID), fmt.Sprintf("%.6g", t.Score), ""}
		if t.Budget > 0 {
			row[2] = fmt.Sprintf("%g", t.Budget)
		}
		if t.Status != train.Completed {
			row[1] = fmt.Sprintf("%s: %v", t.Status, t.Err)
		}
		for _, name := range sorted {
			cell := ""
			if v, ok := t.Params[name]; ok {
				cell = fmt.Sprint(v)
				if f, ok := v.(float64); ok {
					cell = fmt.Sprintf("%.6g", f)
				}
			}
			row = append(row, cell)
		}
		rows = append(rows, row)
	}
	return r.Table(head, rows)
}

// progressOf returns the best score after each completed trial, of those with the largest
// budget.
func progressOf(result *tune.Result) plots.Series {
	var s plots.Series
	largest := 0.0
	for _, t := range result.Trials {
		largest = max(largest, t.Budget)
	}
	sofar := &tune.Result{Goal: result.Goal}
	for _, t := range result.Trials {
		if t.Status != train.Completed || t.Budget < largest {
			continue
		}
		sofar.Trials = append(sofar.Trials, t)
		best, err := sofar.Best()
		if err == nil {
			s.X, s.Y = append(s.X, float64(t.ID)), append(s.Y, best.Score)
		}
	}
	return s
}
