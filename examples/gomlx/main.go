// Gomlx solves two tasks of the course with GoMLX, on its backend in pure Go. It is a module of
// its own, so that the course's cells do not carry the framework along.
//
//	gomlx logistic STEPS DATA THETA   notebook 7: fits a logistic regression, writes its parameters
//	gomlx train FOLDER…               notebook 5: trains a network on FOLDER/train.csv, saves a checkpoint
//	gomlx predict FOLDER…             notebook 5: loads it, writes the probabilities for FOLDER/test.csv
//	gomlx digits FOLDER sgd|adam      notebook 7b: the task of examples/frameworks, prints a report
//
// The files are CSV without a header; in those to learn from, the last column is the label.
package main

import (
	"fmt"
	"os"
)

const usage = `usage:
  gomlx logistic STEPS DATA THETA
  gomlx train FOLDER…
  gomlx predict FOLDER…
  gomlx digits FOLDER sgd|adam
`

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "gomlx:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	switch {
	case len(args) == 4 && args[0] == "logistic":
		return logistic(args[1], args[2], args[3])
	case len(args) > 1 && args[0] == "train":
		return each(args[1:], trainIn)
	case len(args) > 1 && args[0] == "predict":
		return each(args[1:], predictIn)
	case len(args) == 3 && args[0] == "digits":
		return digits(args[1], args[2])
	}
	return fmt.Errorf("do not understand %q\n%s", args, usage)
}

// each does the work in every folder, and stops at the first error.
func each(folders []string, work func(folder string) error) error {
	for _, folder := range folders {
		if err := work(folder); err != nil {
			return fmt.Errorf("%s: %w", folder, err)
		}
	}
	return nil
}
