package save

import (
	"fmt"
	"strings"

	"github.com/descent-go/descent/lib/model"
)

// LoadKeras reads the weights of a Keras model, saved as safetensors, into m, a
// model with the same layers. A .keras file is a zip archive with an HDF5 file in
// it; Python converts it, and .weights.h5, to safetensors:
//
//	import keras; from safetensors.numpy import save_file
//	m = keras.saving.load_model("m.keras")  # or build it, and m.load_weights("m.weights.h5")
//	save_file({f"{i}.{v.name}": keras.ops.convert_to_numpy(v) for i, l in enumerate(m.layers) for v in l.weights}, "m.safetensors")
//
// The names begin with the layers' numbers, so that their order is known. Each
// layer of m takes the tensors of one layer of Keras:
//
//   - a dense layer, and a model.Linear, "kernel" of shape (inputs, outputs) and
//     "bias"; after a Flatten of an image the inputs are sorted anew, since Keras
//     has the channels last and a [model.Network] first;
//   - a Conv2D "kernel" of shape (height, width, channels, filters), or
//     (height, width, channels, multiplier) of a DepthwiseConv2D, and "bias";
//   - an embedding "embeddings";
//   - a BatchNorm "gamma", "beta", "moving_mean" and "moving_variance", a LayerNorm
//     "gamma" and "beta". The scale is 1 without gamma, the shift 0 without beta.
//
// names, errors and settings are as in [LoadPyTorch]. The ε of Keras's
// normalisations is 10⁻³, not that of NewBatchNorm. The pixels of the rows of x have
// to be sorted with the channels first.
func LoadKeras(path string, m model.Model, names map[string]string) error {
	flat, err := flattened(m)
	if err != nil {
		return fmt.Errorf("save: %s: %w", path, err)
	}
	return loadForeign(path, m, names, keras, flat)
}

// flattened returns the shape of the image for each layer whose input features are
// its pixels: those from a Flatten to the next Dense, which is the last of them.
func flattened(m model.Model) (map[string]model.Shape, error) {
	flat := map[string]model.Shape{}
	n, ok := m.(*model.Network)
	if !ok {
		return flat, nil
	}
	var image model.Shape
	for i, l := range n.Layers() {
		kind := strings.ToLower(strings.TrimPrefix(fmt.Sprintf("%T", l), "model."))
		if in := n.Shapes()[i]; kind == "flatten" && len(in) == 3 {
			image = in
		}
		switch {
		case image == nil:
			continue
		case kind == "residual":
			return nil, fmt.Errorf("layer %d is a Residual on the pixels of a flattened image, which Keras sorts otherwise: put a Dense before it", i)
		}
		flat[fmt.Sprintf("%d.%s", i, kind)] = image
		if kind == "dense" {
			image = nil
		}
	}
	return flat, nil
}

// keras is the convention of keras.layers.
func keras(l *layer, part string, shape []int) (rule, bool) {
	values := []form{as(shape...)} // one for each feature
	switch {
	case len(shape) == 3: // of an image
		values = []form{reordered([]int{shape[1], shape[2], shape[0]}, 2, 0, 1)}
	case l.flat != nil && l.kind != "dense":
		values = []form{{shape: shape, view: []int{l.flat[1], l.flat[2], l.flat[0]}, axes: []int{2, 0, 1}}}
	}
	switch l.kind + "." + part {
	case "linear.weights", "dense.weights":
		f := as(shape...)
		if l.flat != nil {
			f.view, f.axes = []int{l.flat[1], l.flat[2], l.flat[0], shape[1]}, []int{2, 0, 1, 3}
		}
		return rule{name: "kernel", forms: []form{f}}, true
	case "linear.intercept", "dense.biases", "conv2d.biases":
		return rule{name: "bias", forms: []form{as(shape...)}}, true
	case "conv2d.weights":
		filters, channels, k := shape[0], shape[1], shape[2]
		forms := []form{reordered([]int{k, k, channels, filters}, 3, 2, 0, 1)}
		if channels == 1 { // of each group
			for seen := 2; seen <= filters; seen++ {
				if filters%seen == 0 {
					forms = append(forms, reordered([]int{k, k, seen, filters / seen}, 2, 3, 0, 1))
				}
			}
		}
		return rule{name: "kernel", forms: forms}, true
	case "embedding.weights", "meanembedding.weights", "embeddingbag.weights":
		return rule{name: "embeddings", forms: []form{as(shape...)}}, true
	case "batchnorm.scale", "layernorm.scale":
		return rule{name: "gamma", forms: values, optional: true, fill: 1}, true
	case "batchnorm.shift", "layernorm.shift":
		return rule{name: "beta", forms: values, optional: true}, true
	case "batchnorm.mean":
		return rule{name: "moving_mean", forms: values}, true
	case "batchnorm.variance":
		return rule{name: "moving_variance", forms: values}, true
	}
	return rule{}, false
}
