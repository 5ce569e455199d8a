package train

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/lib/loss"
	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/lib/objective"
)

// CheckGradient compares the gradient that m and l compute by backpropagation
// with central differences of the loss,
//
//	∂L/∂θⱼ ≈ (L(θ + hⱼeⱼ) − L(θ − hⱼeⱼ)) / 2hⱼ,   hⱼ = ∛ε · max(1, |θⱼ|)
//
// one block of parameters after another. It returns nil if both agree within
// 10⁻⁶ of the block's largest component. Otherwise it returns an error that
// names the block, its worst component and the likely cause. It costs two
// forward passes per parameter, so use a small model and a few samples. A
// kink within h of the data, such as that of ReLU at 0, can make a correct
// gradient fail.
//
// Source: Baydin et al., Automatic Differentiation in Machine Learning: a
// Survey, 2018, §2.1.
func CheckGradient(m model.Model, x mat.Matrix, y *mat.Dense, l loss.Loss) error {
	theta := m.Params()
	grad := make([]float64, len(theta))
	rows, _ := x.Dims()
	o := objective.New(m, l, Data{X: x, Y: y}, objective.Options{Plain: true})
	value := func() float64 {
		o.Seed(1, 1) // the same dropout each time
		return o.Value(0, rows)
	}
	o.Seed(1, 1)
	o.Gradient(grad, 0, rows)
	step := math.Cbrt(0x1p-52)
	for _, p := range m.Layout() {
		block := p.In(theta)
		numeric := make([]float64, len(block))
		for j, v := range block {
			h := step * math.Max(1, math.Abs(v))
			block[j] = v + h
			above := value()
			block[j] = v - h
			numeric[j] = (above - value()) / (2 * h)
			block[j] = v
		}
		if err := compareBlock(p.Name, p.In(grad), numeric); err != nil {
			return err
		}
	}
	return nil
}

func compareBlock(name string, got, want []float64) error {
	const tolerance = 1e-6
	scale, worst, worstDiff := 1.0, 0, 0.0
	for j, w := range want {
		scale = math.Max(scale, math.Abs(w))
		if d := math.Abs(got[j] - w); d > worstDiff || math.IsNaN(d) {
			worst, worstDiff = j, d
		}
	}
	if worstDiff <= tolerance*scale {
		return nil
	}
	return fmt.Errorf("train: the gradient of block %q is wrong: component %d is %.6g, central differences give %.6g: %s",
		name, worst, got[worst], want[worst], likelyCause(got, want))
}

// likelyCause fits got = c·want and reads c.
func likelyCause(got, want []float64) string {
	var gw, ww, gg float64
	for j, w := range want {
		gw += got[j] * w
		ww += w * w
		gg += got[j] * got[j]
	}
	switch {
	case math.IsNaN(gg):
		return "it has NaN in it"
	case gg == 0:
		return "no gradient reaches this block"
	case ww == 0:
		return "the loss does not depend on this block"
	}
	c := gw / ww
	residual := gg - c*gw // ‖got − c·want‖²
	switch {
	case residual > 1e-6*gg:
		return "the directions differ: a term is missing, transposed or computed from changed values"
	case math.Abs(c+1) < 1e-3:
		return "the sign is reversed"
	case len(want) == 1: // one number does not tell a factor from a missing term
		return fmt.Sprintf("it is %.4g times too large, by a wrong factor or a missing term", c)
	}
	return fmt.Sprintf("it is %.4g times too large everywhere: look for a factor such as 2 or 1/m", c)
}
