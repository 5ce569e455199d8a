package check

import (
	crypto "crypto/rand"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"

	"github.com/descent-go/descent/course/check/internal/draws"
)

// SeedVariable is the environment variable with the seed of the random cases.
// Without it each run of a check draws new ones. The reply to a wrong answer
// states the seed, which repeats the case.
const SeedVariable = "DESCENT_CHECK_SEED"

// afresh is how many cases are drawn in each run of a check, after the fixed ones.
const afresh = 10

// cases runs check with each of the fixed cases, and then with some that are
// drawn afresh, so that a table of the fixed ones is no answer. r gives the
// numbers of a case that are not part of c: for the fixed cases always the same.
func cases[C any](t *trial, seed uint64, fixed []C, draw func(r *rand.Rand) C, check func(c C, r *rand.Rand)) {
	r := random(seed)
	for _, c := range fixed {
		check(c, r)
	}
	if draws.Off {
		return
	}
	drawn := drawSeed()
	t.drawn = fmt.Sprintf("\n  (drawn afresh; with the environment variable %s=%d it comes again)", SeedVariable, drawn)
	for i := range uint64(afresh) {
		r := rand.New(rand.NewPCG(drawn, i))
		check(draw(r), r)
	}
	t.drawn = ""
}

// drawSeed returns the seed of the environment, or one that nobody can foresee.
// It is below 2³², so that it is easy to copy.
func drawSeed() uint64 {
	if seed, err := strconv.ParseUint(os.Getenv(SeedVariable), 10, 64); err == nil {
		return seed
	}
	var b [4]byte
	crypto.Read(b[:]) // never fails
	return uint64(binary.LittleEndian.Uint32(b[:]))
}

// between returns a whole number from low to high.
func between(r *rand.Rand, low, high int) int { return low + r.IntN(high-low+1) }

// uniform returns a number from low to high, to two digits after the point.
func uniform(r *rand.Rand, low, high float64) float64 { return twoDigits(low + (high-low)*r.Float64()) }

// ints returns n whole numbers from low to high.
func ints(r *rand.Rand, n, low, high int) []int {
	v := make([]int, n)
	for i := range v {
		v[i] = between(r, low, high)
	}
	return v
}

// wholes returns n whole numbers from low to high, as float64.
func wholes(r *rand.Rand, n, low, high int) []float64 {
	v := make([]float64, n)
	for i := range v {
		v[i] = float64(between(r, low, high))
	}
	return v
}

// shares returns n positive numbers whose sum is 1.
func shares(r *rand.Rand, n int) []float64 {
	v, sum := make([]float64, n), 0.0
	for i := range v {
		v[i] = r.ExpFloat64()
		sum += v[i]
	}
	return combine(1/sum, v, 0, v)
}
