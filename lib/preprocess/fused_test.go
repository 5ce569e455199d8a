package preprocess_test

import (
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/lib/preprocess"
)

// The smallest value of a column becomes Low exactly, on machines that fuse as
// well: Transform must round the product as Fit does.
func TestMinimumIsLowExactly(t *testing.T) {
	const columns = 2000
	rng := rand.New(rand.NewPCG(5, 6))
	x := mat.NewDense(3, columns, nil)
	for j := range columns {
		for i := range 3 {
			x.Set(i, j, 100*rng.NormFloat64())
		}
	}
	s := preprocess.NewMinMaxScaler()
	if err := s.Fit(x); err != nil {
		t.Fatal(err)
	}
	z, err := s.Transform(x)
	if err != nil {
		t.Fatal(err)
	}
	wrong := 0
	for j := range columns {
		if min(z.At(0, j), z.At(1, j), z.At(2, j)) != 0 {
			wrong++
		}
	}
	if wrong > 0 {
		t.Errorf("the minimum is not 0 in %d of %d columns", wrong, columns)
	}
}
