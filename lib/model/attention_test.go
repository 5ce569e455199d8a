package model_test

import "github.com/descent-go/descent/lib/model"

// attentionMembers are the layers of transformers.
func attentionMembers() []member {
	embedding := model.NewEmbedding(5, 4)
	dense := model.Dense{Units: 3}
	attention := func(l model.SelfAttention) func(uint64) model.Model {
		return layers(model.Tokens(6), embedding, l, model.Tanh{}, dense)
	}
	gpt := model.GPT{Vocabulary: 5, Context: 6, Size: 4, Blocks: 2, Heads: 2, Units: 7, Dropout: 0.2}
	llama := model.GPT{Vocabulary: 5, Context: 6, Size: 8, Blocks: 1, Heads: 2, Units: 7, Rotary: 10000, RMSNorm: true, SwiGLU: true, NoBias: true, Untied: true}
	return []member{
		{name: "attention", data: texts(6, 5), build: attention(model.SelfAttention{Heads: 2})},
		{name: "causal attention", data: texts(6, 5), build: attention(model.SelfAttention{Heads: 1, Causal: true, NoBias: true})},
		{name: "rotary attention", data: texts(6, 5), build: attention(model.SelfAttention{Heads: 2, Causal: true, Rotary: 100})},
		{name: "attention over blocks", data: normal(140), build: layers(model.Sequence(70, 2), model.SelfAttention{Heads: 1}, model.MeanTokens{}, dense)},
		{name: "causal attention over blocks", data: normal(140), build: layers(model.Sequence(70, 2), model.SelfAttention{Heads: 1, Causal: true}, model.MeanTokens{}, dense)},
		{name: "attention of one vector", data: normal(4), build: layers(model.Sequence(1, 4), model.SelfAttention{Heads: 2, Causal: true}, dense)},
		{name: "learned positions", data: texts(6, 5), build: layers(model.Tokens(6), embedding, model.LearnedPositions{}, dense, model.Tanh{}, dense)},
		{name: "sinusoidal positions", data: texts(6, 5), build: layers(model.Tokens(6), embedding, model.SinusoidalPositions{}, dense, model.Tanh{}, dense)},
		{name: "swiglu", data: texts(6, 5), build: layers(model.Tokens(6), embedding, model.SwiGLU{Units: 5}, dense)},
		{name: "swiglu of features", data: normal(4), build: layers(model.Features(4), dense, model.SwiGLU{Units: 5}, dense)},
		{name: "gpt", data: texts(6, 5), random: true, build: layers(gpt.Input(), gpt.Layers()...)},
		{name: "lora", data: texts(6, 5), build: layers(model.Tokens(6), model.Frozen{Layer: embedding},
			model.LoRA{Layer: model.SelfAttention{Heads: 2}, Rank: 2, Alpha: 3}, model.Frozen{Layer: model.NewLayerNorm()}, dense)},
		{name: "llama", data: texts(6, 5), build: layers(llama.Input(), llama.Layers()...)},
	}
}
