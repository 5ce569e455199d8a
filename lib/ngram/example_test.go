package ngram_test

import (
	"fmt"

	"github.com/descent-go/descent/lib/ngram"
	"github.com/descent-go/descent/lib/preprocess"
)

// Choose n on validation text: a longer context helps until its counts are too few.
func Example() {
	train := "the cat sat on the mat and the rat sat on the hat and the bat sat on the cat "
	validation := "the mat sat on the rat and the hat and the cat "
	tokens := new(preprocess.CharTokenizer)
	if err := tokens.Fit([]string{train}); err != nil {
		fmt.Println(err)
		return
	}
	known, _ := tokens.Encode(train)
	unseen, _ := tokens.Encode(validation)
	for n := 1; n <= 6; n++ {
		m := ngram.New(n, tokens.Size())
		if err := m.Fit(known); err != nil {
			fmt.Println(err)
			return
		}
		loss, err := m.Loss(unseen)
		fmt.Printf("n = %d: %.2f %v\n", n, loss, err)
	}
	// Output:
	// n = 1: 2.15 <nil>
	// n = 2: 0.98 <nil>
	// n = 3: 0.44 <nil>
	// n = 4: 0.41 <nil>
	// n = 5: 0.36 <nil>
	// n = 6: 0.36 <nil>
}

// After "San" the model expects "Francisco"; after a word it does not know it does not,
// for nothing else is followed by "Francisco".
func ExampleModel() {
	const san, francisco, the, cat, a = 0, 1, 2, 3, 4
	m := ngram.New(2, 5)
	if err := m.Fit([]int{san, francisco, san, francisco, san, francisco, the, cat, a, cat}); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("after San: Francisco %.2f, cat %.2f\n", m.Probability(francisco, []int{san}), m.Probability(cat, []int{san}))
	fmt.Printf("after a new word: Francisco %.2f, cat %.2f\n", m.Probability(francisco, []int{cat}), m.Probability(cat, []int{cat}))
	// Output:
	// after San: Francisco 0.80, cat 0.07
	// after a new word: Francisco 0.10, cat 0.20
}
