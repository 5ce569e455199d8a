package preprocess

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"

	"github.com/descent-go/descent/lib/format"
)

const (
	fileFormat     = "descent/preprocess"
	fileVersion    = 2
	checkedVersion = 2         // from which on files have a checksum
	maxFile        = 256 << 20 // bytes that Load reads at most
	maxDepth       = 16        // pipelines in pipelines in …
)

// saved is a transformer as it stands in a file.
type saved struct {
	Kind  string          `json:"kind"`
	State json.RawMessage `json:"state"`
}

type savedFile struct {
	Format  string `json:"format"`
	Version int    `json:"version"`
	saved
	SHA256 string `json:"sha256"` // of what is saved
}

// set sets a field to what stands in a file, in the memory of that.
func (s *saved) set(key string, value []byte) error {
	switch key {
	case "kind":
		return json.Unmarshal(value, &s.Kind)
	case "state":
		s.State = value
		return nil
	}
	return unknownField(key)
}

func unknownField(key string) error { return fmt.Errorf("unknown field %q", key) }

// checksum returns the SHA-256 of the kind and the state, in hexadecimal. White
// space does not count: the file may be part of another one.
func (s saved) checksum() string {
	var state bytes.Buffer
	if err := json.Compact(&state, s.State); err != nil {
		return "" // there is no state
	}
	sum := sha256.New()
	fmt.Fprintf(sum, "%q ", s.Kind)
	sum.Write(state.Bytes())
	return hex.EncodeToString(sum.Sum(nil))
}

// newOfKind returns a new transformer of the kind that a file names, or nil if
// this package does not have it. It is the list of what can be saved.
func newOfKind(kind string) any {
	switch kind {
	case "StandardScaler":
		return new(StandardScaler)
	case "MinMaxScaler":
		return new(MinMaxScaler)
	case "RobustScaler":
		return new(RobustScaler)
	case "Normalizer":
		return new(Normalizer)
	case "OneHotEncoder":
		return new(OneHotEncoder)
	case "OrdinalEncoder":
		return new(OrdinalEncoder)
	case "Imputer":
		return new(Imputer)
	case "PolynomialFeatures":
		return new(PolynomialFeatures)
	case "CountVectorizer":
		return new(CountVectorizer)
	case "TFIDFVectorizer":
		return new(TFIDFVectorizer)
	case "HashingVectorizer":
		return new(HashingVectorizer)
	case "SequenceEncoder":
		return new(SequenceEncoder)
	case "BPE":
		return new(BPE)
	case "CharTokenizer":
		return new(CharTokenizer)
	case "Pipeline":
		return new(Pipeline)
	case "ColumnTransformer":
		return new(ColumnTransformer)
	case "TableTransformer":
		return new(TableTransformer)
	}
	return nil
}

// kindOf returns the name under which t is saved, or "" if it cannot be.
func kindOf(t any) string {
	typ := reflect.TypeOf(t)
	if typ == nil || typ.Kind() != reflect.Pointer || reflect.ValueOf(t).IsNil() {
		return ""
	}
	kind := typ.Elem().Name()
	if reflect.TypeOf(newOfKind(kind)) != typ {
		return ""
	}
	return kind
}

// Save writes a transformer, vectorizer, tokenizer, pipeline or table transformer of this
// package as JSON, with its settings and everything that Fit learned. Numbers keep
// every bit. It returns an error for a type from another package, alone or within a
// pipeline.
func Save(w io.Writer, t any) error {
	s, err := pack(t, 0)
	if err != nil {
		return err
	}
	data, err := json.Marshal(savedFile{fileFormat, fileVersion, s, s.checksum()})
	if err != nil {
		return fmt.Errorf("preprocess: saving %s: %w", s.Kind, err)
	}
	if _, err := w.Write(append(data, '\n')); err != nil {
		return fmt.Errorf("preprocess: saving %s: %w", s.Kind, err)
	}
	return nil
}

// Load reads a transformer written by Save. T is its type, such as *StandardScaler,
// or an interface, such as Transformer:
//
//	scaler, err := preprocess.Load[*preprocess.StandardScaler](file)
//
// Load returns an error for a file that is truncated, damaged, of a later version
// or of another kind. A checksum detects even a single wrong bit, except in old
// files without one. A hostile file can neither cause a panic nor make Load
// allocate more than a small multiple of its size, which is at most 256 MiB.
func Load[T any](r io.Reader) (T, error) {
	var none T
	t, err := load(r, maxFile)
	if err != nil {
		return none, err
	}
	wanted, ok := t.(T)
	if !ok {
		return none, fmt.Errorf("preprocess: the file holds a %s, want %v", kindOf(t), reflect.TypeFor[T]())
	}
	return wanted, nil
}

