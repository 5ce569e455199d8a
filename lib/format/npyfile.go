package format

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"unsafe"
)

// An NPYFile is an open .npy file whose numbers are read when they are asked for. On
// Linux and macOS the file is mapped into memory: the system reads a page when it is
// touched, and takes its memory back when others need it, so that a file may be larger
// than memory. Elsewhere, and where mapping fails, parts of the file are read.
//
// While it is open, the file must not be truncated: the program would end by a signal.
type NPYFile struct {
	Shape []int
	Type  Type // of a number in the file

	file   *os.File
	mapped []byte // nil if the file is not mapped
	start  int64  // where the numbers begin
	count  int    // of the numbers
	order  binary.ByteOrder
	bytes  []byte   // room for what is read
	asked  [2]int64 // of the mapped bytes
}

// OpenNPY opens an array that numpy.save has written, of any size. It reads the
// versions, types and byte orders that [ReadNPY] reads, but only C order, since in
// Fortran order a row is scattered over the whole file. It returns an error for a file
// that is shorter than its header says. The caller must call Close.
func OpenNPY(name string) (*NPYFile, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("format: npy: %w", err)
	}
	f, err := openNPY(file)
	if err != nil {
		_ = file.Close()
		return nil, fmt.Errorf("format: npy: %s: %w", name, err)
	}
	return f, nil
}

func openNPY(file *os.File) (*NPYFile, error) {
	header, err := readNPYHeader(file)
	if err != nil {
		return nil, err
	}
	p := literal{text: header}
	dict, err := p.dict()
	if err != nil {
		return nil, fmt.Errorf("the header %.100q: %w", header, err)
	}
	t, order, err := parseDescr(dict.descr)
	if err != nil {
		return nil, err
	}
	if dict.fortran && len(dict.shape) > 1 {
		return nil, errors.New("the array is in Fortran order, in which a row is scattered over the file: save numpy.ascontiguousarray(x)")
	}
	n, err := count(dict.shape, math.MaxInt)
	if err != nil {
		return nil, err
	}
	f := &NPYFile{Shape: dict.shape, Type: t, file: file, count: n, order: order}
	if f.start, err = file.Seek(0, io.SeekCurrent); err != nil {
		return nil, err
	}
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	if have := max(info.Size()-f.start, 0) / int64(t.Size()); have < int64(n) {
		return nil, fmt.Errorf("the data end after %d of %d numbers: %w", have, n, io.ErrUnexpectedEOF)
	}
	f.mapped = mapFile(file, f.start+int64(n)*int64(t.Size())) // nil: it is read instead
	return f, nil
}

// Len returns the number of numbers: the product of Shape.
func (f *NPYFile) Len() int { return f.count }

// Mapped reports whether the file is mapped into memory.
func (f *NPYFile) Mapped() bool { return f.mapped != nil }

// Slice returns the numbers from lo to hi, counted row by row. Where the file holds
// float64s as this machine does, and is mapped, they are the file itself: they must not
// be changed, nor used after Close. Elsewhere they are in the memory of buffer, which is
// replaced if it is too small. Slice panics unless 0 ≤ lo ≤ hi ≤ Len. It returns an
// error if reading fails, and for an integer that a float64 cannot hold.
//
// Several goroutines must not call it at the same time.
func (f *NPYFile) Slice(lo, hi int, buffer []float64) ([]float64, error) {
	if lo < 0 || lo > hi || hi > f.count {
		panic(fmt.Sprintf("format: numbers %d to %d of %d", lo, hi, f.count))
	}
	if lo == hi {
		return buffer[:0], nil
	}
	size := int64(f.Type.Size())
	from, to := f.start+int64(lo)*size, f.start+int64(hi)*size
	part := f.bytes
	if f.mapped != nil {
		part = f.mapped[from:to:to]
		f.lookAhead(from, to)
		if v, ok := f.floats(part); ok {
			return v, nil
		}
	} else {
		if int64(len(part)) < to-from {
			part = make([]byte, to-from)
			f.bytes = part
		}
		part = part[:to-from]
		if _, err := f.file.ReadAt(part, from); err != nil {
			return nil, fmt.Errorf("format: npy: %s: %w", f.file.Name(), unexpected(err))
		}
	}
	if cap(buffer) < hi-lo {
		buffer = make([]float64, hi-lo)
	}
	buffer = buffer[:hi-lo]
	if f.Type == Float64 && isNative(f.order) {
		copy(asBytes(buffer), part)
		return buffer, nil
	}
	if k, bits, ok := decode(buffer, part, f.Type, f.order); !ok {
		return nil, fmt.Errorf("format: npy: %s: number %d is the %s %s, which a float64 cannot hold", f.file.Name(), lo+k, f.Type, integer(f.Type, bits))
	}
	return buffer, nil
}

// ahead is how many bytes after a slice the system is asked to read, at least.
const ahead = 4 << 20

// lookAhead asks the system for what a pass in order needs next, unless it has been asked
// for enough of that.
func (f *NPYFile) lookAhead(from, to int64) {
	if from >= f.asked[0] && to <= f.asked[1]-ahead/2 {
		return
	}
	f.asked = [2]int64{from, to + max(ahead, to-from)}
	willNeed(f.mapped, from, f.asked[1])
}

// floats returns mapped bytes as the numbers that they are, if they lie as such.
func (f *NPYFile) floats(part []byte) ([]float64, bool) {
	first := unsafe.Pointer(unsafe.SliceData(part))
	if f.Type != Float64 || !isNative(f.order) || uintptr(first)%8 != 0 {
		return nil, false
	}
	return unsafe.Slice((*float64)(first), len(part)/8), true
}

// Close closes the file. What Slice has returned must not be used any more.
func (f *NPYFile) Close() error {
	unmap(f.mapped)
	f.mapped, f.count = nil, 0
	if err := f.file.Close(); err != nil {
		return fmt.Errorf("format: npy: %w", err)
	}
	return nil
}
