package save

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/descent-go/descent/lib/format"
	"github.com/descent-go/descent/lib/model"
)

// A convention says how another library calls and lays out what one of our layers
// keeps under the name part, with the given shape. The kind of layer is that of
// model.Network.Layout: "dense" of "0.dense.weights".
type convention func(l *layer, part string, shape []int) (rule, bool)

// A rule says where the numbers of a part are.
type rule struct {
	name     string // the last part of the tensor's name, such as "weight"
	forms    []form // any of them
	optional bool   // a layer may lack it; its numbers are then fill
	fill     float64
}

// A form is a shape in the file, and how to get ours: take the numbers as an array
// of shape view, and reorder its dimensions, so that dimension d of the result is
// dimension axes[d] of view.
type form struct{ shape, view, axes []int }

// as is the same shape in the same order.
func as(shape ...int) form { return form{shape: shape} }

// reordered has the dimensions of the file's shape in another order.
func reordered(shape []int, axes ...int) form { return form{shape, shape, axes} }

// layer is a layer of the model that has parameters.
type layer struct {
	name, kind string      // "2.residual.0.dense" and "dense"
	flat       model.Shape // of the image whose pixels are its input features, if it follows a Flatten
	parts      []part
	rules      []rule // of each part; empty if the convention does not know the kind
}

func (l *layer) String() string {
	var s []string
	for i, p := range l.parts {
		if len(l.rules) == 0 {
			s = append(s, fmt.Sprintf("%s %v", p.Name, p.Shape))
			continue
		}
		s = append(s, fmt.Sprintf("%s %v", l.rules[i].name, l.rules[i].forms[0].shape))
	}
	return l.name + ": " + strings.Join(s, ", ")
}

// fits reports whether the module holds what the layer needs, and no more.
func (l *layer) fits(m *module) bool {
	used := 0
	for _, r := range l.rules {
		i := slices.IndexFunc(m.tensors, func(t format.TensorInfo) bool { return m.suffix(t) == r.name })
		switch {
		case i >= 0 && r.form(m.tensors[i].Shape) != nil:
			used++
		case i >= 0 || !r.optional:
			return false
		}
	}
	return used == len(m.tensors) && used > 0
}

// form returns the one with the given shape, or nil.
func (r rule) form(shape []int) *form {
	for i := range r.forms {
		if slices.Equal(r.forms[i].shape, shape) {
			return &r.forms[i]
		}
	}
	return nil
}

// module is a set of tensors in the file whose names differ in the last part only:
// "fc1.weight" and "fc1.bias".
type module struct {
	name    string
	tensors []format.TensorInfo
}

func (m *module) suffix(t format.TensorInfo) string {
	return strings.TrimLeft(t.Name[len(m.name):], "./")
}

func (m *module) String() string {
	var s []string
	for _, t := range m.tensors {
		s = append(s, fmt.Sprintf("%s %v", m.suffix(t), t.Shape))
	}
	return m.name + ": " + strings.Join(s, ", ")
}

// A source is where a part's numbers come from.
type source struct {
	tensor string // "" if they are fill
	form   form
	fill   float64
}

// loadForeign reads a file of another library into m. flat is layer.flat of the
// layers, by name.
func loadForeign(path string, m model.Model, names map[string]string, c convention, flat map[string]model.Shape) error {
	path = strings.TrimSuffix(path, weightsSuffix) + weightsSuffix
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("save: %w", err)
	}
	defer f.Close()
	if err := readForeign(f, m, names, c, flat); err != nil {
		return fmt.Errorf("save: %s: %w", path, err)
	}
	return nil
}

func readForeign(r io.Reader, m model.Model, names map[string]string, c convention, flat map[string]model.Shape) error {
	header, err := format.ReadSafetensorsHeader(r)
	if err != nil {
		return err
	}
	if _, ok := header.Metadata[descriptorKey]; ok {
		return errors.New("this library wrote it: use save.Load")
	}
	layers, err := layersOf(m, c, flat)
	if err != nil {
		return err
	}
	sources, err := match(layers, modulesOf(header.Tensors), names)
	if err != nil {
		return err
	}
	limit := len(header.Tensors) // of the counters, which nobody needs
	for _, l := range layers {
		for _, p := range l.parts {
			limit += len(p.data)
		}
	}
	tensors, err := header.ReadTensors(r, limit)
	if err != nil {
		return err
	}
	for _, l := range layers { // nothing can fail any more
		for _, p := range l.parts {
			sources[p.Name].copyTo(p.data, tensors)
		}
	}
	return nil
}

func (s source) copyTo(dst []float64, tensors map[string]format.Tensor) {
	if s.tensor == "" {
		for i := range dst {
			dst[i] = s.fill
		}
		return
	}
	data := tensors[s.tensor].Data
	if s.form.axes == nil {
		copy(dst, data)
		return
	}
	permute(dst, data, s.form.view, s.form.axes)
}

// permute sets dst to src, an array of the given shape, with its dimensions
// reordered: dimension d of dst is dimension axes[d] of src.
func permute(dst, src []float64, shape, axes []int) {
	strides, stride := make([]int, len(shape)), 1
	for d := len(shape) - 1; d >= 0; d-- {
		strides[d] = stride
		stride *= shape[d]
	}
	index, at := make([]int, len(shape)), 0
	for i := range dst {
		dst[i] = src[at]
		for d := len(axes) - 1; d >= 0; d-- { // to the next index of dst, in row-major order
			axis := axes[d]
			index[d]++
			at += strides[axis]
			if index[d] < shape[axis] {
				break
			}
			at -= index[d] * strides[axis]
			index[d] = 0
		}
	}
}

// layersOf groups the parts of a model by layer, in order.
func layersOf(m model.Model, c convention, flat map[string]model.Shape) ([]*layer, error) {
	parts, err := partsOf(m)
	if err != nil {
		return nil, err
	}
	var layers []*layer
	for _, p := range parts {
		name := "linear"
		if _, ok := m.(*model.Linear); !ok {
			name, _ = cut(p.Name)
		}
		i := slices.IndexFunc(layers, func(l *layer) bool { return l.name == name })
		if i < 0 {
			_, kind := cut(name)
			layers, i = append(layers, &layer{name: name, kind: kind, flat: flat[name]}), len(layers)
		}
		layers[i].parts = append(layers[i].parts, p)
	}
	for _, l := range layers {
		for _, p := range l.parts {
			_, last := cut(p.Name)
			r, ok := c(l, last, p.Shape)
			if !ok {
				l.rules = nil
				break
			}
			l.rules = append(l.rules, r)
		}
	}
	return layers, nil
}

// cut splits "fc.1.weight" into "fc.1" and "weight". Keras has / for the dot.
func cut(name string) (before, last string) {
	i := strings.LastIndexAny(name, "./")
	if i < 0 {
		return "", name
	}
	return name[:i], name[i+1:]
}

// modulesOf groups the tensors of a file. PyTorch's count of the batches that a
// batch normalisation has seen says nothing about predictions.
func modulesOf(tensors []format.TensorInfo) []*module {
	byName := map[string]*module{}
	for _, t := range tensors {
		name, last := cut(t.Name)
		if last == "num_batches_tracked" {
			continue
		}
		if byName[name] == nil {
			byName[name] = &module{name: name}
		}
		byName[name].tensors = append(byName[name].tensors, t)
	}
	return slices.SortedFunc(maps.Values(byName), func(a, b *module) int { return slices.CompareFunc(split(a.name), split(b.name), compareComponents) })
}
