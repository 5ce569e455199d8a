package course

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// d2lSections are those of Dive into Deep Learning on automatic differentiation, backpropagation and numerical
// stability, and its whole chapters on recurrent networks, attention and optimization.
var d2lSections = strings.Fields("2.5.1 2.5.2 2.5.3 2.5.4 5.3.1 5.3.2 5.3.3 5.3.4 5.4.1 5.4.2 " +
	"9.1 9.2 9.3 9.4 9.5 9.6 9.7 10.1 10.2 10.3 10.4 10.5 10.6 10.7 10.8 " +
	"11.1 11.2 11.3 11.4 11.5 11.6 11.7 11.8 11.9 " +
	"12.1 12.2 12.3 12.4 12.5 12.6 12.7 12.8 12.9 12.10 12.11")

var (
	d2lPlace = regexp.MustCompile(`^\[(\w+)\]\(\.\./notebooks/([\w-]+)\.ipynb\) · (.+)$`)
	d2lName  = regexp.MustCompile("^`optim\\.(\\w+)`$")
)

// d2lProblems returns what is wrong with the table in text.
func d2lProblems(text string, headings func(notebook string) []string, optimizer func(name string) bool) []string {
	var problems, found []string
	for line := range strings.Lines(text) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		if len(cells) != 3 || !strings.ContainsAny(cells[0], "0123456789") {
			continue
		}
		section := strings.TrimSpace(cells[0])
		found = append(found, section)
		for place := range strings.SplitSeq(strings.TrimSpace(cells[2]), "; ") {
			if m := d2lName.FindStringSubmatch(place); m != nil {
				if !optimizer(m[1]) {
					problems = append(problems, section+": there is no optim."+m[1])
				}
				continue
			}
			m := d2lPlace.FindStringSubmatch(place)
			switch {
			case place == "no notebook":
			case m == nil:
				problems = append(problems, section+": "+place+" is neither a notebook with a heading nor an optimizer")
			case strings.TrimLeft(strings.Split(m[2], "-")[0], "0") != m[1]:
				problems = append(problems, section+": the link of "+m[1]+" goes to "+m[2])
			case !slices.Contains(headings(m[2]), m[3]):
				problems = append(problems, section+": "+m[2]+" has no heading "+m[3])
			}
		}
	}
	if !slices.Equal(found, d2lSections) {
		problems = append(problems, "the sections are "+strings.Join(found, " ")+", want "+strings.Join(d2lSections, " "))
	}
	return problems
}

// TestEverySectionOfD2LHasAPlace: docs/d2l.md names headings that are there.
func TestEverySectionOfD2LHasAPlace(t *testing.T) {
	text, err := os.ReadFile("../../docs/d2l.md")
	if err != nil {
		t.Fatal(err)
	}
	heading := regexp.MustCompile(`(?m)^#+ (.*)$`)
	headings := func(name string) (list []string) {
		if !slices.Contains(names(t), name) {
			return nil
		}
		for _, m := range heading.FindAllStringSubmatch(read(t, name).prose(), -1) {
			list = append(list, m[1])
		}
		return list
	}
	optimizer := func(name string) bool {
		for _, file := range files(t, "../../lib/optim/*.go") {
			source, err := os.ReadFile(filepath.Clean(file))
			if err == nil && strings.Contains(string(source), "\ntype "+name+" struct") {
				return true
			}
		}
		return false
	}
	for _, problem := range d2lProblems(string(text), headings, optimizer) {
		t.Error(problem)
	}
	for change, want := range map[string]string{
		"The chain rule as a graph":  "has no heading",
		"| 12.9 | Adadelta":          "the sections are",
		"`optim.Adagrad`":            "there is no optim",
		"04c-backpropagation.ipynb)": "the link of",
		"· The race":                 "is neither",
	} {
		to := map[string]string{"| 12.9 | Adadelta": "| Adadelta", "`optim.Adagrad`": "`optim.Adagrand`", "04c-backpropagation.ipynb)": "03b-adam.ipynb)", "· The race": "The race"}[change]
		if to == "" {
			to = "The chain as a rule"
		}
		got := strings.Join(d2lProblems(strings.Replace(string(text), change, to, 1), headings, optimizer), "; ")
		if !strings.Contains(got, want) {
			t.Errorf("%s for %s: %q, want %q", to, change, got, want)
		}
	}
}
