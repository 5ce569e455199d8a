package sketch_test

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/lib/preprocess"
	"github.com/descent-go/descent/lib/sketch"
)

// columns are normal, exponential, of few values, constant, and of both signs in many sizes.
func columns(rows int) *mat.Dense {
	r := rand.New(rand.NewPCG(1, 2))
	x := mat.NewDense(rows, 5, nil)
	for i := range rows {
		x.SetRow(i, []float64{r.NormFloat64(), r.ExpFloat64(), float64(r.IntN(5)), 3, math.Copysign(math.Exp(9*r.NormFloat64()), r.Float64()-0.5)})
	}
	return x
}

// TestQuantiles are as accurate as promised, and do not depend on the parts nor on their
// order.
func TestQuantiles(t *testing.T) {
	const rows, accuracy = 5000, 0.001
	x := columns(rows)
	whole, parts := sketches(t, accuracy, x), sketches(t, accuracy)
	for hi := rows; hi > 0; hi -= 37 {
		if err := parts.PartialFit(x.Slice(max(0, hi-37), hi, 0, 5)); err != nil {
			t.Fatal(err)
		}
	}
	for j := range 5 {
		col := mat.Col(nil, j, x)
		slices.Sort(col)
		for _, p := range []float64{0, 0.01, 0.25, 0.5, 0.75, 0.99, 1} {
			v, err := whole.At(j, p)
			again, err2 := parts.At(j, p)
			if err != nil || err2 != nil || v != again {
				t.Fatalf("column %d at %g: %v, and %v in parts; errors %v, %v", j, p, v, again, err, err2)
			}
			place := p * (rows - 1)
			low, high := col[int(math.Floor(place))], col[int(math.Ceil(place))]
			if v < low-1.001*accuracy*math.Abs(low) || v > high+1.001*accuracy*math.Abs(high) {
				t.Errorf("column %d at %g is %v, want %v to %v", j, p, v, low, high)
			}
		}
	}
}

// sketches returns sketches of the parts.
func sketches(t *testing.T, accuracy float64, parts ...mat.Matrix) *sketch.Quantiles {
	t.Helper()
	q, err := sketch.NewQuantiles(accuracy)
	for _, x := range parts {
		if err == nil {
			err = q.PartialFit(x)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	return q
}

// TestFit: a scaler from sketches is near the one from all rows.
func TestFit(t *testing.T) {
	x := columns(5000)
	want, got := preprocess.NewRobustScaler(), preprocess.NewRobustScaler()
	if err := want.Fit(x); err != nil {
		t.Fatal(err)
	}
	if err := sketches(t, 0.001, x).Fit(got); err != nil {
		t.Fatal(err)
	}
	for j := range 4 { // the last column has gaps about its median
		if math.Abs(got.Center[j]-want.Center[j]) > 0.004*want.Scale[j] || math.Abs(got.Scale[j]-want.Scale[j]) > 0.01*want.Scale[j] {
			t.Errorf("column %d: %v ± %v, want %v ± %v", j, got.Center[j], got.Scale[j], want.Center[j], want.Scale[j])
		}
	}
	if _, err := got.Transform(x); err != nil {
		t.Error(err)
	}
}

func TestErrors(t *testing.T) {
	x := columns(10)
	q := sketches(t, 0.01, x)
	bad := mat.DenseCopyOf(x)
	bad.Set(3, 2, math.NaN())
	_, low := sketch.NewQuantiles(0)
	_, none := q.At(5, 0.5)
	_, outside := q.At(0, 2)
	for part, err := range map[string]error{
		"an accuracy of 0": low, "no column 5 of 5": none, "quantile": outside,
		"row 3, column 2 is NaN":                 q.PartialFit(bad),
		"a part of 2 columns follows parts of 5": q.PartialFit(mat.NewDense(1, 2, nil)),
		"has no rows":                            q.PartialFit(new(mat.Dense)),
		"UnitVariance":                           q.Fit(&preprocess.RobustScaler{Low: 25, High: 75, UnitVariance: true, WithScaling: true}),
		"RobustScaler":                           q.Fit(&preprocess.RobustScaler{}),
	} {
		if err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("%q: error %v", part, err)
		}
	}
	if err := sketches(t, 0.01).Fit(preprocess.NewRobustScaler()); !errors.Is(err, preprocess.ErrNotFitted) {
		t.Errorf("without rows: error %v", err)
	}
}

func ExampleQuantiles() {
	q, err := sketch.NewQuantiles(0.01)
	if err != nil {
		fmt.Println(err)
		return
	}
	for part := range 10 { // 1 to 1000, a hundred at a time
		x := mat.NewDense(100, 1, nil)
		for i := range 100 {
			x.Set(i, 0, float64(100*part+i+1))
		}
		if err := q.PartialFit(x); err != nil {
			fmt.Println(err)
			return
		}
	}
	median, err := q.At(0, 0.5)
	fmt.Println(math.Abs(median-500) <= 5, err)
	// Output: true <nil>
}
