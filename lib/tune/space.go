package tune

import (
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"unicode/utf8"

	"github.com/descent-go/descent/internal/number"
)

// Space maps each hyper-parameter to its distribution:
//
//	tune.Space{
//		"rate":  tune.LogUniform{Low: 1e-4, High: 1},
//		"depth": tune.IntUniform{Low: 1, High: 5},
//		"adam":  tune.Choice{true, false},
//	}
type Space map[string]Distribution

// A Distribution is the distribution of one hyper-parameter. Its quantile
// function maps the unit interval to values, and Unit maps values back.
type Distribution interface {
	// Validate returns an error for invalid settings.
	Validate() error
	// Quantile returns the value v with P(V ≤ v) = u, for 0 ≤ u < 1.
	Quantile(u float64) any
	// Unit returns a point u with Quantile(u) = v, up to rounding; if there
	// is an interval of such points, its middle.
	Unit(v any) float64
}

// Validate returns an error if the space is empty or a distribution is invalid.
func (s Space) Validate() error {
	if len(s) == 0 {
		return fmt.Errorf("tune: the space is empty: name at least one hyper-parameter")
	}
	for _, name := range s.names() {
		if !utf8.ValidString(name) {
			return fmt.Errorf("tune: the name %q of a hyper-parameter is not valid UTF-8", name)
		}
		if s[name] == nil {
			return fmt.Errorf("tune: hyper-parameter %q has no distribution", name)
		}
		if err := s[name].Validate(); err != nil {
			return fmt.Errorf("tune: hyper-parameter %q: %w", name, err)
		}
	}
	return nil
}

// Sample draws a point with r, one hyper-parameter after another in the order of
// their names.
func (s Space) Sample(r *rand.Rand) Params {
	p := make(Params, len(s))
	for _, name := range s.names() {
		p[name] = s[name].Quantile(r.Float64())
	}
	return p
}

func (s Space) names() []string { return slices.Sorted(maps.Keys(s)) }

// Uniform is a float64 between Low and High, each equally likely.
type Uniform struct{ Low, High float64 }

// Validate returns an error unless Low < High, both finite.
func (d Uniform) Validate() error { return checkRange(d.Low, d.High) }

func (d Uniform) Quantile(u float64) any { return clamp(d.Low+u*(d.High-d.Low), d.Low, d.High) }

func (d Uniform) Unit(v any) float64 { return (v.(float64) - d.Low) / (d.High - d.Low) }

// LogUniform is a float64 between Low and High whose logarithm is uniform: each
// factor of ten is equally likely. It suits scale parameters, such as learning
// rates and penalties.
type LogUniform struct{ Low, High float64 }

// Validate returns an error unless 0 < Low < High, both finite.
func (d LogUniform) Validate() error {
	if !(d.Low > 0) {
		return fmt.Errorf("the lower end of a LogUniform is %g, want a number > 0", d.Low)
	}
	return checkRange(d.Low, d.High)
}

func (d LogUniform) Quantile(u float64) any {
	low, high := math.Log(d.Low), math.Log(d.High)
	return clamp(math.Exp(low+u*(high-low)), d.Low, d.High)
}

func (d LogUniform) Unit(v any) float64 {
	low, high := math.Log(d.Low), math.Log(d.High)
	return (math.Log(v.(float64)) - low) / (high - low)
}

// IntUniform is an int from Low to High, both included, each equally likely.
type IntUniform struct{ Low, High int }

// Validate returns an error unless Low ≤ High, less than 2⁵³ apart.
func (d IntUniform) Validate() error {
	if d.Low > d.High || d.High-d.Low < 0 || int64(d.High-d.Low) >= 1<<53 {
		return fmt.Errorf("from %d to %d is no range, or one too wide: want Low ≤ High, less than 2⁵³ apart", d.Low, d.High)
	}
	return nil
}

func (d IntUniform) Quantile(u float64) any {
	return min(d.High, d.Low+int(u*float64(d.High-d.Low+1)))
}

func (d IntUniform) Unit(v any) float64 {
	return (float64(v.(int)-d.Low) + 0.5) / float64(d.High-d.Low+1)
}

// Choice is one of a list of values, each equally likely: float64, int, string
// or bool. The list has no order: TPE learns nothing about a value from its
// neighbours.
type Choice []any

func (d Choice) Validate() error {
	if len(d) == 0 {
		return fmt.Errorf("there is nothing to choose from")
	}
	return checkValues(d)
}

func (d Choice) Quantile(u float64) any { return d[min(len(d)-1, int(u*float64(len(d))))] }

func (d Choice) Unit(v any) float64 {
	return (float64(slices.Index(d, v)) + 0.5) / float64(len(d))
}

// Values returns a list of any, for [Grid] and [Choice]:
//
//	tune.Grid{"lambda": tune.Values(floats.LogSpan(make([]float64, 7), 1e-3, 1e3)...)}
func Values[T float64 | int | string | bool](values ...T) []any {
	list := make([]any, len(values))
	for i, v := range values {
		list[i] = v
	}
	return list
}

func checkValues(values []any) error {
	for i, v := range values {
		if err := checkValue(v); err != nil {
			return fmt.Errorf("value %d %w", i, err)
		}
		if first := slices.Index(values, v); first < i {
			return fmt.Errorf("values %d and %d are both %v", first, i, v)
		}
	}
	return nil
}

func checkRange(low, high float64) error {
	if !(low < high) || !number.IsFinite(high-low) {
		return fmt.Errorf("from %g to %g is no range: want Low < High, both finite", low, high)
	}
	return nil
}

func clamp(v, low, high float64) float64 { return min(max(v, low), high) }
