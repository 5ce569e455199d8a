package model

import (
	"fmt"
	"slices"

	"gonum.org/v1/gonum/mat"
)

// A Decoder computes a language model one token at a time. It keeps the keys and
// values that attention has computed for the tokens so far (a key–value cache), so
// that the next token costs one row of each matrix product instead of T. The scores
// are those of Predict, but for the last bits.
//
// It reads the network's θ at the first token: after a change of θ, call Reset.
type Decoder struct {
	network  *Network
	worker   worker
	decoding *decoding
	text     []int // so far
	x, y     *mat.Dense
}

// NewDecoder returns a Decoder of a network, with no tokens yet. It returns an error
// if the network does not begin with an [Embedding] or has a layer in which a token
// may depend on later ones, or on earlier ones otherwise than through attention.
func NewDecoder(n *Network) (*Decoder, error) {
	if _, ok := unwrap(n.layers[0]).(Embedding); !ok {
		return nil, fmt.Errorf("model: a Decoder needs a network that begins with an Embedding, not with %T", n.layers[0])
	}
	if l := notStepwise(n.layers); l != nil {
		return nil, fmt.Errorf("model: a Decoder computes one token at a time, and %T does not", l)
	}
	w, d, err := n.decode()
	if err != nil {
		return nil, fmt.Errorf("model: a Decoder computes one token at a time: %w", err)
	}
	_, outputs := n.Dims()
	return &Decoder{network: n, worker: w, decoding: d, x: mat.NewDense(1, 1, nil), y: mat.NewDense(1, outputs, nil)}, nil
}

// Len returns the number of tokens so far.
func (d *Decoder) Len() int { return d.decoding.at }

// Reset forgets all tokens.
func (d *Decoder) Reset() { d.decoding.at, d.text = 0, d.text[:0] }

// Next takes the next token of the text and returns the scores of the token after it,
// valid until the next call. It returns an error for a token that is not in the
// vocabulary, and for more tokens than the network's input has.
func (d *Decoder) Next(token int) ([]float64, error) {
	if d.decoding.at == d.decoding.context {
		return nil, fmt.Errorf("model: the network sees at most %d tokens: Reset, and begin with the last of them", d.decoding.context)
	}
	vocabulary := unwrap(d.network.layers[0]).(Embedding).Vocabulary
	if token < 0 || token >= vocabulary {
		return nil, fmt.Errorf("model: token %d is not in the vocabulary, whose numbers are 0 to %d", token, vocabulary-1)
	}
	d.x.Set(0, 0, float64(token))
	if d.decoding.at == 0 {
		d.worker.load()
	}
	d.worker.forward(d.y, d.x, 0, 1, false)
	d.decoding.at++
	d.text = append(d.text, token)
	return d.y.RawRowView(0), nil
}

// follow returns the scores after a text, most of which the Decoder has seen.
func (d *Decoder) follow(text []int) (scores []float64, err error) {
	if n := len(d.text); n == 0 || n >= len(text) || !slices.Equal(d.text, text[:n]) {
		d.Reset()
	}
	for _, token := range text[len(d.text):] {
		if scores, err = d.Next(token); err != nil {
			return nil, err
		}
	}
	return scores, nil
}

// notStepwise returns the first layer that cannot be computed one token at a time,
// nil if there is none.
func notStepwise(layers []Layer) Layer {
	for _, l := range layers {
		switch l := unwrap(l).(type) {
		case Embedding, LearnedPositions, SinusoidalPositions, SelfAttention, SwiGLU, TransformerBlock,
			Dense, LayerNorm, RMSNorm, Dropout, GaussianNoise, Unembedding,
			ReLU, LeakyReLU, ELU, GELU, SiLU, Tanh, SigmoidLayer, SoftmaxLayer:
		case Residual:
			if inner := notStepwise(l); inner != nil {
				return inner
			}
		default:
			return l
		}
	}
	return nil
}
