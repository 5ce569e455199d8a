package networks

import "github.com/descent-go/descent/lib/model"

// Layers are networks of one kind of layer, by its name. There are two where one alone
// would not compute ∂L/∂x, which the first layer of a network has no use for.
var Layers = map[string]func(Build) (*model.Network, error){
	"dense": func(build Build) (*model.Network, error) {
		return build(model.Features(512), Seed, model.Dense{Units: 512}, model.Dense{Units: 512})
	},
	"conv": func(build Build) (*model.Network, error) {
		filters := model.Conv2D{Filters: 16, Kernel: 3, Padding: 1}
		return build(picture, Seed, filters, filters)
	},
	"batchnorm": func(build Build) (*model.Network, error) {
		return build(picture, Seed, model.NewBatchNorm(), model.NewBatchNorm())
	},
	"layernorm": func(build Build) (*model.Network, error) {
		return build(model.Features(512), Seed, model.NewLayerNorm(), model.NewLayerNorm())
	},
	"maxpool": func(build Build) (*model.Network, error) {
		return build(picture, Seed, model.NewBatchNorm(), model.MaxPool{Size: 2})
	},
	"gelu": func(build Build) (*model.Network, error) {
		return build(model.Features(512), Seed, model.NewLayerNorm(), model.GELU{Approximate: true})
	},
	"embedding": func(build Build) (*model.Network, error) {
		return build(model.Tokens(64), Seed, model.NewEmbedding(Words, 128))
	},
	"gru": func(build Build) (*model.Network, error) {
		return build(model.Tokens(64), Seed, model.NewEmbedding(Characters, 128), model.GRU{Units: 128})
	},
}

// Words is how many the embedding of Layers knows.
const Words = 10_000

var picture = model.Image(32, 32, 16)

// Small is a network that predicts a number from 20.
func Small(build Build) (*model.Network, error) {
	return build(model.Features(20), Seed, model.Dense{Units: 64}, model.ReLU{}, model.Dense{Units: 64}, model.ReLU{}, model.Dense{Units: 1})
}
