// Package plots draws the charts of machine learning, for notebooks and files.
//
// There is a function for each kind of chart. Show displays a chart, with a sentence
// that describes it:
//
//	c := plots.Loss("Three optimizers", plots.LossOptions{Log: true},
//		plots.Run{Name: "gradient descent", History: gd}, plots.Run{Name: "Adam", History: adam})
//	plots.Show(c, "Adam reaches in 20 epochs what gradient descent reaches in 200.")
//
// # Kinds of charts
//
//   - training: [Loss], [Gap], [Contour] with the optimizers' paths, [Live] and [ShowProgress] while it runs
//   - data and regression: [Scatter], [ScatterLine], [Residuals], [Histogram], [Lines], [Bars]
//   - classification: [DecisionBoundary], [DecisionRegions], [ROC], [PrecisionRecall], [Calibration],
//     [ConfusionMatrix]
//   - what a model has learned: [Weights], [RegularizationPath], [Importance], [PartialDependence], [Images], [Heatmap]
//   - a search for hyper-parameters: [Search]
//   - a computation, with the numbers that flow through it: [Graph]
//   - several at once: [Grid]; one after another: [Player], [Animate]
//
// # Changing a chart
//
// A [Chart] is a [plot.Plot] of gonum with a title and a legend. For everything that
// this package does not offer, use the Plot:
//
//	c.Plot.Y.Max = 2
//	c.Plot.Add(plotter.NewFunction(math.Sin))
//	c.VLine(38, "early stopping").Note(40, 1.2, "here it turns").LogY().Size(800, 300)
//
// # Who can read it
//
// Colours are those of Okabe and Ito, and lines and points also differ in dashes and
// shapes, so that no chart requires colour vision. The white background is readable
// on light and dark pages, and an SVG becomes dark on dark ones. Images have two pixels
// for each CSS pixel. The description given to [Show] becomes the text alternative, as
// metadata and as text/plain. The fonts have Latin and Greek letters with super- and
// subscripts (θ₁, 10⁻³), but no Chinese.
//
// # Errors
//
// Lengths that do not match cause a panic. Data that cannot be drawn become the
// chart's error, [Chart.Err], which [Save] and [Chart.PNG] return; [Show] panics with
// it. Single NaN and infinite values are gaps in a line. A loss that diverges leaves
// the chart at the top edge, marked with a triangle.
//
// # Other formats
//
// [Save] writes PNG and SVG. In a notebook, [Show] sends a PNG that carries the chart's
// SVG, as a compressed text (iTXt) with the keyword SVG, which the course's site shows
// instead. Charts with pictures, and those whose SVG is longer than 60 kB, have none.
// In an SVG words are text, in Liberation Sans or the reader's own font, and have the
// width of Liberation Sans. Programs built with go build can also write PDF, EPS and
// TeX with the Save method of gonum/plot. In a notebook, first import
// gonum.org/v1/plot/vg/vgpdf, vgeps or vgtex for its side effects (import _ "…").
//
// # Cost
//
// Drawing a chart takes about 30 ms, an SVG alone 0.3 ms. A PNG has 20 to 60 kB, an SVG
// 3 to 40 kB and packed a quarter of it. The same data give the same bytes, and an SVG
// that is the same on every machine.
package plots