// load reads a file of at most limit bytes.
func load(r io.Reader, limit int) (any, error) {
	data, err := io.ReadAll(io.LimitReader(r, int64(limit)+1))
	if err != nil {
		return nil, fmt.Errorf("preprocess: loading: %w", err)
	}
	if len(data) > limit {
		return nil, fmt.Errorf("preprocess: loading: the file is larger than %d bytes", limit)
	}
	var header struct {
		Format  string
		Version int
	}
	if err := json.Unmarshal(data, &header); err != nil {
		return nil, fmt.Errorf("preprocess: loading: %w", err)
	}
	if header.Format != fileFormat {
		return nil, fmt.Errorf("preprocess: loading: the format is %q, want %q", header.Format, fileFormat)
	}
	if header.Version < 1 || header.Version > fileVersion {
		return nil, fmt.Errorf("preprocess: loading: the file has version %d, this program reads versions 1 to %d", header.Version, fileVersion)
	}
	var file savedFile
	err = eachField(data, func(key string, value []byte) error {
		switch key {
		case "format", "version":
			return nil
		case "sha256":
			return json.Unmarshal(value, &file.SHA256)
		}
		return file.set(key, value)
	})
	if err != nil {
		return nil, fmt.Errorf("preprocess: loading: %w", err)
	}
	if header.Version >= checkedVersion {
		if got := file.checksum(); got != file.SHA256 {
			return nil, fmt.Errorf("preprocess: loading: the file is damaged or was changed by hand: its SHA-256 is %s, and it says that it is %q", got, file.SHA256)
		}
	}
	return file.unpack(0)
}

// strictly is json.Unmarshal that refuses fields that v does not have.
func strictly(data []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	return d.Decode(v)
}

// The state of transformers that hold others.
type (
	savedPipeline struct{ Steps []saved }
	savedColumns  struct {
		Parts    []savedColumnPart
		PassRest bool
		Inputs   int
	}
	savedColumnPart struct {
		Columns     []int
		Transformer *saved `json:",omitempty"`
	}
	savedTable     struct{ Parts []savedTablePart }
	savedTablePart struct {
		Columns []string
		Numbers *saved `json:",omitempty"`
		Strings *saved `json:",omitempty"`
		Clean   bool   `json:",omitempty"`
		Text    *saved `json:",omitempty"`
	}
)

var errDepth = errors.New("preprocess: transformers are nested too deeply")

// pack turns a transformer into what stands in a file.
func pack(t any, depth int) (saved, error) {
	kind := kindOf(t)
	if kind == "" {
		return saved{}, fmt.Errorf("preprocess: cannot save a %T: only pointers to this package's transformers", t)
	}
	if depth > maxDepth {
		return saved{}, errDepth
	}
	if err := t.(interface{ Validate() error }).Validate(); err != nil {
		return saved{}, err
	}
	state, err := stateOf(t, depth)
	if err != nil {
		return saved{}, err
	}
	data, err := json.Marshal(state)
	if err != nil {
		return saved{}, fmt.Errorf("preprocess: saving %s: %w", kind, err)
	}
	return saved{kind, data}, nil
}

// stateOf returns what json.Marshal is to write for t.
func stateOf(t any, depth int) (any, error) {
	var errs []error
	child := func(t any) *saved {
		if t == nil {
			return nil
		}
		s, err := pack(t, depth+1)
		errs = append(errs, err)
		return &s
	}
	switch t := t.(type) {
	case *Pipeline:
		var state savedPipeline
		for _, step := range t.Steps {
			state.Steps = append(state.Steps, *child(step))
		}
		return state, errors.Join(errs...)
	case *ColumnTransformer:
		state := savedColumns{PassRest: t.PassRest, Inputs: t.Inputs}
		for _, p := range t.Parts {
			state.Parts = append(state.Parts, savedColumnPart{p.Columns, child(p.Transformer)})
		}
		return state, errors.Join(errs...)
	case *TableTransformer:
		var state savedTable
		for _, p := range t.Parts {
			state.Parts = append(state.Parts, savedTablePart{p.Columns, child(p.Numbers), child(p.Strings), p.Clean, child(p.Text)})
		}
		return state, errors.Join(errs...)
	}
	return t, nil
}

