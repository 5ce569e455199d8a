package main

import (
	"encoding/json"
	"fmt"
	"os/exec"
)

// cells times cells in the kernel, with the Python that has Jupyter.
func cells(jupyter string, repeat int) (string, error) {
	cmd := exec.Command(jupyter, "bench/cells.py", fmt.Sprint(repeat))
	text, err := cmd.Output()
	if err != nil {
		if e, ok := err.(*exec.ExitError); ok {
			err = fmt.Errorf("%w\n%s", err, e.Stderr)
		}
		return "", fmt.Errorf("the cells cannot be timed: %w", err)
	}
	var took struct{ Prints, Draws float64 }
	if err := json.Unmarshal(text, &took); err != nil {
		return "", err
	}
	t := table{head: []string{"cell", "from sending to done", "aim"}}
	for _, c := range []struct {
		name      string
		took, aim float64
	}{{"prints a line", took.Prints, 0.15}, {"trains the article's example and draws its loss", took.Draws, 0.35}} {
		t.add(c.name, seconds(c.took), fmt.Sprintf("%s %s", seconds(c.aim), sign(c.took <= c.aim)))
	}
	return t.String(), nil
}
