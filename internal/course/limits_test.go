package course

import (
	"encoding/json"
	"errors"
	"fmt"
	"go/format"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/descent-go/descent/internal/course/claims"
)

// pending returns the demands that a notebook does not meet yet, the lines of
// testdata/pending/NAME.txt. One that is met must be deleted, and the file with the
// last: the list only gets shorter.
func pending(t *testing.T, name string) []string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata/pending", name+".txt"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	return strings.Fields(string(data))
}

// seenAtMost is the number of claims that only eyes can check. It may be lowered.
const seenAtMost = 16

// reference are the notebooks that are no chapters: one does not go through
// them from start to end.
var reference = []string{"00-start-here", "09-faq"}

// demands returns what each notebook must be, and what is wrong with it.
func demands(name string, nb claims.Notebook, list []claims.Claim) map[string][]string {
	m, all := Count(nb), prose(nb)
	wrong := map[string][]string{}
	say := func(demand, format string, args ...any) {
		wrong[demand] = append(wrong[demand], fmt.Sprintf(format, args...))
	}
	if name != "09-faq" {
		if m.Words > MaxWords {
			say("words", "it has %d words, at most %d", m.Words, MaxWords)
		}
		if m.Code > MaxCode {
			say("cells", "it has %d code cells without exercises, at most %d", m.Code, MaxCode)
		}
		if m.Minutes > MaxMinutes {
			say("minutes", "it takes %d minutes, at most %d", m.Minutes, MaxMinutes)
		}
		if m.First < 0 || m.First > MaxLines {
			say("picture", "its first picture comes after %d visible lines of code, at most %d", m.First, MaxLines)
		}
	}
	if m.Exercises < 3 {
		say("exercises", "it has %d exercises with a check, at least 3", m.Exercises)
	}
	if !slices.Contains(reference, name) {
		if !regexp.MustCompile(`(?m)^##+ One page to review$`).MatchString(all) {
			say("review", "it has no heading One page to review")
		}
		if _, reading, _ := strings.Cut(all, "## Further reading\n"); len(external.FindAllString(reading, -1)) < 3 {
			say("reading", "it has no heading Further reading with three links at least")
		}
		for _, problem := range unasked(nb) {
			say("quiz", "%s", problem)
		}
	}
	for _, problem := range claims.Check(nb, list) {
		if strings.Contains(problem, "no claim holds it") {
			say("claims", "%s", problem)
		}
	}
	return wrong
}

// shortFunctions are functions of notebooks for which the text promises a number of lines.
var shortFunctions = []struct {
	notebook, function, promise string
	lines                       int
}{
	{"08c-pretraining-and-adaptation", "adapt", "In twenty lines", 20},
}

// A promised number of lines is kept, by code as gofmt writes it, without blank lines and comments.
func TestShortFunctions(t *testing.T) {
	for _, short := range shortFunctions {
		nb, err := claims.Read(filepath.Join("../../notebooks", short.notebook+".ipynb"))
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(prose(nb), short.promise) {
			t.Errorf("%s does not say %q", short.notebook, short.promise)
		}
		code := ""
		for _, c := range nb.Cells {
			if _, after, ok := strings.Cut(string(c.Source), "\nfunc "+short.function+"("); ok && c.Type == "code" {
				body, _, _ := strings.Cut(after, "\n}\n")
				code = "func " + short.function + "(" + body + "\n}\n"
			}
		}
		if formatted, err := format.Source([]byte(code)); err != nil || string(formatted) != code {
			t.Errorf("%s: func %s is not as gofmt writes it (%v):\n%s", short.notebook, short.function, err, code)
		}
		n := 0
		for line := range strings.Lines(code) {
			if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "//") {
				n++
			}
			if len(line) > 110 || strings.Contains(line, ";") {
				t.Errorf("%s: a line of func %s holds too much: %s", short.notebook, short.function, line)
			}
		}
		if n == 0 || n > short.lines {
			t.Errorf("%s: func %s has %d lines, want at most %d", short.notebook, short.function, n, short.lines)
		}
	}
}

func prose(nb claims.Notebook) string {
	var b strings.Builder
	for _, c := range nb.Cells {
		if c.Type == "markdown" {
			b.WriteString(string(c.Source) + "\n\n")
		}
	}
	return b.String()
}

var heading = regexp.MustCompile(`(?m)^## (.*)$`)

// unasked returns the sections that end with three code cells or more since the
// last quiz. A short section may leave its questions to the next one.
func unasked(nb claims.Notebook) []string {
	var problems []string
	section, code := "the beginning", 0
	for _, c := range nb.Cells {
		source := string(c.Source)
		switch {
		case c.Type == "code":
			if c.Metadata.Descent.Exercise == "" && !c.Metadata.Jupyter.SourceHidden {
				code++
			}
		case strings.HasPrefix(source, QuizMark):
			code = 0
		default:
			for _, h := range heading.FindAllStringSubmatch(source, -1) {
				if code >= 3 {
					problems = append(problems, fmt.Sprintf("there is no quiz at the end of %q", section))
					code = 0
				}
				section = h[1]
				if section == "Exercises" {
					return problems
				}
			}
		}
	}
	return problems
}

