package format

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strconv"
	"unicode/utf8"
)

// Safetensors is what a .safetensors file holds: named tensors, and text about
// them.
//
// The file begins with the length of a header, a little-endian uint64. The
// header is a JSON object that gives each name its type, its shape and the place
// of its numbers; under "__metadata__" stands the text. Then come the numbers,
// little-endian, without gap or overlap.
//
// Source: https://github.com/huggingface/safetensors, "Format".
type Safetensors struct {
	Metadata map[string]string
	Tensors  map[string]Tensor
}

// SafetensorsHeader says what stands in a .safetensors file.
type SafetensorsHeader struct {
	Metadata map[string]string
	Tensors  []TensorInfo // in the order in which their numbers lie in the file
}

// TensorInfo is what a header says about a tensor.
type TensorInfo struct {
	Name  string
	Type  Type
	Shape []int
}

const (
	maxHeader   = 100_000_000 // bytes, as in the reference implementation
	metadataKey = "__metadata__"
)

// ReadSafetensors reads a file to its end. limit is the number of numbers, of
// all tensors together, that it accepts.
//
// As the reference implementation does, it returns an error for a header over
// 100 MB, for text that is not UTF-8 or not JSON, for names that stand there
// twice, for numbers that overlap, leave a gap, do not fit the shape or do not
// end with the file; also for more than 64 dimensions, and for the types of 8
// bits and fewer that package format does not have (F8_E5M2 …).
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
// can go on from there.
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

// A place is where a tensor's bytes lie among the data.
type place struct {
	TensorInfo
	begin, end int
}

func parseHeader(text []byte) (*SafetensorsHeader, error) {
	h := &SafetensorsHeader{}
	var places []place
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	err := object(d, func(name string) error {
		if name == metadataKey {
			h.Metadata = map[string]string{}
			return object(d, func(key string) (err error) {
				h.Metadata[key], err = stringToken(d)
				return err
			})
		}
		p, err := parsePlace(d)
		p.Name = name
		if err != nil {
			return fmt.Errorf("tensor %q: %w", name, err)
		}
		places = append(places, p)
		return nil
	})
	if err != nil {
		return nil, err
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, fmt.Errorf("there is more after the object")
	}
	slices.SortStableFunc(places, func(a, b place) int {
		return cmp.Or(cmp.Compare(a.begin, b.begin), cmp.Compare(a.end, b.end))
	})
	at := 0
	for _, p := range places {
		if p.begin != at {
			return nil, fmt.Errorf("tensor %q begins at byte %d, want %d: overlaps and gaps are not allowed", p.Name, p.begin, at)
		}
		at = p.end
		h.Tensors = append(h.Tensors, p.TensorInfo)
	}
	return h, nil
}

// parsePlace reads {"dtype":"F64","shape":[2,3],"data_offsets":[0,48]}. Other
// keys are passed over, as in the reference implementation.
func parsePlace(d *json.Decoder) (p place, err error) {
	var dtype string
	var offsets []int
	err = object(d, func(key string) (err error) {
		switch key {
		case "dtype":
			dtype, err = stringToken(d)
		case "shape":
			p.Shape, err = integers(d)
		case "data_offsets":
			offsets, err = integers(d)
		default:
			var skip json.RawMessage
			err = d.Decode(&skip)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", key, err)
		}
		return nil
	})
	if err != nil {
		return p, err
	}
	if dtype == "" || p.Shape == nil || len(offsets) != 2 {
		return p, fmt.Errorf("want a dtype, a shape and two data_offsets")
	}
	var ok bool
	if p.Type, ok = typeWhere(func(q property) bool { return q.safetensors == dtype }); !ok {
		return p, fmt.Errorf("dtype %q is not supported", dtype)
	}
	size := p.Type.Size()
	p.begin, p.end = offsets[0], offsets[1]
	n, err := count(p.Shape, math.MaxInt/size)
	if err != nil {
		return p, err
	}
	if p.end < p.begin || p.end-p.begin != n*size {
		return p, fmt.Errorf("bytes %d to %d for shape %v of %s, which takes %d", p.begin, p.end, p.Shape, dtype, n*size)
	}
	return p, nil
}

// object reads a JSON object and calls f for each of its keys, which must differ,
// to read the value.
func object(d *json.Decoder, f func(key string) error) error {
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return mismatch("an object", t, err)
	}
	seen := map[string]bool{}
	for d.More() {
		key, err := stringToken(d)
		if err != nil {
			return err
		}
		if seen[key] {
			return fmt.Errorf("%q stands there twice", key)
		}
		seen[key] = true
		if err := f(key); err != nil {
			return err
		}
	}
	_, err := d.Token() // the closing brace
	return noEnd(err)
}

func stringToken(d *json.Decoder) (string, error) {
	t, err := d.Token()
	s, ok := t.(string)
	if err != nil || !ok {
		return "", mismatch("a string", t, err)
	}
	return s, nil
}

// integers reads an array of integers from 0 up.
func integers(d *json.Decoder) ([]int, error) {
	if t, err := d.Token(); err != nil || t != json.Delim('[') {
		return nil, mismatch("an array", t, err)
	}
	list := []int{}
	for d.More() {
		t, err := d.Token()
		number, ok := t.(json.Number)
		if err != nil || !ok {
			return nil, mismatch("an integer", t, err)
		}
		v, err := strconv.ParseUint(number.String(), 10, strconv.IntSize-1)
		if err != nil {
			return nil, fmt.Errorf("%s is no size: want an integer from 0 to %d", number, math.MaxInt)
		}
		if len(list) == maxRank {
			return nil, fmt.Errorf("more than %d dimensions", maxRank)
		}
		list = append(list, int(v))
	}
	_, err := d.Token() // the closing bracket
	return list, noEnd(err)
}

func mismatch(want string, got json.Token, err error) error {
	if err != nil {
		return noEnd(err)
	}
	return fmt.Errorf("%v stands where %s is wanted", got, want)
}

// noEnd: the header's length is known, so its end within an object is an error.
func noEnd(err error) error {
	if err == io.EOF {
		return fmt.Errorf("the JSON is not complete")
	}
	return err
}

// ReadTensors reads the numbers that follow the header in r, to the end of the
// file. limit is the number of numbers, of all tensors together, that it accepts.
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

// WriteSafetensors writes a file. It has all types. The same tensors give the
// same bytes: the types lie in the order of the reference implementation, larger
// ones first, and within a type the names are sorted.
//
// A tensor whose Data does not fit its Shape or its Type, a name that is not
// UTF-8, and the name "__metadata__" are errors.
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
