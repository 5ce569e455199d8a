package onnx

import (
	"encoding/binary"
	"math"

	"github.com/descent-go/descent/lib/format"
)

// A message in the encoding of protocol buffers is a sequence of fields. A field
// begins with its number and its wire type, 8·number + type: 0 is a varint, 2
// a length and as many bytes, 5 four bytes.
//
// Source: https://protobuf.dev/programming-guides/encoding.
type message []byte

func (m *message) int(field int, v int64) {
	*m = binary.AppendUvarint(*m, uint64(field)<<3)
	*m = binary.AppendUvarint(*m, uint64(v))
}

func (m *message) bytes(field int, v []byte) {
	*m = binary.AppendUvarint(*m, uint64(field)<<3|2)
	*m = binary.AppendUvarint(*m, uint64(len(v)))
	*m = append(*m, v...)
}

func (m *message) string(field int, v string) { m.bytes(field, []byte(v)) }

// The messages, and the numbers of their fields, are those of onnx.proto.

const (
	irVersion = 8
	opset     = 17

	elementFloat  = 1 // TensorProto.DataType
	elementDouble = 11
	attributeInt  = 2 // AttributeProto.AttributeType
	attributeInts = 7
)

func elementType(t format.Type) int64 {
	if t == format.Float32 {
		return elementFloat
	}
	return elementDouble
}

func modelProto(graph message) message {
	var m, set message
	m.int(1, irVersion)
	m.string(2, "descent") // producer
	m.bytes(7, graph)
	set.string(1, "") // the domain of ONNX itself
	set.int(2, opset)
	m.bytes(8, set)
	return m
}

func graphProto(nodes, initializers []message, input, output message) message {
	var m message
	for _, n := range nodes {
		m.bytes(1, n)
	}
	m.string(2, "descent")
	for _, t := range initializers {
		m.bytes(5, t)
	}
	m.bytes(11, input)
	m.bytes(12, output)
	return m
}

func (n node) proto() message {
	var m message
	for _, v := range n.inputs {
		m.string(1, v)
	}
	m.string(2, n.output)
	m.string(3, n.name)
	m.string(4, n.operator)
	for _, a := range n.attributes {
		var attribute message
		attribute.string(1, a.name)
		if a.list {
			attribute.int(8, a.value)
			attribute.int(20, attributeInts)
		} else {
			attribute.int(3, a.value)
			attribute.int(20, attributeInt)
		}
		m.bytes(5, attribute)
	}
	return m
}

// tensorProto has the numbers little-endian, whatever the machine.
func tensorProto(name string, t format.Type, shape []int, values []float64) message {
	var m message
	for _, d := range shape {
		m.int(1, int64(d))
	}
	m.int(2, elementType(t))
	m.string(8, name)
	raw := make([]byte, 0, t.Size()*len(values))
	for _, v := range values {
		if t == format.Float32 {
			raw = binary.LittleEndian.AppendUint32(raw, math.Float32bits(float32(v)))
		} else {
			raw = binary.LittleEndian.AppendUint64(raw, math.Float64bits(v))
		}
	}
	m.bytes(9, raw)
	return m
}

// valueProto describes an input or an output of the given number of columns.
func valueProto(name string, t format.Type, columns int) message {
	var m, kind, tensor, shape, rows, cols message
	rows.string(2, "batch")
	cols.int(1, int64(columns))
	shape.bytes(1, rows)
	shape.bytes(1, cols)
	tensor.int(1, elementType(t))
	tensor.bytes(2, shape)
	kind.bytes(1, tensor)
	m.string(1, name)
	m.bytes(2, kind)
	return m
}
