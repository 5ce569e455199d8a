package regularizer

import (
	"fmt"
	"math"
)

// A Sum adds penalties and their gradients.
type Sum []Regularizer

func (s Sum) Penalty(theta []float64) float64 {
	sum := 0.0
	for _, r := range s {
		sum += r.Penalty(theta)
	}
	return sum
}

func (s Sum) AddGradient(grad, theta []float64) {
	for _, r := range s {
		r.AddGradient(grad, theta)
	}
}

// Validate returns an error for a part with invalid settings, and for a
// [MaxNorm], which has no gradient.
func (s Sum) Validate() error {
	for i, r := range s {
		if _, ok := r.(MaxNorm); ok {
			return fmt.Errorf("regularizer: part %d of the sum is a MaxNorm, which has no gradient: use it as a proximal step, in a Chain if there are others", i)
		}
		if err := validate(i, r); err != nil {
			return err
		}
	}
	return nil
}

// A Chain takes proximal steps one after another. The result is the proximal
// step of the sum of the penalties, if the order is
//
//	L1, then GroupLasso from small groups to large, then L2, then MaxNorm
//
// where small groups are parts of the larger ones. (Scaling after soft
// thresholding is correct; scaling before it is not.) So Chain{L1, L2} is the
// elastic net, and Chain{L1, GroupLasso} the sparse group lasso. GroupLasso of
// rows followed by MaxNorm of columns respects the limit, but is not exactly
// the nearest such point.
//
// Sources: Yu, On Decomposing the Proximal Map, 2013; Jenatton, Mairal,
// Obozinski and Bach, Proximal Methods for Hierarchical Sparse Coding, 2011.
type Chain []Proximal

func (c Chain) Penalty(theta []float64) float64 {
	sum := 0.0
	for _, r := range c {
		sum += r.Penalty(theta)
	}
	return sum
}

func (c Chain) AddGradient(grad, theta []float64) {
	for _, r := range c {
		r.AddGradient(grad, theta)
	}
}

func (c Chain) Prox(theta []float64, step float64) {
	for _, r := range c {
		r.Prox(theta, step)
	}
}

// Validate returns an error for a part with invalid settings, and for an order
// in which the chain is not the proximal step of the sum. It accepts types of
// other packages in any order.
func (c Chain) Validate() error {
	before := 1
	for i, r := range c {
		if err := validate(i, r); err != nil {
			return err
		}
		first, last := groupSizes(r, before)
		if first < before || before < shrinks && first < shrinks && first%before != 0 {
			return fmt.Errorf("regularizer: part %d of the chain, %T, is out of order: want L1, then GroupLasso from small groups to whole multiples of them, then L2, then MaxNorm", i, r)
		}
		before = last
	}
	return nil
}

// In the order of a chain, norms come first, by the size of their groups, then
// penalties that shrink, then projections.
const (
	shrinks  = math.MaxInt - 1
	projects = math.MaxInt
)

// groupSizes returns the places in that order which the steps of r begin and
// end with.
func groupSizes(r Proximal, before int) (first, last int) {
	switch r := r.(type) {
	case L1:
		return 1, 1
	case GroupLasso:
		return r.Size, r.Size
	case ElasticNet:
		return 1, shrinks
	case L2:
		return shrinks, shrinks
	case MaxNorm:
		return projects, projects
	}
	return before, before
}

func validate(i int, r Regularizer) error {
	if v, ok := r.(interface{ Validate() error }); ok {
		if err := v.Validate(); err != nil {
			return fmt.Errorf("regularizer: part %d: %w", i, err)
		}
	}
	return nil
}

func (s Sum) CheckBlock(size int) error {
	return checkBlock(s, size)
}

func (c Chain) CheckBlock(size int) error {
	return checkBlock(c, size)
}

func checkBlock[R Regularizer](parts []R, size int) error {
	for _, r := range parts {
		if c, ok := any(r).(BlockChecker); ok {
			if err := c.CheckBlock(size); err != nil {
				return err
			}
		}
	}
	return nil
}
