package save

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
)

// A Description describes the contents of a model's file.
type Description struct {
	Format  string `json:"format"`  // "descent/model"
	Version int    `json:"version"` // of the format, 2; 1 has no checksum
	Kind    string `json:"kind"`    // the Go type, such as "model.Linear"
	Inputs  int    `json:"inputs"`  // columns of x
	Outputs int    `json:"outputs"` // columns of f(x)

	// Summary holds the lines of the model's Summary method, if it has one.
	Summary []string `json:"summary,omitempty"`
	// Meta is the metadata that the caller passed to Model.
	Meta json.RawMessage `json:"meta,omitempty"`
	// Tensors are the parts of θ, then the numbers of a model.Stateful.
	// Describe returns them in the order of the file.
	Tensors []Tensor `json:"tensors,omitempty"`
	// SHA256 of the safetensors file, in the JSON only.
	SHA256 string `json:"sha256,omitempty"`
}

// A Tensor is the name and shape of a tensor in a file.
type Tensor struct {
	Name  string `json:"name"`
	Shape []int  `json:"shape"`
}

// Describe returns the description of path.safetensors. It reads the whole file
// and returns an error if it is damaged. For a file from another program only
// Tensors is set.
func Describe(path string) (*Description, error) {
	path = strings.TrimSuffix(path, weightsSuffix) + weightsSuffix
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("save: %w", err)
	}
	defer file.Close()
	about, err := description(file)
	if err != nil {
		return nil, fmt.Errorf("save: %s: %w", path, err)
	}
	return about, nil
}

// description reads a whole file and returns what it says about itself.
func description(r io.Reader) (*Description, error) {
	f, err := open(r)
	if err != nil {
		return nil, err
	}
	about, err := f.describe()
	if err := f.verify(err); err != nil {
		return nil, err
	}
	for _, t := range f.Tensors {
		about.Tensors = append(about.Tensors, Tensor{t.Name, t.Shape})
	}
	return about, nil
}

// describe reads the description in the header. A file of another program has
// none.
func (f *reader) describe() (*Description, error) {
	text, ok := f.Metadata[descriptorKey]
	if !ok {
		return &Description{}, nil
	}
	var about Description
	if err := json.Unmarshal([]byte(text), &about); err != nil {
		return nil, fmt.Errorf("its description: %w", err)
	}
	switch {
	case about.Format != modelFormat:
		return nil, fmt.Errorf("it holds %q, want %q", about.Format, modelFormat)
	case about.Version < 1 || about.Version > modelVersion:
		return nil, fmt.Errorf("it has version %d of the format, want at most %d: use the version of this library that wrote it", about.Version, modelVersion)
	}
	about.Tensors, about.SHA256 = nil, ""
	return &about, f.need(about.Version)
}
