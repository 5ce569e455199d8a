package model

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/descent-go/descent/internal/number"
	"github.com/descent-go/descent/internal/order"
)

// A Sampler chooses the next token of a text from the scores z (logits) that a model
// gives to all tokens of the vocabulary. It draws from
//
//	p = softmax(z/Temperature)
//
// after it has dropped the tokens that do not count. A low temperature writes what is
// likely, a high one what is surprising. Use [NewSampler] for a literal's defaults.
type Sampler struct {
	// Temperature divides the scores. At 0 the token with the largest score is taken,
	// the first of several.
	Temperature float64
	// TopK keeps the k tokens with the largest scores, of equal ones the first. 0
	// keeps all. (Fan, Lewis and Dauphin, Hierarchical Neural Story Generation, 2018.)
	TopK int
	// TopP keeps the fewest tokens, the most likely first, whose probabilities sum to
	// at least p, after TopK. 1 keeps all. (Holtzman, Buys, Du, Forbes and Choi, The
	// Curious Case of Neural Text Degeneration, 2020: nucleus sampling.)
	TopP float64
}

// NewSampler returns a Sampler that draws from softmax(z): temperature 1, and every
// token counts.
func NewSampler() Sampler { return Sampler{Temperature: 1, TopP: 1} }

// Validate reports a setting outside of its range.
func (s Sampler) Validate() error {
	switch {
	case !(s.Temperature >= 0) || !number.IsFinite(s.Temperature):
		return fmt.Errorf("model: the sampler has temperature %g, want a finite number ≥ 0", s.Temperature)
	case s.TopK < 0:
		return fmt.Errorf("model: the sampler keeps the top %d tokens, want at least 1, or 0 for all", s.TopK)
	case !(s.TopP > 0 && s.TopP <= 1):
		return fmt.Errorf("model: the sampler has TopP %g, want 0 < TopP ≤ 1: model.NewSampler has 1", s.TopP)
	}
	return nil
}

// Probabilities returns the probability with which Sample chooses each token, in the
// order of the scores; they sum to 1. It returns an error if a setting is outside of
// its range, if there are no scores, and if a score is NaN or +∞ or all are −∞.
func (s Sampler) Probabilities(scores []float64) ([]float64, error) {
	if err := s.Validate(); err != nil {
		return nil, err
	}
	best := 0
	for i, z := range scores {
		if math.IsNaN(z) || math.IsInf(z, 1) {
			return nil, fmt.Errorf("model: the score of token %d is %g: has the model diverged?", i, z)
		}
		if z > scores[best] {
			best = i
		}
	}
	if len(scores) == 0 || math.IsInf(scores[best], -1) {
		return nil, fmt.Errorf("model: there are %d scores, and none is above −∞: there is no token to choose", len(scores))
	}
	p := make([]float64, len(scores))
	if s.Temperature == 0 {
		p[best] = 1
		return p, nil
	}
	for i, z := range scores {
		p[i] = math.Exp((z - scores[best]) / s.Temperature)
	}
	s.keep(p, scores)
	sum := total(p)
	for i := range p {
		p[i] /= sum
	}
	return p, nil
}

// keep sets p to 0 for the tokens that do not count.
func (s Sampler) keep(p, scores []float64) {
	if s.TopK == 0 && s.TopP == 1 {
		return
	}
	ranked := make([]int, len(p))
	for i := range ranked {
		ranked[i] = i
	}
	order.Descending(ranked, scores) // of equal scores the first
	if s.TopK > 0 && s.TopK < len(ranked) {
		for _, i := range ranked[s.TopK:] {
			p[i] = 0
		}
		ranked = ranked[:s.TopK]
	}
	if s.TopP == 1 {
		return
	}
	sum, enough := total(p), 0.0
	for n, i := range ranked {
		if enough += p[i]; enough >= s.TopP*sum {
			for _, i := range ranked[n+1:] {
				p[i] = 0
			}
			return
		}
	}
}

// Sample draws a token, the index of its score, with the probabilities of
// [Sampler.Probabilities], and returns the same errors. It draws one number from r,
// even at temperature 0.
func (s Sampler) Sample(scores []float64, r *rand.Rand) (int, error) {
	p, err := s.Probabilities(scores)
	if err != nil {
		return 0, err
	}
	u, last := r.Float64(), 0
	for i, v := range p {
		if v == 0 {
			continue
		}
		if last = i; u < v {
			break
		}
		u -= v
	}
	return last, nil
}
