package optim

import (
	"cmp"
	"errors"
	"fmt"
	"iter"
	"slices"
)

// A Group is a part of θ with its own optimizer and rate. Wrap the
// optimizer in [WeightDecay] to give the group its own decay.
type Group struct {
	Ranges    []Range   // the elements of θ in the group, in any order
	Rate      float64   // multiplies the learning rate, > 0
	Schedule  Schedule  // the group's learning rate; nil means that of training
	Optimizer Optimizer // sees only the group's elements, one range after another
}

// Groups moves each group of parameters with the group's own optimizer, at the
// learning rate times the group's rate. A group with a Schedule follows it instead;
// the schedule counts the steps of Groups, from 0. Groups are independent: a
// [ClipNorm] inside a group uses the norm of that group, a ClipNorm around Groups
// that of the whole gradient. Parameters in no group do not change, which is how to
// freeze them.
//
// A group of one range works on θ itself; one of several ranges is copied out
// and back at each step.
type Groups struct {
	Groups []Group

	dim     int
	steps   [1]float64
	scratch [][2][]float64 // θ and gradient of each group with several ranges
}

// Init prepares for dim parameters. It panics if ranges overlap or exceed dim.
func (o *Groups) Init(dim int) {
	checkWithin("Groups", o.ranges(), dim)
	o.dim = dim
	o.steps[0] = 0
	o.scratch = make([][2][]float64, len(o.Groups))
	for i, g := range o.Groups {
		n := 0
		for _, r := range g.Ranges {
			n += r.Len()
		}
		if len(g.Ranges) > 1 {
			o.scratch[i] = [2][]float64{make([]float64, n), make([]float64, n)}
		}
		g.Optimizer.Init(n)
	}
}

func (o *Groups) Step(theta, grad []float64, lr float64) {
	checkStep(theta, grad, o.dim)
	for i, g := range o.Groups {
		rate := lr * g.Rate
		if g.Schedule != nil {
			rate = g.Schedule.Rate(int(o.steps[0])) * g.Rate
		}
		switch len(g.Ranges) {
		case 0:
		case 1:
			r := g.Ranges[0]
			g.Optimizer.Step(theta[r.Lo:r.Hi], grad[r.Lo:r.Hi], rate)
		default:
			part, partGrad := o.scratch[i][0], o.scratch[i][1]
			gather(part, theta, g.Ranges)
			gather(partGrad, grad, g.Ranges)
			g.Optimizer.Step(part, partGrad, rate)
			scatter(theta, part, g.Ranges)
		}
	}
	o.steps[0]++
}

// gather copies the ranges of src into dst, one behind the other.
func gather(dst, src []float64, ranges []Range) {
	for _, r := range ranges {
		dst = dst[copy(dst, src[r.Lo:r.Hi]):]
	}
}

// scatter undoes gather.
func scatter(dst, src []float64, ranges []Range) {
	for _, r := range ranges {
		src = src[copy(dst[r.Lo:r.Hi], src):]
	}
}

// State yields "steps", if a group has a schedule, and the states of the groups'
// optimizers, with names that begin with "group0.", "group1." and so on.
func (o *Groups) State() iter.Seq2[string, []float64] {
	return func(yield func(string, []float64) bool) {
		scheduled := slices.ContainsFunc(o.Groups, func(g Group) bool { return g.Schedule != nil })
		if scheduled && !yield("steps", o.steps[:]) {
			return
		}
		for i, g := range o.Groups {
			if !yieldInner(yield, fmt.Sprintf("group%d.", i), g.Optimizer) {
				return
			}
		}
	}
}

// ranges returns those of all groups in the order in which they lie in θ.
func (o *Groups) ranges() []Range {
	var all []Range
	for _, g := range o.Groups {
		all = append(all, g.Ranges...)
	}
	slices.SortFunc(all, func(a, b Range) int {
		return cmp.Or(cmp.Compare(a.Lo, b.Lo), cmp.Compare(a.Hi, b.Hi))
	})
	return all
}

// Validate returns an error for rates that are not positive, for ranges that
// overlap, for a schedule that follows a metric, for a [Perturber] or an
// [Averager] inside a group, where training does not find it, for an optimizer
// that two groups share, and for invalid schedules and optimizers.
func (o *Groups) Validate() error {
	errs := []error{checkAscending("Groups", o.ranges())}
	owners := map[*float64]int{} // whose state a vector is
	for i, g := range o.Groups {
		owner := fmt.Sprintf("group %d", i)
		errs = append(errs, checkPositive(owner, "Rate", g.Rate), checkInner(owner, g.Optimizer))
		if g.Schedule != nil {
			errs = append(errs, checkPlain(owner, g.Schedule))
		}
		if g.Optimizer == nil {
			continue
		}
		if _, ok := As[Perturber](g.Optimizer); ok {
			errs = append(errs, fmt.Errorf("optim: %s has a Perturber inside, want it around Groups", owner))
		}
		if _, ok := As[Averager](g.Optimizer); ok {
			errs = append(errs, fmt.Errorf("optim: %s has an Averager inside, whose average training would not find, want it around Groups", owner))
		}
		for _, v := range g.Optimizer.State() {
			if len(v) == 0 {
				continue
			}
			if other, seen := owners[&v[0]]; seen && other != i {
				errs = append(errs, fmt.Errorf("optim: %s shares its optimizer with group %d, want one for each", owner, other))
				break
			}
			owners[&v[0]] = i
		}
	}
	return errors.Join(errs...)
}
