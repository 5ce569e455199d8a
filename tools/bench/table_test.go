package main

import (
	"slices"
	"strings"
	"testing"
)

func TestSeconds(t *testing.T) {
	for v, want := range map[float64]string{
		12.34: "12.3 s", 1: "1.00 s", 0.9996: "1000 ms", 0.25: "250 ms", 2.5e-3: "2.50 ms", 99.96e-6: "100 µs", 42e-9: "42.0 ns",
	} {
		if got := seconds(v); got != want {
			t.Errorf("%g is written %q, want %q", v, got, want)
		}
	}
}

func TestComparison(t *testing.T) {
	r := result{
		contest: contest{work: "a product", precision: "float64"},
		rival:   rival{name: "OpenBLAS", bar: 1},
		threads: 2, variant: "Haswell",
		mine: []float64{1e-3, 1e-3, 1e-3}, peer: []float64{2e-3, 3e-3, 4e-3},
	}
	slow := r
	slow.rival.bar, slow.variant, slow.before = 3.5, "", []float64{5e-3}
	want := `| work | precision | threads | Descent | peer |  | times faster | aim | before |
|---|---|---|---|---|---|---|---|---|
| a product | float64 | 2 | 1.00 ms | OpenBLAS (Haswell) | 3.00 ms | 3.00 (2.50–3.50) | 1 ✓ |  |
| a product | float64 | 2 | 1.00 ms | OpenBLAS | 3.00 ms | 3.00 (2.50–3.50) | 3.5 – | 5.00 ms |
`
	if got := comparison([]result{r, slow}); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

func TestChoose(t *testing.T) {
	all, err := choose("")
	if err != nil || len(all) != len(rows) {
		t.Errorf("without names there are %d rows, %v", len(all), err)
	}
	two, err := choose("sgd,gd")
	if err != nil || len(two) != 2 || two[0].name != "sgd" || two[1].name != "gd" {
		t.Errorf("got %v, %v", two, err)
	}
	if _, err := choose("gd,sdg"); err == nil || !strings.Contains(err.Error(), `"sdg"`) {
		t.Errorf("a wrong name gives %v", err)
	}
}

func TestEnvironment(t *testing.T) {
	env := []string{"HOME=/h", "OPENBLAS_CORETYPE=Zen", "GOMAXPROCS=8"}
	got := environment(env, []string{"GOMAXPROCS=1", "OPENBLAS_CORETYPE"})
	if !slices.Equal(got, []string{"HOME=/h", "GOMAXPROCS=1"}) {
		t.Errorf("got %q", got)
	}
}

func TestCounts(t *testing.T) {
	if got, err := counts("1,4"); err != nil || !slices.Equal(got, []int{1, 4}) {
		t.Errorf("got %v, %v", got, err)
	}
	for _, bad := range []string{"0", "two", "1,,2"} {
		if _, err := counts(bad); err == nil {
			t.Errorf("%q is accepted", bad)
		}
	}
}
