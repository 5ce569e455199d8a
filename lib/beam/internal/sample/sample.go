// Package sample writes example data that many workers can read.
package sample

import (
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/lib/format"
	"github.com/descent-go/descent/lib/model"
)

// Logistic writes .npy files into a folder, which it makes: rows of normal
// features, and a class drawn from a logistic regression on them in the last
// column. The same arguments give the same files. It returns their names.
func Logistic(dir string, shards, rows, cols int) ([]string, error) {
	if shards < 1 || rows < 1 || cols < 1 {
		return nil, fmt.Errorf("%d shards of %d rows and %d columns, want at least 1 each", shards, rows, cols)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	r := rand.New(rand.NewPCG(7, 7))
	weights := make([]float64, cols)
	for j := range weights {
		weights[j] = 2 * r.NormFloat64() / math.Sqrt(float64(cols))
	}
	var files []string
	for s := range shards {
		r := rand.New(rand.NewPCG(1, uint64(s)))
		x := mat.NewDense(rows, cols+1, nil)
		for i := range rows {
			row := x.RawRowView(i)
			z := 0.3
			for j, w := range weights {
				row[j] = r.NormFloat64()
				z += w * row[j]
			}
			if r.Float64() < model.Sigmoid(z) {
				row[cols] = 1
			}
		}
		name := filepath.Join(dir, fmt.Sprintf("part-%05d.npy", s))
		if err := format.WriteFile(name, func(w io.Writer) error { return format.WriteNPY(w, format.FromMatrix(x)) }); err != nil {
			return nil, err
		}
		files = append(files, name)
	}
	return files, nil
}
