package save

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"reflect"
	"slices"
	"strings"

	"github.com/descent-go/descent/lib/format"
	"github.com/descent-go/descent/lib/model"
)

const (
	modelFormat   = "descent/model"
	modelVersion  = 2         // 1 has no checksum
	descriptorKey = "descent" // in the metadata of the safetensors file
	weightsSuffix = ".safetensors"
	aboutSuffix   = ".json"
)

// Model writes m to path.safetensors and its description to path.json. The
// tensors are the parts of θ, under the names of m.Layout, and the numbers of a
// model.Stateful. If path already ends in .safetensors, Model does not add it.
//
// meta is encoded as JSON; nil means none. Model returns an error for a meta that
// encoding/json cannot encode, such as NaN or a function, and for a model whose
// layout does not cover all of θ or uses a name twice.
//
// The same model and meta give the same bytes: no time is recorded.
func Model(path string, m model.Model, meta any) error {
	path = strings.TrimSuffix(path, weightsSuffix)
	file, about, err := encode(m, meta)
	if err != nil {
		return fmt.Errorf("save: %w", err)
	}
	sum := sha256.New()
	err = format.WriteFile(path+weightsSuffix, func(w io.Writer) error {
		return format.WriteSafetensors(io.MultiWriter(w, sum), file)
	})
	if err != nil {
		return fmt.Errorf("save: %w", err)
	}
	about.SHA256 = hex.EncodeToString(sum.Sum(nil))
	err = format.WriteFile(path+aboutSuffix, func(w io.Writer) error {
		e := json.NewEncoder(w)
		e.SetIndent("", "  ")
		e.SetEscapeHTML(false)
		return e.Encode(about)
	})
	if err != nil {
		return fmt.Errorf("save: the model is in %s, but its description is not: %w", path+weightsSuffix, err)
	}
	return nil
}

// encode makes the file of a model, over the model's own memory.
func encode(m model.Model, meta any) (*format.Safetensors, *Description, error) {
	parts, err := partsOf(m)
	if err != nil {
		return nil, nil, err
	}
	inputs, outputs := m.Dims()
	about := &Description{Format: modelFormat, Version: modelVersion, Kind: kindOf(m), Inputs: inputs, Outputs: outputs}
	if s, ok := m.(interface{ Summary() string }); ok {
		about.Summary = strings.Split(strings.TrimRight(s.Summary(), "\n"), "\n")
	}
	if meta != nil {
		if about.Meta, err = json.Marshal(meta); err != nil {
			return nil, nil, fmt.Errorf("the metadata: %w", err)
		}
	}
	header, err := json.Marshal(about)
	if err != nil {
		return nil, nil, err
	}
	file := &format.Safetensors{
		Metadata: map[string]string{descriptorKey: string(header)},
		Tensors:  map[string]format.Tensor{},
	}
	for _, p := range parts {
		about.Tensors = append(about.Tensors, p.Tensor)
		file.Tensors[p.Name] = format.Tensor{Shape: p.Shape, Data: p.data}
	}
	return file, about, addChecksum(file)
}

// A part is a named part of a model, as a view.
type part struct {
	Tensor
	data []float64
}

func partsOf(m model.Model) ([]part, error) {
	theta := m.Params()
	var parts []part
	named := 0
	for _, p := range m.Layout() {
		if p.Offset < 0 || p.Offset+p.Size() > len(theta) {
			return nil, fmt.Errorf("the model's layout places %q outside of its %d parameters", p.Name, len(theta))
		}
		parts = append(parts, part{Tensor{p.Name, p.Shape}, p.In(theta)})
		named += p.Size()
	}
	if named != len(theta) {
		return nil, fmt.Errorf("the model's layout names %d of its %d parameters", named, len(theta))
	}
	if b, ok := m.(model.Stateful); ok {
		for name, v := range b.Buffers() {
			parts = append(parts, part{Tensor{name, []int{len(v)}}, v})
		}
	}
	seen := map[string]bool{}
	for _, p := range parts {
		if seen[p.Name] {
			return nil, fmt.Errorf("the model has two parts with the name %q", p.Name)
		}
		seen[p.Name] = true
	}
	return parts, nil
}

