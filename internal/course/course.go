// Package course measures the notebooks of the course: how long they are, how
// long they take, and when the first picture comes. Its tests hold them to their
// limits, and to what no single notebook can promise.
package course

import (
	"math"
	"regexp"
	"strconv"
	"strings"

	"github.com/descent-go/descent/internal/course/claims"
)

// The limits of a chapter that fits an evening.
const (
	MaxWords   = 4000
	MaxCode    = 30 // cells, without exercises
	MaxMinutes = 75
	MaxLines   = 25 // visible lines of code until the first picture has come
)

// A Measure is what was counted in one notebook.
type Measure struct {
	Words     int // of Markdown, without folded solutions and hints
	Code      int // code cells that are no exercises
	Lines     int // of code that are visible: not folded, not blank, no exercise
	Exercises int
	Minutes   int // what it takes, from the four above
	Stated    int // what the first cell says: "About 60 minutes"; 0 if it does not
	First     int // visible lines up to the first picture, with those of its own cell; −1 if there is none
}

var stated = regexp.MustCompile(`[Aa]bout (\d+) minutes`)

// Count measures a notebook. A minute is 250 words or 12 lines of code, an
// exercise is six minutes; the sum is rounded up to a multiple of five.
func Count(nb claims.Notebook) Measure {
	m := Measure{First: -1}
	for i, c := range nb.Cells {
		source := string(c.Source)
		if i == 0 {
			if found := stated.FindStringSubmatch(source); found != nil {
				m.Stated, _ = strconv.Atoi(found[1])
			}
		}
		switch {
		case c.Type == "markdown":
			m.Words += words(source)
		case c.Metadata.Descent.Exercise != "":
			m.Exercises++
		default:
			m.Code++
			if !c.Metadata.Jupyter.SourceHidden {
				m.Lines += lines(source)
			}
			if m.First < 0 && picture(c) {
				m.First = m.Lines
			}
		}
	}
	minutes := float64(m.Words)/250 + float64(m.Lines)/12 + 6*float64(m.Exercises)
	m.Minutes = 5 * int(math.Ceil(minutes/5))
	return m
}

var (
	solution = regexp.MustCompile(`(?s)<details><summary>(?:Solution|Hint)\b.*?</details>`)
	choice   = regexp.MustCompile(`(?s)(<details><summary>.*?</summary>)(.*?)</details>`)
	tag      = regexp.MustCompile(`<[^>]*>`)
	target   = regexp.MustCompile(`\]\([^)]*\)`)
)

// words counts those of a Markdown cell. Of a quiz, one reason for each question
// counts, that of the right choice: nobody opens all.
func words(source string) int {
	source = solution.ReplaceAllString(source, "")
	if strings.HasPrefix(source, QuizMark) {
		source = choice.ReplaceAllStringFunc(source, func(s string) string {
			part := choice.FindStringSubmatch(s)
			if strings.HasPrefix(strings.TrimSpace(part[2]), "Right") {
				return part[1] + part[2]
			}
			return part[1] + " "
		})
	}
	source = tag.ReplaceAllString(target.ReplaceAllString(source, "]"), " ")
	return len(strings.Fields(source))
}

func lines(source string) int {
	n := 0
	for line := range strings.Lines(source) {
		if strings.TrimSpace(line) != "" {
			n++
		}
	}
	return n
}

// picture says whether a cell shows one.
func picture(c claims.Cell) bool {
	for _, o := range c.Outputs {
		for mime, data := range o.Data {
			if strings.HasPrefix(mime, "image/") || mime == "text/html" && (strings.Contains(string(data), "<img") || strings.Contains(string(data), "<svg")) {
				return true
			}
		}
	}
	return false
}
