// Gopeers is the side of other Go packages in make bench: plain gonum, GoMLX's
// backend in pure Go, and gorgonia's tensors. It is a separate module, so
// that they do not become dependencies of the library.
package main

import (
	"fmt"
	"os"

	"gonum.org/v1/gonum/blas/gonum"

	"github.com/descent-go/descent/tools/bench/side"
)

func main() {
	answers := os.Stdout
	os.Stdout = os.Stderr // what a library prints must not get between the answers
	works := map[string]side.Work{
		"gonum":    plain,
		"gomlx":    gomlx,
		"gorgonia": gorgonia,
		"fit":      fit,
		"mlp":      mlp,
	}
	if err := side.Serve(os.Stdin, answers, works); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// plain is gonum's own matrix product.
func plain(a side.Args) (side.Task, error) {
	var b gonum.Implementation
	if a.Precision == "float32" {
		return side.Product(a, b.Sgemm), nil
	}
	return side.Product(a, b.Dgemm), nil
}
