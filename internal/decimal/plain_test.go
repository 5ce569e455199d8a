package decimal

import (
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
)

// TestPlainIsParse compares with strconv: numbers of all lengths with the point
// everywhere, and those halfway between two float64s, where rounding is hardest.
func TestPlainIsParse(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	texts := []string{"0", "-0", "-0.0", "1.", ".5", "+7", "9007199254740993", "9007199254740992.5", "9999999999999999999", ".0000000000000000001",
		"", "-", ".", "+.", "1e5", "1 ", " 1", "0x10", "1_000", "inf", "nan", "1.2.3", "--1", "12345678901234567890", "١"}
	for range 20000 {
		digits := strconv.FormatUint(r.Uint64()>>r.IntN(60), 10)
		at := r.IntN(len(digits) + 1)
		texts = append(texts, digits, digits[:at]+"."+digits[at:], "-"+digits[:at]+"."+digits[at:])
		half := math.Float64bits(r.NormFloat64()*100)&^1 | 1
		texts = append(texts, strconv.FormatFloat(math.Float64frombits(half), 'g', -1, 64),
			strconv.FormatUint((1<<53|r.Uint64()>>11)<<1|1, 10), strconv.FormatUint((1<<53|r.Uint64()>>11)<<2|2, 10))
	}
	taken := 0
	for _, text := range texts {
		got, ok := Plain(text)
		want, err := Parse(text)
		if ok && (err != nil || math.Float64bits(got) != math.Float64bits(want)) {
			t.Errorf("%q is %g, want %g, %v", text, got, want, err)
		}
		plain := err == nil && strings.Trim(text, "+-.0123456789") == ""
		if digits := len(strings.Trim(text, "+-")) - strings.Count(text, "."); plain && digits <= maxDigits && !ok {
			t.Errorf("%q is declined", text)
		}
		if ok {
			taken++
		}
	}
	if taken < len(texts)/2 {
		t.Errorf("%d of %d numbers are plain", taken, len(texts))
	}
}

// FuzzPlain compares with strconv, which rounds to the nearest float64.
func FuzzPlain(f *testing.F) {
	for _, text := range []string{"0", "-0.0", "1.", ".5", "+7", "12345678", "0.12345678", "-0.1234567890123456789", "9007199254740993",
		"9007199254740992.5", "9007199254740993.5", "1.00000000000000011102", "0.500000000000000166", "0.000000000000000001", "9999999999999999999",
		"123456789.1234567", "1.12345678/", "0.123456789012345:", "1.2345678-", "-.12345678", "179.769313486231580", ".00000\xcc00", "0.1234567\xf9", "0.12345678\x00\xff"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, ok := Plain(text)
		if !ok {
			return
		}
		want, err := strconv.ParseFloat(text, 64)
		if err != nil || math.Float64bits(got) != math.Float64bits(want) {
			t.Errorf("%q is %g, want %g, %v", text, got, want, err)
		}
	})
}

// TestHalfway has decimals as near to the middle between two float64s as 19 digits can
// be, above and below, where a digit lost or rounded twice shows.
func TestHalfway(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	taken := 0
	for range 200_000 {
		x := math.Ldexp(1+r.Float64(), r.IntN(44)-30)
		low, high := new(big.Float).SetFloat64(x), new(big.Float).SetFloat64(math.Nextafter(x, 2*x))
		middle := new(big.Float).SetPrec(200).Add(low, high)
		middle.Quo(middle, big.NewFloat(2))
		digits := 18 - max(0, len(strconv.FormatInt(int64(x), 10))-1)
		text := middle.Text('f', digits)
		for _, end := range []byte{text[len(text)-1], '0', '1', '4', '5', '6', '9'} {
			text := text[:len(text)-1] + string(end)
			got, ok := Plain(text)
			want, err := strconv.ParseFloat(text, 64)
			if ok && (err != nil || got != want) {
				t.Fatalf("%q is %g, want %g, %v", text, got, want, err)
			}
			if ok {
				taken++
			}
		}
	}
	if taken < 1_000_000 {
		t.Errorf("only %d are taken", taken)
	}
}

func BenchmarkParse(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{10, 1000, 100000} {
		texts := make([]string, n)
		for i := range texts {
			texts[i] = fmt.Sprint(r.NormFloat64())
		}
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				for _, text := range texts {
					Plain(text)
				}
			}
		})
	}
}
