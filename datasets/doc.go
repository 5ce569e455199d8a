// Package datasets gives the data that the course trains on: real data embedded in the binary, real data
// that package datasets/remote downloads, and generators with a known truth.
//
// # What a dataset is
//
// Learning from examples starts with a table. Its m rows are the samples, its n columns the features; one more
// column, the target, is what a model shall predict. A [Dataset] keeps the features in X (m×n), the target in Y
// (m×1) and, beside the numbers, what makes them meaningful: names, units, class names, where they come from,
// under which licence, and whom to cite. Printing a Dataset shows all that at a glance:
//
//	d := datasets.Iris()
//	fmt.Println(d)
//
// For classification Y holds the index of the class (0, 1, …) and Classes its names. For regression Y holds
// the value and Classes is nil.
//
// # Three kinds of data
//
// Embedded, no network needed: [Iris], [Wine], [BreastCancer], [Digits] (classification), [Diabetes]
// (regression), [DebianPackages] (texts), and [ArticleNumPy], the very numbers that the article's Python code draws.
// The data are parsed when first asked for; each call returns a fresh copy, which the caller owns and may change.
//
// Generated from a seed: [Article], [Plane], [Polynomial], [Sine], [Correlated] (regression), [Blobs], [Moons],
// [Circles] (classification). The truth behind generated data is known, so one can see whether a model finds it.
// The same seed gives the same data.
//
// Downloaded on demand: MNIST and others, by package datasets/remote. They stand apart so that a program, or a
// notebook's cell, that needs no network does not link one.
package datasets
