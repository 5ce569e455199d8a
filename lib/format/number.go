package format

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"unsafe"

	"github.com/descent-go/descent/internal/pages"
	"github.com/descent-go/descent/lib/blas"
)

// A Type is how a number is stored in a file. In memory it is a float64.
type Type uint8

// The types of elements. The writer of each format says which it supports;
// the readers support all of these that their format has.
const (
	Float64  Type = iota // IEEE 754 binary64
	Float32              // IEEE 754 binary32, 24 bits of precision
	Float16              // IEEE 754 binary16, 11 bits, up to 65504
	BFloat16             // the upper half of a binary32: 8 bits of precision
	Int64
	Int32
	Int16
	Int8
	Uint64
	Uint32
	Uint16
	Uint8
	Bool // 0 or 1, in a byte
	types
)

// A property says what a type is called. An empty name or a zero code means that
// a format does not have it.
type property struct {
	name        string
	size        int
	safetensors string
	numpy       string
	idx         byte
}

var properties = [types]property{
	Float64:  {"float64", 8, "F64", "f8", 0x0E},
	Float32:  {"float32", 4, "F32", "f4", 0x0D},
	Float16:  {"float16", 2, "F16", "f2", 0},
	BFloat16: {"bfloat16", 2, "BF16", "", 0},
	Int64:    {"int64", 8, "I64", "i8", 0},
	Int32:    {"int32", 4, "I32", "i4", 0x0C},
	Int16:    {"int16", 2, "I16", "i2", 0x0B},
	Int8:     {"int8", 1, "I8", "i1", 0x09},
	Uint64:   {"uint64", 8, "U64", "u8", 0},
	Uint32:   {"uint32", 4, "U32", "u4", 0},
	Uint16:   {"uint16", 2, "U16", "u2", 0},
	Uint8:    {"uint8", 1, "U8", "u1", 0x08},
	Bool:     {"bool", 1, "BOOL", "b1", 0},
}

// String returns the type's name in Go and NumPy, such as "float64".
func (t Type) String() string {
	if t >= types {
		return fmt.Sprintf("Type(%d)", uint8(t))
	}
	return properties[t].name
}

// Size returns the number of bytes of a number in a file.
func (t Type) Size() int { return properties[t].size }

// typeWhere returns the type with a property.
func typeWhere(is func(property) bool) (Type, bool) {
	i := slices.IndexFunc(properties[:], is)
	return Type(max(i, 0)), i >= 0
}

// value returns the float64 that is stored as bits; ok is false for an integer
// that float64 does not have.
func (t Type) value(bits uint64) (v float64, ok bool) {
	switch t {
	case Float64:
		return math.Float64frombits(bits), true
	case Float32:
		return float64(math.Float32frombits(uint32(bits))), true
	case Float16:
		return small(bits, 10, 5), true
	case BFloat16:
		return float64(math.Float32frombits(uint32(bits) << 16)), true
	case Int64, Int32, Int16, Int8:
		shift := 64 - 8*t.Size()
		i := int64(bits<<shift) >> shift // extends the sign
		v = float64(i)
		return v, v < 1<<63 && int64(v) == i
	case Bool:
		return float64(min(bits, 1)), true // as NumPy: whatever is not 0 is true
	}
	v = float64(bits)
	return v, v < 1<<64 && uint64(v) == bits
}

// bits returns how v is stored; ok is false if t cannot hold it.
func (t Type) bits(v float64) (bits uint64, ok bool) {
	switch t {
	case Float64:
		return math.Float64bits(v), true
	case Float32:
		f := float32(v)
		return uint64(math.Float32bits(f)), !math.IsInf(float64(f), 0) || math.IsInf(v, 0)
	case Float16:
		return smallBits(v, 10, 5)
	case BFloat16:
		return smallBits(v, 7, 8)
	case Int64, Int32, Int16, Int8:
		bound := math.Ldexp(1, 8*t.Size()-1)
		return uint64(int64(v)), v == math.Trunc(v) && -bound <= v && v < bound
	case Bool:
		return uint64(v), v == 0 || v == 1
	}
	return uint64(v), v == math.Trunc(v) && 0 <= v && v < math.Ldexp(1, 8*t.Size())
}

