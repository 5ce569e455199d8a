package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"
)

// The label of a token is the token after it.
func TestRows(t *testing.T) {
	text := make([]int, 3*length+1)
	for i := range text {
		text[i] = i
	}
	x, y := consecutive(text)
	if n, _ := x.Dims(); n != 3 {
		t.Fatalf("%d rows, want 3", n)
	}
	check := func(x, y *mat.Dense) {
		t.Helper()
		n, _ := x.Dims()
		for i := range n {
			for k := range length {
				if y.At(i, k) != x.At(i, k)+1 || k > 0 && x.At(i, k) != x.At(i, k-1)+1 {
					t.Fatalf("row %d has input %v and label %v at %d", i, x.At(i, k), y.At(i, k), k)
				}
			}
		}
	}
	check(x, y)
	draw(x, y, text, rand.New(rand.NewPCG(1, 2)))
	check(x, y)
}

// The stored parameters are better than counting, and write.
func TestStored(t *testing.T) {
	var out strings.Builder
	if err := write(&out); err != nil {
		t.Fatal(err)
	}
	var counted, trained float64
	if _, err := fmt.Sscanf(out.String(), "n-gram %f, GPT %f bits", &counted, &trained); err != nil {
		t.Fatalf("%v: %s", err, out.String())
	}
	if !(trained < counted-0.02 && counted < 1.7) {
		t.Errorf("the GPT has %g bits per character, counting %g", trained, counted)
	}
	if n := strings.Count(out.String(), "Elizabeth could not"); n != 3 {
		t.Errorf("it wrote %d texts:\n%s", n, out.String())
	}
}

func TestErrors(t *testing.T) {
	for _, steps := range []int{0, 50, 150} {
		if err := run(context.Background(), nil, steps, ""); err == nil || !strings.Contains(err.Error(), "multiple of 100") {
			t.Errorf("%d steps: error %v", steps, err)
		}
	}
}
