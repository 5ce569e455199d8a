package datasets_test

import (
	"bytes"
	"errors"
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/datasets"
	"github.com/descent-go/descent/lib/preprocess"
)

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, errors.New("the disk is full") }

// What is written reads back as the same numbers and classes.
func TestWriteCSV(t *testing.T) {
	for _, d := range []*datasets.Dataset{datasets.Iris(), datasets.Wine(), datasets.Diabetes(), datasets.Moons(20, 0.1, 1)} {
		var file bytes.Buffer
		if err := d.WriteCSV(&file); err != nil {
			t.Fatal(err)
		}
		table, err := preprocess.ReadCSV(&file)
		if err != nil {
			t.Fatal(err)
		}
		x, err := table.Matrix(d.Features...)
		if err != nil || !mat.Equal(x, d.X) {
			t.Errorf("%s: other features, %v", d.Name, err)
		}
		if d.Classes == nil {
			if y, err := table.Matrix(d.Target); err != nil || !mat.Equal(y, d.Y) {
				t.Errorf("%s: another target, %v", d.Name, err)
			}
			continue
		}
		labels, _, err := table.Labels(d.Target, d.Classes...)
		if err != nil || !mat.Equal(preprocess.Targets(labels), d.Y) {
			t.Errorf("%s: other classes, %v", d.Name, err)
		}
	}
	d := datasets.Iris()
	d.X.Set(0, 1, math.NaN())
	var file bytes.Buffer
	if err := d.WriteCSV(&file); err != nil || !bytes.Contains(file.Bytes(), []byte("\n5.1,,1.4,0.2,setosa\n")) {
		t.Errorf("NaN is not an empty cell, %v", err)
	}
	if err := datasets.Digits().WriteCSV(failing{}); err == nil {
		t.Error("a full disk is no error")
	}
}
