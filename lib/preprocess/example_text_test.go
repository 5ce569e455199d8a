package preprocess_test

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/lib/preprocess"
)

func ExampleTokenizer() {
	t := preprocess.NewTokenizer()
	t.NMax = 2
	t.StopWords = []string{"the"}
	fmt.Printf("%q\n", t.Tokens("The quick, the BROWN fox"))
	// Output: ["quick" "brown" "fox" "quick brown" "brown fox"]
}

// Words of Unicode's text segmentation.
func ExampleTokenizer_segment() {
	t := preprocess.NewTokenizer()
	fmt.Printf("%q\n", t.Tokens("It isn't v2.0, हिन्दी"))
	t.Segment = true
	fmt.Printf("%q\n", t.Tokens("It isn't v2.0, हिन्दी"))
	// Output:
	// ["it" "isn" "v2" "हिन्दी"]
	// ["it" "isn't" "v2.0" "हिन्दी"]
}

func ExampleIdeographs() {
	t := preprocess.NewTokenizer()
	for _, t.Ideographs = range []preprocess.Ideographs{preprocess.IdeographRuns, preprocess.IdeographCharacters, preprocess.IdeographBigrams} {
		fmt.Printf("%q\n", t.Tokens("机器学习 in Go"))
	}
	// Output:
	// ["机器学习" "in" "go"]
	// ["机" "器" "学" "习" "in" "go"]
	// ["机器" "器学" "学习" "in" "go"]
}

func ExampleVectorizer() {
	docs := []string{"red fish", "blue fish"}
	for _, v := range []preprocess.Vectorizer{preprocess.NewCountVectorizer(), preprocess.NewTFIDFVectorizer()} {
		if err := v.Fit(docs); err != nil {
			fmt.Println(err)
		}
		show(v.Transform([]string{"red red fish, green fish"}))
	}
	// Output:
	// [0.00 2.00 2.00]
	// [0.00 0.58 0.81]
}

func ExampleCountVectorizer() {
	v := preprocess.NewCountVectorizer()
	v.MinDF = 2
	if err := v.Fit([]string{"red fish", "blue fish", "red sea"}); err != nil {
		fmt.Println(err)
	}
	fmt.Println(v.Vocabulary)
	show(v.Transform([]string{"fish eat fish"}))
	// Output:
	// [fish red]
	// [2.00 0.00]
}

func ExampleTFIDFVectorizer() {
	v := preprocess.NewTFIDFVectorizer()
	if err := v.Fit([]string{"the fox", "the dog", "the hen"}); err != nil {
		fmt.Println(err)
	}
	fmt.Printf("%v %.2f\n", v.Vocabulary, v.IDF) // the word that is everywhere weighs least
	show(v.Transform([]string{"the fox"}))
	// Output:
	// [dog fox hen the] [1.69 1.69 1.69 1.00]
	// [0.00 0.86 0.00 0.51]
}

func ExampleHashingVectorizer() {
	v := preprocess.NewHashingVectorizer()
	v.Features, v.Norm = 6, preprocess.NoNorm
	show(v.Transform([]string{"red fish", "red red fish"}))
	// Output:
	// [0.00 -1.00 0.00 0.00 0.00 1.00]
	// [0.00 -2.00 0.00 0.00 0.00 1.00]
}

func ExampleSequenceEncoder() {
	e := preprocess.NewSequenceEncoder(4)
	if err := e.Fit([]string{"to be or not to be"}); err != nil {
		fmt.Println(err)
	}
	fmt.Println(e.Vocabulary)
	x, err := e.Transform([]string{"to err", "not to be or to be"})
	show(x, err)
	fmt.Println(e.Decode(x.RawRowView(0)))
	// Output:
	// [be to not or]
	// [3.00 1.00 0.00 0.00]
	// [4.00 3.00 2.00 5.00]
	// [to �]
}

func ExampleSplit() {
	x := mat.NewDense(10, 1, []float64{0, 1, 2, 3, 4, 5, 6, 7, 8, 9})
	s, err := preprocess.SplitRandom(10, preprocess.Fractions{Validation: 0.2, Test: 0.3}, 1)
	if err != nil {
		fmt.Println(err)
		return
	}
	train := preprocess.Rows(x, s.Train)
	fmt.Println(len(s.Train), len(s.Validation), len(s.Test), train.At(0, 0) == float64(s.Train[0]))
	// Output: 5 2 3 true
}

