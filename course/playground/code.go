package playground

import (
	"fmt"
	"strings"
)

// Code returns a notebook's cell that does what Descend does with these settings, and draws it.
func Code(s Settings) (string, error) {
	if err := s.Validate(); err != nil {
		return "", err
	}
	surface, err := Find(s.Surface)
	if err != nil {
		return "", err
	}
	schedule := map[string]string{
		"constant":    "optim.Constant(%s)",
		"cosine":      "optim.Cosine{Initial: %s, Steps: steps}",
		"exponential": "optim.Exponential{Initial: %s, Factor: math.Pow(0.01, 1.0/steps)}",
		"onecycle":    "optim.NewOneCycle(%s, steps)",
	}[s.Schedule]
	var list strings.Builder
	for _, name := range s.Optimizers {
		m, err := method(name)
		if err != nil {
			return "", err
		}
		if m.make == nil {
			fmt.Fprintf(&list, "\t// %s: solve.Minimize\n", m.Title)
			continue
		}
		rate := s.Rate
		if m.Adaptive {
			rate = s.Adaptive
		}
		expression := fmt.Sprintf(m.code+"%[5]s", s.Momentum, s.Beta2, s.Epsilon, s.Decay, "")
		if s.Clip > 0 {
			expression = fmt.Sprintf("optim.ClipNorm{Max: %g, Optimizer: %s}", s.Clip, expression)
		}
		fmt.Fprintf(&list, "\t{%q, %s, %s},\n", m.Title, expression, fmt.Sprintf(schedule, fmt.Sprintf("%g", rate)))
	}
	imports := []string{`"github.com/descent-go/descent/course/playground"`, `"github.com/descent-go/descent/lib/optim"`, `"github.com/descent-go/descent/plots"`}
	if s.Schedule == "exponential" {
		imports = append([]string{`"math"`, ""}, imports...)
	}
	perturb := ""
	if s.Noise > 0 {
		imports = append([]string{`"math/rand/v2"`}, imports...)
		perturb = fmt.Sprintf(`
			r := rand.New(rand.NewPCG(%d, uint64(step)))
			grad[0] += %g * r.NormFloat64()
			grad[1] += %g * r.NormFloat64()`, s.Seed, s.Noise, s.Noise)
	}
	return fmt.Sprintf(`import (
	%s
)

const steps = %d

// %s
%%%%
surface, err := playground.Find(%q)
if err != nil {
	panic(err)
}
var paths []plots.Path
for _, run := range []struct {
	name     string
	opt      optim.Optimizer
	schedule optim.Schedule
}{
%s} {
	theta, grad := []float64{%g, %g}, make([]float64, 2)
	path := plots.Path{Name: run.name, Points: [][2]float64{{theta[0], theta[1]}}}
	run.opt.Init(2)
	for step := range steps {
		grad[0], grad[1] = surface.Gradient(theta[0], theta[1])%s
		run.opt.Step(theta, grad, run.schedule.Rate(step))
		path.Points = append(path.Points, [2]float64{theta[0], theta[1]})
	}
	paths = append(paths, path)
}
plots.Show(plots.Contour(%q, "x", "y", plots.Surface{
	F: surface.Value, AMin: %g, AMax: %g, BMin: %g, BMax: %g, Minima: surface.Minima, Log: true,
}, paths...), %q)
`, strings.Join(imports, "\n\t"), s.Steps, surface.Formula, s.Surface, list.String(), s.Start[0], s.Start[1], perturb,
		surface.Title, surface.Lo[0], surface.Hi[0], surface.Lo[1], surface.Hi[1], "The optimizers' paths over a map of the surface: "+surface.Title), nil
}

// NetworkCode returns a notebook's cell that trains the network of these settings for 100 epochs and draws its losses.
func NetworkCode(s NetworkSettings) (string, error) {
	if err := s.Validate(); err != nil {
		return "", err
	}
	m, err := method(s.Optimizer)
	if err != nil {
		return "", err
	}
	var layers strings.Builder
	for _, units := range s.Hidden {
		fmt.Fprintf(&layers, "\tmodel.Dense{Units: %d},", units)
		if bend := map[string]string{"relu": " model.ReLU{},", "tanh": " model.Tanh{},", "sigmoid": " model.SigmoidLayer{},"}[s.Activation]; bend != "" {
			layers.WriteString(bend)
		}
		if s.Dropout > 0 {
			fmt.Fprintf(&layers, " model.Dropout{Rate: %g},", s.Dropout)
		}
		layers.WriteString("\n")
	}
	imports := []string{"context", "", "github.com/descent-go/descent/course/playground", "github.com/descent-go/descent/lib/loss",
		"github.com/descent-go/descent/lib/model", "github.com/descent-go/descent/lib/optim"}
	penalties := ""
	if s.L2 > 0 {
		penalties += fmt.Sprintf("\tRegularizer: regularizer.L2{Lambda: %g},\n", s.L2)
	}
	if s.L1 > 0 {
		penalties += fmt.Sprintf("\tProximal:    regularizer.L1{Lambda: %g},\n", s.L1)
	}
	if penalties != "" {
		imports = append(imports, "github.com/descent-go/descent/lib/regularizer")
	}
	imports = append(imports, "github.com/descent-go/descent/lib/train", "github.com/descent-go/descent/plots")
	optimizer := "opt := " + fmt.Sprintf(m.code+"%[5]s", s.Momentum, 0.999, 1e-8, 0.01, "")
	if s.Optimizer == "muon" {
		optimizer = "opt, err := train.NewMuon(net)\ncheck(err)"
	}
	var list strings.Builder
	for _, path := range imports {
		if path == "" {
			list.WriteString("\n")
			continue
		}
		fmt.Fprintf(&list, "\t%q\n", path)
	}
	return fmt.Sprintf(`import (
%s)

// check ends the cell where something fails.
func check(err error) {
	if err != nil {
		panic(err)
	}
}

%%%%
training, validation, err := playground.Data(%#v)
check(err)
net, err := model.NewNetwork(model.Features(2), %d,
%s	model.Dense{Units: 1})
check(err)
%s
history, err := train.Fit(context.Background(), net, training.X, training.Y, train.Options{
	Loss:        loss.BinaryCrossEntropy{},
	Optimizer:   opt,
	Schedule:    optim.Constant(%g),
%s	BatchSize:   %d,
	Epochs:      100,
	Seed:        %d,
	Validation:  &validation,
})
check(err)
plots.Show(plots.Loss("The network", plots.LossOptions{}, plots.Run{Name: %q, History: history}), "The losses of training and validation")
`, list.String(), s.dataOnly(), s.Seed, layers.String(), optimizer, s.Rate, penalties, s.Batch, s.Seed, m.Title), nil
}

// dataOnly returns the settings that matter for the data, and customary ones for all else.
func (s NetworkSettings) dataOnly() NetworkSettings {
	return NetworkSettings{Data: s.Data, Points: s.Points, Noise: s.Noise, Samples: s.Samples, Seed: s.Seed}
}
