package course

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write docs/sections.md again")

// sections are the article's, with the notebook that covers each.
var sections = []struct{ number, title, notebook string }{
	{"1.1", "The rise of artificial intelligence, and why training matters", "01-background"},
	{"1.2", "Challenges and chances of training", "01-background"},
	{"1.3", "Goal and structure of the article", "01-background"},
	{"2.1", "Model, data and task", "02-core-concepts"},
	{"2.2", "Loss functions", "02-core-concepts"},
	{"2.3", "Optimization algorithms", "02-core-concepts"},
	{"2.4", "Overfitting and regularization", "02b-overfitting"},
	{"3.1", "Gradient descent", "03-optimization-algorithms"},
	{"3.1.1", "Its steps", "03-optimization-algorithms"},
	{"3.1.2", "Its code", "03-optimization-algorithms"},
	{"3.2", "Stochastic gradient descent", "03-optimization-algorithms"},
	{"3.2.1", "Its steps", "03-optimization-algorithms"},
	{"3.2.2", "Its code", "03-optimization-algorithms"},
	{"3.3", "Adam", "03b-adam"},
	{"3.3.1", "Its steps", "03b-adam"},
	{"3.3.2", "Its code", "03b-adam"},
	{"4.1", "Linear regression", "04-linear-and-logistic-regression"},
	{"4.1.1", "Its loss", "04-linear-and-logistic-regression"},
	{"4.1.2", "Gradient descent for it", "04-linear-and-logistic-regression"},
	{"4.1.3", "The example", "04-linear-and-logistic-regression"},
	{"4.2", "Logistic regression", "04b-logistic-regression"},
	{"4.2.1", "Its loss", "04b-logistic-regression"},
	{"4.2.2", "Gradient descent for it", "04b-logistic-regression"},
}

// promises are what section 1.3 of the article announces, with the notebook
// that keeps each and a heading or sentence of it that must be there.
var promises = []struct{ what, notebook, needs string }{
	{"Core concepts: losses, algorithms", "02-core-concepts", "# 2 ·"},
	{"Core concepts: overfitting, regularization", "02b-overfitting", "# 2b ·"},
	{"Algorithms step by step, with code: gradient descent, SGD", "03-optimization-algorithms", "# 3 ·"},
	{"Algorithms step by step, with code: Adam", "03b-adam", "# 3b ·"},
	{"The mathematics, with examples: linear regression", "04-linear-and-logistic-regression", "# 4 ·"},
	{"The mathematics, with examples: logistic regression", "04b-logistic-regression", "# 4b ·"},
	{"The mathematics, with examples: a hidden layer", "04c-backpropagation", "# 4c ·"},
	{"The heart of a framework: automatic differentiation", "04d-automatic-differentiation", "# 4d ·"},
	{"A project with complete code: from the raw file to the test", "05-project-practice", "# 5 ·"},
	{"A project with complete code: saved, loaded and served", "05b-production", "# 5b ·"},
	{"The project in a framework", "05b-production", "## The same project in a framework"},
	{"Application: image classification", "06a-image-classification", "# 6a ·"},
	{"Application: image classification by convolutions", "06a2-convolutional-networks", "# 6a2 ·"},
	{"Application: object detection", "06b-object-detection", "# 6b ·"},
	{"Application: object detection, and how good it is", "06b2-detection-quality", "# 6b2 ·"},
	{"Application: language", "06c-text-classification", "# 6c ·"},
	{"Application: language, by embeddings", "06c2-embeddings", "# 6c2 ·"},
	{"Application: language, by counting what comes next", "06c3-why-order-matters", "# 6c3 ·"},
	{"Application: language, by recurrent networks", "06d-recurrent-networks", "# 6d ·"},
	{"Application: language, by attention", "06e-attention-and-a-small-gpt", "# 6e ·"},
	{"Tools and resources", "07-tools-and-resources", "# 7 ·"},
	{"Tools and resources: one task in six frameworks", "07b-one-task-all-frameworks", "# 7b ·"},
	{"Summary and trends", "08-summary-and-trends", "# 8 ·"},
	{"Trends and challenges", "08b-efficiency", "# 8b ·"},
	{"Trends: pretraining and adaptation", "08c-pretraining-and-adaptation", "# 8c ·"},
	{"Appendix: questions and answers", "09-faq", "# 9 ·"},
}

// notebook is the part of the format that these tests read.
type notebook struct {
	Cells []struct {
		Type    string   `json:"cell_type"`
		Source  []string `json:"source"`
		Outputs []struct {
			Data map[string]json.RawMessage `json:"data"`
		} `json:"outputs"`
	} `json:"cells"`
}

func read(t *testing.T, name string) notebook {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("../../notebooks", name+".ipynb"))
	if err != nil {
		t.Fatal(err)
	}
	var nb notebook
	if err := json.Unmarshal(data, &nb); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return nb
}

