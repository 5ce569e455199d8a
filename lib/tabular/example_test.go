package tabular_test

import (
	"bytes"
	"context"
	"fmt"
	"strings"

	"github.com/descent-go/descent/lib/calibrate"
	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/lib/preprocess"
	"github.com/descent-go/descent/lib/tabular"
	"github.com/descent-go/descent/lib/tune"
)

// flowers returns a small table: large flowers are roses, small ones lilies, mostly.
func flowers() *preprocess.Table {
	var b strings.Builder
	b.WriteString("size,colour,flower\n")
	for i := range 60 {
		kind, colour := "lily", []string{"white", "white", "pink", ""}[i%4]
		if i%10 >= 5 {
			kind, colour = "rose", []string{"red", "pink", "red"}[i%3]
		}
		fmt.Fprintf(&b, "%d,%s,%s\n", i%10, colour, kind)
	}
	table, err := preprocess.ReadCSV(strings.NewReader(b.String()))
	if err != nil {
		panic(err)
	}
	return table
}

// A table is cross-validated, learned, saved, loaded and used.
func Example() {
	ctx, table := context.Background(), flowers()
	learner := tabular.Learner{Target: "flower"}
	folds, err := learner.Folds(table, 5, 1)
	if err != nil {
		panic(err)
	}
	scores, err := learner.CrossValidate(ctx, table, folds, 0)
	if err != nil {
		panic(err)
	}
	fmt.Printf("%.0f %% are right\n", 100*scores.Mean().Value("accuracy"))

	m, err := learner.Fit(ctx, table)
	if err != nil {
		panic(err)
	}
	var file bytes.Buffer
	if err := m.Save(&file); err != nil {
		panic(err)
	}
	m, err = tabular.Load(&file)
	if err != nil {
		panic(err)
	}
	p, err := m.PredictRow(map[string]any{"size": 8, "colour": "red"})
	if err != nil {
		panic(err)
	}
	fmt.Println(p.Class)
	_, err = m.PredictRow(map[string]any{"size": "large", "colour": "red"})
	fmt.Println(err)
	// Output:
	// 100 % are right
	// rose
	// tabular: "size" is "large", want a number
}

func ExampleSearch() {
	table := flowers()
	learner := func(t tune.Trial) tabular.Learner {
		return tabular.Learner{Target: "flower", Method: tabular.Linear{Lambda: t.Float("lambda")}}
	}
	result, err := tabular.Search(context.Background(), table, tune.Grid{"lambda": {0.001, 0.1, 10.0}}, learner, tabular.SearchOptions{})
	if err != nil {
		panic(err)
	}
	best, err := result.Best()
	if err != nil {
		panic(err)
	}
	fmt.Println(best.Params)
	// Output: lambda=0.001
}

func ExampleModel_Card() {
	learner := tabular.Learner{Target: "flower", About: tabular.About{Title: "Roses and lilies", Data: "made up"}}
	m, err := learner.Fit(context.Background(), flowers())
	if err != nil {
		panic(err)
	}
	card := m.Card().Markdown()
	fmt.Println(card[:strings.Index(card, "\n## Facts")])
	// Output:
	// # Roses and lilies
	//
	// It predicts the class “flower”, one of “lily”, “rose”, from 2 columns.
}

func ExampleModel_Evaluate() {
	learner := tabular.Learner{Target: "size", Columns: map[string]tabular.Kind{"colour": tabular.Ignored}}
	m, err := learner.Fit(context.Background(), flowers())
	if err != nil {
		panic(err)
	}
	e, err := m.Evaluate(flowers())
	if err != nil {
		panic(err)
	}
	fmt.Printf("R2 %.3f, RMSE %.3f\n", e.Value("R2"), e.Value("RMSE"))
	// Output: R2 0.758, RMSE 1.414
}

// Columns whose cells suggest another kind are named, and probabilities are calibrated.
func ExampleLearner() {
	learner := tabular.Learner{
		Target:    "flower",
		Positive:  "rose",
		Columns:   map[string]tabular.Kind{"size": tabular.Category},
		Calibrate: calibrate.Sigmoid,
	}
	m, err := learner.Fit(context.Background(), flowers())
	if err != nil {
		panic(err)
	}
	names, err := m.FeatureNames()
	if err != nil {
		panic(err)
	}
	fmt.Println(m.Classes, names[:2])
	// Output: [lily rose] [size_0 size_1]
}

func ExampleLearner_CrossValidate() {
	table := flowers()
	learner := tabular.Learner{Target: "flower", Columns: map[string]tabular.Kind{"size": tabular.Ignored}}
	folds, err := learner.Folds(table, 3, 1)
	if err != nil {
		panic(err)
	}
	scores, err := learner.CrossValidate(context.Background(), table, folds, 0)
	if err != nil {
		panic(err)
	}
	fmt.Printf("accuracy %.2f ± %.2f\n", scores.Mean().Value("accuracy"), scores.Std().Value("accuracy"))
	// Output: accuracy 0.82 ± 0.02
}

// A lasso that leaves out what it does not need.
func ExamplePath() {
	learner := tabular.Learner{Target: "flower", Method: tabular.NewPath()}
	m, err := learner.Fit(context.Background(), flowers())
	if err != nil {
		panic(err)
	}
	e, err := m.Evaluate(flowers())
	if err != nil {
		panic(err)
	}
	fmt.Println(e.Confusion())
	// Output:
	// true \ predicted  lily  rose
	//             lily    30     0
	//             rose     0    30
}

func ExampleLinear() {
	learner := tabular.Learner{Target: "flower", Method: tabular.Linear{Lambda: 0.1}}
	m, err := learner.Fit(context.Background(), flowers())
	if err != nil {
		panic(err)
	}
	p, err := m.Predict(flowers())
	if err != nil {
		panic(err)
	}
	fmt.Println(p.Names()[:3])
	// Output: [lily lily lily]
}

func ExampleNetwork() {
	network := tabular.NewNetwork(8)
	network.Epochs = 30
	learner := tabular.Learner{Target: "flower", Method: network}
	m, err := learner.Fit(context.Background(), flowers())
	if err != nil {
		panic(err)
	}
	fmt.Print(m.Predictor().(*model.Network).Summary())
	// Output:
	// layer    output  parameters
	// input    5
	// 0 Dense  8               48
	// 1 ReLU   8                0
	// 2 Dense  1                9
	// total                    57
}
