package blas

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestRowKernels compares the kernels that a transformer applies to rows with their
// formulas in float64, for all lengths up to four vectors and for long rows.
func TestRowKernels(t *testing.T) {
	forEachSet(t, func(t *testing.T) {
		for _, n := range append(upTo(70), sumBlock, 2*sumBlock+5) {
			testRowKernels[float64](t, n, 0x1p-53)
			testRowKernels[float32](t, n, 0x1p-24)
		}
	})
}

func upTo(n int) []int {
	v := make([]int, n)
	for i := range v {
		v[i] = i
	}
	return v
}

func testRowKernels[T element](t *testing.T, n int, eps float64) {
	t.Helper()
	r := rand.New(rand.NewPCG(1, uint64(n)))
	row := func() []T { // with something beyond its end
		v := random[T](r, n+1)
		v[n] = 1000
		return v[:n]
	}
	check := func(what string, got []T, want func(i int) float64) {
		t.Helper()
		for i, v := range got {
			if w := want(i); !near(float64(v), w, 40*eps*(1+math.Abs(w))) {
				t.Fatalf("%T, %d elements: %s[%d] is %g, want %g", v, n, what, i, v, w)
			}
		}
		if got[:n+1][n] != 1000 {
			t.Fatalf("%s is written beyond its %d elements", what, n)
		}
	}
	total := func(what string, got, want, size float64) {
		t.Helper()
		if !near(got, want, eps*float64(n+40)*size) {
			t.Fatalf("%d elements: %s is %g, want %g", n, what, got, want)
		}
	}
	f := func(v T) float64 { return float64(v) }

	x, y, z := row(), row(), row()
	sum, squares := Squares(x, 0.25)
	wantSum, wantSquares, size := 0.0, 0.0, 0.0
	for _, v := range x {
		d := f(v) - 0.25
		wantSum, wantSquares, size = wantSum+d, wantSquares+d*d, size+math.Abs(d)
	}
	total("Σ(x − center)", sum, wantSum, size)
	total("Σ(x − center)²", squares, wantSquares, wantSquares)

	normal, out := row(), row()
	Normalize(out, normal, x, y, z, 0.5, 3)
	check("normal", normal, func(i int) float64 { return (f(x[i]) - 0.5) * 3 })
	check("scale·normal + shift", out, func(i int) float64 { return f(y[i])*(f(x[i])-0.5)*3 + f(z[i]) })

	dx, dScale, dShift := row(), row(), row()
	oldScale, oldShift := slices.Clone(dScale), slices.Clone(dShift)
	sum, cross := NormalizeGrad(dx, dScale, dShift, x, y, z)
	wantSum, wantCross, sizeSum, sizeCross := 0.0, 0.0, 0.0, 0.0
	for i := range x {
		d := f(x[i]) * f(z[i])
		wantSum, wantCross = wantSum+d, wantCross+d*f(y[i])
		sizeSum, sizeCross = sizeSum+math.Abs(d), sizeCross+math.Abs(d*f(y[i]))
	}
	total("Σ dx", sum, wantSum, sizeSum)
	total("Σ dx·normal", cross, wantCross, sizeCross)
	check("dx", dx, func(i int) float64 { return f(x[i]) * f(z[i]) })
	check("dScale", dScale, func(i int) float64 { return f(oldScale[i]) + f(x[i])*f(y[i]) })
	check("dShift", dShift, func(i int) float64 { return f(oldShift[i]) + f(x[i]) })

	old := slices.Clone(dx)
	Center(dx, y, 0.5, 0.25, 2)
	check("inverse·(dx − mean − cross·normal)", dx, func(i int) float64 { return 2 * (f(old[i]) - 0.5 - 0.25*f(y[i])) })

	a, b := row(), row()
	oldA, oldB := slices.Clone(a), slices.Clone(b)
	Rotate(a, b, x, y)
	check("a·cos − b·sin", a, func(i int) float64 { return f(oldA[i])*f(x[i]) - f(oldB[i])*f(y[i]) })
	check("b·cos + a·sin", b, func(i int) float64 { return f(oldB[i])*f(x[i]) + f(oldA[i])*f(y[i]) })

	Sum(out, x, y)
	check("a + b", out, func(i int) float64 { return f(x[i]) + f(y[i]) })

	g := row()
	for i := range g {
		g[i] *= 9
	}
	SwiGLU(out, g, x)
	check("u·g·σ(g)", out, func(i int) float64 { return f(x[i]) * f(g[i]) * sigmoid(f(g[i])) })
	SwiGLUGrad(a, b, y, g, x)
	check("∂/∂g", a, func(i int) float64 {
		v := f(g[i])
		return f(y[i]) * f(x[i]) * sigmoid(v) * (1 + v*sigmoid(-v))
	})
	check("∂/∂u", b, func(i int) float64 { return f(y[i]) * f(g[i]) * sigmoid(f(g[i])) })
}

