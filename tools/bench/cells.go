package main

import (
	"encoding/json"
	"fmt"
	"os/exec"
)

// cells times cells in the kernel, with the Python that has Jupyter.
func cells(jupyter string, repeat int) (string, error) {
	cmd := exec.Command(jupyter, "tools/bench/cells.py", fmt.Sprint(repeat))
	text, err := cmd.Output()
	if err != nil {
		if e, ok := err.(*exec.ExitError); ok {
			err = fmt.Errorf("%w\n%s", err, e.Stderr)
		}
		return "", fmt.Errorf("the cells cannot be timed: %w", err)
	}
	type times struct{ Cell, Again, Bare float64 }
	var took struct{ Prints, Draws times }
	if err := json.Unmarshal(text, &took); err != nil {
		return "", err
	}
	t := table{head: []string{"cell", "from sending to done", "bare build and run", "ratio", "aim", "once more, unchanged"}}
	for _, c := range []struct {
		name string
		took times
	}{{"prints a line", took.Prints}, {"trains the article's example and draws its loss", took.Draws}} {
		ratio := c.took.Cell / c.took.Bare
		t.add(c.name, seconds(c.took.Cell), seconds(c.took.Bare), fmt.Sprintf("%.2f", ratio), "1.25 "+sign(ratio <= 1.25), seconds(c.took.Again))
	}
	return t.String(), nil
}
