// Package report writes what a search or an evaluation has found as one HTML file, with
// its charts, that needs no other file and no network.
//
//	result, err := tabular.Search(ctx, customers, method, learner, tabular.SearchOptions{})
//	err = report.Search("Customers who leave", "log loss", result, space).SaveFile("search.html")
//
//	r, err := report.Evaluation("Customers who leave", m, unseen)
//	err = r.SaveFile("evaluation.html")
//
// A [Report] takes more paragraphs, tables and charts at its end. The same data give the
// same bytes.
package report

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"html"
	"image/png"
	"io"
	"strings"

	"github.com/descent-go/descent/lib/format"
	"github.com/descent-go/descent/plots"
)

// A Report is a page of headings, paragraphs, tables and charts. An error of a part, such
// as a chart that cannot be drawn, is that of [Report.Write].
type Report struct {
	title string
	body  strings.Builder
	err   error
}

// New returns a page with a title and nothing else.
func New(title string) *Report { return &Report{title: title} }

// Heading adds a heading and returns the report, as the methods below do. Text is shown
// as it is: no part of it is taken for markup.
func (r *Report) Heading(text string) *Report { return r.add("<h2>%s</h2>\n", text) }

// Text adds a paragraph.
func (r *Report) Text(text string) *Report { return r.add("<p>%s</p>\n", text) }

// Preformatted adds lines in a font of equal width, such as a table of a String method.
func (r *Report) Preformatted(text string) *Report { return r.add("<pre>%s</pre>\n", text) }

func (r *Report) add(format, text string) *Report {
	fmt.Fprintf(&r.body, format, html.EscapeString(text))
	return r
}

// Table adds a table. A row that is shorter than the head ends with empty cells. It
// panics if one is longer.
func (r *Report) Table(head []string, rows [][]string) *Report {
	r.body.WriteString("<table>\n<tr>")
	for _, cell := range head {
		fmt.Fprintf(&r.body, "<th>%s</th>", html.EscapeString(cell))
	}
	r.body.WriteString("</tr>\n")
	for i, row := range rows {
		if len(row) > len(head) {
			panic(fmt.Sprintf("report: row %d has %d cells, the head %d", i, len(row), len(head)))
		}
		r.body.WriteString("<tr>")
		for j := range head {
			cell := ""
			if j < len(row) {
				cell = row[j]
			}
			fmt.Fprintf(&r.body, "<td>%s</td>", html.EscapeString(cell))
		}
		r.body.WriteString("</tr>\n")
	}
	r.body.WriteString("</table>\n")
	return r
}

// Chart adds a chart as an image. The description is a sentence that says what there is
// to see, for readers who cannot see the image; without it there is an error.
func (r *Report) Chart(c *plots.Chart, description string) *Report {
	data, err := c.PNG()
	if err == nil && strings.TrimSpace(description) == "" {
		err = errors.New("report: a chart has no description: say in one sentence what there is to see")
	}
	if err != nil {
		r.err = errors.Join(r.err, err)
		return r
	}
	size, err := png.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		r.err = errors.Join(r.err, err)
		return r
	}
	fmt.Fprintf(&r.body, "<p><img src=\"data:image/png;base64,%s\" width=\"%d\" height=\"%d\" alt=\"%s\"></p>\n",
		base64.StdEncoding.EncodeToString(data), size.Width/2, size.Height/2, html.EscapeString(description))
	return r
}

const style = `body{font:16px/1.5 system-ui,sans-serif;max-width:56rem;margin:2rem auto;padding:0 1rem;color:#222;background:#fff}` +
	`table{border-collapse:collapse;display:block;overflow-x:auto}th,td{border:1px solid #ccc;padding:.25rem .6rem;text-align:left}` +
	`img{max-width:100%;height:auto}pre{overflow-x:auto}`

// Write writes the page. It returns the first error of a part, and then writes nothing.
func (r *Report) Write(w io.Writer) error {
	if r.err != nil {
		return r.err
	}
	title := html.EscapeString(r.title)
	_, err := fmt.Fprintf(w, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width\">\n"+
		"<title>%s</title>\n<style>%s</style>\n</head>\n<body>\n<h1>%s</h1>\n%s</body>\n</html>\n", title, style, title, r.body.String())
	if err != nil {
		return fmt.Errorf("report: %w", err)
	}
	return nil
}

// SaveFile writes the page to a file, which it replaces atomically.
func (r *Report) SaveFile(path string) error {
	if r.err != nil {
		return r.err
	}
	return format.WriteFile(path, r.Write)
}
