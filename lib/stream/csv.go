package stream

import (
	"fmt"
	"io"
	"iter"
	"os"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/lib/preprocess"
)

// CSV names a CSV file, and says which of its columns are features and which are
// targets.
type CSV struct {
	File string
	// Open opens the text in place of File, at the beginning of each epoch: for a
	// compressed file, for example.
	Open func() (io.ReadCloser, error)
	// Format is the format of the file. Without a Comma it is that of
	// preprocess.NewCSV.
	Format preprocess.CSV
	Part   int // bytes of text that are read at a time; 0 means 4 MB

	Targets  []string // the columns of Y
	Features []string // the columns of X; nil means all but those of Targets and Weights
	Weights  string   // the column of sample weights; empty for none
	// Transform turns the features into X, if it is set: a fitted TableTransformer
	// encodes categories and texts. Otherwise all features must be numbers.
	Transform *preprocess.TableTransformer
}

// Tables yields the rows of the file in order, in tables of about Part bytes of text.
// An error is yielded last; it names the file and the line. The file is open while the
// loop runs.
func (c CSV) Tables() iter.Seq2[*preprocess.Table, error] {
	return func(yield func(*preprocess.Table, error) bool) {
		format := c.Format
		if format.Comma == 0 {
			format = preprocess.NewCSV()
			format.NoHeader = c.Format.NoHeader
		}
		file, err := open(c.File, c.Open)
		if err != nil {
			yield(nil, err)
			return
		}
		defer file.Close()
		for t, err := range format.Parts(file, c.Part) {
			if err != nil {
				yield(nil, inFile(c.File, err))
				return
			}
			if !yield(t, nil) {
				return
			}
		}
	}
}

// Batches returns a source of the rows in their order, in batches of size rows. An error
// names the file and the line. A missing number is an error, unless Transform imputes
// it.
func (c CSV) Batches(size int) Source {
	parts := func(int) iter.Seq2[Batch, error] {
		return func(yield func(Batch, error) bool) {
			for t, err := range c.Tables() {
				if err == nil && t.Len() == 0 {
					continue
				}
				var b Batch
				if err == nil {
					if b, err = c.batch(t); err != nil {
						err = inFile(c.File, err)
					}
				}
				if !yield(b, err) || err != nil {
					return
				}
			}
		}
	}
	return Batches(parts, size)
}

// batch makes the matrices of a table.
func (c CSV) batch(t *preprocess.Table) (b Batch, err error) {
	if len(c.Targets) == 0 {
		return b, fmt.Errorf("CSV.Targets is not set: name the target of %q", t.Names())
	}
	if b.Y, err = t.Matrix(c.Targets...); err != nil {
		return b, err
	}
	if c.Weights != "" {
		if b.SampleWeights, err = t.Float(c.Weights); err != nil {
			return b, err
		}
	}
	if c.Transform != nil {
		b.X, err = c.Transform.Transform(t)
		return b, err
	}
	var x *mat.Dense
	if x, err = t.Matrix(c.features(t)...); err != nil {
		return b, err
	}
	b.X = x
	return b, nil
}

// features returns the names of the columns of X.
func (c CSV) features(t *preprocess.Table) (names []string) {
	if c.Features != nil {
		return c.Features
	}
	other := map[string]bool{c.Weights: true}
	for _, name := range c.Targets {
		other[name] = true
	}
	for _, name := range t.Names() {
		if !other[name] {
			names = append(names, name)
		}
	}
	return names
}

// open opens a file, or what stands for one.
func open(name string, other func() (io.ReadCloser, error)) (io.ReadCloser, error) {
	if other == nil {
		other = func() (io.ReadCloser, error) { return os.Open(name) }
	}
	file, err := other()
	if err != nil {
		return nil, fmt.Errorf("stream: %w", err)
	}
	return file, nil
}

// inFile adds the name of the file to an error.
func inFile(name string, err error) error {
	if name == "" {
		return fmt.Errorf("stream: %w", err)
	}
	return fmt.Errorf("stream: %s: %w", name, err)
}
