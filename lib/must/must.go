// Package must stops a program at an error. It is for notebook cells, examples and
// small programs that can only stop and show the error.
//
//	history := must.Get(train.Fit(ctx, m, x, y, options))
//	must.Do(save.Model("digits", m, nil))
//
// Both functions panic with the error itself, so that a notebook cell ends with the
// error's message: what is wrong, where, and what to do. Do not use this package in
// a library, which returns errors, or in a program that others rely on, which
// handles them.
package must

// Get returns v. It panics with err unless err is nil.
func Get[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// Do panics with err unless err is nil.
func Do(err error) {
	if err != nil {
		panic(err)
	}
}
