package onnx_test

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"testing"
)

// The tests read the files again and evaluate the graphs, so that they need no
// onnxruntime. This is the reading half of protocol buffers, and each operator as
// its documentation says.

// field is a field of a message: a number or bytes.
type field struct {
	number int
	value  uint64
	bytes  []byte
}

func fields(t testing.TB, m []byte) []field {
	t.Helper()
	var all []field
	for len(m) > 0 {
		key, n := binary.Uvarint(m)
		value, k := binary.Uvarint(m[max(n, 0):])
		if n <= 0 || k <= 0 {
			t.Fatalf("no varint at %x", m)
		}
		f := field{number: int(key >> 3), value: value}
		m = m[n+k:]
		switch key & 7 {
		case 0:
		case 2:
			if value > uint64(len(m)) {
				t.Fatalf("field %d has %d bytes, only %d are left", f.number, value, len(m))
			}
			f.bytes, m = m[:value], m[value:]
		default:
			t.Fatalf("field %d has wire type %d", f.number, key&7)
		}
		all = append(all, f)
	}
	return all
}

// only returns the only field with a number.
func only(t testing.TB, m []byte, number int) field {
	t.Helper()
	all := repeated(t, m, number)
	if len(all) != 1 {
		t.Fatalf("%d fields %d, want one", len(all), number)
	}
	return all[0]
}

func repeated(t testing.TB, m []byte, number int) []field {
	t.Helper()
	return slices.DeleteFunc(fields(t, m), func(f field) bool { return f.number != number })
}

// array has two dimensions; a vector is a row.
type array struct {
	rows, cols int
	data       []float64
}

func (a array) at(i, j int) float64 { return a.data[min(i, a.rows-1)*a.cols+min(j, a.cols-1)] }

func tensor(t testing.TB, m []byte) (name string, a array) {
	shape := []int{1}
	for _, d := range repeated(t, m, 1) {
		shape = append(shape, int(d.value))
	}
	shape = shape[len(shape)-2:]
	a.rows, a.cols = shape[0], shape[1]
	raw := only(t, m, 9).bytes
	switch only(t, m, 2).value {
	case 1:
		for ; len(raw) > 0; raw = raw[4:] {
			a.data = append(a.data, float64(math.Float32frombits(binary.LittleEndian.Uint32(raw))))
		}
	case 11:
		for ; len(raw) > 0; raw = raw[8:] {
			a.data = append(a.data, math.Float64frombits(binary.LittleEndian.Uint64(raw)))
		}
	}
	if len(a.data) != a.rows*a.cols {
		t.Fatalf("%d numbers for shape %v", len(a.data), shape)
	}
	return string(only(t, m, 8).bytes), a
}

// program is a graph that was read.
type program struct {
	values    map[string]array // the constants
	nodes     [][]byte
	operators []string
	element   uint64 // type of x and y
	columns   [2]int // of x and y
}

func read(t testing.TB, file []byte) program {
	t.Helper()
	if v := only(t, file, 1).value; v != 8 {
		t.Fatalf("IR version %d", v)
	}
	if v := only(t, only(t, file, 8).bytes, 2).value; v != 17 {
		t.Fatalf("operator set %d", v)
	}
	graph := only(t, file, 7).bytes
	p := program{values: map[string]array{}}
	for _, f := range repeated(t, graph, 5) {
		name, a := tensor(t, f.bytes)
		if _, twice := p.values[name]; twice {
			t.Fatalf("two constants have the name %q", name)
		}
		p.values[name] = a
	}
	for i, number := range []int{11, 12} {
		value := only(t, graph, number).bytes
		if name := string(only(t, value, 1).bytes); name != "xy"[i:i+1] {
			t.Fatalf("value %q", name)
		}
		kind := only(t, only(t, value, 2).bytes, 1).bytes
		p.element = only(t, kind, 1).value
		dims := repeated(t, only(t, kind, 2).bytes, 1)
		if len(dims) != 2 || string(only(t, dims[0].bytes, 2).bytes) != "batch" {
			t.Fatalf("shape %x", dims)
		}
		p.columns[i] = int(only(t, dims[1].bytes, 1).value)
	}
	for _, f := range repeated(t, graph, 1) {
		p.nodes = append(p.nodes, f.bytes)
		p.operators = append(p.operators, string(only(t, f.bytes, 4).bytes))
	}
	return p
}