func kindOf(m model.Model) string { return strings.TrimPrefix(fmt.Sprintf("%T", m), "*") }

// Load reads a file written by Model into m, a model of the same kind and layout,
// and the metadata into the value that meta points to, unless meta is nil. It
// reads only path.safetensors.
//
// It returns an error that names every tensor that is missing, unexpected or of
// another shape, and an error for a file with even a single wrong bit. On an
// error neither m nor *meta changes.
//
// A file from another program can be loaded too, if its names and shapes are those
// of m.Layout. Numbers of other types are converted to float64. Such a file, and
// an older one without a checksum, is read unverified.
func Load(path string, m model.Model, meta any) error {
	path = strings.TrimSuffix(path, weightsSuffix) + weightsSuffix
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("save: %w", err)
	}
	defer f.Close()
	if err := decode(f, m, meta); err != nil {
		return fmt.Errorf("save: %s: %w", path, err)
	}
	return nil
}

func decode(r io.Reader, m model.Model, meta any) error {
	f, err := open(r)
	if err != nil {
		return err
	}
	set, err := f.model(m, meta)
	if err := f.verify(err); err != nil {
		return err
	}
	return set()
}

// model reads the file and returns what sets m and *meta, which is not done
// before all is known to be right.
func (f *reader) model(m model.Model, meta any) (set func() error, err error) {
	about, err := f.describe()
	if err != nil {
		return nil, err
	}
	if about.Kind != "" && about.Kind != kindOf(m) {
		return nil, fmt.Errorf("it holds a %s, which cannot be loaded into a %s", about.Kind, kindOf(m))
	}
	parts, err := partsOf(m)
	if err != nil {
		return nil, err
	}
	if err := compare(f.Tensors, parts); err != nil {
		return nil, err
	}
	limit := 0
	for _, p := range parts {
		limit += len(p.data)
	}
	tensors, err := f.ReadTensors(f, limit)
	if err != nil {
		return nil, err
	}
	if err := checkMeta(about.Meta, meta); err != nil {
		return nil, err
	}
	return func() error {
		if meta != nil {
			if err := json.Unmarshal(about.Meta, meta); err != nil {
				return fmt.Errorf("the metadata: %w", err)
			}
		}
		for _, p := range parts {
			copy(p.data, tensors[p.Name].Data)
		}
		return nil
	}, nil
}

// checkMeta decodes the metadata into a new value, so that *meta is not left half
// filled.
func checkMeta(text json.RawMessage, meta any) error {
	if meta == nil {
		return nil
	}
	if text == nil {
		return fmt.Errorf("it has no metadata: load it with nil")
	}
	if v := reflect.ValueOf(meta); v.Kind() == reflect.Pointer && !v.IsNil() {
		meta = reflect.New(v.Type().Elem()).Interface()
	}
	if err := json.Unmarshal(text, meta); err != nil {
		return fmt.Errorf("the metadata: %w", err)
	}
	return nil
}

// compare names every difference between a file and a model.
func compare(file []format.TensorInfo, parts []part) error {
	var wrong []string
	for _, p := range parts {
		i := slices.IndexFunc(file, func(t format.TensorInfo) bool { return t.Name == p.Name })
		switch {
		case i < 0:
			wrong = append(wrong, fmt.Sprintf("%q of shape %v is missing", p.Name, p.Shape))
		case !slices.Equal(file[i].Shape, p.Shape):
			wrong = append(wrong, fmt.Sprintf("%q has shape %v, the model %v", p.Name, file[i].Shape, p.Shape))
		}
	}
	for _, t := range file {
		if !slices.ContainsFunc(parts, func(p part) bool { return p.Name == t.Name }) {
			wrong = append(wrong, fmt.Sprintf("%q of shape %v is not in the model", t.Name, t.Shape))
		}
	}
	if wrong != nil {
		return fmt.Errorf("its tensors do not fit the model: %s", strings.Join(wrong, "; "))
	}
	return nil
}
