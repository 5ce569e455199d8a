package check

import (
	"fmt"
	"os"
	"strings"
	"time"
)

// GradeVariable is the environment variable for graders. If it is 1, an
// answer that is not right ends the program with exit code 1, which is an
// error of the notebook's cell.
const GradeVariable = "DESCENT_GRADE"

// State is the state of an exercise.
type State int

// The three possible answers of a check.
const (
	NotDone  State = iota // the function still panics with TODO
	NotRight              // it gives a wrong result, panics, or does not end
	Right
)

func (s State) String() string {
	return [...]string{"not yet done", "not right yet", "right"}[s]
}

// Answer is the result of a check. The check has already printed it; the value
// is for programs that test exercises.
type Answer struct {
	Exercise string // as in check.AdamStep: "AdamStep"
	State    State
	Reply    string // what to do, or what is wrong; several lines
}

func (a Answer) String() string {
	return fmt.Sprintf("%s: %s.\n%s", a.Exercise, a.State, a.Reply)
}

// patience is how long a learner's function may take for all cases together.
const patience = 10 * time.Second

// examine runs the cases of an exercise, prints the answer and remembers it.
func examine(e Exercise, cases func(*trial)) Answer {
	stop := guard(e.Name)
	state, reply := try(cases, patience)
	stop()
	a := Answer{e.Name, state, reply}
	switch state {
	case NotDone:
		a.Reply = "Replace panic(\"TODO\") with your code, run that cell, then run this one again."
	case Right:
		a.Reply = "Well done."
	}
	if state != Right {
		a.Reply += e.offer()
	}
	fmt.Println(a)
	if err := remember(a); err != nil {
		fmt.Println("Your progress could not be saved:", err)
	}
	if state != Right && os.Getenv(GradeVariable) == "1" {
		os.Exit(1)
	}
	return a
}

// offer says that there are hints, on a separate line.
func (e Exercise) offer() string {
	if len(e.Hints) == 0 {
		return ""
	}
	return fmt.Sprintf("\nStuck? check.Hint(%q) gives a hint, one at a time; there are %d.", e.Name, len(e.Hints))
}

// try runs the cases, and gives up when they take too long. A function that
// never returns cannot be stopped; it ends with the cell.
func try(cases func(*trial), patience time.Duration) (State, string) {
	type verdict struct {
		state State
		reply string
	}
	t := new(trial)
	done := make(chan verdict, 1)
	go func() {
		state, reply := t.run(cases)
		done <- verdict{state, reply}
	}()
	select {
	case v := <-done:
		return v.state, v.reply
	case <-time.After(patience):
		return NotRight, fmt.Sprintf("It had not come to an end after %g s. Does a loop go on for ever?%s",
			patience.Seconds(), t.where())
	}
}

// run calls cases and turns every way in which it can end into a verdict.
func (t *trial) run(cases func(*trial)) (state State, reply string) {
	defer func() {
		switch p := recover().(type) {
		case nil:
		case failure:
			state, reply = NotRight, string(p)
		default:
			said := fmt.Sprint(p)
			if strings.HasPrefix(said, "TODO") {
				state = NotDone
				return
			}
			state, reply = NotRight, fmt.Sprintf("Your function panics: %s%s", said, t.where())
		}
	}()
	cases(t)
	return Right, ""
}
