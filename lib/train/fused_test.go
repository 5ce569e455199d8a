package train_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/crew"
	"github.com/descent-go/descent/internal/raced"
	"github.com/descent-go/descent/lib/loss"
	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/lib/optim"
	"github.com/descent-go/descent/lib/regularizer"
	"github.com/descent-go/descent/lib/sparse"
	"github.com/descent-go/descent/lib/train"
)

// plain hides from training all that a model could do faster.
type plain struct{ model.Model }

// A fastCase is training in which Fit may take a short cut.
type fastCase struct {
	name    string
	outputs int
	loss    loss.Loss
	target  func(r *rand.Rand) float64
}

func fastCases() []fastCase {
	number := func(r *rand.Rand) float64 { return r.NormFloat64() }
	count := func(r *rand.Rand) float64 { return float64(r.IntN(4)) }
	yesNo := func(r *rand.Rand) float64 { return float64(r.IntN(2)) }
	class := func(r *rand.Rand) float64 { return float64(r.IntN(3)) }
	return []fastCase{
		{"MSE", 1, loss.MSE{}, number},
		{"MSE of two", 2, loss.MSE{}, number},
		{"MAE", 1, loss.MAE{}, number},
		{"Huber", 1, loss.NewHuber(), number},
		{"LogCosh", 1, loss.LogCosh{}, number},
		{"Quantile", 1, loss.Quantile{Tau: 0.8}, number},
		{"Poisson", 1, loss.Poisson{Full: true}, count},
		{"BinaryCrossEntropy", 1, loss.BinaryCrossEntropy{PositiveWeight: []float64{3}}, yesNo},
		{"Focal", 1, loss.NewFocal(), yesNo},
		{"Hinge", 1, loss.Hinge{}, yesNo},
		{"SquaredHinge", 1, loss.SquaredHinge{}, yesNo},
		{"CrossEntropy", 3, loss.CrossEntropy{ClassWeight: []float64{1, 5, 0.2}, LabelSmoothing: 0.1}, class},
		{"MulticlassHinge", 3, loss.MulticlassHinge{}, class},
	}
}

// data has rows enough for several parts, a third of them 0, and is scaled so
// that columns differ.
func (c fastCase) data(rows, cols int) (x, y *mat.Dense, weights []float64) {
	r := rand.New(rand.NewPCG(5, 6))
	x = mat.NewDense(rows, cols, nil)
	targets := c.outputs
	if c.name == "CrossEntropy" || c.name == "MulticlassHinge" {
		targets = 1
	}
	y = mat.NewDense(rows, targets, nil)
	weights = make([]float64, rows)
	for i := range rows {
		row := x.RawRowView(i)
		for j := range row {
			if r.IntN(3) > 0 {
				row[j] = (r.NormFloat64() + 0.5) / float64(1+j%5)
			}
		}
		for j := range targets {
			y.Set(i, j, c.target(r))
		}
		weights[i] = max(0, r.Float64()-0.2)
	}
	return x, y, weights
}

// outcome is all that training leaves behind.
type outcome struct {
	theta                   []float64
	losses, penalties, norm []float64
}

func fitted(t *testing.T, m model.Model, x mat.Matrix, y *mat.Dense, opt train.Options) outcome {
	t.Helper()
	h, err := train.Fit(context.Background(), m, x, y, opt)
	if err != nil {
		t.Fatal(err)
	}
	return outcome{m.Params(), h.Losses(), h.Penalties(), h.GradNorms()}
}

// near compares relative to the largest element.
func near(t *testing.T, what string, got, want []float64, tolerance float64) {
	t.Helper()
	scale := 0.0
	for _, v := range want {
		scale = math.Max(scale, math.Abs(v))
	}
	for i, v := range got {
		if !(math.Abs(v-want[i]) <= tolerance*scale) {
			t.Fatalf("%s: element %d is %.17g, the plain path has %.17g", what, i, v, want[i])
		}
	}
}

func same(t *testing.T, got, want outcome, tolerance float64) {
	t.Helper()
	near(t, "θ", got.theta, want.theta, tolerance)
	near(t, "losses", got.losses, want.losses, tolerance)
	near(t, "penalties", got.penalties, want.penalties, tolerance)
	near(t, "gradient norms", got.norm, want.norm, tolerance)
}

