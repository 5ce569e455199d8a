package datasets

import (
	"fmt"
	"strconv"
	"strings"

	"gonum.org/v1/gonum/mat"
)

// A Corpus is a collection of texts with classes, for text classification.
type Corpus struct {
	Name    string
	Texts   []string   // the m texts
	IDs     []string   // the name of each text in its source; nil if they have none
	Y       *mat.Dense // m×1: the index of the class
	Classes []string
	Target  string

	Title, Source, Licence, Citation, Notes string
}

// Subset returns a copy with the given texts, in the given order. It panics if rows
// is empty or a row does not exist.
func (c *Corpus) Subset(rows []int) *Corpus {
	if len(rows) == 0 {
		panic("datasets: Subset of no rows")
	}
	s := *c
	s.Classes = append([]string(nil), c.Classes...)
	s.Texts = make([]string, len(rows))
	if c.IDs != nil {
		s.IDs = make([]string, len(rows))
	}
	s.Y = mat.NewDense(len(rows), 1, nil)
	for k, i := range rows {
		if i < 0 || i >= len(c.Texts) {
			panic(fmt.Sprintf("datasets: Subset of row %d: %s has rows 0 to %d", i, c.Name, len(c.Texts)-1))
		}
		s.Texts[k] = c.Texts[i]
		if c.IDs != nil {
			s.IDs[k] = c.IDs[i]
		}
		s.Y.Set(k, 0, c.Y.At(i, 0))
	}
	return &s
}

// Split divides the texts at random, stratified by class, as [Dataset.Split] does.
func (c *Corpus) Split(testFraction float64, seed uint64) (train, test *Corpus) {
	trainRows, testRows := splitRows(c.Labels(), len(c.Classes), len(c.Texts), testFraction, seed)
	return c.Subset(trainRows), c.Subset(testRows)
}

// Labels returns the class of each text, an index of Classes, in the form that
// metrics take.
func (c *Corpus) Labels() []int { return classIndices(c.Y, len(c.Classes)) }

// String describes the corpus as plain text, at most 100 columns wide, with the first texts.
func (c *Corpus) String() string {
	counts := make([]int, len(c.Classes))
	for _, k := range c.Labels() {
		counts[k]++
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n%s\n", c.Title, count(len(c.Texts), "text"))
	paragraph(&b, "Target:  ", c.Target)
	paragraph(&b, "Classes: ", classList(c.Classes, counts))
	paragraph(&b, "Source:  ", c.Source)
	paragraph(&b, "Licence: ", c.Licence)
	b.WriteByte('\n')
	table := [][]string{{"row", "class", "text"}}
	for i := range min(firstRows, len(c.Texts)) {
		text := clip(strings.Join(strings.Fields(c.Texts[i]), " "), 70)
		table = append(table, []string{strconv.Itoa(i), clip(c.Classes[class(c.Y, i, len(c.Classes))], 12), text})
	}
	writeTable(&b, table)
	return strings.TrimRight(b.String(), "\n")
}
