package format

import (
	"encoding/binary"
	"fmt"
	"io"
	"strconv"
	"strings"
)

const (
	npyMagic     = "\x93NUMPY"
	maxNPYHeader = 10_000 // bytes, as in NumPy
	npyAlign     = 64     // where the data begin, so that a file can be mapped
	npyGrowth    = 21     // digits that NumPy leaves room for, to append to the array in place
)

// ReadNPY reads one array as numpy.save writes it, and not a byte more, so that
// several arrays in one file can be read one after another. limit is the
// largest number of elements.
//
// It reads versions 1 to 3 of the format, both byte orders, C and Fortran order
// (which it turns into C order), any number of dimensions up to 64, and the types
// bool, int8 to int64, uint8 to uint64, float16 to float64. It returns an error
// for complex numbers, strings, dates, records and pickled objects.
//
// Source: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
func ReadNPY(r io.Reader, limit int) (Tensor, error) {
	t, err := readNPY(r, limit)
	if err != nil {
		return Tensor{}, fmt.Errorf("format: npy: %w", err)
	}
	return t, nil
}

func readNPY(r io.Reader, limit int) (Tensor, error) {
	header, err := readNPYHeader(r)
	if err != nil {
		return Tensor{}, err
	}
	p := literal{text: header}
	dict, err := p.dict()
	if err != nil {
		return Tensor{}, fmt.Errorf("the header %.100q: %w", header, err)
	}
	t, order, err := parseDescr(dict.descr)
	if err != nil {
		return Tensor{}, err
	}
	n, err := count(dict.shape, limit)
	if err != nil {
		return Tensor{}, err
	}
	data, err := readNumbers(r, n, t, order)
	if err != nil {
		return Tensor{}, err
	}
	if dict.fortran {
		data = rowMajor(dict.shape, data)
	}
	return Tensor{dict.shape, data, t}, nil
}

// readNPYHeader reads up to where the numbers begin.
func readNPYHeader(r io.Reader) (string, error) {
	var start [len(npyMagic) + 2]byte
	if _, err := io.ReadFull(r, start[:]); err != nil {
		return "", fmt.Errorf("the file ends within its first %d bytes: %w", len(start), unexpected(err))
	}
	if string(start[:len(npyMagic)]) != npyMagic {
		return "", fmt.Errorf("it begins with %q, want %q (is it a npy file?)", start[:len(npyMagic)], npyMagic)
	}
	major, minor := start[len(npyMagic)], start[len(npyMagic)+1]
	if major < 1 || major > 3 || minor != 0 {
		return "", fmt.Errorf("version %d.%d of the format, want 1.0, 2.0 or 3.0", major, minor)
	}
	word := make([]byte, 4)
	if major == 1 {
		word = word[:2]
	}
	if _, err := io.ReadFull(r, word); err != nil {
		return "", fmt.Errorf("the file ends within the length of its header: %w", unexpected(err))
	}
	n := binary.LittleEndian.Uint32(append(word, 0, 0)[:4])
	if n > maxNPYHeader {
		return "", fmt.Errorf("a header of %d bytes, want at most %d", n, maxNPYHeader)
	}
	header := make([]byte, n)
	if _, err := io.ReadFull(r, header); err != nil {
		return "", fmt.Errorf("the file ends within its header: %w", unexpected(err))
	}
	return string(header), nil
}

// parseDescr reads a type such as "<f8": byte order, kind and size.
func parseDescr(descr string) (Type, binary.ByteOrder, error) {
	if len(descr) == 3 {
		t, ok := typeWhere(func(p property) bool { return p.numpy == descr[1:] })
		switch {
		case ok && (descr[0] == '<' || t.Size() == 1 && descr[0] == '|'):
			return t, binary.LittleEndian, nil
		case ok && descr[0] == '>':
			return t, binary.BigEndian, nil
		}
	}
	return 0, nil, fmt.Errorf("type %q cannot be read: convert it with astype in NumPy", descr)
}

// npyDict is the header: {'descr': '<f8', 'fortran_order': False, 'shape': (3, 4), }
type npyDict struct {
	descr   string
	fortran bool
	shape   []int
}

// A literal is the rest of a text in Python's notation, as much of it as a
// header of plain numbers needs.
type literal struct{ text string }

