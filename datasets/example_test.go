package datasets_test

import (
	"fmt"

	"github.com/descent-go/descent/datasets"
)

func Example() {
	d := datasets.Iris()
	train, test := d.Split(0.2, 1)
	m, n := train.Dims()
	fmt.Printf("train on %d×%d\n", m, n)
	fmt.Println("classes in the test set:", test.ClassCounts())
	// Output:
	// train on 120×4
	// classes in the test set: [10 10 10]
}

func ExampleDataset() {
	d, err := datasets.Iris().Select("petal length", "petal width")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(d)
	// Output:
	// Iris plants
	// 150 samples × 2 features
	// Target:  species
	// Classes: 0 = setosa (50), 1 = versicolor (50), 2 = virginica (50)
	// Source:  R. A. Fisher (1936), UCI Machine Learning Repository, doi.org/10.24432/C56C76, as in
	//          scikit-learn 1.2
	// Licence: CC BY 4.0 (creativecommons.org/licenses/by/4.0)
	//
	// feature       unit  min   mean  max   row 0   row 1   row 2   row 3   row 4
	// petal length  cm      1  3.758  6.9     1.4     1.4     1.3     1.5     1.4
	// petal width   cm    0.1  1.199  2.5     0.2     0.2     0.2     0.2     0.2
	// → species                            setosa  setosa  setosa  setosa  setosa
}

func ExampleDataset_Table() {
	fmt.Println(datasets.Iris().Subset([]int{0, 50, 100}).Table(3))
	// Output:
	// row  sepal length  sepal width  petal length  petal width  → species
	//   0           5.1          3.5           1.4          0.2  setosa
	//   1             7          3.2           4.7          1.4  versicolor
	//   2           6.3          3.3             6          2.5  virginica
}

func ExampleDataset_Column() {
	_, err := datasets.Iris().Column("petal size")
	fmt.Println(err)
	// Output:
	// datasets: iris has no feature "petal size": it has sepal length, sepal width, petal length, petal width
}

func ExampleFeatureSummary() {
	s := datasets.Diabetes().Summary()[2]
	fmt.Printf("%s: %.1f to %.1f %s, mean %.1f ± %.1f\n", s.Name, s.Min, s.Max, s.Unit, s.Mean, s.Std)
	// Output:
	// bmi: 18.0 to 42.2 kg/m², mean 26.4 ± 4.4
}

func ExamplePlane() {
	d := datasets.Plane(3, []float64{2, 3}, 1, 0, 42) // without noise the truth is exact
	for i := range 3 {
		fmt.Printf("%.3f\n", d.Y.At(i, 0)-(1+2*d.X.At(i, 0)+3*d.X.At(i, 1)))
	}
	fmt.Println(d.Notes)
	// Output:
	// 0.000
	// 0.000
	// 0.000
	// y = 1 + 2·x1 + 3·x2, features uniform in [0, 1).
}

func ExampleCorpus() {
	c := &datasets.Corpus{Name: "mine", Title: "Two messages", Texts: []string{"Home soon", "Win a prize"},
		Y: datasets.Iris().Head(2).Y, Classes: []string{"ham", "spam"}, Target: "kind"}
	c.Y.Set(1, 0, 1)
	fmt.Println(c)
	// Output:
	// Two messages
	// 2 texts
	// Target:  kind
	// Classes: 0 = ham (1), 1 = spam (1)
	//
	// row  class  text
	//   0  ham    Home soon
	//   1  spam   Win a prize
}