func names(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("../../notebooks/*.ipynb")
	if err != nil || len(files) == 0 {
		t.Fatal("no notebooks", err)
	}
	for i, f := range files {
		files[i] = strings.TrimSuffix(filepath.Base(f), ".ipynb")
	}
	return files
}

// prose returns the text of all Markdown cells.
func (nb notebook) prose() string {
	var b strings.Builder
	for _, c := range nb.Cells {
		if c.Type == "markdown" {
			b.WriteString(strings.Join(c.Source, ""))
			b.WriteString("\n\n")
		}
	}
	return b.String()
}

// find returns the number of the cell that has the heading of a section, from
// 1, and how many cells of code and charts follow until the next heading of the
// same rank or higher.
func (nb notebook) find(number string) (cell, code, charts int) {
	heading := regexp.MustCompile(`(?m)^(#+) ` + regexp.QuoteMeta(number) + `[ :]`)
	rank := 0
	next := regexp.MustCompile(`(?m)^#+ `)
	for i, c := range nb.Cells {
		text := strings.Join(c.Source, "")
		switch {
		case c.Type == "markdown" && cell == 0:
			if m := heading.FindStringSubmatch(text); m != nil {
				cell, rank = i+1, len(m[1])
			}
		case c.Type == "markdown":
			for _, h := range next.FindAllString(text, -1) {
				if len(h)-1 <= rank {
					return cell, code, charts
				}
			}
		case cell > 0:
			code++
			for _, o := range c.Outputs {
				if _, ok := o.Data["image/png"]; ok {
					charts++
				}
			}
		}
	}
	return cell, code, charts
}

func TestEverySectionOfTheArticleIsCovered(t *testing.T) {
	var b strings.Builder
	b.WriteString("# From the article's sections to the course\n\n" +
		"Written by `go test ./internal/course -update`, and checked by the same test.\n\n" +
		"| section | what it is about | notebook | cell | cells of code | charts |\n|---|---|---|---|---|---|\n")
	notebooks := map[string]notebook{}
	for _, s := range sections {
		nb, ok := notebooks[s.notebook]
		if !ok {
			nb = read(t, s.notebook)
			notebooks[s.notebook] = nb
		}
		cell, code, charts := nb.find(s.number)
		if cell == 0 {
			t.Errorf("%s has no heading for section %s", s.notebook, s.number)
			continue
		}
		fmt.Fprintf(&b, "| %s | %s | [%s](../notebooks/%s.ipynb) | %d | %d | %d |\n",
			s.number, s.title, s.notebook, s.notebook, cell, code, charts)
	}
	b.WriteString("\n## What section 1.3 promises\n\n| promise | notebook |\n|---|---|\n")
	for _, p := range promises {
		nb := read(t, p.notebook)
		if !strings.Contains(nb.prose(), p.needs) {
			t.Errorf("%s does not have %q", p.notebook, p.needs)
		}
		fmt.Fprintf(&b, "| %s | [%s](../notebooks/%s.ipynb) |\n", p.what, p.notebook, p.notebook)
	}
	const file = "../../docs/sections.md"
	if *update {
		if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if string(have) != b.String() {
		t.Errorf("docs/sections.md is not up to date: run go test ./internal/course -update")
	}
}

// TestPromises checks what every notebook has.
func TestPromises(t *testing.T) {
	for _, name := range names(t) {
		text := read(t, name).prose()
		for _, want := range []string{
			"After this notebook you can", "You need", "What you should see", "<details>", "## Exercises",
		} {
			if !strings.Contains(text, want) {
				t.Errorf("%s does not have %q", name, want)
			}
		}
		if !strings.HasPrefix(name, "00") && !strings.Contains(text, "(00-start-here.ipynb)") {
			t.Errorf("%s does not link back to the start", name)
		}
	}
}

// TestShownSourceIsInItsFile: a block of code that begins with the name of a
// file shows lines of that file, and not what they were once.
func TestShownSourceIsInItsFile(t *testing.T) {
	block := regexp.MustCompile("(?s)```\\w+\n(?://|#) (examples/\\w+/\\w+\\.(?:go|py))\n(.*?\n)```")
	shown := 0
	for _, name := range names(t) {
		for _, m := range block.FindAllStringSubmatch(read(t, name).prose(), -1) {
			shown++
			source, err := os.ReadFile(filepath.Join("../..", m[1]))
			if err != nil {
				t.Error(err)
			} else if !strings.Contains(string(source), m[2]) {
				t.Errorf("%s shows what is not in %s (any more):\n%s", name, m[1], m[2])
			}
		}
	}
	if shown == 0 {
		t.Error("no notebook shows a file's source")
	}
}

// TestTheMapIsComplete: the first notebook names all others.
func TestTheMapIsComplete(t *testing.T) {
	text := read(t, "00-start-here").prose()
	for _, name := range names(t) {
		if name != "00-start-here" && !strings.Contains(text, "("+name+".ipynb)") {
			t.Errorf("the map in 00-start-here does not link to %s", name)
		}
	}
}
