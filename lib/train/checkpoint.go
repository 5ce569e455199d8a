package train

import (
	"fmt"
	"iter"
	"maps"
	"slices"

	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/lib/optim"
)

// Checkpoint is all that the rest of a training depends on. It shares no
// memory with the run that it was taken from.
type Checkpoint struct {
	Epoch, Batch, Batches, Step int
	Rate, GradNorm, BatchLoss   float64
	Theta                       []float64
	Buffers                     map[string][]float64 // of the model: running statistics
	Optimizer                   map[string][]float64
	Schedule                    map[string][]float64
	Memory                      map[string][]float64 // of callbacks, see State.Keep
	Sums                        [3]float64           // weight, loss and penalty of the epoch so far
	Records                     []Record
	Path                        [][]float64
}

// Checkpoint copies the state of training. Take it in a callback, after an
// update or after an epoch, and give it to Options.Resume.
func (s *State) Checkpoint() *Checkpoint {
	r := s.run
	r.lost[0], r.lost[1], r.lost[2] = r.sums.Weight.Low, r.sums.Loss.Low, r.sums.Penalty.Low
	return &Checkpoint{
		Epoch: s.Epoch, Batch: s.Batch, Batches: s.Batches, Step: s.Step,
		Rate: s.Rate, GradNorm: s.GradNorm, BatchLoss: s.BatchLoss,
		Theta:     slices.Clone(r.theta),
		Buffers:   copyVectors(vectorsOf(s.Model)),
		Optimizer: copyVectors(s.Optimizer.State()),
		Schedule:  copyVectors(vectorsOf(r.opt.Schedule)),
		Memory:    copyVectors(maps.All(s.memory)),
		Sums:      [3]float64{r.sums.Weight.High, r.sums.Loss.High, r.sums.Penalty.High},
		Records:   slices.Clone(s.History.Records[:r.closed]),
		Path:      clonePath(s.History.Path[:min(r.closed+1, len(s.History.Path))]),
	}
}

// resume makes the run go on where the checkpoint was taken.
func (r *run) resume(c *Checkpoint) error {
	s := r.state
	switch {
	case len(c.Theta) != len(r.theta):
		return fmt.Errorf("train: the checkpoint has %d parameters, the model %d", len(c.Theta), len(r.theta))
	case c.Batches != s.Batches:
		return fmt.Errorf("train: the checkpoint has %d batches in an epoch, the data and batch size give %d", c.Batches, s.Batches)
	case c.Epoch < 1 || c.Batch < 0 || c.Batch > c.Batches || c.Step < 0 || c.Epoch-len(c.Records) < 0 || c.Epoch-len(c.Records) > 1:
		return fmt.Errorf("train: the checkpoint is at epoch %d, batch %d, step %d, which cannot be", c.Epoch, c.Batch, c.Step)
	}
	for _, part := range []struct {
		name string
		dst  iter.Seq2[string, []float64]
		src  map[string][]float64
	}{
		{"model's buffers", vectorsOf(s.Model), c.Buffers},
		{"optimizer's state", s.Optimizer.State(), c.Optimizer},
		{"schedule's state", vectorsOf(r.opt.Schedule), c.Schedule},
	} {
		if err := restoreVectors(part.dst, part.src); err != nil {
			return fmt.Errorf("train: the checkpoint's %s: %w", part.name, err)
		}
	}
	copy(r.theta, c.Theta)
	s.memory = copyVectors(maps.All(c.Memory))
	s.History.Records = append(s.History.Records, c.Records...)
	s.History.Path = clonePath(c.Path)
	s.Record = s.History.Last()
	s.Epoch, s.Batch, s.Step = c.Epoch, c.Batch, c.Step
	s.Rate, s.GradNorm, s.BatchLoss = c.Rate, c.GradNorm, c.BatchLoss
	r.sums.Weight.High, r.sums.Loss.High, r.sums.Penalty.High = c.Sums[0], c.Sums[1], c.Sums[2]
	r.closed = len(c.Records)
	r.before = s.History.Last().Elapsed
	if r.closed >= s.Epochs {
		r.finish(Completed, fmt.Sprintf("all %d epochs were done before", s.Epochs))
	}
	return nil
}

func vectorsOf(v any) iter.Seq2[string, []float64] {
	switch v := v.(type) {
	case model.Buffered:
		return v.Buffers()
	case optim.StatefulSchedule:
		return v.State()
	}
	return func(func(string, []float64) bool) {}
}

func copyVectors(seq iter.Seq2[string, []float64]) map[string][]float64 {
	m := map[string][]float64{}
	for name, v := range seq {
		m[name] = slices.Clone(v)
	}
	return m
}

func restoreVectors(dst iter.Seq2[string, []float64], src map[string][]float64) error {
	found := 0
	for name, v := range dst {
		saved, ok := src[name]
		if !ok || len(saved) != len(v) {
			return fmt.Errorf("%q has length %d there and %d here", name, len(saved), len(v))
		}
		copy(v, saved)
		found++
	}
	if found != len(src) {
		return fmt.Errorf("there are %d vectors there and %d here", len(src), found)
	}
	return nil
}

func clonePath(path [][]float64) [][]float64 {
	var c [][]float64
	for _, theta := range path {
		c = append(c, slices.Clone(theta))
	}
	return c
}
