package tabular

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/descent-go/descent/internal/number"
	"github.com/descent-go/descent/lib/calibrate"
	"github.com/descent-go/descent/lib/format"
	"github.com/descent-go/descent/lib/preprocess"
	"github.com/descent-go/descent/lib/save"
)

const (
	fileFormat  = "descent/tabular"
	fileVersion = 1
	maxFile     = 1 << 30 // bytes that Load reads at most
)

// saved is what a file has besides the parameters: the metadata of the model.
type saved struct {
	Format      string                `json:"format"`
	Version     int                   `json:"version"`
	Task        Task                  `json:"task"`
	Target      string                `json:"target"`
	Classes     []string              `json:"classes,omitempty"`
	Unknown     Unknown               `json:"unknown,omitempty"`
	Weights     string                `json:"weights,omitempty"`
	Features    []Feature             `json:"features"`
	Preparation json.RawMessage       `json:"preparation"`
	Method      savedMethod           `json:"method"`
	Calibrator  *calibrate.Classifier `json:"calibrator,omitempty"`
	About       About                 `json:"about"`
}

// Save writes preparation, model, classes and what is known of the model. The format is
// that of package save, safetensors with a checksum. The same model gives the same bytes.
// It returns an error for a preparation or a method that cannot be encoded.
func (m *Model) Save(w io.Writer) error {
	if m.prepare == nil || m.predictor == nil {
		return errors.New("tabular: the model has learned nothing: there is nothing to save")
	}
	var preparation bytes.Buffer
	if err := preprocess.Save(&preparation, m.prepare); err != nil {
		return fmt.Errorf("tabular: %w", err)
	}
	method, err := packMethod(m.method)
	if err != nil {
		return err
	}
	err = save.WriteModel(w, m.predictor, saved{fileFormat, fileVersion, m.Task, m.Target, m.Classes, m.unknown, m.weights,
		m.features, bytes.TrimSpace(preparation.Bytes()), method, m.calibrator, m.about})
	if err != nil {
		return fmt.Errorf("tabular: %w", err)
	}
	return nil
}

// SaveFile is Save to a file, which it replaces atomically: a reader finds the old model
// or the new one.
func (m *Model) SaveFile(path string) error { return format.WriteFile(path, m.Save) }

// Load reads what Save wrote. Methods of other packages must be passed, with any
// settings. It returns an error for a file that is damaged, by even a single bit, of a
// later version or of another kind. A hostile file can neither cause a panic nor make
// Load allocate more than a small multiple of its size.
func Load(r io.Reader, methods ...Method) (*Model, error) {
	m, err := load(r, methods)
	if err != nil {
		return nil, fmt.Errorf("tabular: loading: %w", err)
	}
	return m, nil
}

// LoadFile is Load from a file.
func LoadFile(path string, methods ...Method) (*Model, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("tabular: loading: %w", err)
	}
	defer f.Close()
	m, err := load(f, methods)
	if err != nil {
		return nil, fmt.Errorf("tabular: loading %s: %w", path, err)
	}
	return m, nil
}

func load(r io.Reader, methods []Method) (*Model, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxFile+1))
	if err != nil {
		return nil, err
	}
	if len(data) > maxFile {
		return nil, fmt.Errorf("the file is larger than %d bytes", maxFile)
	}
	about, err := save.DescribeModel(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	var s saved
	if err := s.read(about.Meta); err != nil {
		return nil, err
	}
	m := &Model{Task: s.Task, Target: s.Target, Classes: s.Classes, unknown: s.Unknown, weights: s.Weights,
		features: s.Features, calibrator: s.Calibrator, about: s.About}
	if m.prepare, err = preprocess.Load[*preprocess.TableTransformer](bytes.NewReader(s.Preparation)); err != nil {
		return nil, err
	}
	if m.method, err = s.Method.unpack(methods); err != nil {
		return nil, err
	}
	outputs := Prepared{Classes: len(m.Classes)}.Outputs()
	if size := m.method.Size(about.Inputs, outputs); about.Outputs != outputs || size > len(data) {
		return nil, fmt.Errorf("it has %d bytes and %d outputs, the model of its settings %d parameters and %d outputs", len(data), about.Outputs, size, outputs)
	}
	if m.predictor, err = m.method.New(about.Inputs, outputs); err != nil {
		return nil, err
	}
	if err := save.ReadModel(bytes.NewReader(data), m.predictor, nil); err != nil {
		return nil, err
	}
	for i, v := range m.predictor.Params() {
		if !number.IsFinite(v) {
			return nil, fmt.Errorf("its parameter %d is %g", i, v)
		}
	}
	return m, nil
}

// read sets s to what stands in a file, and checks what can be checked alone.
func (s *saved) read(meta json.RawMessage) error {
	var header struct {
		Format  string
		Version int
	}
	if err := json.Unmarshal(meta, &header); err != nil || header.Format != fileFormat {
		return errors.New("it does not hold a model of this package: package save reads other models")
	}
	if header.Version != fileVersion {
		return fmt.Errorf("it has version %d of the format, this program reads %d", header.Version, fileVersion)
	}
	d := json.NewDecoder(bytes.NewReader(meta))
	d.DisallowUnknownFields()
	if err := d.Decode(s); err != nil {
		return err
	}
	switch {
	case s.Task == Classification && len(s.Classes) < 2, s.Task == Regression && s.Classes != nil, s.Task != Classification && s.Task != Regression:
		return fmt.Errorf("its task is %q with the classes %q, which cannot be", s.Task, s.Classes)
	case s.Unknown != UnknownAllowed && s.Unknown != UnknownRefused:
		return fmt.Errorf("unknown categories are %q, which cannot be", s.Unknown)
	case len(slices.Compact(slices.Sorted(slices.Values(s.Classes)))) != len(s.Classes):
		return fmt.Errorf("its classes %q are not different", s.Classes)
	}
	seen := map[string]bool{}
	for _, f := range s.Features {
		if seen[f.Name] || f.Name == "" || !slices.IsSorted(f.Values) || !slices.Contains([]Kind{Number, Category, Text, Ignored}, f.Kind) {
			return fmt.Errorf("its feature %q, of kind %q, cannot be", f.Name, f.Kind)
		}
		seen[f.Name] = true
	}
	if s.Calibrator != nil {
		if s.Task == Regression {
			return errors.New("it calibrates a regression")
		}
		return s.Calibrator.Validate()
	}
	return nil
}
