// Package plots draws the charts of machine learning and shows them in a notebook.
//
// A chart is made by a function that says what it shows, and shown with a sentence that says what there is to see:
//
//	c := plots.Loss("Three optimizers", plots.LossOptions{Log: true},
//		plots.Run{Name: "gradient descent", History: gd}, plots.Run{Name: "Adam", History: adam})
//	plots.Show(c, "Adam reaches in 20 epochs what gradient descent reaches in 200.")
//
// # What there is
//
//   - training: [Loss], [Gap], [Contour] with the optimizers' paths, [Live] and [ShowProgress] while it runs
//   - data and regression: [Scatter], [ScatterLine], [Residuals], [Histogram], [Lines], [Bars]
//   - classification: [DecisionBoundary], [DecisionRegions], [ROC], [PrecisionRecall], [Calibration],
//     [ConfusionMatrix]
//   - what a model has learned: [Weights], [RegularizationPath], [Images], [Heatmap]
//   - several at once: [Grid]; one after the other: [Player], [Animate]
//
// # Changing a chart
//
// A [Chart] is a [plot.Plot] of gonum with a title and a legend. What the functions here do not offer is done there:
//
//	c.Plot.Y.Max = 2
//	c.Plot.Add(plotter.NewFunction(math.Sin))
//	c.VLine(38, "early stopping").Note(40, 1.2, "here it turns").LogY().Size(800, 300)
//
// # Who can read it
//
// Colours are those of Okabe and Ito, and lines and points differ also in dashes and shapes: no chart needs colour
// vision. The white card with its margin is readable on light and dark pages. Pictures have two pixels for each CSS
// pixel. The description given to [Show] becomes the text alternative, as metadata and as text/plain. Letters are
// Latin and Greek, with super- and subscripts (θ₁, 10⁻³); the fonts have no Chinese.
//
// # What is wrong with the data
//
// Lengths that do not fit together are a programmer's mistake and panic. Data in which there is nothing to draw are
// remembered as the chart's error, [Chart.Err], which [Save] and [Chart.PNG] return and [Show] panics with. Single
// NaN and infinite values are holes in a line, and a loss that diverges leaves through the top edge, marked with a
// triangle.
//
// # Other formats
//
// [Save] writes PNG and SVG. In the cells of a notebook gonum/plot itself knows no more: for PDF, EPS or TeX from
// its own Save, import gonum.org/v1/plot/vg/vgpdf, vgeps or vgtex for what happens when they are there (import _ "…").
// A program that is built with go build has them all.
//
// # Cost
//
// Drawing a chart takes about 30 ms, and its PNG 20 to 60 kB. The same data give the same bytes.
package plots