// small decodes a small binary float: a sign, an exponent and a mantissa.
func small(bits uint64, mantissa, exponent int) float64 {
	m := float64(bits & (1<<mantissa - 1))
	e := int(bits >> mantissa & (1<<exponent - 1))
	v := 0.0
	switch {
	case e == 1<<exponent-1 && m == 0:
		v = math.Inf(1)
	case e == 1<<exponent-1:
		return math.NaN()
	default:
		if e > 0 {
			m += math.Ldexp(1, mantissa) // the hidden bit; a subnormal has none
		}
		bias := 1<<(exponent-1) - 1
		v = math.Ldexp(m, max(e, 1)-bias-mantissa)
	}
	if bits>>(mantissa+exponent)&1 == 1 {
		return -v
	}
	return v
}

// smallBits encodes v, rounded to nearest, ties to even. ok is false if a finite
// number would become infinite.
func smallBits(v float64, mantissa, exponent int) (bits uint64, ok bool) {
	sign := math.Float64bits(v) >> 63 << (mantissa + exponent)
	infinite := uint64(1<<exponent-1) << mantissa
	switch {
	case v == 0:
		return sign, true
	case math.IsNaN(v):
		return sign | infinite | 1<<(mantissa-1), true
	case math.IsInf(v, 0):
		return sign | infinite, true
	}
	bias := 1<<(exponent-1) - 1
	_, e := math.Frexp(v)
	e = max(e-1, 1-bias) // v is 1.… times 2 to the e; subnormals share the least
	m := math.RoundToEven(math.Ldexp(math.Abs(v), mantissa-e))
	// m has the hidden bit, which counts up the exponent, and so does the carry
	// of rounding up to the next power of two.
	bits = uint64(e+bias-1)<<mantissa + uint64(m)
	return sign | bits, bits < infinite
}

const (
	chunk      = 1 << 14 // numbers that are read or written at a time
	largeChunk = 1 << 22 // of those that are in the file as in memory
)

// readNumbers reads n numbers and not a byte more. What it allocates grows with
// what has been read, or is what the reader has for certain.
func readNumbers(r io.Reader, n int, t Type, order binary.ByteOrder) ([]float64, error) {
	size := t.Size()
	first := min(n, chunk)
	if left(r)/int64(size) >= int64(n) {
		first = n
	}
	data := pages.Uncleared(first)[:0]
	direct := t == Float64 && isNative(order)
	var buffer []byte
	if !direct {
		buffer = asBytes(make([]float64, (min(n, chunk)*size+7)/8)) // aligned for all types
	}
	for len(data) < n {
		if len(data) == cap(data) {
			grown := pages.Uncleared(min(n, 2*len(data)))[:len(data)]
			copy(grown, data)
			data = grown
		}
		at, part := len(data), []byte(nil)
		if direct {
			data = data[:min(at+largeChunk, cap(data))]
			part = asBytes(data[at:])
		} else {
			part = buffer[:min(chunk, cap(data)-at)*size]
		}
		if got, err := io.ReadFull(r, part); err != nil {
			return nil, fmt.Errorf("the data end after %d of %d numbers: %w", at+got/size, n, unexpected(err))
		}
		if direct {
			continue
		}
		data = data[:at+len(part)/size]
		if k, bits, ok := decode(data[at:], part, t, order); !ok {
			return nil, fmt.Errorf("number %d is the %s %s, which a float64 cannot hold", at+k, t, integer(t, bits))
		}
	}
	return data, nil
}

// left returns how many bytes r has for certain.
func left(r io.Reader) int64 {
	switch r := r.(type) {
	case interface{ Len() int }: // bytes.Reader, bytes.Buffer, strings.Reader
		return int64(r.Len())
	case *os.File:
		info, err := r.Stat()
		if err != nil || !info.Mode().IsRegular() {
			return 0
		}
		at, err := r.Seek(0, io.SeekCurrent)
		if err != nil {
			return 0
		}
		return info.Size() - at
	}
	return 0
}

// isNative reports whether the order of bytes is that of this machine.
func isNative(order any) bool {
	little := binary.NativeEndian.Uint16([]byte{1, 0}) == 1
	return little && order == binary.LittleEndian || !little && order == binary.BigEndian
}

// asBytes returns the memory of v.
func asBytes(v []float64) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(v))), 8*len(v))
}

