// Package networks holds the two networks that make bench trains, for the side
// that trains them and for the driver that writes down their first weights.
package networks

import "github.com/descent-go/descent/lib/model"

// Seed is that of the first weights.
const Seed = 5

// A Build is model.NewNetwork or model.NewNetwork32.
type Build func(input model.Shape, seed uint64, layers ...model.Layer) (*model.Network, error)

// MLP is 784-128-10 with ReLU.
func MLP(build Build) (*model.Network, error) {
	return build(model.Features(784), Seed, model.Dense{Units: 128}, model.ReLU{}, model.Dense{Units: 10})
}

// LeNet is LeNet-5 as it is built today: ReLU for its sigmoids, and the largest
// of four in place of a trained mean. (LeCun et al., Gradient-Based Learning
// Applied to Document Recognition, 1998.)
func LeNet(build Build) (*model.Network, error) {
	return build(model.Image(28, 28, 1), Seed,
		model.Conv2D{Filters: 6, Kernel: 5, Padding: 2}, model.ReLU{}, model.MaxPool{Size: 2},
		model.Conv2D{Filters: 16, Kernel: 5}, model.ReLU{}, model.MaxPool{Size: 2},
		model.Flatten{},
		model.Dense{Units: 120}, model.ReLU{}, model.Dense{Units: 84}, model.ReLU{}, model.Dense{Units: 10})
}
