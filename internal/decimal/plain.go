package decimal

import (
	"math"
	"math/bits"
)

// Plain is [Parse] for the numbers that most files consist of: a sign or none and
// up to 19 digits, with at most one point among them. It declines all others.
func Plain(text string) (v float64, ok bool) {
	if len(text) == 0 || len(text) > maxDigits+2 {
		return 0, false
	}
	if len(text) == 1 && text[0]-'0' <= 9 {
		return float64(text[0] - '0'), true
	}
	// Whether a number is negative is hard to foresee: its sign is set without a jump.
	negative, positive := 0, 0
	if text[0] == '-' {
		negative = 1
	}
	if text[0] == '+' {
		positive = 1
	}
	i := negative + positive
	digits, whole := uint64(0), i
	for i < len(text) && text[i]-'0' <= 9 {
		digits = digits*10 + uint64(text[i]-'0')
		i++
	}
	count, behind := i-whole, 0
	if i < len(text) && text[i] == '.' {
		i++
		behind = len(text) - i
		if count += behind; count > maxDigits {
			return 0, false
		}
		for ; len(text)-i >= 8; i += 8 {
			eight, ok := eightDigits(text[i:])
			if !ok {
				return 0, false
			}
			digits = digits*1e8 + number(eight)
		}
		if rest := len(text) - i; behind >= 8 {
			// How many are left is hard to foresee, too: all of them at once, as the end of
			// eight digits whose others count as 0.
			eight, ok := eightDigits(text[len(text)-8:])
			if !ok {
				return 0, false
			}
			other := 8 * (8 - rest)
			digits = digits*powers[rest] + number(eight>>other<<other)
			i = len(text)
		}
		for i < len(text) && text[i]-'0' <= 9 {
			digits = digits*10 + uint64(text[i]-'0')
			i++
		}
	}
	if i != len(text) || count == 0 || count > maxDigits {
		return 0, false
	}
	return math.Float64frombits(math.Float64bits(quotient(digits, behind)) | uint64(negative)<<63), true
}

// eightDigits returns the first 8 bytes as digits, the first one in the lowest byte, if
// all of them are.
func eightDigits(text string) (digits uint64, ok bool) {
	w := uint64(text[0]) | uint64(text[1])<<8 | uint64(text[2])<<16 | uint64(text[3])<<24 |
		uint64(text[4])<<32 | uint64(text[5])<<40 | uint64(text[6])<<48 | uint64(text[7])<<56
	const ones = 0x0101010101010101
	w ^= 0x30 * ones
	return w, (w|(w+0x06*ones))&(0xf0*ones) == 0
}

// number returns the number that eight digits are. It multiplies pairs of neighbours by
// 10 and 1, pairs of these by 100 and 1, and so on, all of them at once.
func number(w uint64) uint64 {
	w = (w*10 + w>>8) & 0x00ff00ff00ff00ff
	w = (w*100 + w>>16) & 0x0000ffff0000ffff
	return (w*10000 + w>>32) & 0xffffffff
}

const maxDigits = 19 // 10¹⁹ is less than 2⁶⁴

// powers are 10⁰ to 10¹⁹.
var powers = func() (p [maxDigits + 1]uint64) {
	p[0] = 1
	for k := range maxDigits {
		p[k+1] = 10 * p[k]
	}
	return p
}()

// quotient returns digits / 10^behind, rounded once to nearest, ties to even.
func quotient(digits uint64, behind int) float64 {
	if digits < 1<<53 && behind <= 12 { // more digits are seldom so small a number
		if behind == 0 {
			return float64(int64(digits))
		}
		return float64(int64(digits)) / float64(int64(powers[behind])) // both are exact
	}
	// Shifted up to the highest bit, 2⁶²·a/b has 62 or 63 digits, nine more than a
	// float64, and the last one says whether there are others.
	power := powers[behind]
	up, powerUp := bits.LeadingZeros64(digits|1), bits.LeadingZeros64(power)
	a, b := digits<<up, power<<powerUp
	q, rest := bits.Div64(a>>2, a<<62, b)
	if rest != 0 {
		q |= 1
	}
	scale := math.Float64frombits(uint64(1023+powerUp-up-62) << 52) // 2 to that power
	return float64(int64(q)) * scale
}
