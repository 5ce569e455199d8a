// Package must is for cells, examples and small programs that have nothing better
// to do about an error than to stop and show it.
//
//	history := must.Get(train.Fit(ctx, m, x, y, options))
//	must.Do(save.Model("digits", m, nil))
//
// An error stops the goroutine by a panic with the error itself, so that a cell
// of a notebook ends with the error's sentence: what is wrong, where, and what to
// do. A library returns errors, and a program that others rely on handles them:
// there, this package is a mistake.
package must

// Get returns v. It panics with err unless that is nil.
func Get[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// Do panics with err unless that is nil.
func Do(err error) {
	if err != nil {
		panic(err)
	}
}