// TestShortCutsChangeNothing compares every short cut with the plain path:
// losses with and without weights and penalties, dense, sparse and other
// matrices, all batch sizes, on one core and on several.
func TestShortCutsChangeNothing(t *testing.T) {
	const rows, cols = 1500, 100 // five blocks
	penalties := map[string]regularizer.Regularizer{"no penalty": nil, "L2": regularizer.L2{Lambda: 0.3}, "L1": regularizer.L1{Lambda: 0.01}}
	for _, c := range fastCases() {
		x, y, weights := c.data(rows, cols)
		inputs := map[string]mat.Matrix{"dense": x, "sparse": sparse.FromDense(x), "transposed": mat.DenseCopyOf(x.T()).T()}
		for kind, in := range inputs {
			for penalty, reg := range penalties {
				if kind != "dense" && penalty == "L1" || kind == "transposed" && penalty == "L2" {
					continue // as without, or as dense
				}
				for _, w := range [][]float64{nil, weights} {
					if testing.Short() && !(kind == "dense" && penalty == "L2" && w != nil) && !(kind == "sparse" && reg == nil && w == nil) {
						continue // two of twelve, for emulated processors
					}
					for _, batch := range []int{0, 1, 32, 700} {
						name := fmt.Sprintf("%s/%s/%s/weighted=%t/batch=%d", c.name, kind, penalty, w != nil, batch)
						t.Run(name, func(t *testing.T) {
							if batch == 1 {
								raced.SkipValues(t) // a row alone is not shared
							}
							opt := train.Options{Loss: c.loss, Schedule: optim.ScheduleFunc(func(step int) float64 { return 0.01 / (1 + 0.01*float64(step)) }),
								Regularizer: reg, BatchSize: batch, Epochs: 1, Seed: 9, SampleWeights: w}
							if batch == 0 {
								opt.Epochs = 20 // enough for the Gram matrix to pay
							}
							want := fitted(t, plain{model.NewLinear(cols, c.outputs)}, in, y, opt)
							var first outcome
							for _, cores := range []int{1, 2, 8} {
								before := runtime.GOMAXPROCS(cores)
								restore := crew.Fix(1) // everything is shared
								got := fitted(t, model.NewLinear(cols, c.outputs), in, y, opt)
								runtime.GOMAXPROCS(before)
								restore()
								same(t, got, want, 1e-13)
								if cores == 1 {
									first = got
								} else if !slices.Equal(got.theta, first.theta) || !slices.Equal(got.losses, first.losses) {
									t.Fatalf("%d cores give other bits than one", cores)
								}
							}
						})
					}
				}
			}
		}
	}
}

// TestLeastSquaresKeepsItsDigits trains where the sums of the short cut cancel:
// without noise, from far away, with columns far from 0 or nearly equal, and
// until nothing moves. Loss and parameters stay those of the plain path.
func TestLeastSquaresKeepsItsDigits(t *testing.T) {
	const rows, cols = 400, 3
	for _, c := range []struct {
		name   string
		change func(x, y *mat.Dense, theta []float64)
		rate   float64
		epochs int
	}{
		{"no noise", func(x, y *mat.Dense, _ []float64) {
			for i := range rows {
				y.Set(i, 0, 1+2*x.At(i, 0)-3*x.At(i, 1)+0.5*x.At(i, 2))
			}
		}, 0.1, 400},
		{"a start far away", func(x, y *mat.Dense, theta []float64) { theta[1] = 1e6 }, 0.1, 400},
		{"columns far from 0", func(x, y *mat.Dense, _ []float64) {
			for i := range rows {
				x.Set(i, 0, x.At(i, 0)+2000)
			}
		}, 2e-7, 200},
		{"columns nearly equal", func(x, y *mat.Dense, _ []float64) {
			for i := range rows {
				x.Set(i, 1, x.At(i, 0)+1e-7*x.At(i, 1))
			}
		}, 0.1, 400},
		{"huge", func(x, y *mat.Dense, _ []float64) { x.Scale(1e120, x) }, 1e-242, 50},
	} {
		t.Run(c.name, func(t *testing.T) {
			x, y, _ := fastCases()[0].data(rows, cols)
			start := make([]float64, cols+1)
			c.change(x, y, start)
			opt := train.Options{Loss: loss.MSE{}, Schedule: optim.Constant(c.rate), Epochs: c.epochs}
			fast, slow := model.NewLinear(cols, 1), model.NewLinear(cols, 1)
			copy(fast.Params(), start)
			copy(slow.Params(), start)
			got, want := fitted(t, fast, x, y, opt), fitted(t, plain{slow}, x, y, opt)
			near(t, "θ", got.theta, want.theta, 1e-11)
			for i, l := range want.losses { // each digit of each, until only rounding is left
				if math.Abs(got.losses[i]-l) > 1e-10*l+1e-24*want.losses[0] {
					t.Fatalf("epoch %d: loss %.17g, the plain path has %.17g", i+1, got.losses[i], l)
				}
			}
		})
	}
}

