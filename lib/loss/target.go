package loss

import (
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/number"
)

// sumTolerance is how far the probabilities of a row may be from summing to 1:
// enough for float32 probabilities of many classes.
const sumTolerance = 1e-5

// checkEach reports a target of the wrong width, or the first element that ok
// objects to, with its place.
func checkEach(target *mat.Dense, outputs int, ok func(y float64) error) error {
	rows, cols := target.Dims()
	if cols != outputs {
		return fmt.Errorf("loss: the target has %d columns and the model %d outputs", cols, outputs)
	}
	for i := range rows {
		for j := range cols {
			if err := ok(target.At(i, j)); err != nil {
				return fmt.Errorf("loss: the target in row %d, column %d %w", i, j, err)
			}
		}
	}
	return nil
}

// finite is what regression asks of a target.
func finite(y float64) error {
	if !number.IsFinite(y) {
		return fmt.Errorf("is %g, want a finite number: fill the gap or drop the row", y)
	}
	return nil
}

// zeroOrOne is what a margin asks of a target.
func zeroOrOne(y float64) error {
	if y != 0 && y != 1 {
		return fmt.Errorf("is %g, want 0 or 1: recode the labels (−1 becomes 0)", y)
	}
	return nil
}

// unlabelled is the target of a sample without a label.
const unlabelled = -1

// errNoLabels is the error for targets without any label.
var errNoLabels = errors.New("loss: every target is -1, which says that there is no label: at least one must be known")

// checkNumbers reports the first target that is not the number of a class. If
// unknown is true, it accepts −1.
func checkNumbers(target *mat.Dense, classes int, unknown bool) error {
	if classes < 2 {
		return fmt.Errorf("loss: the model has %d output, and classes need one each: use a binary loss, or give the model more outputs", classes)
	}
	rows, cols := target.Dims()
	if cols != 1 {
		return fmt.Errorf("loss: the target has %d columns, want 1 with the numbers of the classes", cols)
	}
	known := false
	for i := range rows {
		y := target.At(i, 0)
		switch {
		case y == unlabelled && unknown:
		case y == unlabelled:
			return fmt.Errorf("loss: the target in row %d is %g, want the number of a class, 0 to %d: "+
				"only CrossEntropy with AllowUnlabelled, such as loss.NewTokenCrossEntropy, leaves -1 out", i, y, classes-1)
		case !(y >= 0 && y < float64(classes) && y == math.Trunc(y)):
			return fmt.Errorf("loss: the target in row %d is %g, want the number of a class, 0 to %d: recode the labels, or change the number of outputs", i, y, classes-1)
		default:
			known = true
		}
	}
	if rows > 0 && !known {
		return errNoLabels
	}
	return nil
}

// checkDistributions reports the first row that is not a distribution.
func checkDistributions(target *mat.Dense, outputs int) error {
	err := checkEach(target, outputs, func(y float64) error {
		if !(y >= 0 && y <= 1+sumTolerance) {
			return fmt.Errorf("is %g, want a probability", y)
		}
		return nil
	})
	if err != nil {
		return err
	}
	rows, _ := target.Dims()
	for i := range rows {
		sum := 0.0
		for _, y := range target.RawRowView(i) {
			sum += y
		}
		if math.Abs(sum-1) > sumTolerance {
			return fmt.Errorf("loss: the probabilities in row %d sum to %g, want 1: divide the row by its sum", i, sum)
		}
	}
	return nil
}

// checkWeights reports a weight that is negative, infinite or NaN.
func checkWeights(name string, weight []float64) error {
	for j, w := range weight {
		if !(w >= 0) || math.IsInf(w, 1) {
			return fmt.Errorf("loss: %s[%d] is %g, want a finite number ≥ 0", name, j, w)
		}
	}
	return nil
}