func (l *literal) dict() (d npyDict, err error) {
	if !l.take("{") {
		return d, fmt.Errorf("no dictionary")
	}
	seen := map[string]bool{}
	for !l.take("}") {
		key, err := l.quoted()
		if err != nil {
			return d, err
		}
		if seen[key] {
			return d, fmt.Errorf("%q stands there twice", key)
		}
		seen[key] = true
		if !l.take(":") {
			return d, fmt.Errorf("no colon after %q", key)
		}
		switch key {
		case "descr":
			d.descr, err = l.descr()
		case "fortran_order":
			d.fortran, err = l.boolean()
		case "shape":
			d.shape, err = l.tuple()
		default:
			err = fmt.Errorf("unknown key %q", key)
		}
		if err != nil {
			return d, err
		}
		if !l.take(",") && !strings.HasPrefix(l.text, "}") {
			return d, fmt.Errorf("no comma after %q", key)
		}
	}
	if len(seen) != 3 {
		return d, fmt.Errorf("want descr, fortran_order and shape")
	}
	if l.skip(); l.text != "" {
		return d, fmt.Errorf("there is more after the dictionary")
	}
	return d, nil
}

func (l *literal) skip() { l.text = strings.TrimLeft(l.text, " \t\r\n") }

// take removes a token, and the white space around it, if it comes next.
func (l *literal) take(token string) bool {
	l.skip()
	rest, ok := strings.CutPrefix(l.text, token)
	if l.text = rest; ok {
		l.skip()
	}
	return ok
}

func (l *literal) quoted() (string, error) {
	for _, quote := range []string{"'", `"`} {
		rest, opened := strings.CutPrefix(l.text, quote)
		s, rest, closed := strings.Cut(rest, quote)
		if opened && closed && !strings.ContainsAny(s, "\\\n") {
			l.text = rest
			l.skip()
			return s, nil
		}
	}
	return "", fmt.Errorf("no text at %.20q", l.text)
}

func (l *literal) descr() (string, error) {
	if strings.HasPrefix(l.text, "[") || strings.HasPrefix(l.text, "(") {
		return "", fmt.Errorf("an array of records cannot be read: save its columns one by one")
	}
	return l.quoted()
}

func (l *literal) boolean() (bool, error) {
	switch {
	case l.take("True"):
		return true, nil
	case l.take("False"):
		return false, nil
	}
	return false, fmt.Errorf("neither True nor False at %.20q", l.text)
}

// tuple reads (), (3,), (3, 4) and, from Python 2, (3L, 4L).
func (l *literal) tuple() ([]int, error) {
	if !l.take("(") {
		return nil, fmt.Errorf("no tuple at %.20q", l.text)
	}
	shape := []int{}
	for !l.take(")") {
		digits := len(l.text) - len(strings.TrimLeft(l.text, "0123456789"))
		v, err := strconv.Atoi(l.text[:digits])
		if err != nil {
			return nil, fmt.Errorf("no size at %.20q", l.text)
		}
		if len(shape) == maxRank {
			return nil, fmt.Errorf("more than %d dimensions", maxRank)
		}
		shape = append(shape, v)
		l.text = l.text[digits:]
		l.take("L")
		if comma := l.take(","); !comma && (len(shape) == 1 || !strings.HasPrefix(l.text, ")")) {
			return nil, fmt.Errorf("no comma at %.20q", l.text)
		}
	}
	return shape, nil
}

// WriteNPY writes an array in version 1 of the format, little-endian and in C
// order: byte for byte what numpy.save writes. It supports all types except
// BFloat16.
//
// It returns an error for data that do not fit the Shape or the Type.
func WriteNPY(w io.Writer, t Tensor) error {
	if err := t.check(); err != nil {
		return err
	}
	if properties[t.Type].numpy == "" {
		return fmt.Errorf("format: npy: NumPy has no %s: write Float32", t.Type)
	}
	if _, err := io.WriteString(w, npyHeader(t)); err != nil {
		return fmt.Errorf("format: npy: %w", err)
	}
	if err := writeNumbers(w, t, binary.LittleEndian); err != nil {
		return fmt.Errorf("format: npy: %w", err)
	}
	return nil
}

func npyHeader(t Tensor) string {
	order := "<"
	if t.Type.Size() == 1 {
		order = "|"
	}
	shape := strings.Join(strings.Fields(strings.Trim(fmt.Sprint(t.Shape), "[]")), ", ")
	if len(t.Shape) == 1 {
		shape += ","
	}
	header := fmt.Sprintf("{'descr': '%s%s', 'fortran_order': False, 'shape': (%s), }", order, properties[t.Type].numpy, shape)
	if len(t.Shape) > 0 {
		header += strings.Repeat(" ", max(0, npyGrowth-len(strconv.Itoa(t.Shape[0]))))
	}
	start := len(npyMagic) + 2 + 2
	header += strings.Repeat(" ", npyAlign-(start+len(header)+1)%npyAlign) + "\n"
	return npyMagic + "\x01\x00" + string(binary.LittleEndian.AppendUint16(nil, uint16(len(header)))) + header
}
