package tabular

import (
	"fmt"
	"html"
	"slices"
	"strings"
	"time"
)

// A Card is what people should know of a model before they use it: its data, scores,
// date, versions and limits. It has what the model's file has.
//
// Source: Mitchell et al., Model Cards for Model Reporting, FAT* 2019.
type Card struct {
	about    About
	task     Task
	target   string
	classes  []string
	unknown  Unknown
	adjusted string // how probabilities are calibrated
	features []Feature
}

// Card returns the model's card.
func (m *Model) Card() *Card {
	c := &Card{about: m.about.clone(), task: m.Task, target: m.Target, classes: m.Classes, unknown: m.unknown, features: m.Features()}
	if m.calibrator != nil {
		c.adjusted = string(m.calibrator.Kind)
	}
	return c
}

// A section is a heading with paragraphs, a list or a table.
type section struct {
	heading string
	lines   []string
	list    []string
	table   [][]string // the first row is the head
}

func (c *Card) title() string {
	if c.about.Title != "" {
		return c.about.Title
	}
	return "Model of " + c.target
}

// sections returns the contents, as plain text.
func (c *Card) sections() []section {
	what := fmt.Sprintf("It predicts the number %s from %d columns.", quote(c.target), c.used())
	if c.task == Classification {
		what = fmt.Sprintf("It predicts the class %s, one of %s, from %d columns.", quote(c.target), quoteAll(c.classes), c.used())
	}
	s := []section{{lines: compact(c.about.Description, what)}}

	facts := [][]string{{"fact", "value"}}
	for _, f := range [][2]string{
		{"data", c.about.Data},
		{"training rows", fmt.Sprint(c.about.Rows)},
		{"date", date(c.about.Date)},
		{"method", c.about.Method},
		{"calibration", c.adjusted},
	} {
		if f[1] != "" {
			facts = append(facts, f[:])
		}
	}
	for _, name := range sortedKeys(c.about.Versions) {
		facts = append(facts, []string{name, c.about.Versions[name]})
	}
	s = append(s, section{heading: "Facts", table: facts}, c.scores())
	if c.about.Uses != nil {
		s = append(s, section{heading: "Uses", list: c.about.Uses})
	}
	return append(s, c.limits(), c.columns())
}

// scores has a row for each metric and a column for each set of rows.
func (c *Card) scores() section {
	s := section{heading: "Scores"}
	if len(c.about.Noted) == 0 {
		s.lines = []string{"None were noted."}
		return s
	}
	head, rows := []string{"metric"}, map[string][]string{}
	var names []string
	for k, n := range c.about.Noted {
		head = append(head, n.On)
		for _, score := range n.Scores {
			if rows[score.Name] == nil {
				names = append(names, score.Name)
				rows[score.Name] = append([]string{score.Name}, slices.Repeat([]string{"–"}, len(c.about.Noted))...)
			}
			if score.Value == score.Value {
				rows[score.Name][k+1] = fmt.Sprintf("%.4g", score.Value)
			}
		}
	}
	s.table = [][]string{head}
	for _, name := range names {
		s.table = append(s.table, rows[name])
	}
	return s
}

func (c *Card) limits() section {
	list := slices.Clone(c.about.Limits)
	list = append(list, "It knows the training rows only: numbers outside of the ranges below, and other groups of rows, were not seen.")
	if c.unknown == UnknownRefused {
		list = append(list, "A category that is not below is refused.")
	} else {
		list = append(list, "A category that is not below counts as infrequent, or as none.")
	}
	if !slices.ContainsFunc(c.about.Noted, func(n Noted) bool { return n.On != "training rows" }) {
		list = append(list, "No scores on unseen rows were noted: those on training rows are too good.")
	}
	return section{heading: "Limits", list: list}
}

