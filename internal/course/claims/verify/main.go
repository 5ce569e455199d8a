// Command verify checks what executed notebooks show against what they claim:
//
//	verify FOLDER NOTEBOOK.ipynb...
//
// FOLDER has the claims. It prints one line for each that does not hold, and
// then exits with 1.
package main

import (
	"fmt"
	"os"

	"github.com/descent-go/descent/internal/course/claims"
)

func main() {
	if len(os.Args) < 3 {
		fmt.Fprintln(os.Stderr, "usage: verify FOLDER NOTEBOOK.ipynb...")
		os.Exit(2)
	}
	bad := false
	for _, file := range os.Args[2:] {
		nb, err := claims.Read(file)
		if err != nil {
			fmt.Println(err)
			os.Exit(2)
		}
		list, err := claims.Load(os.Args[1], file)
		if err != nil {
			fmt.Println(err)
			os.Exit(2)
		}
		for _, problem := range claims.Check(nb, list) {
			fmt.Printf("%s: %s\n", file, problem)
			bad = true
		}
	}
	if bad {
		os.Exit(1)
	}
}
