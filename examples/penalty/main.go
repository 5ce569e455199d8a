// Penalty searches for the penalty of a linear model that predicts the cultivator of a
// wine, and evaluates the best one on wines that the search has not seen.
//
//	go run ./examples/penalty
package main

import (
	"bytes"
	"context"
	"fmt"

	"github.com/descent-go/descent/datasets"
	"github.com/descent-go/descent/lib/must"
	"github.com/descent-go/descent/lib/preprocess"
	"github.com/descent-go/descent/lib/tabular"
	"github.com/descent-go/descent/lib/tune"
	"github.com/descent-go/descent/plots/report"
)

var space = tune.Space{"lambda": tune.LogUniform{Low: 1e-5, High: 1}, "l1": tune.Uniform{Low: 0, High: 1}}

func learner(t tune.Trial) tabular.Learner {
	return tabular.Learner{Target: "cultivator", Method: tabular.Linear{Lambda: t.Float("lambda"), L1Ratio: t.Float("l1")}}
}

func main() {
	var file bytes.Buffer
	must.Do(datasets.Wine().WriteCSV(&file))
	training, unseen, err := tabular.Learner{Target: "cultivator"}.Split(must.Get(preprocess.ReadCSV(&file)), 0.25, 1)
	must.Do(err)
	result := must.Get(tabular.Search(context.Background(), training, tune.Random{Space: space, Trials: 20, Seed: 1}, learner, tabular.SearchOptions{}))
	best := must.Get(result.Best())
	m := must.Get(learner(best).Fit(context.Background(), training))
	fmt.Printf("%v\n\n%v\n", best, must.Get(m.Evaluate(unseen)))
	must.Do(report.Search("The penalty", "log loss", result, space).SaveFile("search.html"))
}
