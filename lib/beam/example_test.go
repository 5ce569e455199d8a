package beam_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/descent-go/descent/lib/beam"
)

// A line through points in three files, found by two worker processes. A program calls beam.WorkerMain first.
func Example() {
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	var d beam.Data
	for i, rows := range []string{"x,y\n0,1\n1,3\n", "x,y\n2,5\n3,7\n", "x,y\n4,9\n5,11\n"} {
		name := filepath.Join(dir, fmt.Sprintf("part-%d.csv", i))
		if err := os.WriteFile(name, []byte(rows), 0o644); err != nil {
			log.Fatal(err)
		}
		d.Files = append(d.Files, name)
	}

	ctx := context.Background()
	e, err := beam.Start(beam.Settings{Workers: 2})
	if err != nil {
		log.Fatal(err)
	}
	defer e.Close()
	fit, err := e.Fit(ctx, d, beam.FitOptions{Family: beam.Gaussian})
	if err != nil {
		log.Fatal(err)
	}
	v, err := e.Evaluate(ctx, fit, d)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("y = %.6f + %.6f x, from %.0f rows, R² = %.3f\n", fit.Model.Params()[0], fit.Model.Params()[1], v.Rows, v.R2)
	// Output: y = 1.000000 + 2.000000 x, from 6 rows, R² = 1.000
}
