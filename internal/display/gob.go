package display

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
)

// An Encoder makes messages in the format that encoding/gob documents: the length,
// the number of a type, and a value; a negative number announces the type's
// definition. Its value is the number of its first type. Several encoders and
// GoNB's package may write to one pipe if their type numbers do not overlap.
type Encoder int

// encoder has numbers that encoding/gob, which counts from 64, does not get to.
const encoder Encoder = 100_000

// The numbers of types: Go's, and from an encoder on.
const (
	gobInt       = 2
	gobBytes     = 5
	gobString    = 6
	gobInterface = 8

	gobMap          = 0 // map[string]any
	gobDisplay      = 1 // Data
	gobValue        = 2 // value
	gobSubscription = 3 // subscription
)

// GoNB's names: of its module, the package of its types, and the MIME types that stand for them.
const (
	gonb          = "github.com/janpfeifer/gonb"
	gonbTypes     = gonb + "/gonbui/protocol."
	commValue     = "gonb/comm_value"
	commSubscribe = "gonb/comm_subscribe"
)

// A value travels between the program and an address of the kernel or the page.
type value struct {
	address string
	content any // an int or a string
}

// A subscription asks for all that comes from an address.
type subscription string

// Types returns the messages that must come first. They define the types above,
// with those GoNB fields that are sent.
func (e Encoder) Types() [][]byte {
	m := int(e) + gobMap
	return [][]byte{
		// wireType{MapT: mapType{CommonType{Id: m}, Key: gobString, Elem: gobInterface}}
		message(-m, slices.Concat([]byte{4, 1, 2}, number(m), []byte{0, 1}, number(gobString), []byte{1}, number(gobInterface), []byte{0, 0})),
		structure(int(e)+gobDisplay, "DisplayData", field{"Data", m}, field{"Metadata", m}, field{"DisplayID", gobString}),
		structure(int(e)+gobValue, "CommValue", field{"Address", gobString}, field{"Value", gobInterface}),
		structure(int(e)+gobSubscription, "CommSubscription", field{"Address", gobString}),
	}
}

type field struct {
	name string
	of   int
}

// structure defines a struct: wireType{StructT: structType{CommonType{Name, Id}, Field}},
// where each field of these is its distance from the one before, and 0 the end.
func structure(id int, name string, fields ...field) []byte {
	b := slices.Concat([]byte{3, 1, 1}, text(name), []byte{1}, number(id), []byte{0, 1}, size(len(fields)))
	for _, f := range fields {
		b = slices.Concat(b, []byte{1}, text(f.name), []byte{1}, number(f.of), []byte{0})
	}
	return message(-id, append(b, 0, 0))
}

// Message returns the message that shows data.
func (e Encoder) Message(d Data) []byte {
	b := append([]byte{1}, e.dictionary(d.Content)...)
	b = slices.Concat(b, []byte{1}, e.dictionary(d.Metadata))
	if d.ID != "" {
		b = slices.Concat(b, []byte{1}, text(d.ID))
	}
	return message(int(e)+gobDisplay, append(b, 0))
}

func message(id int, b []byte) []byte {
	b = append(number(id), b...)
	return append(size(len(b)), b...)
}

// size is an unsigned number: one byte below 128, else its bytes behind their count.
func size(n int) []byte {
	if n < 128 {
		return []byte{byte(n)}
	}
	b := binary.BigEndian.AppendUint64(nil, uint64(n))
	for b[0] == 0 {
		b = b[1:]
	}
	return append([]byte{byte(-len(b))}, b...)
}

// number is a number whose sign is its last bit.
func number(n int) []byte { return size(n<<1 ^ n>>63) }

func text[T string | []byte](s T) []byte { return append(size(len(s)), s...) }

func (e Encoder) dictionary(m map[string]any) []byte {
	b := size(len(m))
	for _, key := range slices.Sorted(maps.Keys(m)) {
		b = slices.Concat(b, text(key), e.dynamic(m[key]))
	}
	return b
}

// dynamic is a value of type any: the name of its type, the type's number, and the
// value behind its length. What is no struct has a 0 in front.
func (e Encoder) dynamic(v any) []byte {
	var name string
	var id int
	var b []byte
	switch v := v.(type) {
	case int:
		name, id, b = "int", gobInt, append([]byte{0}, number(v)...)
	case string:
		name, id, b = "string", gobString, append([]byte{0}, text(v)...)
	case []byte:
		name, id, b = "[]uint8", gobBytes, append([]byte{0}, text(v)...)
	case map[string]any:
		name, id, b = "map[string]interface {}", int(e)+gobMap, append([]byte{0}, e.dictionary(v)...)
	case value:
		name, id, b = gonbTypes+"CommValue", int(e)+gobValue, slices.Concat([]byte{1}, text(v.address), []byte{1}, e.dynamic(v.content), []byte{0})
	case subscription:
		name, id, b = gonbTypes+"CommSubscription", int(e)+gobSubscription, slices.Concat([]byte{1}, text(string(v)), []byte{0})
	default:
		panic(fmt.Sprintf("display: %T cannot be shown", v))
	}
	return slices.Concat(text(name), number(id), size(len(b)), b)
}

// A decoder reads what the kernel's encoder sends.
type decoder struct {
	in    *bufio.Reader
	value int // the number of the type CommValue, which is defined first
}

// next reads up to the next CommValue{Address string; Request bool; Value any}. Of what
// that can hold only texts and ints are of use here; others are nil.
func (d *decoder) next() (v value, err error) {
	for {
		r := &reader{ByteReader: d.in}
		body := make([]byte, r.size())
		if r.err != nil {
			return v, r.err
		}
		if _, err := io.ReadFull(d.in, body); err != nil {
			return v, err
		}
		r.ByteReader = bytes.NewReader(body)
		id := r.number()
		if d.value == 0 {
			d.value = -id
		}
		if id != d.value { // the definition of a type, or what follows one within a value
			continue
		}
		for at, step := 0, r.size(); step > 0 && at < 3; step = r.size() {
			switch at += step; at {
			case 1:
				v.address = r.text()
			case 2:
				r.size()
			case 3:
				v.content = r.dynamic()
			}
		}
		return v, nil
	}
}

// A reader takes a message apart. Behind its end is nothing but zeros.
type reader struct {
	io.ByteReader
	err error // the first one
}

func (r *reader) byte() byte {
	b, err := r.ReadByte()
	r.err = cmp.Or(r.err, err)
	return b
}

func (r *reader) size() int {
	n := int(r.byte())
	if n < 128 {
		return n
	}
	count := 256 - n
	n = 0
	for range count {
		n = n<<8 | int(r.byte())
	}
	if n < 0 {
		r.err = cmp.Or(r.err, errors.New("a size without end"))
		return 0
	}
	return n
}

func (r *reader) number() int {
	n := r.size()
	return n>>1 ^ -(n & 1)
}

func (r *reader) text() string {
	var b []byte
	for n := r.size(); n > 0 && r.err == nil; n-- {
		b = append(b, r.byte())
	}
	return string(b)
}

func (r *reader) dynamic() any {
	name := r.text()
	r.number() // of the type
	r.size()   // of what follows
	switch name {
	case "int":
		r.byte()
		return r.number()
	case "string":
		r.byte()
		return r.text()
	}
	return nil
}
