package main

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/course/claims"
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
	counts, curve := chapter(t)
	if math.Abs(counts-counted) > 1e-9 || math.Abs(curve-trained) > 0.002 { // float16 rounds the parameters
		t.Errorf("notebook 6e has %g for counting and ends at %g; the stored parameters give %g and %g", counts, curve, counted, trained)
	}
	if n := strings.Count(out.String(), "Elizabeth could not"); n != 3 {
		t.Errorf("it wrote %d texts:\n%s", n, out.String())
	}
}

// chapter returns the loss of counting in notebook 6e, and the last of the curve that it shows.
func chapter(t *testing.T) (counting, last float64) {
	t.Helper()
	nb, err := claims.Read("../../notebooks/06e-attention-and-a-small-gpt.ipynb")
	if err != nil {
		t.Fatal(err)
	}
	numbers := regexp.MustCompile(`(?s)float64\{[^}]*[ ,]([\d.]+)\} // printed by go run ./examples/gpt\n.*counted = ([\d.]+)`)
	for _, c := range nb.Cells {
		if found := numbers.FindStringSubmatch(string(c.Source)); found != nil {
			if _, err := fmt.Sscan(found[1], &last); err != nil {
				t.Fatal(err)
			}
			if _, err := fmt.Sscan(found[2], &counting); err != nil {
				t.Fatal(err)
			}
			return counting, last
		}
	}
	t.Fatal("notebook 6e has no curve that go run ./examples/gpt printed")
	return 0, 0
}

func TestErrors(t *testing.T) {
	for _, steps := range []int{0, 50, 150} {
		if err := run(context.Background(), nil, steps, ""); err == nil || !strings.Contains(err.Error(), "multiple of 100") {
			t.Errorf("%d steps: error %v", steps, err)
		}
	}
}
