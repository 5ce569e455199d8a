package format

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
)

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
