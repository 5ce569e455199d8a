package preprocess_test

import (
	"bytes"
	"fmt"
	"log"
	"math"
	"os"
	"strings"

	"golang.org/x/text/encoding/charmap"
	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/lib/preprocess"
)

// show prints a matrix, and stops the example if there was an error.
func show(x mat.Matrix, err error) {
	if err != nil {
		fmt.Println(err)
		return
	}
	rows, _ := x.Dims()
	for i := range rows {
		fmt.Printf("%.2f\n", mat.Row(nil, i, x))
	}
}

func ExampleStandardScaler() {
	x := mat.NewDense(3, 2, []float64{
		1, 1000,
		2, 1000,
		3, 1000})
	s := preprocess.NewStandardScaler()
	show(preprocess.FitTransform(s, x))
	fmt.Println(s.Mean)
	// Output:
	// [-1.22 0.00]
	// [0.00 0.00]
	// [1.22 0.00]
	// [2 1000]
}

func ExampleMinMaxScaler() {
	s := preprocess.NewMinMaxScaler()
	if err := s.Fit(mat.NewDense(2, 1, []float64{10, 20})); err != nil {
		fmt.Println(err)
	}
	show(s.Transform(mat.NewDense(3, 1, []float64{10, 15, 30})))
	// Output:
	// [0.00]
	// [0.50]
	// [2.00]
}

func ExampleRobustScaler() {
	x := mat.NewDense(5, 1, []float64{1, 2, 3, 4, 1e6})
	show(preprocess.FitTransform(preprocess.NewRobustScaler(), x))
	// Output:
	// [-1.00]
	// [-0.50]
	// [0.00]
	// [0.50]
	// [499998.50]
}

func ExampleNormalizer() {
	show(preprocess.FitTransform(preprocess.NewNormalizer(), mat.NewDense(2, 2, []float64{3, 4, 30, 40})))
	// Output:
	// [0.60 0.80]
	// [0.60 0.80]
}

func ExampleNorm() {
	x := mat.NewDense(1, 2, []float64{3, 4})
	for _, norm := range []preprocess.Norm{preprocess.L1Norm, preprocess.L2Norm, preprocess.MaxNorm} {
		show(preprocess.FitTransform(&preprocess.Normalizer{Norm: norm}, x))
	}
	// Output:
	// [0.43 0.57]
	// [0.60 0.80]
	// [0.75 1.00]
}

func ExampleInverter() {
	var s preprocess.Inverter = preprocess.NewStandardScaler()
	y, err := preprocess.FitTransform(s, mat.NewDense(2, 1, []float64{10, 30}))
	show(y, err)
	show(s.Inverse(y))
	// Output:
	// [-1.00]
	// [1.00]
	// [10.00]
	// [30.00]
}

func ExampleOneHotEncoder() {
	e := preprocess.NewOneHotEncoder()
	e.IgnoreUnknown = true
	if err := e.FitStrings([][]string{{"red"}, {"green"}, {"red"}}); err != nil {
		fmt.Println(err)
	}
	names, _ := e.FeatureNames([]string{"colour"})
	fmt.Println(names)
	show(e.TransformStrings([][]string{{"red"}, {"violet"}}))
	// Output:
	// [colour_green colour_red]
	// [0.00 1.00]
	// [0.00 0.00]
}

func ExampleDrop() {
	x := mat.NewDense(3, 1, []float64{10, 20, 30})
	show(preprocess.FitTransform(&preprocess.OneHotEncoder{Drop: preprocess.DropFirst}, x))
	// Output:
	// [0.00 0.00]
	// [1.00 0.00]
	// [0.00 1.00]
}

func ExampleOrdinalEncoder() {
	e := preprocess.NewOrdinalEncoder()
	e.Levels = [][]string{{"low", "medium", "high"}}
	rows := [][]string{{"high"}, {"low"}}
	if err := e.FitStrings(rows); err != nil {
		fmt.Println(err)
	}
	show(e.TransformStrings(rows))
	fmt.Println(e.TransformStrings([][]string{{"huge"}}))
	// Output:
	// [2.00]
	// [0.00]
	// <nil> preprocess: OrdinalEncoder: row 0, column 0 is "huge", a category that Fit did not see: fit with it or ignore unknown categories
}

