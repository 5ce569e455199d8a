package optim

import (
	"errors"
	"fmt"
	"math"
)

// The checks return nil or an error that names the type, the field and what it
// should be. They are written so that NaN fails them.

func checkFraction(owner, field string, v float64) error {
	if !(v >= 0 && v < 1) {
		return fmt.Errorf("optim: %s's %s is %g, want 0 ≤ %[2]s < 1", owner, field, v)
	}
	return nil
}

func checkNotNegative(owner, field string, v float64) error {
	if !(v >= 0) || math.IsInf(v, 1) {
		return fmt.Errorf("optim: %s's %s is %g, want a finite number ≥ 0", owner, field, v)
	}
	return nil
}

func checkPositive(owner, field string, v float64) error {
	if !(v > 0) || math.IsInf(v, 1) {
		return fmt.Errorf("optim: %s's %s is %g, want a finite number > 0", owner, field, v)
	}
	return nil
}

// checkShare wants 0 < v ≤ 1.
func checkShare(owner, field string, v float64) error {
	if !(v > 0 && v <= 1) {
		return fmt.Errorf("optim: %s's %s is %g, want 0 < %[2]s ≤ 1", owner, field, v)
	}
	return nil
}

func checkAtLeast(owner, field string, v, least int) error {
	if v < least {
		return fmt.Errorf("optim: %s's %s is %d, want ≥ %d", owner, field, v, least)
	}
	return nil
}

func checkMoments(owner string, beta1, beta2, epsilon float64) error {
	return errors.Join(
		checkFraction(owner, "Beta1", beta1),
		checkFraction(owner, "Beta2", beta2),
		checkEpsilon(owner, epsilon),
	)
}

// checkEpsilon wants ε > 0. Without it, a parameter whose gradients have all
// been 0 is moved by 0/0.
func checkEpsilon(owner string, epsilon float64) error {
	if epsilon == 0 {
		return fmt.Errorf("optim: %s's Epsilon is 0, want a finite number > 0: gradients of 0 would be divided by 0", owner)
	}
	return checkPositive(owner, "Epsilon", epsilon)
}

// advise adds to what is wrong with the settings of a type which constructor
// fills them in, for those who wrote a literal and left some out.
func advise(constructor string, errs ...error) error {
	err := errors.Join(errs...)
	if err == nil {
		return nil
	}
	return fmt.Errorf("%w (optim.%s has the customary settings)", err, constructor)
}

// checkInner validates the optimizer inside a wrapper.
func checkInner(owner string, inner any) error {
	if inner == nil {
		return fmt.Errorf("optim: %s has nothing inside, want one to pass the steps on to", owner)
	}
	if v, ok := inner.(interface{ Validate() error }); ok {
		return v.Validate()
	}
	return nil
}