// unpack turns what stands in a file into a transformer, and checks it.
func (s saved) unpack(depth int) (any, error) {
	t := newOfKind(s.Kind)
	if t == nil {
		return nil, fmt.Errorf("preprocess: loading: unknown kind %q", s.Kind)
	}
	if depth > maxDepth {
		return nil, errDepth
	}
	if err := setState(t, s.State, depth); err != nil {
		return nil, fmt.Errorf("preprocess: loading %s: %w", s.Kind, err)
	}
	if err := t.(interface{ Validate() error }).Validate(); err != nil {
		return nil, err
	}
	switch t := t.(type) {
	case *SequenceEncoder:
		if len(t.Vocabulary) > 0 {
			t.setVocabulary(t.Vocabulary)
		}
	case *BPE:
		return t, t.loaded()
	case *CharTokenizer:
		return t, t.loaded()
	}
	return t, nil
}

// setState fills t with the state in a file.
func setState(t any, state json.RawMessage, depth int) error {
	switch t := t.(type) {
	case *Pipeline:
		return eachField(state, func(key string, value []byte) error {
			if key != "Steps" {
				return unknownField(key)
			}
			return eachElement(value, func(k int, value []byte) error {
				step, err := child[Transformer](value, depth)
				if err == nil && step == nil {
					err = fmt.Errorf("step %d is nil", k)
				}
				t.Steps = append(t.Steps, step)
				return err
			})
		})
	case *ColumnTransformer:
		return t.setState(state, depth)
	case *TableTransformer:
		return t.setState(state, depth)
	}
	return strictly(state, t)
}

func (c *ColumnTransformer) setState(state json.RawMessage, depth int) error {
	return eachField(state, func(key string, value []byte) error {
		switch key {
		case "PassRest":
			return json.Unmarshal(value, &c.PassRest)
		case "Inputs":
			return json.Unmarshal(value, &c.Inputs)
		case "Parts":
			return eachElement(value, func(k int, value []byte) error {
				p, err := loadColumnPart(value, depth)
				if err == nil {
					err = p.validate(k)
				}
				c.Parts = append(c.Parts, p)
				return err
			})
		}
		return unknownField(key)
	})
}

func loadColumnPart(data []byte, depth int) (p ColumnPart, err error) {
	err = eachField(data, func(key string, value []byte) (err error) {
		switch key {
		case "Columns":
			return json.Unmarshal(value, &p.Columns)
		case "Transformer":
			p.Transformer, err = child[Transformer](value, depth)
			return err
		}
		return unknownField(key)
	})
	return p, err
}

func (t *TableTransformer) setState(state json.RawMessage, depth int) error {
	return eachField(state, func(key string, value []byte) error {
		if key != "Parts" {
			return unknownField(key)
		}
		return eachElement(value, func(k int, value []byte) error {
			p, err := loadTablePart(value, depth)
			if err == nil {
				err = p.validate(k)
			}
			t.Parts = append(t.Parts, p)
			return err
		})
	})
}

func loadTablePart(data []byte, depth int) (p TablePart, err error) {
	err = eachField(data, func(key string, value []byte) (err error) {
		switch key {
		case "Columns":
			err = json.Unmarshal(value, &p.Columns)
		case "Numbers":
			p.Numbers, err = child[Transformer](value, depth)
		case "Strings":
			p.Strings, err = child[StringTransformer](value, depth)
		case "Clean":
			err = json.Unmarshal(value, &p.Clean)
		case "Text":
			p.Text, err = child[Vectorizer](value, depth)
		default:
			err = unknownField(key)
		}
		return err
	})
	return p, err
}

// child unpacks a transformer within another; null gives nil.
func child[T any](data []byte, depth int) (T, error) {
	var none T
	if firstByte(data) == 'n' {
		return none, nil
	}
	var s saved
	if err := eachField(data, s.set); err != nil {
		return none, err
	}
	t, err := s.unpack(depth + 1)
	if err != nil {
		return none, err
	}
	wanted, ok := t.(T)
	if !ok {
		return none, fmt.Errorf("preprocess: a %s cannot stand here: want a %v", s.Kind, reflect.TypeFor[T]())
	}
	return wanted, nil
}

// SaveFile writes t to a file atomically: a reader of path finds the whole old file
// or the whole new one, even after a crash.
func SaveFile(path string, t any) error {
	return format.WriteFile(path, func(w io.Writer) error { return Save(w, t) })
}

// LoadFile reads a file written by SaveFile; see Load.
func LoadFile[T any](path string) (T, error) {
	f, err := os.Open(path)
	if err != nil {
		var none T
		return none, fmt.Errorf("preprocess: loading: %w", err)
	}
	defer f.Close()
	return Load[T](f)
}