func ExampleCategories() {
	e := preprocess.NewOrdinalEncoder()
	if err := e.FitStrings([][]string{{"b", "x"}, {"a", "x"}}); err != nil {
		fmt.Println(err)
	}
	fmt.Println(e.Categories.Strings)
	// Output: [[a b] [x]]
}

func ExampleStringTransformer() {
	rows := [][]string{{"yes"}, {"no"}}
	for _, t := range []preprocess.StringTransformer{preprocess.NewOrdinalEncoder(), preprocess.NewOneHotEncoder()} {
		if err := t.FitStrings(rows); err != nil {
			fmt.Println(err)
		}
		show(t.TransformStrings(rows[:1]))
	}
	// Output:
	// [1.00]
	// [0.00 1.00]
}

func ExampleImputer() {
	x := mat.NewDense(3, 2, []float64{
		1, 5,
		math.NaN(), 6,
		3, 7})
	p := preprocess.NewImputer()
	p.AddIndicator = true
	show(preprocess.FitTransform(p, x))
	names, _ := p.FeatureNames([]string{"age", "income"})
	fmt.Println(names)
	// Output:
	// [1.00 5.00 0.00]
	// [2.00 6.00 1.00]
	// [3.00 7.00 0.00]
	// [age income missing_age]
}

func ExampleStrategy() {
	x := mat.NewDense(5, 1, []float64{1, 1, 3, 9, math.NaN()})
	for _, s := range []preprocess.Strategy{preprocess.ImputeMean, preprocess.ImputeMedian, preprocess.ImputeMostFrequent} {
		p := preprocess.Imputer{Strategy: s}
		if err := p.Fit(x); err != nil {
			fmt.Println(err)
		}
		fmt.Println(s, p.Values)
	}
	// Output:
	// mean [3.5]
	// median [2]
	// most_frequent [1]
}

func ExamplePolynomialFeatures() {
	p := preprocess.NewPolynomialFeatures(2)
	show(preprocess.FitTransform(p, mat.NewDense(1, 2, []float64{3, 5})))
	names, _ := p.FeatureNames([]string{"a", "b"})
	fmt.Printf("%q\n", names)
	// Output:
	// [1.00 3.00 5.00 9.00 15.00 25.00]
	// ["1" "a" "b" "a^2" "a b" "b^2"]
}

func ExamplePipeline() {
	train := mat.NewDense(3, 1, []float64{0, math.NaN(), 10})
	test := mat.NewDense(2, 1, []float64{math.NaN(), 100})
	p := preprocess.NewPipeline(preprocess.NewImputer(), preprocess.NewMinMaxScaler())
	if err := p.Fit(train); err != nil { // the test rows have no say in it
		fmt.Println(err)
	}
	show(p.Transform(test))
	// Output:
	// [0.50]
	// [10.00]
}

func ExampleColumnTransformer() {
	x := mat.NewDense(2, 3, []float64{
		1, 100, 7,
		3, 200, 8})
	c := &preprocess.ColumnTransformer{
		Parts: []preprocess.ColumnPart{
			{Columns: []int{1}, Transformer: preprocess.NewMinMaxScaler()},
			{Columns: []int{0}, Transformer: preprocess.NewStandardScaler()},
		},
		PassRest: true,
	}
	show(preprocess.FitTransform(c, x))
	names, _ := c.FeatureNames(nil)
	fmt.Println(names)
	// Output:
	// [0.00 -1.00 7.00]
	// [1.00 1.00 8.00]
	// [x1 x0 x2]
}

func ExampleColumnPart() {
	part := preprocess.ColumnPart{Columns: []int{1, 0}} // no transformer: the columns as they are
	c := &preprocess.ColumnTransformer{Parts: []preprocess.ColumnPart{part}}
	show(preprocess.FitTransform(c, mat.NewDense(1, 3, []float64{1, 2, 3})))
	// Output: [2.00 1.00]
}

func ExampleTable() {
	table, err := preprocess.ReadCSV(strings.NewReader("city,rooms,rent\nBern,3,1500\n\"Biel, BE\",,1200\n"))
	if err != nil {
		fmt.Println(err)
		return
	}
	cities, _ := table.Strings("city")
	fmt.Printf("%q\n", cities)
	show(table.Matrix("rent", "rooms"))
	_, err = table.Float("city")
	fmt.Println(err)
	// Output:
	// ["Bern" "Biel, BE"]
	// [1500.00 3.00]
	// [1200.00 NaN]
	// preprocess: line 2, column "city": "Bern" is not a number
}

