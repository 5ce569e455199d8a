package model

import (
	"fmt"
	"strconv"
	"strings"
)

// GPT2 returns n with the names that the files of GPT-2 have for the parts of θ, such
// as "h.0.attn.c_attn.weight" for the queries, keys and values of the first block: for
// save.Model, and for save.Load of a file from another program. The shapes are those
// of GPT-2, too. n must have the layers of [NewGPT], in any size; GPT2 returns an
// error that names the first part that has no counterpart. The result shares θ with n.
//
// The names are those of transformers.GPT2Model. A file with the prefix
// "transformer.", or with the masks "h.0.attn.bias" that old files have, must be
// rewritten first.
func (n *Network) GPT2() (Model, error) {
	m := &gpt2{Network: n, layout: n.Layout()}
	first := -1 // the index of the first block
	for i, p := range m.layout {
		layer, rest, _ := strings.Cut(p.Name, ".")
		dot := strings.LastIndexByte(rest, '.')
		name, end := gpt2Names[rest[:dot]], gpt2Ends[rest[dot:]]
		if name == "" || end == "" {
			return nil, fmt.Errorf("model: GPT-2 has no %q: the network must have the layers of model.NewGPT", p.Name)
		}
		if strings.HasPrefix(rest, "transformerblock.") {
			block, err := strconv.Atoi(layer)
			if err != nil {
				return nil, fmt.Errorf("model: %q: %w", p.Name, err)
			}
			if first < 0 {
				first = block
			}
			name = fmt.Sprintf("h.%d.%s", block-first, name)
		}
		m.layout[i].Name = name + end
	}
	return m, nil
}

// gpt2 is a network with other names.
type gpt2 struct {
	*Network
	layout []Param
}

func (m *gpt2) Layout() []Param { return m.layout }

var gpt2Ends = map[string]string{".weights": ".weight", ".biases": ".bias", ".scale": ".weight", ".shift": ".bias"}

// gpt2Names are the parts of the network, and of a block.
var gpt2Names = map[string]string{
	"embedding":        "wte",
	"learnedpositions": "wpe",
	"layernorm":        "ln_f",
	"transformerblock.0.residual.0.layernorm":            "ln_1",
	"transformerblock.0.residual.1.selfattention.qkv":    "attn.c_attn",
	"transformerblock.0.residual.1.selfattention.output": "attn.c_proj",
	"transformerblock.1.residual.0.layernorm":            "ln_2",
	"transformerblock.1.residual.1.dense":                "mlp.c_fc",
	"transformerblock.1.residual.3.dense":                "mlp.c_proj",
}