func each(t *testing.T, test func(name string, nb claims.Notebook, list []claims.Claim)) {
	t.Helper()
	for _, name := range names(t) {
		nb, err := claims.Read(filepath.Join("../../notebooks", name+".ipynb"))
		if err != nil {
			t.Fatal(err)
		}
		list, err := claims.Load("../../notebooks/claims", name)
		if err != nil {
			t.Fatal(err)
		}
		test(name, nb, list)
	}
}

func files(t *testing.T, pattern string) []string {
	t.Helper()
	found, err := filepath.Glob(pattern)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestDemands(t *testing.T) {
	each(t, func(name string, nb claims.Notebook, list []claims.Claim) {
		wrong := demands(name, nb, list)
		for _, demand := range slices.Sorted(maps.Keys(wrong)) {
			if !slices.Contains(pending(t, name), demand) {
				t.Errorf("%s: %s: %s", name, demand, strings.Join(wrong[demand], "; "))
			}
		}
		for _, demand := range pending(t, name) {
			if wrong[demand] == nil {
				t.Errorf("%s: %s is done: delete it from testdata/pending", name, demand)
			}
		}
	})
	all := names(t)
	for _, file := range files(t, "testdata/pending/*") {
		name := strings.TrimSuffix(filepath.Base(file), ".txt")
		if !slices.Contains(all, name) || len(pending(t, name)) == 0 {
			t.Errorf("%s is of no notebook, or empty: delete it", file)
		}
	}
}

// TestMinutesAreHonest: what the first cell says is what is computed. The last
// notebook, where one looks things up, says it of one question.
func TestMinutesAreHonest(t *testing.T) {
	each(t, func(name string, nb claims.Notebook, _ []claims.Claim) {
		if m := Count(nb); name != "09-faq" && m.Stated != m.Minutes {
			t.Errorf("%s says it takes about %d minutes, and it takes %d", name, m.Stated, m.Minutes)
		}
	})
}

// TestClaimsHold: what the notebooks say one should see is borne out by what is
// stored in them.
func TestClaimsHold(t *testing.T) {
	seen := 0
	each(t, func(name string, nb claims.Notebook, list []claims.Claim) {
		for _, problem := range claims.Check(nb, list) {
			if !strings.Contains(problem, "no claim holds it") { // TestDemands asks for these
				t.Errorf("%s: %s", name, problem)
			}
		}
		for _, c := range list {
			if c.Seen != "" {
				seen++
			}
		}
	})
	if seen > seenAtMost {
		t.Errorf("%d claims are only seen, at most %d: assert them", seen, seenAtMost)
	}
	if seen < seenAtMost && len(files(t, "testdata/pending/*")) == 0 {
		t.Errorf("only %d claims are seen and not asserted: lower seenAtMost to that", seen)
	}
	for _, file := range files(t, "../../notebooks/claims/*.json") {
		name := strings.TrimSuffix(filepath.Base(file), ".json")
		if _, err := os.Stat(filepath.Join("../../notebooks", name+".ipynb")); err != nil {
			t.Errorf("%s has claims of no notebook", file)
		}
	}
}

func TestQuizzes(t *testing.T) {
	each(t, func(name string, nb claims.Notebook, _ []claims.Claim) {
		for _, c := range nb.Cells {
			if c.Type == "markdown" && strings.HasPrefix(string(c.Source), QuizMark) {
				for _, problem := range CheckQuiz(string(c.Source)) {
					t.Errorf("%s: cell %s: %s", name, c.ID, problem)
				}
			}
		}
	})
}

var (
	external = regexp.MustCompile(`\]\(\s*<?([a-z]+:[^)\s>]+)`)
	doi      = regexp.MustCompile(`^doi\.org/10\.\d{4,9}/\S+$`)
	arxiv    = regexp.MustCompile(`^arxiv\.org/abs/(\d{4}\.\d{4,5}|[a-z-]+(\.[A-Z]{2})?/\d{7})$`)
)

// badLink returns what is wrong with the form of a link to the outside, or "".
func badLink(link string) string {
	address := strings.TrimPrefix(link, "https://")
	host, _, _ := strings.Cut(address, "/")
	switch {
	case !strings.HasPrefix(link, "https://"):
		return "it does not begin with https://"
	case !strings.Contains(host, "."):
		return "it names no host"
	case host == "dx.doi.org" || host == "doi.org" && !doi.MatchString(address):
		return "want https://doi.org/10.…/…"
	case strings.HasSuffix(host, "arxiv.org") && !arxiv.MatchString(address):
		return "want https://arxiv.org/abs/ and its number, without a version"
	}
	return ""
}

func TestLinksOut(t *testing.T) {
	each(t, func(name string, nb claims.Notebook, _ []claims.Claim) {
		for _, m := range external.FindAllStringSubmatch(prose(nb), -1) {
			if why := badLink(m[1]); why != "" {
				t.Errorf("%s links to %s: %s", name, m[1], why)
			}
		}
	})
}

func TestBadLink(t *testing.T) {
	for link, good := range map[string]bool{
		"https://doi.org/10.1038/nature14539":   true,
		"https://arxiv.org/abs/1412.6980":       true,
		"https://arxiv.org/abs/cs/9905014":      true,
		"https://d2l.ai":                        true,
		"http://d2l.ai":                         false,
		"https://doi.org/nature14539":           false,
		"https://dx.doi.org/10.1038/nature1453": false,
		"https://arxiv.org/pdf/1412.6980":       false,
		"https://arxiv.org/abs/1412.6980v9":     false,
		"https://localhost/x":                   false,
		"ftp://d2l.ai":                          false,
	} {
		if why := badLink(link); (why == "") != good {
			t.Errorf("%s: %q", link, why)
		}
	}
}

func cell(kind, source string, change ...func(c *claims.Cell)) claims.Cell {
	var c claims.Cell
	c.Type = kind
	if err := c.Source.UnmarshalJSON([]byte(fmt.Sprintf("%q", source))); err != nil {
		panic(err)
	}
	for _, f := range change {
		f(&c)
	}
	return c
}

func TestCount(t *testing.T) {
	nb := claims.Notebook{Cells: []claims.Cell{
		cell("markdown", "# One\n\nIt takes about 20 minutes."), // 7 words: # is one
		cell("code", "import (\n)", func(c *claims.Cell) { c.Metadata.Jupyter.SourceHidden = true }),
		cell("code", "a\n\nb\n%%\n"),
		cell("markdown", "[two words](https://d2l.ai/x y) <b>three</b>"), // 3
		cell("code", "c", func(c *claims.Cell) {
			if err := json.Unmarshal([]byte(`[{"data": {"image/png": "…"}}]`), &c.Outputs); err != nil {
				panic(err)
			}
		}),
		cell("code", "d\ne"),
		cell("code", "f", func(c *claims.Cell) { c.Metadata.Descent.Exercise = "ch00.Mean" }),
		cell("markdown", "<details><summary>Solution</summary>\n\nlong and folded\n\n</details>\n\nafter"), // 1
	}}
	want := Measure{Words: 11, Code: 4, Lines: 6, Exercises: 1, Minutes: 10, Stated: 20, First: 4}
	if got := Count(nb); got != want {
		t.Errorf("it counts %+v, want %+v", got, want)
	}
}

const goodQuiz = `**Quiz.** 1. Which is it?

<details><summary>A. The red one</summary>

No: it is blue there.

</details>
<details><summary>B. The blue one</summary>

Right. It falls first.

</details>
<details><summary>C. None</summary>

No: one of them falls.

</details>

2. And now?

<details><summary>A. Yes</summary>

Right. It does so.

</details>
<details><summary>B. No</summary>

No: it does it.

</details>
<details><summary>C. Never</summary>

No: it does it.

</details>
`

func TestCheckQuiz(t *testing.T) {
	if got := CheckQuiz(goodQuiz); got != nil {
		t.Errorf("a good quiz: %q", got)
	}
	if got := words(goodQuiz); got != 2+3+4+4+4+2+3+2+4+2+2 {
		t.Errorf("a quiz has %d words that a reader reads", got)
	}
	for _, c := range []struct{ old, new, want string }{
		{"Right. It falls first", "No: it falls first", "0 choices of question 1 begin with Right"},
		{"No: one of them falls", "Right, one of them falls", "2 choices of question 1"},
		{"No: one of them falls.", "", "choice C of question 1 has no reason"},
		{"2. And now", "3. And now", "question 2 has the number 3"},
		{"2. And now?", "And now?", "a quiz has 1 questions"},
		{"<summary>B. No<", "<summary>No<", "choice 2 of question 2"},
		{"<details><summary>C. Never</summary>\n\nNo: it does it.\n\n</details>", "", "question 2 has 2 choices"},
	} {
		if got := strings.Join(CheckQuiz(strings.Replace(goodQuiz, c.old, c.new, 1)), "; "); !strings.Contains(got, c.want) {
			t.Errorf("%q for %q: %q, want %q", c.new, c.old, got, c.want)
		}
	}
}

func TestUnasked(t *testing.T) {
	code, quiz := cell("code", "x"), cell("markdown", goodQuiz)
	section, end := cell("markdown", "## Two\n"), cell("markdown", "## Exercises\n")
	for _, c := range []struct {
		cells []claims.Cell
		want  int
	}{
		{[]claims.Cell{code, code, code, section, end}, 1},
		{[]claims.Cell{code, code, code, quiz, section, code, end}, 0},
		{[]claims.Cell{code, code, section, code, end}, 1},
		{[]claims.Cell{code, code, section, code, quiz, end}, 0},
		{[]claims.Cell{code, code, end, code}, 0},
	} {
		if got := unasked(claims.Notebook{Cells: c.cells}); len(got) != c.want {
			t.Errorf("%q, want %d", got, c.want)
		}
	}
}
