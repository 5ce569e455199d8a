package plots

import (
	"math"
	"strconv"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
)

// spacedTicks leaves out labels of a horizontal axis that would touch the one before.
type spacedTicks struct {
	axis   *plot.Axis
	ticker plot.Ticker
	width  vg.Length // of the axis, about
}

// Ticks implements plot.Ticker.
func (s spacedTicks) Ticks(lo, hi float64) []plot.Tick {
	ticks := s.ticker.Ticks(lo, hi)
	if _, names := s.ticker.(plot.ConstantTicks); names || !(lo < hi) {
		return ticks // fitNames has seen to these
	}
	end := vg.Length(math.Inf(-1))
	for i, t := range ticks {
		if t.Label == "" {
			continue
		}
		middle, half := vg.Length(norm(*s.axis, t.Value))*s.width, s.axis.Tick.Label.Width(t.Label)/2
		if middle-half < end+4 {
			ticks[i].Label = ""
			continue
		}
		end = middle + half
	}
	return ticks
}

// linearTicks puts four to eight labels at round numbers.
type linearTicks struct{}

// Ticks implements plot.Ticker.
func (linearTicks) Ticks(lo, hi float64) []plot.Tick {
	step := roundStep((hi - lo) / 5)
	if !(step > 0) || math.IsInf(step, 0) {
		return nil
	}
	var ticks []plot.Tick
	first := math.Ceil(lo/step - 1e-9)
	for i := range 20 {
		v := (first + float64(i)) * step
		if v > hi+1e-9*step {
			break
		}
		ticks = append(ticks, plot.Tick{Value: v, Label: tickLabel(v, step)})
	}
	return ticks
}

// roundStep returns the power of ten, times 1, 2 or 5, that is nearest to about.
func roundStep(about float64) float64 {
	power := math.Pow(10, math.Floor(math.Log10(about)))
	switch m := about / power; {
	case m < 1.5:
		return power
	case m < 3.5:
		return 2 * power
	case m < 7.5:
		return 5 * power
	default:
		return 10 * power
	}
}

// tickLabel writes v with the digits that a step needs.
func tickLabel(v, step float64) string {
	if math.Abs(v) < step/1e6 {
		return "0"
	}
	if size := math.Abs(v); size >= 1e6 || step < 1e-4 {
		exponent := math.Floor(math.Log10(size) + 1e-9)
		digits := max(0, int(exponent-math.Floor(math.Log10(step)+1e-9)))
		mantissa := strconv.FormatFloat(v/math.Pow(10, exponent), 'f', digits, 64)
		return minus(mantissa) + "·" + power(int(exponent))
	}
	decimals := max(0, -int(math.Floor(math.Log10(step)+1e-9)))
	return minus(strconv.FormatFloat(v, 'f', decimals, 64))
}

// logTicks labels powers of ten, and 2 and 5 times these where there are few.
type logTicks struct{}

// Ticks implements plot.Ticker.
func (logTicks) Ticks(lo, hi float64) []plot.Tick {
	if !(lo > 0) || !(hi > lo) || math.IsInf(hi, 0) {
		return nil
	}
	first, last := int(math.Floor(math.Log10(lo))), int(math.Ceil(math.Log10(hi)))
	every := 1 + (last-first)/8
	few := math.Log10(hi/lo) < 2.2
	var ticks []plot.Tick
	for e := first; e <= last; e++ {
		for m := 1; m < 10; m++ {
			v := float64(m) * math.Pow(10, float64(e))
			switch {
			case v < lo*(1-1e-9) || v > hi*(1+1e-9):
			case m == 1 && e%every == 0, few && (m == 2 || m == 5):
				ticks = append(ticks, plot.Tick{Value: v, Label: logLabel(m, e, first, last)})
			case every == 1:
				ticks = append(ticks, plot.Tick{Value: v})
			}
		}
	}
	return ticks
}

func logLabel(m, e, first, last int) string {
	if first >= -3 && last <= 4 {
		return strconv.FormatFloat(float64(m)*math.Pow(10, float64(e)), 'g', 10, 64)
	}
	if m == 1 {
		return power(e)
	}
	return strconv.Itoa(m) + "·" + power(e)
}

// power writes 10ᵉ.
func power(e int) string {
	digits := strings.NewReplacer("-", "⁻", "0", "⁰", "1", "¹", "2", "²", "3", "³", "4", "⁴",
		"5", "⁵", "6", "⁶", "7", "⁷", "8", "⁸", "9", "⁹")
	return "10" + digits.Replace(strconv.Itoa(e))
}

// minus puts a true minus sign in front.
func minus(s string) string { return strings.Replace(s, "-", "−", 1) }

// short writes a value in three significant digits, for labels beside data.
func short(v float64) string {
	s := strconv.FormatFloat(v, 'g', 3, 64)
	if mantissa, exponent, ok := strings.Cut(s, "e"); ok {
		e, _ := strconv.Atoi(exponent)
		s = mantissa + "·" + power(e)
	}
	return minus(s)
}