// decode sets dst to the numbers in part. If a float64 cannot hold one, it returns
// its index and bits.
func decode(dst []float64, part []byte, t Type, order binary.ByteOrder) (k int, bits uint64, ok bool) {
	if t == Float32 && isNative(order) && len(dst) > 0 && uintptr(unsafe.Pointer(&part[0]))%4 == 0 {
		blas.Widen(dst, unsafe.Slice((*float32)(unsafe.Pointer(&part[0])), len(dst)))
		return 0, 0, true
	}
	if order == binary.LittleEndian {
		switch t {
		case Float32:
			for i := range dst {
				b := part[4*i:][:4:4]
				dst[i] = float64(math.Float32frombits(binary.LittleEndian.Uint32(b)))
			}
			return 0, 0, true
		case Int64:
			for i := range dst {
				v := int64(binary.LittleEndian.Uint64(part[8*i:]))
				if dst[i] = float64(v); v != int64(int32(v)) { // a long one
					if _, ok := t.value(uint64(v)); !ok {
						return i, uint64(v), false
					}
				}
			}
			return 0, 0, true
		case Int32:
			for i := range dst {
				dst[i] = float64(int32(binary.LittleEndian.Uint32(part[4*i:])))
			}
			return 0, 0, true
		}
	}
	if t == Uint8 {
		for i, b := range part {
			dst[i] = float64(b)
		}
		return 0, 0, true
	}
	size := t.Size()
	for i := range dst {
		b := part[i*size:]
		switch size {
		case 1:
			bits = uint64(b[0])
		case 2:
			bits = uint64(order.Uint16(b))
		case 4:
			bits = uint64(order.Uint32(b))
		default:
			bits = order.Uint64(b)
		}
		if dst[i], ok = t.value(bits); !ok {
			return i, bits, false
		}
	}
	return 0, 0, true
}

func integer(t Type, bits uint64) string {
	if t == Int64 {
		return fmt.Sprint(int64(bits))
	}
	return fmt.Sprint(bits)
}

// writeNumbers writes the numbers of a tensor that check has found good.
func writeNumbers(w io.Writer, x Tensor, order binary.AppendByteOrder) error {
	if x.Type == Float64 && isNative(order) {
		for part := range slices.Chunk(x.Data, largeChunk) {
			if _, err := w.Write(asBytes(part)); err != nil {
				return err
			}
		}
		return nil
	}
	size := x.Type.Size()
	buffer := make([]byte, 0, min(len(x.Data), chunk)*size)
	if x.Type == Float32 && order == binary.LittleEndian {
		return writeFloat32(w, x.Data, buffer)
	}
	for i, v := range x.Data {
		bits, ok := uint64(uint8(int(v))), true
		if x.Type != Uint8 || float64(bits) != v {
			bits, ok = x.Type.bits(v)
		}
		if !ok {
			return fmt.Errorf("number %d is %g, which %s cannot hold", i, v, x.Type)
		}
		switch size {
		case 1:
			buffer = append(buffer, byte(bits))
		case 2:
			buffer = order.AppendUint16(buffer, uint16(bits))
		case 4:
			buffer = order.AppendUint32(buffer, uint32(bits))
		default:
			buffer = order.AppendUint64(buffer, bits)
		}
		if len(buffer) == cap(buffer) {
			if _, err := w.Write(buffer); err != nil {
				return err
			}
			buffer = buffer[:0]
		}
	}
	_, err := w.Write(buffer)
	return err
}

// writeFloat32 is writeNumbers for little-endian numbers of that type.
func writeFloat32(w io.Writer, data []float64, buffer []byte) error {
	for lo := 0; lo < len(data); lo += chunk {
		part := data[lo:min(lo+chunk, len(data))]
		buffer = buffer[:4*len(part)]
		for i, v := range part {
			bits := math.Float32bits(float32(v))
			if bits&0x7f800000 == 0x7f800000 { // neither finite nor, perhaps, allowed
				if _, ok := Float32.bits(v); !ok {
					return fmt.Errorf("number %d is %g, which %s cannot hold", lo+i, v, Float32)
				}
			}
			binary.LittleEndian.PutUint32(buffer[4*i:], bits)
		}
		if _, err := w.Write(buffer); err != nil {
			return err
		}
	}
	return nil
}

// unexpected makes an end in the middle an error that is not taken for a regular
// end.
func unexpected(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

// atEnd returns an error if r has another byte.
func atEnd(r io.Reader) error {
	var b [1]byte
	switch _, err := io.ReadFull(r, b[:]); err {
	case io.EOF:
		return nil
	case nil:
		return fmt.Errorf("there is more after the data")
	default:
		return err
	}
}
