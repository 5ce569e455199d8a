package tune

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/descent-go/descent/lib/train"
)

// Goal says which scores are good.
type Goal string

// The two directions of a search.
const (
	Least    Goal = "minimize"
	Greatest Goal = "maximize"
)

// Result is what a search has found.
type Result struct {
	Goal   Goal
	Trials []Trial      // finished ones, in the order of their IDs
	Status train.Status // train.Completed, Interrupted, Stopped or Failed; train.Running in callbacks
	Reason string       // one sentence for Status
}

// Best returns the best completed trial, the first of [Result.Sorted]. It
// returns an error if no trial was completed.
func (r *Result) Best() (Trial, error) {
	if len(r.Trials) == 0 {
		return Trial{}, errors.New("tune: there are no trials")
	}
	best := slices.MinFunc(r.Trials, r.compare)
	if best.Status != train.Completed {
		return Trial{}, fmt.Errorf("tune: none of %d trials was completed; trial %d: %w", len(r.Trials), best.ID, best.Err)
	}
	return best, nil
}

// Sorted returns the trials from the best to the worst: those with the largest
// budget first, since scores for different budgets do not compare; for equal
// budgets the better score first, for equal scores the earlier trial. Failed
// trials come last.
func (r *Result) Sorted() []Trial {
	return slices.SortedFunc(slices.Values(r.Trials), r.compare)
}

func (r *Result) compare(a, b Trial) int {
	if c := cmp.Compare(failed(a), failed(b)); c != 0 {
		return c
	}
	better := cmp.Compare(a.Score, b.Score)
	if r.Goal == Greatest {
		better = -better
	}
	return cmp.Or(cmp.Compare(b.Budget, a.Budget), better, cmp.Compare(a.ID, b.ID))
}

func failed(t Trial) int {
	if t.Status == train.Completed {
		return 0
	}
	return 1
}

// String is a table of the trials, the best first, and a line on how the search
// ended.
func (r *Result) String() string {
	names, budgets := map[string]any{}, false
	for _, t := range r.Trials {
		for name := range t.Params {
			names[name] = nil
		}
		budgets = budgets || t.Budget > 0
	}
	columns := Params(names).names()
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', tabwriter.AlignRight)
	row := func(trial, score, budget string, value func(name string) string, note string) {
		fmt.Fprintf(w, "%s\t%s\t", trial, score)
		if budgets {
			fmt.Fprintf(w, "%s\t", budget)
		}
		for _, name := range columns {
			fmt.Fprintf(w, "%s\t", value(name))
		}
		fmt.Fprintln(w, note)
	}
	row("trial", "score", "budget", func(name string) string { return name }, "")
	for _, t := range r.Sorted() {
		score, note := formatValue(t.Score), ""
		if failed(t) == 1 {
			score, note = "failed", "  "+strings.ReplaceAll(t.Err.Error(), "\n", " ")
		}
		row(fmt.Sprint(t.ID), score, formatValue(t.Budget), t.cell, note)
	}
	w.Flush()
	return fmt.Sprintf("%s%s: %d trials, %s\n", b.String(), r.Status, len(r.Trials), r.Reason)
}

// cell is the value of a hyper-parameter, or nothing if the trial has none.
func (t Trial) cell(name string) string {
	if v, ok := t.Params[name]; ok {
		return formatValue(v)
	}
	return ""
}
