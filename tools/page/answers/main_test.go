package main

import (
	"strings"
	"testing"

	"github.com/descent-go/descent/course/check"
	"github.com/descent-go/descent/internal/cell"
)

// TestRead: every exercise has a cell that is right, and nearly all have one that is wrong; all of them parse.
func TestRead(t *testing.T) {
	answers, err := read("../../../course/exercises")
	if err != nil {
		t.Fatal(err)
	}
	count, wrong := 0, 0
	for _, c := range check.Chapters() {
		count += len(c.Exercises)
	}
	for _, a := range answers {
		for _, text := range []string{a.Right, a.Wrong} {
			if c := cell.Read(text); !c.Parsed() || c.Problem() != nil || strings.Contains(text, "SOLUTION") {
				t.Errorf("%s: %v in\n%s", a.Exercise, c.Problem(), text)
			}
		}
		if a.Wrong != "" {
			wrong++
			if a.Words == "" {
				t.Errorf("%s: no words of the reply", a.Exercise)
			}
		}
	}
	if len(answers) != count || wrong < count*4/5 {
		t.Errorf("%d answers and %d mistakes for %d exercises", len(answers), wrong, count)
	}
}
