package course

import (
	"fmt"
	"regexp"
	"strings"
)

// QuizMark is how a Markdown cell with quiz questions begins.
const QuizMark = "**Quiz.**"

var question = regexp.MustCompile(`(?m)^(\d+)\. `)

// CheckQuiz returns what is wrong with the form of a cell that begins with
// QuizMark. It has two or three numbered questions, each with three or four
// folded choices, A, B, …, that give a reason; the reason of exactly one begins
// with "Right".
func CheckQuiz(source string) []string {
	var problems []string
	source = strings.TrimSpace(strings.TrimPrefix(source, QuizMark))
	starts := question.FindAllStringSubmatchIndex(source, -1)
	if n := len(starts); n < 2 || n > 3 {
		problems = append(problems, fmt.Sprintf("a quiz has %d questions, want 2 or 3", n))
	}
	for i, at := range starts {
		if number := source[at[2]:at[3]]; number != fmt.Sprint(i+1) {
			problems = append(problems, fmt.Sprintf("question %d has the number %s", i+1, number))
		}
		end := len(source)
		if i+1 < len(starts) {
			end = starts[i+1][0]
		}
		problems = append(problems, choices(i+1, source[at[0]:end])...)
	}
	return problems
}

var summary = regexp.MustCompile(`<summary>([A-Z])\. \S`)

func choices(number int, text string) []string {
	var problems []string
	found := choice.FindAllStringSubmatch(text, -1)
	if n := len(found); n < 3 || n > 4 {
		problems = append(problems, fmt.Sprintf("question %d has %d choices, want 3 or 4", number, n))
	}
	right := 0
	for i, c := range found {
		letter := string(rune('A' + i))
		if s := summary.FindStringSubmatch(c[1]); s == nil || s[1] != letter {
			problems = append(problems, fmt.Sprintf("choice %d of question %d is not <summary>%s. …</summary>", i+1, number, letter))
		}
		reason := strings.TrimSpace(c[2])
		if len(strings.Fields(reason)) < 3 {
			problems = append(problems, fmt.Sprintf("choice %s of question %d has no reason", letter, number))
		}
		if strings.HasPrefix(reason, "Right") {
			right++
		}
	}
	if right != 1 {
		problems = append(problems, fmt.Sprintf("%d choices of question %d begin with Right, want 1", right, number))
	}
	return problems
}
