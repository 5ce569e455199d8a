package datasets

import "math/rand/v2"

// Each purpose has its own random stream, so that equal seeds do not make, say, the noise of a
// dataset and its split depend on each other.
const (
	streamSplit uint64 = iota + 1
	streamLinear
	streamPolynomial
	streamSine
	streamCorrelated
	streamBlobs
	streamMoons
	streamCircles
)

func random(seed, stream uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, stream)) }