// From the column of a file to metrics and to training.
func ExampleTable_Labels() {
	table, err := preprocess.ReadCSV(strings.NewReader("leaf,kind\n3.1,oak\n0.7,birch\n2.9,oak\n"))
	if err != nil {
		log.Fatal(err)
	}
	labels, classes, err := table.Labels("kind")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(labels, classes)
	fmt.Println(mat.Col(nil, 0, preprocess.Targets(labels)))
	// Output:
	// [1 0 1] [birch oak]
	// [1 0 1]
}

func ExampleTable_WriteCSV() {
	var t preprocess.Table
	if err := t.AddStrings("name", []string{"a", "b, c"}); err != nil {
		fmt.Println(err)
	}
	if err := t.AddFloats("value", []float64{0.1, math.NaN()}); err != nil {
		fmt.Println(err)
	}
	if err := t.WriteCSV(os.Stdout); err != nil {
		fmt.Println(err)
	}
	// Output:
	// name,value
	// a,0.1
	// "b, c",
}

func ExampleCSV() {
	c := preprocess.NewCSV()
	c.Comma = ';'
	c.Missing = []string{"-999"}
	table, err := c.Read(strings.NewReader("t;v\n0;1.5\n1;-999\n"))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(table.Float("v"))
	// Output: [1.5 NaN] <nil>
}

// A file of a German spreadsheet, in its encoding, with its marks in numbers.
func ExampleCSV_marks() {
	c := preprocess.NewCSV()
	c.Comma, c.Decimal, c.Thousands = ';', ',', '.'
	c.Comment, c.SkipSpace = '#', true
	c.Encoding = charmap.Windows1252
	table, err := c.Read(strings.NewReader("# Stand 2024\nStra\xdfe; Preis\nAm H\xfcgel; 1.234,5\nHof; 0,75\n"))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(table.Names())
	fmt.Println(table.Float("Preis"))
	// Output:
	// [Straße Preis]
	// [1234.5 0.75] <nil>
}

func ExampleTableTransformer() {
	train, err := preprocess.ReadCSV(strings.NewReader("age,city\n20,Bern\n,Genf\n40,Bern\n"))
	if err != nil {
		fmt.Println(err)
		return
	}
	t := &preprocess.TableTransformer{Parts: []preprocess.TablePart{
		{Columns: []string{"age"}, Numbers: preprocess.NewPipeline(preprocess.NewImputer(), preprocess.NewMinMaxScaler())},
		{Columns: []string{"city"}, Strings: preprocess.NewOneHotEncoder()},
	}}
	show(t.FitTransform(train))
	fmt.Println(t.FeatureNames())
	// Output:
	// [0.00 1.00 0.00]
	// [0.50 0.00 1.00]
	// [1.00 1.00 0.00]
	// [age city_Bern city_Genf] <nil>
}

func ExampleTablePart() {
	table, err := preprocess.ReadCSV(strings.NewReader("note\ngood food\ngood\n"))
	if err != nil {
		fmt.Println(err)
		return
	}
	part := preprocess.TablePart{Columns: []string{"note"}, Text: preprocess.NewCountVectorizer()}
	t := &preprocess.TableTransformer{Parts: []preprocess.TablePart{part}}
	show(t.FitTransform(table))
	fmt.Println(t.FeatureNames())
	// Output:
	// [1.00 1.00]
	// [0.00 1.00]
	// [note:food note:good] <nil>
}

func ExampleSave() {
	s := preprocess.NewStandardScaler()
	if err := s.Fit(mat.NewDense(2, 1, []float64{1, 3})); err != nil {
		fmt.Println(err)
	}
	var file bytes.Buffer
	if err := preprocess.Save(&file, s); err != nil {
		fmt.Println(err)
	}
	fmt.Print(file.String())
	loaded, err := preprocess.Load[preprocess.Transformer](&file)
	if err != nil {
		fmt.Println(err)
		return
	}
	show(loaded.Transform(mat.NewDense(1, 1, []float64{5})))
	// Output:
	// {"format":"descent/preprocess","version":2,"kind":"StandardScaler","state":{"WithMean":true,"WithStd":true,"Mean":[2],"Scale":[1]},"sha256":"fb0ace8a123b4fced13f161e0c5d0859613b1d2dad7a7bdd6f35211a6070115d"}
	// [3.00]
}