func ExampleFractions() {
	s, err := preprocess.SplitByTime([]int{2021, 2019, 2020, 2022}, preprocess.Fractions{Test: 0.25})
	fmt.Println(s.Train, s.Test, err)
	fmt.Println(preprocess.Fractions{Validation: 0.5, Test: 0.5}.Validate())
	// Output:
	// [1 2 0] [3] <nil>
	// preprocess: fractions 0.5 for validation and 0.5 for test must not be negative and must leave something to train on
}

func ExampleFold() {
	folds, err := preprocess.KFoldInOrder(5, 2)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, f := range folds {
		fmt.Println(f.Train, f.Test)
	}
	// Output:
	// [3 4] [0 1 2]
	// [0 1 2] [3 4]
}

func ExampleTimeSeriesSplit() {
	folds, err := preprocess.TimeSeriesSplit{Folds: 3, Gap: 1}.Split(8)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, f := range folds {
		fmt.Println(f.Train, f.Test)
	}
	// Output:
	// [0] [2 3]
	// [0 1 2] [4 5]
	// [0 1 2 3 4] [6 7]
}

func ExampleWarp() {
	w := preprocess.NewWarp()
	w.ShiftX = 1
	image := []float64{
		1, 2, 3,
		4, 5, 6}
	moved := make([]float64, 6)
	w.Apply(moved, image, 1, 2, 3)
	fmt.Println(moved[:3])
	fmt.Println(moved[3:])
	// Output:
	// [0 1 2]
	// [0 4 5]
}

func ExampleAugment() {
	a := preprocess.Augment{Channels: 1, Height: 28, Width: 28, Shift: 2, Rotate: 10, Zoom: 0.1}
	x := mat.NewDense(32, 28*28, nil) // a batch of digits
	var first, again mat.Dense
	a.Apply(&first, x, 7) // another seed for each epoch and batch
	a.Apply(&again, x, 7)
	fmt.Println(mat.Equal(&first, &again))
	// Output: true
}

func ExampleGaussianNoise() {
	x := mat.NewDense(1, 10000, nil)
	var y mat.Dense
	preprocess.GaussianNoise{Std: 0.5}.Apply(&y, x, 1)
	fmt.Printf("%.1f\n", mat.Norm(&y, 2)/math.Sqrt(10000))
	// Output: 0.5
}

// Frequent words become one token, and any text can be encoded.
func ExampleBPE() {
	b := preprocess.NewBPE(300)
	if err := b.Fit([]string{"the cat sat on the mat, and the cat sat on the hat, and the cat ate the rat"}); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%q\n", b.Merges[:4])
	for _, text := range []string{"the cat and the bat", "猫"} {
		ids, err := b.Encode(text)
		if err != nil {
			fmt.Println(err)
			return
		}
		tokens := make([]string, len(ids))
		for k, id := range ids {
			tokens[k], _ = b.Decode([]int{id})
		}
		back, _ := b.Decode(ids)
		fmt.Printf("%q %v\n", tokens, back == text)
	}
	// Output:
	// ["a t" "h e" "t he" "Ġ the"]
	// ["the" " cat" " and" " the" " " "b" "at"] true
	// ["\xe7" "\x8c" "\xab"] true
}

func ExampleCharTokenizer() {
	c := &preprocess.CharTokenizer{Special: []string{"<end>"}}
	if err := c.Fit([]string{"床前明月光"}); err != nil {
		fmt.Println(err)
		return
	}
	ids, err := c.Encode("明月")
	fmt.Println(ids, err)
	end, _ := c.ID("<end>")
	fmt.Println(c.Decode(append(ids, end)))
	_, err = c.Encode("明日")
	fmt.Println(err)
	// Output:
	// [3 4] <nil>
	// 明月<end> <nil>
	// preprocess: CharTokenizer: '日' at byte 3 is none of the 5 characters of the training texts: fit to texts that have it, or set Bytes
}
