package golden_test

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/descent-go/descent/internal/golden"
)

// recorder is a testing.TB that remembers what a failing test would print. The
// embedded nil interface is there for its unexported method only.
type recorder struct {
	testing.TB
	errors []string
	fatal  bool
}

func (r *recorder) Helper() {}

func (r *recorder) Errorf(format string, args ...any) {
	r.errors = append(r.errors, fmt.Sprintf(format, args...))
}

// Fatalf ends its goroutine, as that of a real test does.
func (r *recorder) Fatalf(format string, args ...any) {
	r.Errorf(format, args...)
	r.fatal = true
	runtime.Goexit()
}

// record runs f as a test of its own.
func record(f func(testing.TB)) *recorder {
	r := &recorder{}
	done := make(chan struct{})
	go func() {
		defer close(done)
		f(r)
	}()
	<-done
	return r
}

var nan, inf = math.NaN(), math.Inf(1)

func TestClose(t *testing.T) {
	tests := []struct {
		name           string
		got, want, rel float64
		close          bool
	}{
		{"equal", 1.5, 1.5, 0, true},
		{"within", 1 + 0.9e-9, 1, 1e-9, true},
		{"beyond", 1 + 1.1e-9, 1, 1e-9, false},
		{"within, of a negative number", -2 - 1.9e-9, -2, 1e-9, true},
		{"beyond, of a negative number", -2 - 2.1e-9, -2, 1e-9, false},
		{"other sign", -1, 1, 1e-9, false},
		{"small numbers count as much as large ones", 2e-12, 1e-12, 1e-9, false},
		{"large numbers may differ by more", 1e12 + 100, 1e12, 1e-9, true},
		{"0 within", 0.9e-9, 0, 1e-9, true},
		{"0 beyond", 1.1e-9, 0, 1e-9, false},
		{"0 instead of a small number", 0, 1e-12, 1e-9, false},
		{"NaN for a number", nan, 1, 1e-9, false},
		{"NaN for 0", nan, 0, 1e-9, false},
		{"NaN for an infinity", nan, inf, 1e-9, false},
		{"NaN as expected", nan, nan, 0, true},
		{"a number for NaN", 1, nan, 1e-9, false},
		{"an infinity for NaN", inf, nan, 1e-9, false},
		{"an infinity as expected", inf, inf, 0, true},
		{"the other infinity", -inf, inf, 1e-9, false},
		{"a number for an infinity", math.MaxFloat64, inf, 1e-9, false},
		{"an infinity for a number", inf, 1, 1e-9, false},
	}
	for _, c := range tests {
		t.Run(c.name, func(t *testing.T) {
			r := record(func(tb testing.TB) { golden.Close(tb, "v", c.got, c.want, c.rel) })
			if failed := len(r.errors) > 0; failed == c.close {
				t.Errorf("Close(%g, %g, %g) fails: %t, want %t", c.got, c.want, c.rel, failed, !c.close)
			}
			for _, e := range r.errors {
				if !strings.HasPrefix(e, "v = ") {
					t.Errorf("the failure %q does not name the value", e)
				}
			}
		})
	}
}

func TestCloseSlice(t *testing.T) {
	tests := []struct {
		name      string
		got, want []float64
		failure   string // empty if it must pass
	}{
		{"equal", []float64{1, -2}, []float64{1, -2}, ""},
		{"both empty", nil, []float64{}, ""},
		{"within, of the largest element", []float64{1e-10, 1}, []float64{0, 1}, ""},
		{"beyond, of the largest element", []float64{2e-9, 1}, []float64{0, 1}, "v[0] = "},
		{"the largest element is negative", []float64{0.9e-6, -1000}, []float64{0, -1000}, ""},
		{"second element", []float64{1, 2.1}, []float64{1, 2}, "v[1] = 2.1"},
		{"all 0 and within", []float64{0.9e-9}, []float64{0}, ""},
		{"all 0 and beyond", []float64{1.1e-9}, []float64{0}, "v[0] = "},
		{"shorter", []float64{1}, []float64{1, 2}, "length 1, want 2"},
		{"longer", []float64{1, 2}, []float64{1}, "length 2, want 1"},
		{"nothing", nil, []float64{1}, "length 0, want 1"},
		{"swapped", []float64{2, 1}, []float64{1, 2}, "v[0] = 2"},
		{"NaN for a number", []float64{1, nan}, []float64{1, 2}, "v[1] = NaN"},
		{"NaN for 0", []float64{nan}, []float64{0}, "v[0] = NaN"},
		{"an infinity for a number", []float64{inf}, []float64{1}, "v[0] = +Inf"},
		{"NaN as reference", []float64{nan, 1}, []float64{nan, 1}, "v are not finite"},
		{"an infinity as reference", []float64{7, 1}, []float64{inf, 1}, "v are not finite"},
	}
	for _, c := range tests {
		t.Run(c.name, func(t *testing.T) {
			r := record(func(tb testing.TB) { golden.CloseSlice(tb, "v", c.got, c.want, 1e-9) })
			all := strings.Join(r.errors, "\n")
			switch {
			case c.failure == "" && all != "":
				t.Errorf("fails with %q, want no failure", all)
			case c.failure != "" && !strings.Contains(all, c.failure):
				t.Errorf("fails with %q, want %q", all, c.failure)
			case len(r.errors) > 1:
				t.Errorf("%d failures for one vector, want one", len(r.errors))
			}
		})
	}
}

func TestLoad(t *testing.T) {
	path := filepath.Join(t.TempDir(), "golden.json")
	if err := os.WriteFile(path, []byte(`{"theta": [0.1, 1e-300]}`), 0o644); err != nil {
		t.Fatal(err)
	}
	got := golden.Load[map[string][]float64](t, path)
	if v := got["theta"]; len(v) != 2 || v[0] != 0.1 || v[1] != 1e-300 {
		t.Errorf("got %v", got)
	}
}

func TestLoadFails(t *testing.T) {
	dir := t.TempDir()
	broken := filepath.Join(dir, "broken.json")
	if err := os.WriteFile(broken, []byte(`{"theta": [1,`), 0o644); err != nil {
		t.Fatal(err)
	}
	for name, path := range map[string]string{"missing": filepath.Join(dir, "none.json"), "broken": broken} {
		t.Run(name, func(t *testing.T) {
			r := record(func(tb testing.TB) { golden.Load[map[string][]float64](tb, path) })
			if !r.fatal || len(r.errors) != 1 || !strings.Contains(r.errors[0], filepath.Base(path)) {
				t.Errorf("fatal: %t with %q, want one failure that names the file", r.fatal, r.errors)
			}
		})
	}
}
