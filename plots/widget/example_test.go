package widget_test

import (
	"os"

	"github.com/descent-go/descent/plots"
	"github.com/descent-go/descent/plots/widget"
)

func ExampleSlider() {
	dir, _ := os.MkdirTemp("", "charts")
	defer os.RemoveAll(dir)
	os.Chdir(dir) // charts are written here, outside a notebook

	widget.Slider("slope", -2, 2, 1, func(slope float64) *plots.Chart {
		return plots.Lines("A line", "x", "y", plots.Series{Y: []float64{0, slope}})
	}, "A straight line through 0.")
	// Output: a-line.png: A straight line through 0.
}