// TestShortCutsResume resumes in the middle of an epoch of single samples, and
// after the anchor of least squares has moved.
func TestShortCutsResume(t *testing.T) {
	x, y := line(64, 0.01, 1)
	for name, batch := range map[string]int{"samples": 1, "least squares": 0} {
		t.Run(name, func(t *testing.T) {
			opt := train.Options{Loss: loss.MSE{}, Schedule: optim.Constant(0.05), Epochs: 60, BatchSize: batch, Seed: 4}
			var saved *train.Checkpoint
			ctx, cancel := context.WithCancel(context.Background())
			watched := opt
			watched.OnEpoch = []train.Callback{func(s *train.State) error {
				if s.Epoch == 31 {
					saved = s.Checkpoint()
					cancel()
				}
				return nil
			}}
			half := model.NewLinear(2, 1)
			if h, err := train.Fit(ctx, half, x, y, watched); err != nil || h.Status != train.Interrupted {
				t.Fatal(h, err)
			}
			whole, resumed := model.NewLinear(2, 1), model.NewLinear(2, 1)
			want := fitted(t, whole, x, y, opt)
			opt.Resume = saved
			got := fitted(t, resumed, x, y, opt)
			if !slices.Equal(got.theta, want.theta) || !slices.Equal(got.losses, want.losses) {
				t.Errorf("resumed, θ is %v, without a pause %v", got.theta, want.theta)
			}
		})
	}
}

// TestSamplesEndAsOthersDo: what ends training in the middle of an epoch of
// single samples leaves the same behind as on the plain path.
func TestSamplesEndAsOthersDo(t *testing.T) {
	x, y := line(300, 0.1, 1)
	schedule := func(end func(step int) float64) optim.Schedule {
		return optim.ScheduleFunc(func(step int) float64 {
			if step > 400 {
				return end(step)
			}
			return 0.01
		})
	}
	for name, end := range map[string]func(context.CancelFunc) func(int) float64{
		"interrupted": func(cancel context.CancelFunc) func(int) float64 {
			return func(int) float64 { cancel(); return 0.01 }
		},
		"diverged":  func(context.CancelFunc) func(int) float64 { return func(int) float64 { return 1e200 } },
		"bad rates": func(context.CancelFunc) func(int) float64 { return func(int) float64 { return math.NaN() } },
	} {
		t.Run(name, func(t *testing.T) {
			run := func(wrap func(*model.Linear) model.Model) (*train.History, string, []float64) {
				ctx, cancel := context.WithCancel(context.Background())
				defer cancel()
				m := model.NewLinear(2, 1)
				h, err := train.Fit(ctx, wrap(m), x, y, train.Options{Loss: loss.MSE{}, Schedule: schedule(end(cancel)), Epochs: 3, BatchSize: 1})
				return h, fmt.Sprint(err), m.Params()
			}
			got, gotErr, theta := run(func(m *model.Linear) model.Model { return m })
			want, wantErr, plainTheta := run(func(m *model.Linear) model.Model { return plain{m} })
			near(t, "θ", theta, plainTheta, 1e-12)
			near(t, "losses", got.Losses(), want.Losses(), 1e-12)
			if got.Status != want.Status || got.Last().Step != want.Last().Step {
				t.Errorf("%s at step %d (%s), want %s at step %d (%s)", got.Status, got.Last().Step, gotErr, want.Status, want.Last().Step, wantErr)
			}
			if name == "bad rates" && gotErr != wantErr {
				t.Errorf("error %q, want %q", gotErr, wantErr)
			}
		})
	}
}