func (c *Card) columns() section {
	table := [][]string{{"column", "kind", "values in the training rows", "missing"}}
	for _, f := range c.features {
		values, missing := "", fmt.Sprint(f.Missing)
		switch f.Kind {
		case Number:
			values = fmt.Sprintf("%.6g to %.6g", f.Low, f.High)
		case Category:
			values = fmt.Sprintf("%d: %s", len(f.Values), quoteSome(f.Values))
		case Ignored:
			values, missing = f.Reason, "–"
		case Text:
			values = "words"
		}
		table = append(table, []string{f.Name, string(f.Kind), values, missing})
	}
	return section{heading: "Columns", table: table}
}

func (c *Card) used() (n int) {
	for _, f := range c.features {
		if f.Kind != Ignored {
			n++
		}
	}
	return n
}

// Markdown returns the card as Markdown, with tables as GitHub has them.
func (c *Card) Markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n", markdown(c.title()))
	for _, s := range c.sections() {
		if s.heading != "" {
			fmt.Fprintf(&b, "\n## %s\n", markdown(s.heading))
		}
		for _, line := range s.lines {
			fmt.Fprintf(&b, "\n%s\n", markdown(line))
		}
		for i, item := range s.list {
			if i == 0 {
				b.WriteByte('\n')
			}
			fmt.Fprintf(&b, "- %s\n", markdown(item))
		}
		for i, row := range s.table {
			if i == 0 {
				b.WriteByte('\n')
			}
			for _, cell := range row {
				fmt.Fprintf(&b, "| %s ", markdown(cell))
			}
			b.WriteString("|\n")
			if i == 0 {
				b.WriteString(strings.Repeat("|---", len(row)) + "|\n")
			}
		}
	}
	return b.String()
}

// HTML returns the card as one HTML file that needs no other.
func (c *Card) HTML() string {
	var b strings.Builder
	title := html.EscapeString(c.title())
	fmt.Fprintf(&b, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width\">\n<title>%s</title>\n<style>%s</style>\n</head>\n<body>\n<h1>%s</h1>\n", title, cardStyle, title)
	for _, s := range c.sections() {
		if s.heading != "" {
			fmt.Fprintf(&b, "<h2>%s</h2>\n", html.EscapeString(s.heading))
		}
		for _, line := range s.lines {
			fmt.Fprintf(&b, "<p>%s</p>\n", html.EscapeString(line))
		}
		if s.list != nil {
			b.WriteString("<ul>\n")
			for _, item := range s.list {
				fmt.Fprintf(&b, "<li>%s</li>\n", html.EscapeString(item))
			}
			b.WriteString("</ul>\n")
		}
		for i, row := range s.table {
			tag := "td"
			if i == 0 {
				b.WriteString("<table>\n")
				tag = "th"
			}
			b.WriteString("<tr>")
			for _, cell := range row {
				fmt.Fprintf(&b, "<%s>%s</%s>", tag, html.EscapeString(cell), tag)
			}
			b.WriteString("</tr>\n")
			if i == len(s.table)-1 {
				b.WriteString("</table>\n")
			}
		}
	}
	b.WriteString("</body>\n</html>\n")
	return b.String()
}

const cardStyle = `body{font:16px/1.5 system-ui,sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem;color:#222;background:#fff}` +
	`table{border-collapse:collapse;display:block;overflow-x:auto}th,td{border:1px solid #ccc;padding:.25rem .6rem;text-align:left}`

// markdown returns text that Markdown shows as it is, on one line.
func markdown(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	var b strings.Builder
	for _, r := range text {
		if strings.ContainsRune("\\`*_[]<>|#~&", r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

func quote(s string) string { return "“" + s + "”" }

func quoteAll(s []string) string {
	quoted := make([]string, len(s))
	for i, v := range s {
		quoted[i] = quote(v)
	}
	return strings.Join(quoted, ", ")
}

// quoteSome quotes the first few.
func quoteSome(s []string) string {
	const few = 12
	if len(s) <= few {
		return quoteAll(s)
	}
	return quoteAll(s[:few]) + ", …"
}

func compact(s ...string) []string {
	return slices.DeleteFunc(s, func(v string) bool { return v == "" })
}

func date(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format("2006-01-02")
}
