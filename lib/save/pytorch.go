package save

import "github.com/descent-go/descent/lib/model"

// LoadPyTorch reads the state_dict of a PyTorch module, saved as safetensors, into
// m, a model with the same layers. In Python:
//
//	from safetensors.torch import save_file
//	save_file(module.state_dict(), "m.safetensors")
//
// Each layer of m takes the tensors of one module:
//
//   - a dense layer, and a model.Linear, those of nn.Linear: "weight" of shape
//     (outputs, inputs), which is transposed, and "bias";
//   - a Conv2D those of nn.Conv2d, an embedding those of nn.Embedding or
//     nn.EmbeddingBag, in the same shapes;
//   - a BatchNorm "weight", "bias", "running_mean" and "running_var", a LayerNorm
//     "weight" and "bias". Without affine weights the scale is 1 and the shift 0.
//
// Which module belongs to which layer is derived from the shapes, and among equal
// shapes from the order, if the names are numbers as in nn.Sequential ("0.weight",
// "2.weight"). Where that is not clear, LoadPyTorch returns an error that lists the
// layers and the modules, and names must tell: from a layer of m to a module
// ({"0.dense": "fc1"}) or from a part of m.Layout to a tensor
// ({"0.dense.weights": "fc1.weight"}). A model.Linear is the layer "linear". nil is
// for no names.
//
// Settings are not in the file: give m the ε of its normalisations, and the
// activations, strides and paddings of the original.
//
// On an error m does not change. The file has no checksum of its numbers, so they
// are read unverified; float32 and smaller become float64 exactly.
func LoadPyTorch(path string, m model.Model, names map[string]string) error {
	return loadForeign(path, m, names, pytorch, nil)
}

// pytorch is the convention of torch.nn.
func pytorch(l *layer, part string, shape []int) (rule, bool) {
	same := []form{as(shape...)}
	switch l.kind + "." + part {
	case "linear.weights", "dense.weights":
		return rule{name: "weight", forms: []form{reordered([]int{shape[1], shape[0]}, 1, 0)}}, true
	case "linear.intercept", "dense.biases", "conv2d.biases":
		return rule{name: "bias", forms: same}, true
	case "conv2d.weights", "embedding.weights", "meanembedding.weights", "embeddingbag.weights":
		return rule{name: "weight", forms: same}, true
	case "batchnorm.scale", "layernorm.scale":
		return rule{name: "weight", forms: same, optional: l.kind == "batchnorm", fill: 1}, true
	case "batchnorm.shift", "layernorm.shift":
		return rule{name: "bias", forms: same, optional: true}, true
	case "batchnorm.mean":
		return rule{name: "running_mean", forms: same}, true
	case "batchnorm.variance":
		return rule{name: "running_var", forms: same}, true
	}
	return rule{}, false
}
