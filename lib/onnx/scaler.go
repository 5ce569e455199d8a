package onnx

import (
	"fmt"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/lib/preprocess"
)

// scale adds what t does to a row of the given number of columns.
func (g *graph) scale(t preprocess.Transformer, columns int) error {
	switch t := t.(type) {
	case *preprocess.Pipeline:
		for k, step := range t.Steps {
			if err := g.scale(step, columns); err != nil {
				return fmt.Errorf("step %d: %w", k, err)
			}
		}
		return nil
	case *preprocess.StandardScaler:
		return g.standard(t, columns)
	case *preprocess.MinMaxScaler:
		return g.minMax(t, columns)
	}
	return fmt.Errorf("a %T cannot be exported: want a StandardScaler, a MinMaxScaler or a Pipeline of them", t)
}

func checkColumns(kind string, got, want int) error {
	switch {
	case got == 0:
		return fmt.Errorf("the %s has seen no data: call Fit first", kind)
	case got != want:
		return fmt.Errorf("the %s has %d columns, the model %d inputs", kind, got, want)
	}
	return nil
}

// standard is (x − μ)/σ.
func (g *graph) standard(s *preprocess.StandardScaler, columns int) error {
	if err := checkColumns("StandardScaler", len(s.Mean), columns); err != nil {
		return err
	}
	if err := s.Validate(); err != nil {
		return err
	}
	if s.WithMean {
		g.last = g.op("Sub", g.last, g.row("mean", s.Mean))
	}
	g.last = g.op("Div", g.last, g.row("scale", s.Scale))
	return nil
}

// minMax is Low + (x − min)/(max − min)·(High − Low).
func (g *graph) minMax(s *preprocess.MinMaxScaler, columns int) error {
	if err := checkColumns("MinMaxScaler", len(s.Min), columns); err != nil {
		return err
	}
	width, err := widths(s)
	if err != nil {
		return err
	}
	g.last = g.op("Sub", g.last, g.row("min", s.Min))
	g.last = g.op("Div", g.last, g.row("width", width))
	if s.Low != 0 || s.High != 1 {
		g.last = g.op("Mul", g.last, g.number("span", s.High-s.Low))
		g.last = g.op("Add", g.last, g.number("low", s.Low))
	}
	if s.Clip {
		g.last = g.op("Max", g.last, g.number("low", s.Low))
		g.last = g.op("Min", g.last, g.number("high", s.High))
	}
	return nil
}

// widths returns max − min of each column, and 1 for one that the scaler takes for
// constant: one whose maximum does not become 1.
func widths(s *preprocess.MinMaxScaler) ([]float64, error) {
	if err := s.Validate(); err != nil {
		return nil, err
	}
	unit := &preprocess.MinMaxScaler{Low: 0, High: 1, Min: s.Min, Max: s.Max}
	top, err := unit.Transform(mat.NewDense(1, len(s.Max), s.Max))
	if err != nil {
		return nil, err
	}
	width := make([]float64, len(s.Min))
	for j := range width {
		if width[j] = 1; top.At(0, j) == 1 {
			width[j] = s.Max[j] - s.Min[j]
		}
	}
	return width, nil
}
