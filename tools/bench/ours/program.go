package main

import (
	"fmt"
	"os/exec"
	"strconv"
	"strings"

	"github.com/descent-go/descent/tools/bench/side"
)

// program is a whole process, from its start to its end, with the files of the
// data and that of a picture as arguments. What came out are the numbers that
// it printed.
func program(command func(side.Args) []string) side.Work {
	return func(a side.Args) (side.Task, error) {
		run := func() []float64 {
			line := append(command(a), a.X, a.Y, a.Picture)
			text, err := exec.Command(line[0], line[1:]...).Output()
			if err != nil {
				panic(fmt.Sprintf("%s: %v", strings.Join(line, " "), err))
			}
			var numbers []float64
			for s := range strings.FieldsSeq(string(text)) {
				v, err := strconv.ParseFloat(s, 64)
				if err != nil {
					panic(err)
				}
				numbers = append(numbers, v)
			}
			return numbers
		}
		return side.Task{Run: func() { run() }, Check: run}, nil
	}
}
