package model

import "slices"

// Layers returns the network's layers, as NewNetwork got them. They are values:
// a change of the list does not change the network.
func (n *Network) Layers() []Layer { return slices.Clone(n.layers) }

// Shapes returns the shape of one sample at each stage of the network: that of
// the input, then that of the output of each layer. It has one more element than
// Layers.
func (n *Network) Shapes() []Shape {
	shapes := []Shape{slices.Clone(n.input)}
	for _, r := range n.rows {
		if r.depth == 0 {
			shapes = append(shapes, slices.Clone(r.output))
		}
	}
	return shapes
}
