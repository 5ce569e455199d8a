package format

import (
	"archive/zip"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// ReadNPZ reads the arrays of an archive as numpy.savez and savez_compressed
// write it, by name. size is the archive's length in bytes, limit the largest
// number of elements of all arrays together.
//
// It returns an error for arrays that ReadNPY does not read, for members that are
// not arrays, for duplicate names and for data that do not match their checksum.
func ReadNPZ(r io.ReaderAt, size int64, limit int) (map[string]Tensor, error) {
	archive, err := zip.NewReader(r, size)
	if err != nil {
		return nil, fmt.Errorf("format: npz: %w", err)
	}
	arrays := map[string]Tensor{}
	for _, f := range archive.File {
		name, ok := strings.CutSuffix(f.Name, ".npy")
		if _, twice := arrays[name]; !ok || twice {
			return nil, fmt.Errorf("format: npz: %q is no array, or stands there twice", f.Name)
		}
		t, err := readMember(f, limit)
		if err != nil {
			return nil, fmt.Errorf("format: npz: %q: %w", f.Name, err)
		}
		limit -= len(t.Data)
		arrays[name] = t
	}
	return arrays, nil
}

func readMember(f *zip.File, limit int) (Tensor, error) {
	r, err := f.Open()
	if err != nil {
		return Tensor{}, err
	}
	defer r.Close()
	t, err := readNPY(r, limit)
	if err != nil {
		return Tensor{}, err
	}
	return t, atEnd(r) // which compares the checksum too
}

// WriteNPZ writes arrays as numpy.savez does, sorted by name, each as WriteNPY
// writes it. The same arrays give the same bytes.
func WriteNPZ(w io.Writer, arrays map[string]Tensor) error {
	return writeNPZ(w, arrays, zip.Store)
}

// WriteNPZCompressed writes arrays as numpy.savez_compressed does.
func WriteNPZCompressed(w io.Writer, arrays map[string]Tensor) error {
	return writeNPZ(w, arrays, zip.Deflate)
}

func writeNPZ(w io.Writer, arrays map[string]Tensor, method uint16) error {
	archive := zip.NewWriter(w)
	for _, name := range slices.Sorted(maps.Keys(arrays)) {
		member, err := archive.CreateHeader(&zip.FileHeader{Name: name + ".npy", Method: method})
		if err == nil {
			err = WriteNPY(member, arrays[name])
		}
		if err != nil {
			return fmt.Errorf("format: npz: %q: %w", name, err)
		}
	}
	if err := archive.Close(); err != nil {
		return fmt.Errorf("format: npz: %w", err)
	}
	return nil
}