// TestPartsOfNormalizeGrad compares the kernels for rows and for columns with those that do
// both, bit by bit.
func TestPartsOfNormalizeGrad(t *testing.T) {
	forEachSet(t, func(t *testing.T) {
		for _, n := range append(upTo(70), 131, sumBlock, 2*sumBlock+5) {
			testPartsOfNormalizeGrad[float64](t, n)
			testPartsOfNormalizeGrad[float32](t, n)
		}
	})
}

func testPartsOfNormalizeGrad[T element](t *testing.T, n int) {
	t.Helper()
	if !DividesNormalizeGrad[T]() {
		t.Skip("no kernels")
	}
	const rows = 5
	r := rand.New(rand.NewPCG(1, uint64(n)))
	dy, normal, scale := random[T](r, rows*n), random[T](r, rows*n), random[T](r, n)
	if n > 3 {
		dy[r.IntN(n)], normal[n+r.IntN(n)], scale[r.IntN(n)] = T(math.NaN()), T(math.Inf(1)), 0
	}
	same := func(what string, got, want []T) {
		t.Helper()
		for i, v := range got {
			if w := want[i]; math.Float64bits(float64(v)) != math.Float64bits(float64(w)) && !(v != v && w != w) {
				t.Fatalf("%T, %d columns: %s[%d] is %g, want %g", v, n, what, i, v, w)
			}
		}
	}
	dScale, dShift := random[T](r, n), random[T](r, n)
	wantScale, wantShift := slices.Clone(dScale), slices.Clone(dShift)
	for i := range rows {
		d, v, dx := dy[i*n:(i+1)*n], normal[i*n:(i+1)*n], make([]T, n)
		wantSum, wantCross := NormalizeGrad(dx, wantScale, wantShift, d, v, scale)
		sum, cross := NormalSums(d, v, scale)
		same("Σ dx and Σ dx·normal", []T{T(sum), T(cross)}, []T{T(wantSum), T(wantCross)})
		Center(dx, v, 0.25, 0.5, 3)
		got := random[T](r, n+1)
		beyond := got[n]
		CenterScaled(got[:n], d, v, scale, 0.25, 0.5, 3)
		same("dx", got, append(dx, beyond))
	}
	half := n / 2
	if n > 64 {
		half = 64
	}
	if n > 0 {
		NormalColumns(dScale[:half], dShift[:half], dy, normal, n, rows)
		NormalColumns(dScale[half:], dShift[half:], dy[half:], normal[half:], n, rows)
	}
	same("dScale", dScale, wantScale)
	same("dShift", dShift, wantShift)
}

func TestRowKernelsPanic(t *testing.T) {
	two, three := make([]float64, 2), make([]float64, 3)
	for name, f := range map[string]func(){
		"Normalize":     func() { Normalize(two, two, two, three, two, 0, 1) },
		"NormalizeGrad": func() { NormalizeGrad(two, two, two, two, three, two) },
		"Center":        func() { Center(two, three, 0, 0, 1) },
		"NormalSums":    func() { NormalSums(two, three, two) },
		"CenterScaled":  func() { CenterScaled(two, two, three, two, 0, 0, 1) },
		"NormalColumns": func() { NormalColumns(two, two, three, two, 1, 2) },
		"Rotate":        func() { Rotate(two, two, two, three) },
		"Sum":           func() { Sum(two, three, two) },
		"SwiGLU":        func() { SwiGLU(two, two, three) },
		"SwiGLUGrad":    func() { SwiGLUGrad(two, two, two, two, three) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s accepts other lengths", name)
				}
			}()
			f()
		}()
	}
}
