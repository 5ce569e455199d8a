package plots_test

import (
	"fmt"
	"math"
	"os"
	"path/filepath"

	"github.com/descent-go/descent/plots"
)

func ExampleShow() {
	dir, _ := os.MkdirTemp("", "charts")
	defer os.RemoveAll(dir)
	os.Chdir(dir) // charts are written here, outside a notebook

	c := plots.Lines("Two curves", "x (rad)", "y",
		plots.Curve("sine", math.Sin, 0, 6), plots.Curve("cosine", math.Cos, 0, 6))
	plots.Show(c, "The sine follows the cosine a quarter turn later.")
	// Output: two-curves.png: The sine follows the cosine a quarter turn later.
}

func ExampleSave() {
	dir, _ := os.MkdirTemp("", "charts")
	defer os.RemoveAll(dir)

	c := plots.Weights("What decides", "weight", []string{"age", "bmi"}, []float64{-0.5, 25}, true)
	err := plots.Save(c, filepath.Join(dir, "weights.svg"))
	fmt.Println(err)
	// Output: <nil>
}

func ExampleChart() {
	c := plots.Lines("Overfitting", "epoch", "loss",
		plots.Series{Name: "training", Y: []float64{4, 2, 1, 0.5}},
		plots.Series{Name: "validation", Y: []float64{4, 3, 2.9, 3.5}})
	c.VLine(3, "best").LogY().Size(800, 300)
	c.Plot.Y.Max = 10 // a *plot.Plot of gonum, to change at will
	png, err := c.PNG()
	fmt.Println(len(png) > 0, err)
	// Output: true <nil>
}

func ExampleSeries() {
	fmt.Println(plots.Lines("Nothing", "x", "y", plots.Series{Name: "s", Y: []float64{math.NaN()}}).Err())
	// Output: plots: series "s" has no finite value: there is nothing to draw
}

func ExampleSurface() {
	bowl := plots.Surface{F: func(a, b float64) float64 { return a*a + 4*b*b }, Minima: [][2]float64{{0, 0}}}
	path := plots.Path{Name: "gradient descent", Points: [][2]float64{{3, 2}, {2.4, 0.4}, {1.92, 0.08}}}
	c := plots.Contour("A bowl", "θ₁", "θ₂", bowl, path)
	fmt.Printf("%.2f to %.2f\n", c.Plot.X.Min, c.Plot.X.Max)
	// Output: -0.75 to 3.75
}
