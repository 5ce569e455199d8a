package format

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"unicode/utf8"
)

// Safetensors is the content of a .safetensors file: named tensors and text
// metadata.
//
// The file begins with the length of a header, a little-endian uint64. The
// header is a JSON object that maps each name to its type, its shape and the
// offsets of its numbers; the metadata are under "__metadata__". The numbers
// follow, little-endian, without gap or overlap.
//
// Source: https://github.com/huggingface/safetensors, "Format".
type Safetensors struct {
	Metadata map[string]string
	Tensors  map[string]Tensor
}

// SafetensorsHeader is the header of a .safetensors file.
type SafetensorsHeader struct {
	Metadata map[string]string
	Tensors  []TensorInfo // in the order of their numbers in the file
}

// TensorInfo describes a tensor in a header.
type TensorInfo struct {
	Name  string
	Type  Type
	Shape []int
}

const (
	maxHeader   = 100_000_000 // bytes, as in the reference implementation
	metadataKey = "__metadata__"
)

// ReadSafetensors reads a file to its end. limit is the largest number of
// elements of all tensors together.
//
// As the reference implementation does, it returns an error for a header over
// 100 MB, for text that is not UTF-8 or not JSON, for duplicate names, and for
// numbers that overlap, leave a gap, do not fit the shape or do not end with
// the file. It also returns one for more than 64 dimensions, and for floats of
// 8 bits or fewer (F8_E5M2 …).
func ReadSafetensors(r io.Reader, limit int) (*Safetensors, error) {
	h, err := ReadSafetensorsHeader(r)
	if err != nil {
		return nil, err
	}
	tensors, err := h.ReadTensors(r, limit)
	if err != nil {
		return nil, err
	}
	return &Safetensors{h.Metadata, tensors}, nil
}

// ReadSafetensorsHeader reads the header and not a byte more, so that ReadTensors
// can continue from there.
func ReadSafetensorsHeader(r io.Reader) (*SafetensorsHeader, error) {
	var word [8]byte
	if _, err := io.ReadFull(r, word[:]); err != nil {
		return nil, fmt.Errorf("format: safetensors: the file ends within the length of its header: %w", unexpected(err))
	}
	n := binary.LittleEndian.Uint64(word[:])
	if n > maxHeader {
		return nil, fmt.Errorf("format: safetensors: a header of %d bytes, want at most %d (is it a safetensors file?)", n, maxHeader)
	}
	text, err := io.ReadAll(io.LimitReader(r, int64(n)))
	switch {
	case err != nil:
		return nil, fmt.Errorf("format: safetensors: the header: %w", err)
	case len(text) < int(n):
		return nil, fmt.Errorf("format: safetensors: the file ends after %d of %d bytes of its header: %w", len(text), n, io.ErrUnexpectedEOF)
	case !utf8.Valid(text):
		return nil, fmt.Errorf("format: safetensors: the header is not UTF-8")
	case len(text) == 0 || text[0] != '{':
		return nil, fmt.Errorf("format: safetensors: the header does not begin with {")
	}
	h, err := parseHeader(text)
	if err != nil {
		return nil, fmt.Errorf("format: safetensors: the header: %w", err)
	}
	return h, nil
}

// ReadTensors reads the numbers that follow the header in r, to the end of the
// file. limit is the largest number of elements of all tensors together.
func (h *SafetensorsHeader) ReadTensors(r io.Reader, limit int) (map[string]Tensor, error) {
	left := limit
	for _, t := range h.Tensors {
		n, err := count(t.Shape, left)
		if err != nil {
			return nil, fmt.Errorf("format: safetensors: tensor %q: %w (%d for all tensors)", t.Name, err, limit)
		}
		left -= n
	}
	tensors := map[string]Tensor{}
	for _, t := range h.Tensors {
		n, _ := count(t.Shape, limit)
		data, err := readNumbers(r, n, t.Type, binary.LittleEndian)
		if err != nil {
			return nil, fmt.Errorf("format: safetensors: tensor %q: %w", t.Name, err)
		}
		tensors[t.Name] = Tensor{t.Shape, data, t.Type}
	}
	if err := atEnd(r); err != nil {
		return nil, fmt.Errorf("format: safetensors: %w", err)
	}
	return tensors, nil
}

// WriteSafetensors writes a .safetensors file. It supports all types. The same
// tensors give the same bytes: they are sorted by type as in the reference
// implementation, larger ones first, then by name.
//
// It returns an error for a tensor whose Data does not fit its Shape or its
// Type, for a name that is not UTF-8, and for the name "__metadata__".
func WriteSafetensors(w io.Writer, s *Safetensors) error {
	names := slices.SortedFunc(maps.Keys(s.Tensors), func(a, b string) int {
		return cmp.Or(cmp.Compare(fileOrder(s.Tensors[a].Type), fileOrder(s.Tensors[b].Type)), cmp.Compare(a, b))
	})
	header, err := s.header(names)
	if err != nil {
		return fmt.Errorf("format: safetensors: %w", err)
	}
	head := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	if _, err := w.Write(append(head, header...)); err != nil {
		return fmt.Errorf("format: safetensors: %w", err)
	}
	for _, name := range names {
		if err := writeNumbers(w, s.Tensors[name], binary.LittleEndian); err != nil {
			return fmt.Errorf("format: safetensors: tensor %q: %w", name, err)
		}
	}
	return nil
}

// fileOrder ranks the types as the reference implementation does.
func fileOrder(t Type) int {
	return slices.Index([]Type{Uint64, Int64, Float64, Float32, Uint32, Int32, BFloat16, Float16, Uint16, Int16, Int8, Uint8, Bool}, t)
}

// header returns the JSON, padded with spaces so that the numbers after it are
// aligned to 8 bytes.
func (s *Safetensors) header(names []string) ([]byte, error) {
	header := []byte{'{'}
	if len(s.Metadata) > 0 {
		for key, value := range s.Metadata {
			if !utf8.ValidString(key) || !utf8.ValidString(value) {
				return nil, fmt.Errorf("the metadata %q: %q are not UTF-8", key, value)
			}
		}
		header = appendJSON(appendJSON(header, metadataKey, ':'), s.Metadata, ',')
	}
	at := 0
	for _, name := range names {
		t := s.Tensors[name]
		if err := t.check(); err != nil {
			return nil, fmt.Errorf("tensor %q: %w", name, err)
		}
		if name == metadataKey || !utf8.ValidString(name) {
			return nil, fmt.Errorf("a tensor cannot have the name %q", name)
		}
		end := at + len(t.Data)*t.Type.Size()
		header = appendJSON(appendJSON(header, name, ':'), struct {
			Type    string `json:"dtype"`
			Shape   []int  `json:"shape"`
			Offsets [2]int `json:"data_offsets"`
		}{properties[t.Type].safetensors, append([]int{}, t.Shape...), [2]int{at, end}}, ',')
		at = end
	}
	header = append(bytes.TrimSuffix(header, []byte{','}), '}')
	for len(header)%8 != 0 {
		header = append(header, ' ')
	}
	if len(header) > maxHeader {
		return nil, fmt.Errorf("the header would have %d bytes, want at most %d: use fewer or shorter names", len(header), maxHeader)
	}
	return header, nil
}

// appendJSON appends v, which JSON can hold, and a separator.
func appendJSON(b []byte, v any, separator byte) []byte {
	out := bytes.NewBuffer(b)
	e := json.NewEncoder(out)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic("format: " + err.Error())
	}
	b = out.Bytes()
	b[len(b)-1] = separator // in the place of the line's end
	return b
}
