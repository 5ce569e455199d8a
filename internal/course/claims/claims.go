// Package claims checks that the course keeps its word: what a notebook says
// under "What you should see" is compared with what its cells printed.
//
// Next to notebooks/NAME.ipynb is notebooks/claims/NAME.json, a list of
// claims. Each quotes the words that it holds the notebook to, names the cell
// that must bear them out by its id, picks numbers from what the cell printed
// with regular expressions, and states what must be true of them:
//
//	{"see": "id of the text", "quote": "Adam needs half the epochs",
//	 "cell": "id of the code", "let": {"adam": "Adam +(\\d+)", "sgd": "SGD +(\\d+)"},
//	 "assert": ["adam < 0.6*sgd"]}
//
// A claim that only eyes can check has "seen", the reason, in place of cell,
// let and assert.
package claims

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

// A Claim is one statement of a notebook and how it is checked.
type Claim struct {
	See    string            `json:"see"`              // the id of the Markdown cell that says it
	Quote  string            `json:"quote"`            // the words, as they stand there
	Cell   string            `json:"cell,omitempty"`   // the id of the code cell that shows it
	Let    map[string]string `json:"let,omitempty"`    // numbers: a name, and an expression with one group
	Assert []string          `json:"assert,omitempty"` // what must be true of the numbers; see Eval
	Seen   string            `json:"seen,omitempty"`   // why it cannot be asserted
}

// A Notebook is what the checks read of a notebook's file.
type Notebook struct {
	Cells []Cell `json:"cells"`
}

// A Cell is a cell of a notebook.
type Cell struct {
	ID       string   `json:"id"`
	Type     string   `json:"cell_type"`
	Source   text     `json:"source"`
	Metadata Metadata `json:"metadata"`
	Outputs  []Output `json:"outputs"`
}

// Metadata are those of a cell that the course uses.
type Metadata struct {
	Tags    []string `json:"tags"`
	Jupyter struct {
		SourceHidden bool `json:"source_hidden"`
	} `json:"jupyter"`
	Descent struct {
		Exercise string `json:"exercise"`
		Kernel   string `json:"kernel"` // why only the kernel can run it
	} `json:"descent"`
}

// An Output is one output of a cell.
type Output struct {
	Name string          `json:"name"` // of a stream
	Text text            `json:"text"`
	Data map[string]text `json:"data"`
}

// text is a string that the format may store as a list of lines, and other data as they are.
type text string

// UnmarshalJSON implements json.Unmarshaler.
func (t *text) UnmarshalJSON(data []byte) error {
	var lines []string
	var whole string
	switch {
	case json.Unmarshal(data, &lines) == nil:
		whole = strings.Join(lines, "")
	case json.Unmarshal(data, &whole) == nil:
	default:
		whole = string(data)
	}
	*t = text(whole)
	return nil
}

// Printed returns what a cell showed as text: its streams, and the text
// alternatives of its pictures.
func (c Cell) Printed() string {
	var b strings.Builder
	for _, o := range c.Outputs {
		b.WriteString(string(o.Text))
		if plain := o.Data["text/plain"]; plain != "" {
			b.WriteString(string(plain) + "\n")
		}
	}
	return b.String()
}

// Read reads a notebook.
func Read(file string) (Notebook, error) {
	var nb Notebook
	data, err := os.ReadFile(file)
	if err != nil {
		return nb, err
	}
	if err := json.Unmarshal(data, &nb); err != nil {
		return nb, fmt.Errorf("%s: %w", file, err)
	}
	return nb, nil
}

// Load reads the claims of a notebook, named with or without folder and ending,
// from folder. A notebook without a file has none.
func Load(folder, notebook string) ([]Claim, error) {
	file := filepath.Join(folder, strings.TrimSuffix(filepath.Base(notebook), ".ipynb")+".json")
	data, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var claims []Claim
	decoder := json.NewDecoder(strings.NewReader(string(data)))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&claims); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return claims, nil
}

// Check returns one message for each claim that the notebook does not bear out,
// and for each text that promises something to see and has no claim.
func Check(nb Notebook, claims []Claim) []string {
	var problems []string
	cells := map[string]Cell{}
	for _, c := range nb.Cells {
		cells[c.ID] = c
	}
	held := map[string]bool{}
	for _, c := range claims {
		held[c.See] = true
		if err := c.check(cells); err != nil {
			problems = append(problems, fmt.Sprintf("%q: %v", c.Quote, err))
		}
	}
	for _, c := range nb.Cells {
		if c.Type == "markdown" && strings.Contains(string(c.Source), "What you should see") && !held[c.ID] {
			problems = append(problems, fmt.Sprintf("cell %s says what one should see, and no claim holds it to that", c.ID))
		}
	}
	return problems
}

func (c Claim) check(cells map[string]Cell) error {
	said, ok := cells[c.See]
	if !ok {
		return fmt.Errorf("there is no cell %q", c.See)
	}
	if c.Quote == "" || !strings.Contains(string(said.Source), c.Quote) {
		return fmt.Errorf("cell %s does not say that", c.See)
	}
	if c.Seen != "" {
		if c.Cell != "" || len(c.Assert) > 0 {
			return errors.New("it is either asserted or seen")
		}
		return nil
	}
	shows, ok := cells[c.Cell]
	if !ok {
		return fmt.Errorf("there is no cell %q", c.Cell)
	}
	if len(c.Assert) == 0 {
		return errors.New("it asserts nothing")
	}
	values := map[string][]float64{}
	for name, pattern := range c.Let {
		found, err := numbers(pattern, shows.Printed())
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		values[name] = found
	}
	for _, expression := range c.Assert {
		ok, err := Eval(expression, values)
		if err != nil {
			return fmt.Errorf("%s: %w", expression, err)
		}
		if !ok {
			return fmt.Errorf("%s is false: cell %s shows %s", expression, c.Cell, show(c.Let, values))
		}
	}
	return nil
}

// numbers returns what the group of a pattern matches in a text, as numbers. The
// course writes a true minus sign and powers of ten as 2·10⁻³.
func numbers(pattern, printed string) ([]float64, error) {
	re, err := regexp.Compile(pattern)
	if err != nil {
		return nil, err
	}
	if re.NumSubexp() != 1 {
		return nil, fmt.Errorf("the expression %s has %d groups, want 1", pattern, re.NumSubexp())
	}
	var out []float64
	for _, m := range re.FindAllStringSubmatch(printed, -1) {
		v, err := strconv.ParseFloat(ascii.Replace(m[1]), 64)
		if err != nil {
			return nil, fmt.Errorf("%q is no number", m[1])
		}
		out = append(out, v)
	}
	if out == nil {
		return nil, fmt.Errorf("%s matches nothing that the cell printed", pattern)
	}
	return out, nil
}

var ascii = strings.NewReplacer("−", "-", "·10", "e", "⁻", "-", "⁰", "0", "¹", "1", "²", "2", "³", "3", "⁴", "4",
	"⁵", "5", "⁶", "6", "⁷", "7", "⁸", "8", "⁹", "9", ",", "", "_", "")

func show(names map[string]string, values map[string][]float64) string {
	var parts []string
	for name := range names {
		parts = append(parts, fmt.Sprintf("%s = %v", name, values[name]))
	}
	return strings.Join(parts, ", ")
}