// run evaluates the graph in float64, node by node: each must find its inputs.
func (p program) run(t testing.TB, x array) array {
	t.Helper()
	values := map[string]array{"x": x}
	for name, a := range p.values {
		values[name] = a
	}
	for _, n := range p.nodes {
		var in []array
		for _, f := range repeated(t, n, 1) {
			a, ok := values[string(f.bytes)]
			if !ok {
				t.Fatalf("%q is used before it is computed", f.bytes)
			}
			in = append(in, a)
		}
		output := string(only(t, n, 2).bytes)
		if _, twice := values[output]; twice {
			t.Fatalf("%q is computed twice", output)
		}
		y, err := operate(string(only(t, n, 4).bytes), in, attributes(t, n))
		if err != nil {
			t.Fatal(err)
		}
		values[output] = y
	}
	return values["y"]
}

func attributes(t testing.TB, n []byte) map[string]int64 {
	all := map[string]int64{}
	for _, f := range repeated(t, n, 5) {
		number, kind := 3, only(t, f.bytes, 20).value
		if kind == 7 {
			number = 8
		}
		all[string(only(t, f.bytes, 1).bytes)] = int64(only(t, f.bytes, number).value)
	}
	return all
}

func operate(operator string, in []array, attributes map[string]int64) (array, error) {
	one := func(f func(float64) float64) (array, error) {
		y := array{in[0].rows, in[0].cols, nil}
		for _, v := range in[0].data {
			y.data = append(y.data, f(v))
		}
		return y, nil
	}
	two := func(f func(a, b float64) float64) (array, error) { // with broadcasting
		y := array{max(in[0].rows, in[1].rows), max(in[0].cols, in[1].cols), nil}
		for i := range y.rows {
			for j := range y.cols {
				y.data = append(y.data, f(in[0].at(i, j), in[1].at(i, j)))
			}
		}
		return y, nil
	}
	switch operator {
	case "Gemm", "MatMul":
		if len(in) == 2 {
			in = append(in, array{1, 1, []float64{0}})
		}
		y := array{in[0].rows, in[1].cols, nil}
		for i := range y.rows {
			for j := range y.cols {
				s := in[2].at(i, j)
				for k := range in[0].cols {
					s += in[0].at(i, k) * in[1].at(k, j)
				}
				y.data = append(y.data, s)
			}
		}
		return y, nil
	case "Identity":
		return in[0], nil
	case "Relu":
		return one(func(v float64) float64 { return max(v, 0) })
	case "Tanh":
		return one(math.Tanh)
	case "Sigmoid":
		return one(func(v float64) float64 { return 1 / (1 + math.Exp(-v)) })
	case "Exp":
		return one(math.Exp)
	case "Erf":
		return one(math.Erf)
	case "Sqrt":
		return one(math.Sqrt)
	case "Add":
		return two(func(a, b float64) float64 { return a + b })
	case "Sub":
		return two(func(a, b float64) float64 { return a - b })
	case "Mul":
		return two(func(a, b float64) float64 { return a * b })
	case "Div":
		return two(func(a, b float64) float64 { return a / b })
	case "Max":
		return two(func(a, b float64) float64 { return max(a, b) })
	case "Min":
		return two(func(a, b float64) float64 { return min(a, b) })
	case "ReduceMean", "Softmax":
		axis, ok := attributes["axis"]
		if !ok {
			axis = attributes["axes"]
		}
		if axis != -1 {
			return array{}, fmt.Errorf("%s over axis %d", operator, axis)
		}
		y := array{in[0].rows, 1, nil}
		for i := range y.rows {
			row := in[0].data[i*in[0].cols : (i+1)*in[0].cols]
			sum := 0.0
			for _, v := range row {
				if operator == "Softmax" {
					v = math.Exp(v)
				}
				sum += v
			}
			if operator == "ReduceMean" {
				y.data = append(y.data, sum/float64(len(row)))
				continue
			}
			y.cols = len(row)
			for _, v := range row {
				y.data = append(y.data, math.Exp(v)/sum)
			}
		}
		return y, nil
	}
	return array{}, fmt.Errorf("there is no operator %s", operator)
}
