package number

import (
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"io/fs"
	"math"
	"path/filepath"
	"strings"
	"testing"
)

func TestIsFinite(t *testing.T) {
	tests := []struct {
		v    float64
		want bool
	}{
		{0, true}, {math.Copysign(0, -1), true}, {1, true}, {-1, true},
		{math.SmallestNonzeroFloat64, true}, {math.MaxFloat64, true}, {-math.MaxFloat64, true},
		{math.Inf(1), false}, {math.Inf(-1), false}, {math.NaN(), false},
	}
	for _, test := range tests {
		if got := IsFinite(test.v); got != test.want {
			t.Errorf("IsFinite(%v) = %v", test.v, got)
		}
	}
}

func TestSign(t *testing.T) {
	for _, test := range [][2]float64{
		{3, 1}, {-0.1, -1}, {0, 0}, {math.Inf(1), 1}, {math.Inf(-1), -1}, {math.SmallestNonzeroFloat64, 1},
	} {
		if got := Sign(test[0]); got != test[1] {
			t.Errorf("Sign(%v) = %v, want %v", test[0], got, test[1])
		}
	}
	if got := Sign(math.NaN()); !math.IsNaN(got) {
		t.Errorf("Sign(NaN) = %v", got)
	}
}

// Where Go fuses, v − v of an inlined product is its rounding error: arm64 said
// that 0.1·0.3 is not finite.
func TestIsFiniteOfAProduct(t *testing.T) {
	weights, losses := []float64{0.1, 1.0 / 3, 0.7, 1e-300}, []float64{0.3, 898.66, 1.1, 0.1}
	for i, w := range weights {
		if sum := w * (losses[i] + 0.05); !IsFinite(sum) {
			t.Errorf("IsFinite(%v·%v) = false", w, losses[i]+0.05)
		}
	}
}

// No code subtracts a number from itself or divides it by itself, which is how
// one asks whether it is finite where nothing fuses.
func TestNothingIsSubtractedFromItself(t *testing.T) {
	err := filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && path != "../.." && (strings.HasPrefix(d.Name(), ".") || d.Name() == "node_modules") {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(path, ".go") {
			return nil
		}
		files := token.NewFileSet()
		file, err := parser.ParseFile(files, path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if b, ok := n.(*ast.BinaryExpr); ok && (b.Op == token.SUB || b.Op == token.QUO) && pure(b.X) && types.ExprString(b.X) == types.ExprString(b.Y) {
				t.Errorf("%v: %s: ask number.IsFinite", files.Position(b.Pos()), types.ExprString(b))
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// pure reports whether an expression calls nothing, so that it is the same twice.
func pure(e ast.Expr) bool {
	calls := false
	ast.Inspect(e, func(n ast.Node) bool {
		_, call := n.(*ast.CallExpr)
		calls = calls || call
		return !calls
	})
	return !calls
}
