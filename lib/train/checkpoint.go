package train

import (
	"fmt"
	"iter"
	"maps"
	"math"
	"slices"

	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/lib/optim"
)

// Checkpoint is the state from which training can be resumed. It shares no
// memory with the run from which it was taken.
type Checkpoint struct {
	Epoch, Batch, Batches, Step int
	// Pending is the number of callbacks, counted from the end of the list,
	// that have yet to be called for this update or epoch. If a callback ended
	// training, it is one of them. Resumed training calls them first.
	Pending                   int
	Rate, GradNorm, BatchLoss float64
	Theta                     []float64
	Buffers                   map[string][]float64 // of the model: running statistics
	Optimizer                 map[string][]float64
	Schedule                  map[string][]float64
	Memory                    map[string][]float64 // kept by callbacks, see State.Keep; metrics of the epochs
	Sums                      [3]float64           // weight, loss and penalty of the epoch so far
	Records                   []Record
	Path                      [][]float64
}

// Checkpoint returns a copy of the state of training, for Options.Resume.
// Call it in a callback, after an update or an epoch, or when training has
// ended.
func (s *State) Checkpoint() *Checkpoint {
	r := s.run
	if r.ended { // go back to the parameters that training worked on
		r.exchange()
		defer r.exchange()
	}
	r.lost[0], r.lost[1], r.lost[2] = r.sums.Weight.Low, r.sums.Loss.Low, r.sums.Penalty.Low
	return &Checkpoint{
		Epoch: s.Epoch, Batch: s.Batch, Batches: s.Batches, Step: s.Step, Pending: r.pending,
		Rate: s.Rate, GradNorm: s.GradNorm, BatchLoss: s.BatchLoss,
		Theta:     slices.Clone(r.theta),
		Buffers:   copyVectors(vectorsOf(s.Model)),
		Optimizer: copyVectors(s.Optimizer.State()),
		Schedule:  copyVectors(vectorsOf(r.opt.Schedule)),
		Memory:    r.metricsMemory(copyVectors(maps.All(s.memory))),
		Sums:      [3]float64{r.sums.Weight.High, r.sums.Loss.High, r.sums.Penalty.High},
		Records:   slices.Clone(s.History.Records[:r.closed]),
		Path:      clonePath(s.History.Path[:min(r.closed+1, len(s.History.Path))]),
	}
}

// resume makes the run go on where the checkpoint was taken. After an error the
// model is as it was, and so are the optimizer and the schedule.
func (r *run) resume(c *Checkpoint) error {
	s := r.state
	if err := r.checkPosition(c); err != nil {
		return err
	}
	parts := []restored{
		{"model's buffers", vectorsOf(s.Model), c.Buffers, nil},
		{"optimizer's state", s.Optimizer.State(), c.Optimizer, nil},
		{"schedule's state", vectorsOf(r.opt.Schedule), c.Schedule, nil},
	}
	for i := range parts {
		if err := parts[i].checkNames(); err != nil {
			return err
		}
		parts[i].before = copyVectors(parts[i].dst)
	}
	r.init() // only now are the optimizer's vectors as long as they will be
	for _, p := range parts {
		if err := p.checkLengths(); err != nil {
			for _, p := range parts {
				p.copyFrom(p.before)
			}
			return err
		}
	}
	for _, p := range parts {
		p.copyFrom(p.src)
	}
	copy(r.theta, c.Theta)
	s.memory = copyVectors(maps.All(c.Memory))
	s.best = s.keptBest()
	s.History.Records = append(s.History.Records, c.Records...)
	s.History.Path = clonePath(c.Path)
	s.Record = s.History.Last()
	s.Epoch, s.Batch, s.Batches, s.Step = c.Epoch, c.Batch, c.Batches, c.Step
	s.Rate, s.GradNorm, s.BatchLoss = c.Rate, c.GradNorm, c.BatchLoss
	r.sums.Weight.High, r.sums.Loss.High, r.sums.Penalty.High = c.Sums[0], c.Sums[1], c.Sums[2]
	r.closed = len(c.Records)
	r.pending = c.Pending
	if r.closed < s.Epoch {
		s.ValLoss = math.NaN() // until it is known
	}
	r.before = s.History.Last().Elapsed
	return nil
}

// checkPosition returns an error for a checkpoint of another training, or one
// that no training can have given.
func (r *run) checkPosition(c *Checkpoint) error {
	s := r.state
	open := c.Epoch - len(c.Records) // 1 in the middle of an epoch, 0 after one
	streams := s.Batches == 0        // how many batches it has, the checkpoint says
	first := streams && c.Batches == 0 && c.Epoch == 1 && open == 1 && c.Batch >= 0 && c.Step == c.Batch
	switch {
	case len(c.Theta) != len(r.theta):
		return fmt.Errorf("train: the checkpoint has %d parameters, the model %d", len(c.Theta), len(r.theta))
	case !streams && c.Batches != s.Batches:
		return fmt.Errorf("train: the checkpoint has %d batches in an epoch, the data and batch size give %d", c.Batches, s.Batches)
	case c.Pending < 0 || !first && (c.Epoch < 1 || c.Batch < 0 || c.Batch > c.Batches || open < 0 || open > 1 || open == 0 && c.Batch < c.Batches ||
		c.Step != (c.Epoch-1)*c.Batches+c.Batch):
		return fmt.Errorf("train: the checkpoint is at epoch %d, batch %d, step %d, which cannot be", c.Epoch, c.Batch, c.Step)
	}
	for i, v := range c.Theta {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return fmt.Errorf("train: the checkpoint's parameter %d is %g", i, v)
		}
	}
	best, found := c.Memory[bestEpoch]
	if found && (len(best) != 2 || !(best[1] >= 0 && best[1] <= float64(c.Epoch)) || best[1] != math.Trunc(best[1])) {
		return fmt.Errorf("train: the checkpoint's %q is %g, which cannot be", bestEpoch, best)
	}
	return nil
}

// restored is a part of a run that a checkpoint holds.
type restored struct {
	name   string
	dst    iter.Seq2[string, []float64] // views
	src    map[string][]float64         // of the checkpoint
	before map[string][]float64
}

func (p restored) checkNames() error {
	found := 0
	for name := range p.dst {
		if _, ok := p.src[name]; !ok {
			return fmt.Errorf("train: the checkpoint's %s: there is no %q: resume with the options with which it was taken", p.name, name)
		}
		found++
	}
	if found != len(p.src) {
		return fmt.Errorf("train: the checkpoint's %s: there are %d vectors there and %d here: resume with the options with which it was taken", p.name, len(p.src), found)
	}
	return nil
}

func (p restored) checkLengths() error {
	for name, v := range p.dst {
		if len(p.src[name]) != len(v) {
			return fmt.Errorf("train: the checkpoint's %s: %q has length %d there and %d here", p.name, name, len(p.src[name]), len(v))
		}
	}
	return nil
}

// copyFrom copies the vectors of src that have the right length.
func (p restored) copyFrom(src map[string][]float64) {
	for name, v := range p.dst {
		if saved := src[name]; len(saved) == len(v) {
			copy(v, saved)
		}
	}
}

func vectorsOf(v any) iter.Seq2[string, []float64] {
	switch v := v.(type) {
	case model.Stateful:
		return v.Buffers()
	case optim.Observer:
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

func clonePath(path [][]float64) [][]float64 {
	var c [][]float64
	for _, theta := range path {
		c = append(c, slices.Clone(theta))
	}
	return c
}
