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
	var i int
	var sign uint64
	if text[0] == '-' {
		i, sign = 1, 1<<63
	}
	if text[0] == '+' {
		i = 1
	}
	digits, whole := uint64(0), i
	for i < len(text) && text[i]-'0' <= 9 {
		digits = digits*10 + uint64(text[i]-'0')
		i++
	}
	count, behind := i-whole, 0
	if i < len(text) && text[i] == '.' {
		i++
		part := i
		for len(text)-i >= 8 {
			eight, ok := eightDigits(text[i : i+8])
			if !ok {
				break
			}
			digits = digits*1e8 + eight
			i += 8
		}
		for i < len(text) && text[i]-'0' <= 9 {
			digits = digits*10 + uint64(text[i]-'0')
			i++
		}
		behind = i - part
		count += behind
	}
	if i != len(text) || count == 0 || count > maxDigits {
		return 0, false
	}
	return math.Float64frombits(math.Float64bits(quotient(digits, behind)) | sign), true
}

// eightDigits returns the number that 8 bytes are, if all of them are digits. It
// multiplies pairs of neighbours by 10 and 1, pairs of these by 100 and 1, and so
// on, all of them at once.
func eightDigits(text string) (v uint64, ok bool) {
	w := uint64(text[0]) | uint64(text[1])<<8 | uint64(text[2])<<16 | uint64(text[3])<<24 |
		uint64(text[4])<<32 | uint64(text[5])<<40 | uint64(text[6])<<48 | uint64(text[7])<<56
	const ones, high = 0x0101010101010101, 0xf0f0f0f0f0f0f0f0
	if w&high != 0x30*ones || (w+0x06*ones)&high != 0x30*ones {
		return 0, false
	}
	w &= 0x0f * ones
	w = (w*10 + w>>8) & 0x00ff00ff00ff00ff
	w = (w*100 + w>>16) & 0x0000ffff0000ffff
	return (w*10000 + w>>32) & 0xffffffff, true
}

const maxDigits = 19 // 10¹⁹ is less than 2⁶⁴

// powers are 10⁰ to 10¹⁹, and as float64 they are exact up to 10²².
var powers = func() (p [maxDigits + 1]uint64) {
	p[0] = 1
	for k := range maxDigits {
		p[k+1] = 10 * p[k]
	}
	return p
}()

// quotient returns digits / 10^behind, rounded once to nearest, ties to even.
func quotient(digits uint64, behind int) float64 {
	if digits < 1<<53 && behind == 0 {
		return float64(digits)
	}
	power := powers[behind]
	if digits < 1<<53 {
		return float64(digits) / float64(power) // both are exact
	}
	// Shifted up to the highest bit, 2⁶³·a/b has 63 or 64 digits, ten more than a
	// float64, and the last one says whether there are others.
	up, powerUp := bits.LeadingZeros64(digits), bits.LeadingZeros64(power)
	a, b := digits<<up, power<<powerUp
	q, rest := bits.Div64(a>>1, a<<63, b)
	if rest != 0 {
		q |= 1
	}
	scale := math.Float64frombits(uint64(1023+powerUp-up-63) << 52) // 2 to that power
	return float64(q) * scale
}
