// Command table prints how long each notebook is, what it takes, and how many of
// its claims are asserted and how many only seen. It runs in the checkout:
//
//	go run ./internal/course/table
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/descent-go/descent/internal/course"
	"github.com/descent-go/descent/internal/course/claims"
)

func main() {
	if err := table(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func table() error {
	files, err := filepath.Glob("notebooks/*.ipynb")
	if err != nil || len(files) == 0 {
		return fmt.Errorf("there is no notebooks/*.ipynb here: run it in the checkout")
	}
	fmt.Println("| chapter | words | code cells | visible lines | exercises | minutes | stated | lines to the first picture | asserted | seen |")
	fmt.Println("|:---|---:|---:|---:|---:|---:|---:|---:|---:|---:|")
	for _, file := range files {
		nb, err := claims.Read(file)
		if err != nil {
			return err
		}
		list, err := claims.Load("notebooks/claims", file)
		if err != nil {
			return err
		}
		seen := 0
		for _, c := range list {
			if c.Seen != "" {
				seen++
			}
		}
		m := course.Count(nb)
		name := strings.TrimSuffix(filepath.Base(file), ".ipynb")
		fmt.Printf("| %s | %d | %d | %d | %d | %d | %d | %d | %d | %d |\n", name, m.Words, m.Code, m.Lines, m.Exercises,
			m.Minutes, m.Stated, m.First, len(list)-seen, seen)
	}
	return nil
}
