package tune_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/descent-go/descent/lib/tune"
)

func TestSuccessiveHalvingRounds(t *testing.T) {
	for _, c := range []struct {
		candidates    int
		low, high, by float64
		want          string // trials@budget of each round
	}{
		{27, 1, 27, 3, "27@1 9@3 3@9 1@27"},
		{27, 1, 20, 3, "27@1 9@3 3@9"},
		{10, 2, 100, 3, "10@2 3@6 1@18"},
		{1, 1, 100, 3, "1@1"},
		{8, 5, 5, 2, "8@5"},
		{9, 1, 10, 1.5, "9@1 6@1.5 4@2.25 2@3.375 1@5.0625 1@7.59375"},
		{121, 1, 1.3, 1.1, "121@1 110@1.1 100@1.2100000000000002"}, // nor is 121/1.1² 100
		{1000, 0.001, 1, 10, "1000@0.001 100@0.01 10@0.1 1@1"},     // 0.001·10³ is not 1 in binary
	} {
		m := tune.SuccessiveHalving{Candidates: tune.Random{Space: space, Trials: c.candidates, Seed: 1}, MinBudget: c.low, MaxBudget: c.high, Factor: c.by}
		// A larger budget makes the score better, and the order stays.
		r, err := tune.Maximize(t.Context(), m, func(_ context.Context, t tune.Trial) (float64, error) {
			if t.Budget > c.high {
				return 0, errors.New("too expensive")
			}
			return t.Float("rate") + t.Budget, nil
		}, tune.Options{Workers: 2})
		if err != nil {
			t.Fatal(err)
		}
		var got string
		for from := 0; from < len(r.Trials); {
			budget, n := r.Trials[from].Budget, 0
			for from+n < len(r.Trials) && r.Trials[from+n].Budget == budget {
				n++
			}
			got += fmt.Sprintf(" %d@%g", n, budget)
			from += n
		}
		if got[1:] != c.want {
			t.Errorf("%d candidates, %g to %g by %g: rounds %s, want %s", c.candidates, c.low, c.high, c.by, got[1:], c.want)
		}
		best, err := r.Best()
		if err != nil {
			t.Fatal(err)
		}
		for _, tr := range r.Trials[:c.candidates] {
			if tr.Float("rate") > best.Float("rate") {
				t.Errorf("rate %g of the first round is better than %g of the winner", tr.Float("rate"), best.Float("rate"))
			}
		}
	}
}

// Failed candidates are not promoted, and a round that wholly fails is the last.
func TestSuccessiveHalvingFailures(t *testing.T) {
	m := tune.NewSuccessiveHalving(tune.Grid{"a": {1, 2, 3, 4, 5, 6, 7, 8, 9}}, 1, 9)
	r, err := tune.Minimize(t.Context(), m, func(_ context.Context, t tune.Trial) (float64, error) {
		if t.Int("a") < 8 || t.Budget > 2 {
			return 0, errors.New("no")
		}
		return t.Float("a"), nil
	}, tune.Options{})
	if err != nil || len(r.Trials) != 11 || r.Trials[9].Int("a") != 8 || r.Trials[10].Int("a") != 9 {
		t.Errorf("%v\n%v", r, err)
	}
	if best, err := r.Best(); err != nil || best.Int("a") != 8 || best.Budget != 1 {
		t.Errorf("the best is %v, %v", best, err)
	}
}
