// Package datasets provides the data of the course: real data embedded in the binary,
// and generators whose true parameters are known. Package datasets/remote downloads
// larger data.
//
// # What a dataset is
//
// Learning from examples starts with a table. Its m rows are the samples, its n
// columns the features; one more column, the target, is what a model should predict.
// A [Dataset] holds the features in X (m×n), the target in Y (m×1), and a
// description: names, units, class names, source, licence and citation. Printing a
// Dataset shows all of it:
//
//	d := datasets.Iris()
//	fmt.Println(d)
//
// For classification Y holds the index of the class (0, 1, …) and Classes its names. For regression Y holds
// the value and Classes is nil.
//
// # Four kinds of data
//
// Embedded, no network needed: [Iris], [Wine], [BreastCancer], [Digits]
// (classification), [Diabetes] (regression), [DebianPackages] (texts), and
// [ArticleNumPy], the numbers that the article's Python code draws. The data are
// parsed on first use; each call returns a new copy, which the caller may change.
//
// Generated from a seed: [Article], [Plane], [Polynomial], [Sine], [Correlated]
// (regression), [Blobs], [Moons], [Circles] (classification). The true parameters are
// known, so that they can be compared with those of a model. The same seed gives the
// same data.
//
// Whole texts for language models, embedded as well: package datasets/texts, which is
// separate so that other programs do not link them.
//
// Downloaded on demand: MNIST and others, by package datasets/remote. It is a
// separate package so that programs and notebook cells without downloads do not link
// net/http.
package datasets
