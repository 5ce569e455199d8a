// Package decimal reads numbers as data files have them.
package decimal

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Parse returns the number that text is: an optional sign, decimal digits with
// at most one point among them, and an optional exponent, as in "-12", ".5",
// "3.", "6.02e23"; or an infinity as NumPy, pandas and R write it, "inf" or
// "infinity" in any case with an optional sign.
//
// Everything else is an error: white space, and also what Go itself takes for a
// number, "1_000", "0x1p4" and "nan". A number too large for a float64 is an
// error; one too small is 0.
func Parse(text string) (float64, error) {
	if !isNumber(text) {
		return 0, fmt.Errorf("%q is not a number", text)
	}
	v, err := strconv.ParseFloat(text, 64)
	if errors.Is(err, strconv.ErrRange) {
		return 0, fmt.Errorf("%q is too large for a number", text)
	}
	return v, err
}

// isNumber reports whether text has the form that Parse describes.
func isNumber(text string) bool {
	text = unsigned(text)
	if strings.EqualFold(text, "inf") || strings.EqualFold(text, "infinity") {
		return true
	}
	whole, text := digits(text)
	part := 0
	if strings.HasPrefix(text, ".") {
		part, text = digits(text[1:])
	}
	if whole+part == 0 {
		return false
	}
	if text == "" {
		return true
	}
	if text[0] != 'e' && text[0] != 'E' {
		return false
	}
	exponent, text := digits(unsigned(text[1:]))
	return exponent > 0 && text == ""
}

// unsigned returns text without its sign.
func unsigned(text string) string {
	if text != "" && (text[0] == '+' || text[0] == '-') {
		return text[1:]
	}
	return text
}

// digits returns how many decimal digits text begins with, and what follows.
func digits(text string) (n int, rest string) {
	for n < len(text) && '0' <= text[n] && text[n] <= '9' {
		n++
	}
	return n, text[n:]
}
