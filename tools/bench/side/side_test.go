package side_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/descent-go/descent/lib/blas"
	"github.com/descent-go/descent/tools/bench/side"
)

// TestServe speaks to a side as make bench does: a work, what goes wrong, and
// that the side goes on after it.
func TestServe(t *testing.T) {
	runs := 0
	works := map[string]side.Work{
		"count": func(a side.Args) (side.Task, error) {
			return side.Task{Run: func() { runs++ }, Check: func() []float64 { return []float64{a.Rate} }}, nil
		},
		"fail":  func(side.Args) (side.Task, error) { return side.Task{}, errors.New("no such file") },
		"panic": func(side.Args) (side.Task, error) { panic("out of range") },
	}
	in := `{"do":"prepare","id":"a","work":"count","args":{"rate":0.5}}
{"do":"time","id":"a","times":3}
{"do":"prepare","id":"b","work":"fail"}
{"do":"prepare","id":"b","work":"panic"}
{"do":"prepare","id":"b","work":"dance"}
{"do":"forget"}
{"do":"time","id":"a","times":3}
{"do":"sing"}
`
	var out strings.Builder
	if err := side.Serve(strings.NewReader(in), &out, works); err != nil {
		t.Fatal(err)
	}
	if runs != 3 {
		t.Errorf("the work was done %d times, want 3", runs)
	}
	answers := strings.Split(out.String(), "\n")
	for i, want := range []string{`"result":[0.5]`, `"wall":`, "no such file", "out of range", "dance", "{}", "was not prepared", "sing", ""} {
		if !strings.Contains(answers[i], want) {
			t.Errorf("answer %d is %s, want %s in it", i+1, answers[i], want)
		}
	}
	if err := side.Serve(strings.NewReader("?"), &out, works); err == nil {
		t.Error("nonsense is accepted")
	}
}

// TestProduct holds the checksums of a product to the plain sums.
func TestProduct(t *testing.T) {
	a := side.Args{M: 3, K: 4, N: 2}
	var b blas.Implementation
	plain := side.Product(a, b.Dgemm).Check()
	a.Precision = "float32"
	if single := side.Product(a, b.Sgemm).Check(); single[0] != plain[0] || single[1] != plain[1] {
		t.Errorf("float32 gives %v, float64 %v, for small integers", single, plain)
	}
	x := func(i int) float64 { return float64((i*i+i/7)%7 - 3) }
	y := func(i int) float64 { return float64((i*i+i/5)%5 - 2) }
	var sum, weighted float64
	for i := range 3 {
		for j := range 2 {
			z := 0.0
			for k := range 4 {
				z += x(4*i+k) * y(2*k+j)
			}
			sum += z
			weighted += z * float64(2*i+j+1)
		}
	}
	if plain[0] != sum || plain[1] != weighted {
		t.Errorf("got %v, want %g and %g", plain, sum, weighted)
	}
}
