package accurate

import "math"

// Exp is eˣ wherever that is a float64. math.Exp's assembly for amd64 is infinite
// from 709.44 on (as of Go 1.26), and not only from 709.78 on.
func Exp(x float64) float64 {
	if 709 < x && x < 710 {
		return math.Exp(x-1) * math.E
	}
	return math.Exp(x)
}
