package model

import "math"

// GPT holds the settings of a language model: a transformer that predicts, for each
// token of a text, the next one. It makes the layers of a [Network]:
//
//	gpt := model.NewGPT(vocabulary, context)
//	net, err := model.NewNetwork32(gpt.Input(), seed, gpt.Layers()...)
//
// A row of x holds Context token numbers; shorter texts are filled up with −1. For
// each token the network predicts Vocabulary scores for the token after it, so the
// row of targets is the row of x moved by one token. Train with
// loss.NewTokenCrossEntropy, and let [Generate] write.
//
// [NewGPT] has the architecture of GPT-2, [NewLlama] that of Llama.
//
// Sources: Radford, Wu, Child, Luan, Amodei and Sutskever, Language Models are
// Unsupervised Multitask Learners, 2019; Touvron and others, LLaMA: Open and
// Efficient Foundation Language Models, 2023.
type GPT struct {
	Vocabulary int     // number of tokens
	Context    int     // tokens of a sequence
	Size       int     // of a token's vector
	Blocks     int     // number of transformer blocks
	Heads      int     // of each block's attention
	Units      int     // hidden units of each block
	Rotary     float64 // base of rotary positions; 0 for learned ones
	RMSNorm    bool    // normalise with RMSNorm instead of LayerNorm
	SwiGLU     bool    // use SwiGLU instead of Dense, GELU, Dense
	NoBias     bool    // omit the biases
	Untied     bool    // score tokens with other weights than those of the Embedding
	Dropout    float64 // rate of Dropout on the embedding and in the blocks
}

// NewGPT returns a small GPT-2: 4 blocks of 4 heads, vectors of 128 numbers, 512
// hidden units, learned positions, LayerNorm and GELU, and one matrix for the
// embedding and the scores. There is no dropout. It has 0.8 million parameters and
// 128 for each token of the vocabulary and of the context.
func NewGPT(vocabulary, context int) GPT {
	return GPT{Vocabulary: vocabulary, Context: context, Size: 128, Blocks: 4, Heads: 4, Units: 512}
}

// NewLlama returns GPT in the architecture of Llama, with the sizes of [NewGPT]:
// rotary positions of base 10000, RMSNorm, SwiGLU of ⅔ the hidden units, rounded up to
// 344, and no biases. The embedding and the scores have one matrix; in Llama they have
// two.
func NewLlama(vocabulary, context int) GPT {
	g := NewGPT(vocabulary, context)
	g.Rotary, g.RMSNorm, g.SwiGLU, g.NoBias, g.Units = 10000, true, true, true, 344
	return g
}

// Input returns the shape of a sample: Context tokens.
func (g GPT) Input() Shape { return Tokens(g.Context) }

// Layers returns the layers of the network. Weights are drawn from N(0, 0.02²), and
// those whose output is added to the path of a residual from 1/√(2·Blocks) of that,
// so that the sum does not grow with the number of blocks, as in GPT-2.
func (g GPT) Layers() []Layer {
	const std = 0.02
	block := TransformerBlock{
		Heads: g.Heads, Units: g.Units, Causal: true, Rotary: g.Rotary, RMSNorm: g.RMSNorm, SwiGLU: g.SwiGLU, NoBias: g.NoBias,
		Dropout: g.Dropout, Init: Normal(std), OutputInit: Normal(std / math.Sqrt(2*float64(max(1, g.Blocks)))),
	}
	layers := []Layer{Embedding{Vocabulary: g.Vocabulary, Size: g.Size, Padding: -1, Init: Normal(std)}}
	if g.Rotary == 0 {
		layers = append(layers, LearnedPositions{Init: Normal(std)})
	}
	if g.Dropout != 0 {
		layers = append(layers, Dropout{Rate: g.Dropout})
	}
	for range g.Blocks {
		layers = append(layers, block)
	}
	layers = append(layers, block.norm())
	if g.Untied {
		return append(layers, Dense{Units: g.Vocabulary, NoBias: true, Init: Normal(std)})
	}
	return append(layers, Unembedding{})
}
