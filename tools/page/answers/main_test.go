package main

import (
	"strings"
	"testing"

	"github.com/descent-go/descent/course/check"
	"github.com/descent-go/descent/internal/cell"
)

// TestRead: every exercise has a cell that is right and one that is wrong; all of them parse.
func TestRead(t *testing.T) {
	answers, err := read("../../../course/exercises")
	if err != nil {
		t.Fatal(err)
	}
	count := 0
	for _, c := range check.Chapters() {
		count += len(c.Exercises)
	}
	for _, a := range answers {
		for _, text := range []string{a.Right, a.Wrong} {
			if c := cell.Read(text); !c.Parsed() || c.Problem() != nil || strings.Contains(text, "SOLUTION") {
				t.Errorf("%s: %v in\n%s", a.Exercise, c.Problem(), text)
			}
		}
		if a.Wrong == "" || a.Words == "" {
			t.Errorf("%s: no wrong answer of its test stands on its own, or there are no words of the reply", a.Exercise)
		}
	}
	if len(answers) != count {
		t.Errorf("%d answers for %d exercises", len(answers), count)
	}
}
