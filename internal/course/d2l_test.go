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
// stability, and its whole chapters on recurrent networks, attention and optimization, as in its table of contents.
var d2lSections = strings.Split(strings.TrimSpace(`
2.5.1 A simple function
2.5.2 Backward for non-scalar variables
2.5.3 Detaching computation
2.5.4 Gradients and Python control flow
5.3.1 Forward propagation
5.3.2 Computational graph of forward propagation
5.3.3 Backpropagation
5.3.4 Training neural networks
5.4.1 Vanishing and exploding gradients
5.4.2 Parameter initialization
9.1 Working with sequences
9.2 Converting raw text into sequence data
9.3 Language models
9.4 Recurrent neural networks
9.5 Recurrent neural network implementation from scratch
9.6 Concise implementation of recurrent neural networks
9.7 Backpropagation through time
10.1 Long short-term memory (LSTM)
10.2 Gated recurrent units (GRU)
10.3 Deep recurrent neural networks
10.4 Bidirectional recurrent neural networks
10.5 Machine translation and the dataset
10.6 The encoder–decoder architecture
10.7 Sequence-to-sequence learning for machine translation
10.8 Beam search
11.1 Queries, keys, and values
11.2 Attention pooling by similarity
11.3 Attention scoring functions
11.4 The Bahdanau attention mechanism
11.5 Multi-head attention
11.6 Self-attention and positional encoding
11.7 The transformer architecture
11.8 Transformers for vision
11.9 Large-scale pretraining with transformers
12.1 Optimization and deep learning
12.2 Convexity
12.3 Gradient descent
12.4 Stochastic gradient descent
12.5 Minibatch stochastic gradient descent
12.6 Momentum
12.7 Adagrad
12.8 RMSProp
12.9 Adadelta
12.10 Adam
12.11 Learning rate scheduling`), "\n")

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
		found = append(found, section+" "+strings.TrimSpace(cells[1]))
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
		problems = append(problems, "the sections are "+strings.Join(found, "; ")+", want "+strings.Join(d2lSections, "; "))
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
		"| 11.8 | Transformers":      "the sections are",
		"`optim.Adagrad`":            "there is no optim",
		"04c-backpropagation.ipynb)": "the link of",
		"· The race":                 "is neither",
	} {
		to := map[string]string{"| 12.9 | Adadelta": "| Adadelta", "| 11.8 | Transformers": "| 11.8 | Transformer", "`optim.Adagrad`": "`optim.Adagrand`", "04c-backpropagation.ipynb)": "03b-adam.ipynb)", "· The race": "The race"}[change]
		if to == "" {
			to = "The chain as a rule"
		}
		got := strings.Join(d2lProblems(strings.Replace(string(text), change, to, 1), headings, optimizer), "; ")
		if !strings.Contains(got, want) {
			t.Errorf("%s for %s: %q, want %q", to, change, got, want)
		}
	}
}
