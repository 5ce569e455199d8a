package texts_test

import (
	"fmt"
	"strings"

	"github.com/descent-go/descent/datasets/texts"
)

func Example() {
	novel := texts.PrideAndPrejudice()
	train, validation, test := novel.Split(0.1, 0.1)
	fmt.Println(len(train), len(validation), len(test))
	first, _, _ := strings.Cut(validation, "\n")
	fmt.Println(first)
	// Output:
	// 548825 67268 68298
	// "E. GARDINER."
}
