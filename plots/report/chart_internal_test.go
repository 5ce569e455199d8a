package report

import (
	"slices"
	"testing"

	"github.com/descent-go/descent/lib/tune"
)

// The axes are those of the space; without one they follow from the values.
func TestScales(t *testing.T) {
	for _, c := range []struct {
		name   string
		values []any
		d      tune.Distribution
		log    bool
		names  []string
	}{
		{"log-uniform", []any{0.5, 0.6}, tune.LogUniform{Low: 0.1, High: 1}, true, nil},
		{"uniform", []any{0.001, 0.9}, tune.Uniform{Low: 0, High: 1}, false, nil},
		{"integers", []any{1, 1000}, tune.IntUniform{Low: 1, High: 1000}, false, nil},
		{"choice of numbers", []any{1.0}, tune.Choice{1.0, 1000.0}, true, nil},
		{"choice of names", []any{"b"}, tune.Choice{"a", "b"}, false, []string{"a", "b"}},
		{"grid", []any{1e-3, 1.0, 10.0}, nil, true, nil},
		{"narrow grid", []any{1, 2, 3}, nil, false, nil},
		{"with zero", []any{0.0, 1e-6, 1.0}, nil, false, nil},
		{"truth", []any{true, false, true}, nil, false, []string{"true", "false"}},
		{"mixed", []any{1, "many"}, nil, false, []string{"1", "many"}},
	} {
		s := newScale(c.values, c.d)
		if s.log != c.log || !slices.Equal(s.names, c.names) {
			t.Errorf("%s: %+v, want log %t and names %q", c.name, s, c.log, c.names)
		}
	}
}
