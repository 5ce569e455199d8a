// Churn learns from a table of customers who will leave, and serves the predictions.
//
//	go run ./examples/churn [ADDRESS]
//
// It cross-validates, learns, evaluates on customers that it has not seen, and writes the
// model, its card and a report. With an ADDRESS such as :8080 it answers
//
//	curl -d '{"age":42,"months":3,"contract":"month","calls":4,"plan":"plus","fee":31,"town":"Bern","shop":"web"}' localhost:8080
package main

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"strings"

	"github.com/descent-go/descent/lib/must"
	"github.com/descent-go/descent/lib/preprocess"
	"github.com/descent-go/descent/lib/tabular"
	"github.com/descent-go/descent/plots/report"
)

//go:embed customers.csv
var customers string

func main() {
	table := must.Get(preprocess.ReadCSV(strings.NewReader(customers)))
	learner := tabular.Learner{Target: "churned", Positive: "yes", About: tabular.About{Title: "Customers who leave", Data: "made up"}}
	training, unseen, err := learner.Split(table, 0.25, 1)
	must.Do(err)
	scores := must.Get(learner.CrossValidate(context.Background(), training, must.Get(learner.Folds(training, 5, 1)), 0))
	m := must.Get(learner.Fit(context.Background(), training))
	evaluation := must.Get(m.Evaluate(unseen))
	fmt.Printf("%v\n\n%v\n", scores, evaluation)
	m.Note("5-fold cross-validation", scores.Mean())
	m.Note("unseen customers", evaluation.Scores)
	must.Do(m.SaveFile("churn.safetensors"))
	must.Do(os.WriteFile("card.md", []byte(m.Card().Markdown()), 0o666))
	must.Do(must.Get(report.Evaluation("Customers who leave", m, unseen)).SaveFile("report.html"))
	if len(os.Args) > 1 {
		must.Do(http.ListenAndServe(os.Args[1], serve("churn.safetensors")))
	}
}

// serve answers a row of JSON with the prediction for it.
func serve(file string) http.HandlerFunc {
	m := must.Get(tabular.LoadFile(file))
	return func(w http.ResponseWriter, r *http.Request) {
		prediction, err := m.PredictJSON(http.MaxBytesReader(w, r.Body, 1<<16))
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		json.NewEncoder(w).Encode(prediction)
	}
}
