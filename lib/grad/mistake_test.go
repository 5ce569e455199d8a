package grad_test

import (
	"fmt"
	"math"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/lib/grad"
	"github.com/descent-go/descent/lib/model"
)

// TestMistakes panic with the operation, what does not fit, and this file.
func TestMistakes(t *testing.T) {
	for want, f := range map[string]func(g *grad.Graph){
		"MatMul at mistake_test.go:LINE: (32, 784) × (128, 10): the inner lengths 784 and 128 differ": func(g *grad.Graph) {
			g.Var(make([]float64, 32*784), 32, 784).MatMul(g.Var(make([]float64, 1280), 128, 10))
		},
		"Add at": func(g *grad.Graph) { g.Var([]float64{1, 2}).Add(g.Var([]float64{1, 2, 3})) },
		"(2) and (3) cannot be broadcast: from the last axis on, lengths must be equal or 1": func(g *grad.Graph) {
			g.Var([]float64{1, 2}).Mul(g.Var([]float64{1, 2, 3}))
		},
		"MatMul at mistake_test.go:LINE: (2) × (): a single number is no matrix":                                func(g *grad.Graph) { g.Var([]float64{1, 2}).MatMul(g.Scalar(1)) },
		"the axes before the last two cannot be broadcast":                                                      func(g *grad.Graph) { zeros(g, 2, 2, 2).MatMul(zeros(g, 3, 2, 2)) },
		"Var at mistake_test.go:LINE: 3 values do not fill the shape (2, 2)":                                    func(g *grad.Graph) { g.Var([]float64{1, 2, 3}, 2, 2) },
		"6 numbers, (2, 3), do not fill the shape (4, 1)":                                                       func(g *grad.Graph) { zeros(g, 2, 3).Reshape(4, -1) },
		"want lengths, and −1 once at most":                                                                     func(g *grad.Graph) { zeros(g, 2, 3).Reshape(-1, -1) },
		"0 to 4 is not within axis 1 of (2, 3)":                                                                 func(g *grad.Graph) { zeros(g, 2, 3).Slice(1, 0, 4) },
		"has no axis 2":                                                                                         func(g *grad.Graph) { zeros(g, 2, 3).Sum(2) },
		"axis -1 is given twice":                                                                                func(g *grad.Graph) { zeros(g, 2, 3).Sum(1, -1) },
		"Max at mistake_test.go:LINE: Const(0, 3) of mistake_test.go:LINE has no element to choose from":        func(g *grad.Graph) { zeros(g, 0, 3).Max(0) },
		"Concat at mistake_test.go:LINE: operand 1 is (2, 2), the first (3, 3): all axes but 0 must be equal":   func(g *grad.Graph) { grad.Concat(0, zeros(g, 3, 3), zeros(g, 2, 2)) },
		"Stack at mistake_test.go:LINE: operand 1 is Const(2)":                                                  func(g *grad.Graph) { grad.Stack(0, zeros(g, 3), zeros(g, 2)) },
		"(2) cannot be repeated to fill (3)":                                                                    func(g *grad.Graph) { zeros(g, 2).Broadcast(3) },
		"want the lower one first":                                                                              func(g *grad.Graph) { zeros(g, 2).Clip(1, 0) },
		"want 0 ≤ rate < 1":                                                                                     func(g *grad.Graph) { zeros(g, 2).Dropout(1) },
		"the id is 4, want a whole number from 0 to 2":                                                          func(g *grad.Graph) { zeros(g, 3, 2).Gather(g.Const([]float64{0, 4})) },
		"the id is NaN, want a whole number from 0 to 2":                                                        func(g *grad.Graph) { zeros(g, 3, 2).Gather(g.Const([]float64{math.NaN()})) },
		"the id is 0.5, want a whole number from 0 to 1":                                                        func(g *grad.Graph) { zeros(g, 1, 2).Pick(g.Const([]float64{0.5}, 1)) },
		"ids are (3) for (2, 2), want one for each row":                                                         func(g *grad.Graph) { zeros(g, 2, 2).Pick(zeros(g, 3)) },
		"Where at mistake_test.go:LINE: (2), (3) and (4) cannot be broadcast":                                   func(g *grad.Graph) { grad.Where(zeros(g, 2), zeros(g, 3), zeros(g, 4)) },
		"the images are (2, 2), want (rows, channels, height, width)":                                           func(g *grad.Graph) { zeros(g, 2, 2).MaxPool(2, 2) },
		"a window of 3×3 does not fit on images of 2×2 with padding 0":                                          func(g *grad.Graph) { zeros(g, 1, 1, 2, 2).AvgPool(3, 1) },
		"Conv2D at mistake_test.go:LINE: (1, 2, 4, 4) by filters (5, 3, 2, 2): 2 channels and 3":                func(g *grad.Graph) { zeros(g, 1, 2, 4, 4).Conv2D(zeros(g, 5, 3, 2, 2), 1, 0) },
		"is not a reduction such as Sum or Mean":                                                                func(g *grad.Graph) { zeros(g, 2).Keep() },
		"Add at mistake_test.go:LINE: an operand is nil":                                                        func(g *grad.Graph) { zeros(g, 2).Add(nil) },
		"belongs to another graph: pass its numbers on with Const, or write both in one graph":                  func(g *grad.Graph) { zeros(g, 2).Add(zeros(grad.New(), 2)) },
		"Backward at mistake_test.go:LINE: Var(2) of mistake_test.go:LINE is not a single number: end with Sum": func(g *grad.Graph) { g.Var([]float64{1, 2}).Backward() },
		"depends on no Var and no parameter":                                                                    func(g *grad.Graph) { zeros(g, 2).Sum().Backward() },
		"the graph was differentiated already: call Forward in between, or add up what":                         func(g *grad.Graph) { y := g.Var([]float64{1}).Square(); y.Backward(); y.Backward() },
		"call Backward first":                                                                                   func(g *grad.Graph) { g.Var([]float64{1}).Grad() },
		"Param at mistake_test.go:LINE: \"w\" has no initializer":                                               func(g *grad.Graph) { g.Param(model.Param{Name: "w", Shape: []int{1}}, nil) },
		"Biases at mistake_test.go:LINE: \"w\" is (3) here and was (2, 2) at mistake_test.go:LINE":              func(g *grad.Graph) { g.Weights("w", 2, 2); g.Biases("w", 3) },
		"Square at mistake_test.go:LINE: the graph is finished, because it was differentiated: write it once,": func(g *grad.Graph) {
			x := g.Var([]float64{1})
			for range 2 {
				x.Square().Backward() // a loop that grows
			}
		},
		"the momentum of \"m\" is 0, want 0 < momentum ≤ 1": func(g *grad.Graph) { g.Running("m", zeros(g, 2), zeros(g, 2), 0, 0) },
		"there are two running statistics with the name \"m\"": func(g *grad.Graph) {
			g.Running("m", zeros(g, 2), zeros(g, 2), 1, 0)
			g.Running("m", zeros(g, 2), zeros(g, 2), 1, 0)
		},
		"\"m\" is (2) and keeps (3), want one shape": func(g *grad.Graph) { g.Running("m", zeros(g, 2), zeros(g, 3), 1, 0) },
		"Item at": func(g *grad.Graph) { zeros(g, 2).Item() },
	} {
		got := anyLine.ReplaceAllString(mistake(func() { f(grad.New()) }), "mistake_test.go:LINE")
		if !strings.Contains(got, want) || !strings.HasPrefix(got, "grad: ") {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}

var anyLine = regexp.MustCompile(`mistake_test\.go:\d+`)

// TestLine is that of the caller, however deep the operation is in the package.
func TestLine(t *testing.T) {
	_, _, line, _ := runtime.Caller(0)
	got := mistake(func() { zeros(grad.New(), 2, 0).Variance(3) })
	if want := fmt.Sprintf("mistake_test.go:%d: ", line+1); !strings.Contains(got, want) {
		t.Errorf("%s, want %s", got, want)
	}
}

// mistake returns what f panics with.
func mistake(f func()) (text string) {
	defer func() { text = fmt.Sprint(recover()) }()
	f()
	return ""
}

func zeros(g *grad.Graph, shape ...int) *grad.Node {
	n := 1
	for _, d := range shape {
		n *= d
	}
	return g.Const(make([]float64, n), shape...)
}

func TestALoopThatGrows(t *testing.T) {
	got := mistake(func() {
		g := grad.New()
		for x := g.Var([]float64{1}); ; {
			x = x.Neg()
		}
	})
	if !strings.Contains(got, "the graph has 131072 operations: a loop adds to it, where it should be written once and replayed") {
		t.Error(got)
	}
}

// TestBuildErrors are returned, and name the operation and the line.
func TestBuildErrors(t *testing.T) {
	type forward = func(g *grad.Graph, x *grad.Node) *grad.Node
	var outside *grad.Node
	for want, f := range map[string]forward{
		"grad: MatMul at mistake_test.go:LINE: (2, 4) × (3, 1): the inner lengths 4 and 3 differ": func(g *grad.Graph, x *grad.Node) *grad.Node {
			return x.MatMul(g.Weights("w", 3, 1))
		},
		"returned no node":                        func(g *grad.Graph, x *grad.Node) *grad.Node { return nil },
		"for 2 rows, want the shape (2, outputs)": func(g *grad.Graph, x *grad.Node) *grad.Node { return x.Sum() },
		"Value at": func(g *grad.Graph, x *grad.Node) *grad.Node {
			if x.AddScalar(1).Value()[0] > 0 {
				return x
			}
			return x.Neg()
		},
		"in which a Var would never change: use Const, or in a model Weights": func(g *grad.Graph, x *grad.Node) *grad.Node {
			return x.Mul(g.Var([]float64{1}))
		},
		"Backward at mistake_test.go:LINE: Sum() of mistake_test.go:LINE has no numbers yet": func(g *grad.Graph, x *grad.Node) *grad.Node {
			x.Mul(g.Weights("w", 4)).Sum().Backward()
			return x
		},
		"belongs to another graph": func(g *grad.Graph, x *grad.Node) *grad.Node {
			if outside == nil {
				outside = grad.New().Scalar(2)
			}
			return x.Mul(outside)
		},
	} {
		if _, err := grad.NewModel(4, 1, f); err == nil || !strings.Contains(anyLine.ReplaceAllString(err.Error(), "mistake_test.go:LINE"), want) {
			t.Errorf("got  %v\nwant %s", err, want)
		}
	}
	for _, f := range []forward{nil} {
		if _, err := grad.NewModel(4, 1, f); err == nil {
			t.Error("no error for no forward")
		}
	}
	if _, err := grad.NewModel(0, 1, func(g *grad.Graph, x *grad.Node) *grad.Node { return x }); err == nil {
		t.Error("no error for no input")
	}
	_, err := grad.NewLoss(func(g *grad.Graph, pred, target *grad.Node) *grad.Node { return pred.Sub(target).Square().Mean() })
	if err == nil || !strings.Contains(err.Error(), "want one number for each: take the mean over axis 1, not over all") {
		t.Error(err)
	}
	_, err = grad.NewLoss(func(g *grad.Graph, pred, target *grad.Node) *grad.Node { return pred.Mul(g.Weights("w", 1)).Mean(1) })
	if err == nil || !strings.Contains(err.Error(), "\"w\" is new, and a loss has no parameters: put them into the model") {
		t.Error(err)
	}
	likelihood := must[*grad.Loss](t)(grad.NewLoss(func(g *grad.Graph, pred, target *grad.Node) *grad.Node {
		mean, scale := pred.Slice(1, 0, 1), pred.Slice(1, 1, 2) // two outputs
		return target.Sub(mean).Square().Div(scale.Exp()).Add(scale)
	}))
	if err := likelihood.CheckTarget(mat.NewDense(3, 1, nil), 2); err != nil {
		t.Error(err)
	}
	if err := likelihood.CheckTarget(mat.NewDense(3, 1, nil), 1); err == nil || !strings.Contains(err.Error(), "1 to 2 is not within axis 1 of (2, 1)") {
		t.Error(err)
	}
	if _, err := grad.NewFunction(3, func(g *grad.Graph, x *grad.Node) *grad.Node { return x.Reshape(2, 2) }); err == nil {
		t.Error("no error for a shape that does not fit")
	}
}

// TestParametersOfOtherBatches must be the same.
func TestParametersOfOtherBatches(t *testing.T) {
	m := must[*grad.Model](t)(grad.NewModel(4, 1, func(g *grad.Graph, x *grad.Node) *grad.Node {
		return x.MatMul(g.Weights("w", 4, x.Len(0)))
	}))
	got := mistake(func() {
		var y mat.Dense
		m.Predict(&y, mat.NewDense(3, 4, nil))
	})
	if !strings.Contains(got, "\"w\" is (4, 3) here and (4, 2) in the graph for another batch") {
		t.Error(got)
	}
}

func TestUnknownIDs(t *testing.T) {
	l := must[*grad.Loss](t)(grad.NewLoss(func(g *grad.Graph, pred, target *grad.Node) *grad.Node { return pred.CrossEntropy(target) }))
	labels := mat.NewDense(3, 1, []float64{0, 2, 3})
	if err := l.CheckTarget(labels, 3); err == nil || !strings.Contains(err.Error(), "the id is 3, want a whole number from 0 to 2, in row 2 of the data") {
		t.Error(err)
	}
	if err := l.CheckTarget(labels, 4); err != nil {
		t.Error(err)
	}
	m := must[*grad.Model](t)(grad.NewModel(2, 1, func(g *grad.Graph, x *grad.Node) *grad.Node {
		words := g.Weights("words", 5, 3).Gather(x.AddScalar(1)) // 0 … 3 in the data
		return words.Mean(1)
	}))
	x := mat.NewDense(3, 2, []float64{0, 1, 3, 2, 2, 4})
	err := m.CheckInput(x)
	if err == nil || !strings.Contains(err.Error(), "the id is 5, want a whole number from 0 to 4, in row 2 of the data") {
		t.Error(err)
	}
	x.Set(2, 1, 0)
	if err := m.CheckInput(x); err != nil {
		t.Error(err)
	}
	if err := m.CheckInput(mat.NewDense(3, 3, nil)); err == nil {
		t.Error("no error for three columns")
	}
}
