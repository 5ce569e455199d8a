package tune

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/descent-go/descent/lib/train"
)

// A Goal is the direction of a search.
type Goal string

// The two directions of a search.
const (
	Least    Goal = "minimize"
	Greatest Goal = "maximize"
)

// Result is the result of a search.
type Result struct {
	Goal   Goal
	Trials []Trial      // finished ones, in the order of their IDs
	Status train.Status // train.Completed, Interrupted, Stopped or Failed; train.Running in callbacks
	Reason string       // one sentence for Status
}

// Best returns the best completed trial, the first of [Result.Sorted], or an
// error if there is none.
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

// Sorted returns the trials from the best to the worst: by budget, the largest
// first, since scores for different budgets cannot be compared; then by score;
// then by ID. Failed trials come last.
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

// String returns a table of the trials, the best first, and a line on how the
// search ended.
func (r *Result) String() string {
	names, budgets := Params{}, false
	for _, t := range r.Trials {
		maps.Copy(names, t.Params)
		budgets = budgets || t.Budget > 0
	}
	text := table(func(w io.Writer) {
		fmt.Fprint(w, "trial\tscore\t")
		if budgets {
			fmt.Fprint(w, "budget\t")
		}
		fmt.Fprintln(w, strings.Join(append(names.names(), ""), "\t"))
		for _, t := range r.Sorted() {
			t.row(w, names.names(), budgets)
		}
	})
	return fmt.Sprintf("%s%s: %d trials, %s\n", text, r.Status, len(r.Trials), r.Reason)
}

// row writes the trial's line of a table.
func (t Trial) row(w io.Writer, names []string, budgets bool) {
	score, note := formatValue(t.Score), ""
	if t.Status != train.Completed {
		score, note = string(t.Status), fmt.Sprintf("  %q", fmt.Sprint(t.Err))
	}
	fmt.Fprintf(w, "%d\t%s\t", t.ID, score)
	if budgets {
		fmt.Fprintf(w, "%g\t", t.Budget)
	}
	for _, name := range names {
		cell := ""
		if v, ok := t.Params[name]; ok {
			cell = formatValue(v)
		}
		fmt.Fprintf(w, "%s\t", cell)
	}
	fmt.Fprintln(w, note)
}

// table returns rows of cells that end with tabs as right-aligned columns.
func table(write func(w io.Writer)) string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', tabwriter.AlignRight)
	write(w)
	w.Flush()
	// Two spaces precede each column, and so each line.
	return strings.ReplaceAll("\n"+b.String(), "\n  ", "\n")[1:]
}
