package beam

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"gonum.org/v1/gonum/floats"

	"github.com/descent-go/descent/lib/format"
	"github.com/descent-go/descent/lib/model"
)

// FitOptions are the settings of Fit.
type FitOptions struct {
	Family  Family
	Outputs int     // the number of classes of Softmax; 0 means 1 for the others
	Lambda  float64 // λ ≥ 0 of the penalty λ(ρ‖w‖₁ + ½(1−ρ)‖w‖²), intercepts excepted
	L1Ratio float64 // ρ: 0 is ridge, 1 is the lasso
	// Tolerance ends the fit when no component of the gradient, or its distance from the subgradients of the L1 term, is
	// larger; 0 means 10⁻¹⁰. It also ends when rounding keeps the gradient from getting smaller.
	Tolerance float64
	MaxPasses int // 0 means 50
	// LocalStart begins with a pass in which each shard finds its own optimum, and starts from their mean, weighted by
	// rows. That pass costs several over the rows of a shard, and saves passes of the engine where rows are spread over
	// the shards at random.
	LocalStart bool
	// Checkpoint is the path of a file, on this machine, that is replaced after each pass, and from which the fit goes on if
	// it is there. It is removed at the end. "" is none.
	Checkpoint string
}

// A Fit is the result of Engine.Fit.
type Fit struct {
	Model     *model.Linear
	Family    Family
	Objective float64 // loss plus penalty
	Gradient  float64 // its largest component
	Passes    int
}

// maxParameters is the largest number of parameters. Their Hessian has the square of it, 128 MiB, in every worker and shard.
const maxParameters = 4096

type fitSpec struct {
	Family  Family
	Outputs int
	Theta   []float64
}

var fitPass = define("fit", func(ctx context.Context, s *fitSpec, d Data, file string) (*sums, error) {
	x, y, err := d.xy(ctx, file, true)
	if err != nil {
		return nil, err
	}
	if _, n := x.Dims(); (n+1)*s.Outputs > maxParameters {
		return nil, invalid(fmt.Errorf("there are %d parameters, want at most %d: Newton's method needs a matrix of the square of that", (n+1)*s.Outputs, maxParameters))
	}
	return s.Family.sum(x, y, s.Outputs, s.Theta)
}, func(a, b *sums) error { return a.merge(b) })

type localSpec struct {
	Fit           fitSpec
	Lambda, Ratio float64
}

// A localPart is the sum of the optima of shards, each times its number of rows. A shard without an optimum is left out.
type localPart struct {
	Rows  float64
	Theta []float64
}

var localPass = define("local", func(ctx context.Context, s *localSpec, d Data, file string) (*localPart, error) {
	x, y, err := d.xy(ctx, file, true)
	if err != nil {
		return nil, err
	}
	m := newton{
		penalty: penalty{s.Lambda, s.Ratio}, family: s.Fit.Family, tolerance: 1e-6, passes: 25,
		evaluate: func(_ context.Context, theta []float64) (*sums, error) {
			return s.Fit.Family.sum(x, y, s.Fit.Outputs, theta)
		},
	}
	at, _, err := m.run(ctx, nil)
	if fault(err) {
		return nil, err
	}
	if err != nil {
		return &localPart{}, nil // the mean of the others will do
	}
	rows, _ := x.Dims()
	floats.Scale(float64(rows), at.theta)
	return &localPart{float64(rows), at.theta}, nil
}, func(a, b *localPart) error {
	switch {
	case b.Theta == nil:
	case a.Theta == nil:
		*a = *b
	case len(a.Theta) != len(b.Theta):
		return invalid(errors.New("shards have different numbers of columns"))
	default:
		a.Rows += b.Rows
		floats.Add(a.Theta, b.Theta)
	}
	return nil
})

