package train

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/descent-go/descent/lib/model"
)

// A Metric is a number to record after each epoch, such as the accuracy on the
// validation data:
//
//	Metrics: []train.Metric{{Name: "accuracy", Of: tune.Classification(metric.Accuracy)}}
type Metric struct {
	Name string
	// Of returns the metric of a model on data. It must change neither. NaN is a
	// value like others; an error ends training.
	Of func(m model.Model, d Data) (float64, error)
}

// metricMemory is what the names of metrics begin with in a checkpoint.
const metricMemory = "train/metric/"

// checkMetrics returns an error for metrics that cannot be recorded.
func (o *Options) checkMetrics() error {
	seen := map[string]bool{}
	for i, m := range o.Metrics {
		if m.Name == "" || m.Of == nil || seen[m.Name] {
			return fmt.Errorf("train: Options.Metrics[%d], %q: want a function and a name that no other metric has", i, m.Name)
		}
		seen[m.Name] = true
	}
	return nil
}

// measure computes the metrics after an epoch, on the validation data if there are any,
// else on the training data.
func (r *run) measure() error {
	if len(r.opt.Metrics) == 0 {
		return nil
	}
	data := r.objective.Data
	if r.opt.Validation != nil {
		data = *r.opt.Validation
	}
	var errs []error
	r.measured = r.measured[:0]
	r.state.averaged(func() {
		for _, m := range r.opt.Metrics {
			v, err := m.Of(r.state.Model, data)
			if err != nil {
				errs = append(errs, fmt.Errorf("train: metric %q at epoch %d: %w", m.Name, r.state.Epoch, err))
			}
			r.measured = append(r.measured, v)
		}
	})
	return errors.Join(errs...)
}

// recordMetrics appends what was measured to the history; NaN for an epoch that was cut
// short.
func (r *run) recordMetrics() {
	for i, m := range r.opt.Metrics {
		v := math.NaN()
		if len(r.measured) > 0 {
			v = r.measured[i]
		}
		h := r.state.History
		h.Metrics[m.Name] = append(h.Metrics[m.Name], v)
	}
	r.measured = r.measured[:0]
}

// initMetrics makes the lists of the history, from a checkpoint's memory if there is
// one. A metric that was not measured then has NaN for each epoch.
func (r *run) initMetrics() {
	h := r.state.History
	for _, m := range r.opt.Metrics {
		if h.Metrics == nil {
			h.Metrics = map[string][]float64{}
		}
		values := slices.Clone(r.state.memory[metricMemory+m.Name])
		for len(values) < len(h.Records) {
			values = append(values, math.NaN())
		}
		h.Metrics[m.Name] = values[:len(h.Records)]
	}
	maps.DeleteFunc(r.state.memory, func(name string, _ []float64) bool {
		return len(name) > len(metricMemory) && name[:len(metricMemory)] == metricMemory
	})
}

// metricsMemory returns the metrics of the closed epochs for a checkpoint.
func (r *run) metricsMemory(memory map[string][]float64) map[string][]float64 {
	for _, m := range r.opt.Metrics {
		memory[metricMemory+m.Name] = slices.Clone(r.state.History.Metrics[m.Name][:r.closed])
	}
	return memory
}
