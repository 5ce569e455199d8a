package model

// TransformerBlock is one layer of a transformer: attention, which moves information
// between tokens, and then a network of two layers for each token, each as an
// addition to its input,
//
//	x ← x + attention(norm(x))
//	x ← x + network(norm(x))
//
// The normalisations come first (pre-norm): the path of the x is only ever added to,
// so that the gradient reaches the first block undiminished. [TransformerBlock.Layers]
// writes the block with other layers of this package, and its parameters have their
// names.
//
// Sources: Vaswani and others, Attention Is All You Need, 2017; Xiong and others, On
// Layer Normalization in the Transformer Architecture, 2020.
type TransformerBlock struct {
	Heads      int         // of the attention
	Units      int         // hidden units of the network, usually 4 times the size of a vector
	Causal     bool        // a token sees itself and what is before it
	Rotary     float64     // base of rotary positions, usually 10000; 0 for none
	RMSNorm    bool        // normalise with RMSNorm instead of LayerNorm
	SwiGLU     bool        // use SwiGLU instead of Dense, GELU, Dense
	NoBias     bool        // omit the biases
	Dropout    float64     // rate of Dropout on what is added
	Init       Initializer // of the weights; nil is the layers' own
	OutputInit Initializer // of the weights whose output is added; nil is Init
}

// Layers returns the layers that the block consists of, for vectors of size numbers.
// A network of them computes the same as the block.
func (l TransformerBlock) Layers(size int) []Layer {
	last := l.OutputInit
	if last == nil {
		last = l.Init
	}
	attend := Residual{l.norm(), SelfAttention{
		Heads: l.Heads, Causal: l.Causal, Rotary: l.Rotary, NoBias: l.NoBias, Init: l.Init, OutputInit: last,
	}}
	think := Residual{l.norm()}
	if l.SwiGLU {
		think = append(think, SwiGLU{Units: l.Units, Init: l.Init, OutputInit: last})
	} else {
		think = append(think,
			Dense{Units: l.Units, NoBias: l.NoBias, Init: l.Init},
			GELU{Approximate: true},
			Dense{Units: size, NoBias: l.NoBias, Init: last})
	}
	if l.Dropout != 0 {
		attend, think = append(attend, Dropout{Rate: l.Dropout}), append(think, Dropout{Rate: l.Dropout})
	}
	return []Layer{attend, think}
}

func (l TransformerBlock) norm() Layer {
	if l.RMSNorm {
		return NewRMSNorm()
	}
	return NewLayerNorm()
}

func newTransformerBlock[T element](l TransformerBlock, in Shape, b *builder[T]) (module[T], Shape, error) {
	_, size, err := in.sequence()
	if err != nil {
		return nil, nil, err
	}
	return b.chain(l.Layers(size), in)
}