// Fit minimizes the mean loss of all rows plus the penalty, by Newton's method with one pass for each step:
//
//	θ ← θ − H⁻¹g
//
// or, with an L1 term, by proximal Newton steps: θ moves to the minimum of the quadratic model plus that term, which coordinate
// descent finds in the driver. A step that does not lower the objective is halved, for a further pass. The objective and the
// minimum are those of lib/solve: LeastSquares, Ridge, ElasticNet, Logistic, and Minimize with CrossEntropy or Poisson.
//
// It returns an error, with the fit so far, if MaxPasses do not suffice or if there is no minimum. What is wrong in the data is an
// error that names the shard.
//
// Source: for the proximal Newton method Lee, Sun and Saunders, Proximal Newton-Type Methods for Minimizing Composite Functions,
// SIAM J. Optim. 24, 2014.
func (e *Engine) Fit(ctx context.Context, d Data, opt FitOptions) (*Fit, error) {
	if err := opt.check(); err != nil {
		return nil, err
	}
	spec := fitSpec{Family: opt.Family, Outputs: opt.Outputs}
	c := checkpoint{Version: 1, Settings: fingerprint(d, opt)}
	if opt.Checkpoint != "" {
		if err := c.load(opt.Checkpoint); err != nil {
			return nil, err
		}
	}
	spec.Theta = c.Theta
	before := c.Passes
	if opt.LocalStart && spec.Theta == nil {
		local, err := localPass.run(ctx, e, "local start", d, localSpec{spec, opt.Lambda, opt.L1Ratio})
		if err != nil {
			return nil, err
		}
		e.log(e.last)
		before++
		if local.Rows > 0 {
			spec.Theta = local.Theta
			floats.Scale(1/local.Rows, spec.Theta)
		}
	}
	passes := before
	m := newton{
		penalty: penalty{opt.Lambda, opt.L1Ratio}, family: opt.Family, tolerance: opt.Tolerance, passes: opt.MaxPasses,
		evaluate: func(ctx context.Context, theta []float64) (*sums, error) {
			spec.Theta = theta
			s, err := fitPass.run(ctx, e, fmt.Sprintf("pass %d", passes), d, spec)
			if err == nil {
				passes++
				seen := penalty{opt.Lambda, opt.L1Ratio}.state(s, orZero(theta, s.P*s.K))
				e.last.Objective, e.last.Gradient = seen.objective, seen.residual
				e.log(e.last)
			}
			return s, err
		},
		accepted: func(at *state) error {
			if opt.Checkpoint == "" {
				return nil
			}
			c.Theta, c.Passes, c.Objective = at.theta, passes, at.objective
			return c.save(opt.Checkpoint)
		},
	}
	at, _, err := m.run(ctx, spec.Theta)
	if at == nil {
		return nil, err
	}
	fit := &Fit{Model: opt.Family.newModel(len(at.theta)/opt.Outputs-1, opt.Outputs), Family: opt.Family, Objective: at.objective, Gradient: at.residual, Passes: passes}
	copy(fit.Model.Params(), at.theta)
	if err == nil && opt.Checkpoint != "" {
		err = os.Remove(opt.Checkpoint)
	}
	return fit, err
}

func orZero(theta []float64, n int) []float64 {
	if theta == nil {
		return make([]float64, n)
	}
	return theta
}

func (o *FitOptions) check() error {
	if _, err := o.Family.loss(); err != nil {
		return err
	}
	if o.Outputs == 0 && o.Family != Softmax {
		o.Outputs = 1
	}
	if o.Tolerance == 0 {
		o.Tolerance = 1e-10
	}
	if o.MaxPasses == 0 {
		o.MaxPasses = 50
	}
	switch {
	case o.Family == Softmax && o.Outputs < 2:
		return fmt.Errorf("beam: Outputs is %d, want the number of classes, at least 2", o.Outputs)
	case o.Family != Softmax && o.Outputs != 1:
		return fmt.Errorf("beam: Outputs is %d, want 1 for the family %s", o.Outputs, o.Family)
	case !(o.Lambda >= 0) || o.Lambda > 1e300:
		return fmt.Errorf("beam: Lambda is %g, want a finite number ≥ 0", o.Lambda)
	case !(o.L1Ratio >= 0 && o.L1Ratio <= 1):
		return fmt.Errorf("beam: L1Ratio is %g, want 0 to 1", o.L1Ratio)
	case !(o.Tolerance > 0):
		return fmt.Errorf("beam: Tolerance is %g, want a number > 0", o.Tolerance)
	case o.MaxPasses < 1:
		return fmt.Errorf("beam: MaxPasses is %d, want at least 1", o.MaxPasses)
	}
	return nil
}

// A checkpoint is where a fit is.
type checkpoint struct {
	Version   int       `json:"version"`
	Settings  string    `json:"settings"` // fingerprint of data and options
	Passes    int       `json:"passes"`
	Objective float64   `json:"objective"`
	Theta     []float64 `json:"theta"`
	SHA256    string    `json:"sha256,omitempty"` // of the file without this
}

// fingerprint names what a fit depends on: files by name, columns, preparation and options.
func fingerprint(d Data, opt FitOptions) string {
	opt.Checkpoint, opt.MaxPasses = "", 0
	h := sha256.New()
	json.NewEncoder(h).Encode(d)
	json.NewEncoder(h).Encode(opt)
	return hex.EncodeToString(h.Sum(nil))
}

func (c checkpoint) sum() string {
	c.SHA256 = ""
	b, _ := json.Marshal(c)
	s := sha256.Sum256(b)
	return hex.EncodeToString(s[:])
}

func (c *checkpoint) save(path string) error {
	c.SHA256 = c.sum()
	b, err := json.Marshal(c)
	if err != nil {
		return fmt.Errorf("beam: checkpoint: %w", err)
	}
	return format.WriteFile(path, func(w io.Writer) error {
		_, err := w.Write(append(b, '\n'))
		return err
	})
}

// load reads a checkpoint, if there is one, and changes nothing if it is not of this fit.
func (c *checkpoint) load(path string) error {
	b, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("beam: checkpoint: %w", err)
	}
	var read checkpoint
	r := json.NewDecoder(bytes.NewReader(b))
	r.DisallowUnknownFields()
	switch err := r.Decode(&read); {
	case err != nil:
		return fmt.Errorf("beam: checkpoint %s: %w: remove it to begin anew", path, err)
	case read.Version != c.Version:
		return fmt.Errorf("beam: checkpoint %s has version %d, want %d: remove it to begin anew", path, read.Version, c.Version)
	case read.SHA256 != read.sum():
		return fmt.Errorf("beam: checkpoint %s is damaged: remove it to begin anew", path)
	case read.Settings != c.Settings:
		return fmt.Errorf("beam: checkpoint %s is of a fit with other files or settings: remove it to begin anew", path)
	}
	*c = read
	return nil
}
