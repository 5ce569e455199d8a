package ch07

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"slices"
)

// tensorNames returns the names of the arrays in a safetensors file, sorted. The
// file begins with eight bytes, the length of the header as a little-endian
// number; then comes the header, a JSON object with an entry for each array.
// "__metadata__", which may be there as well, is no array. A file that is shorter
// than it says is an error.
func tensorNames(file []byte) ([]string, error) {
	// BEGIN SOLUTION
	if len(file) < 8 {
		return nil, fmt.Errorf("the file has %d bytes, want at least 8", len(file))
	}
	size := binary.LittleEndian.Uint64(file)
	if size > uint64(len(file)-8) {
		return nil, fmt.Errorf("the header should have %d bytes, and there are %d", size, len(file)-8)
	}
	var header map[string]json.RawMessage
	if err := json.Unmarshal(file[8:8+size], &header); err != nil {
		return nil, err
	}
	var names []string
	for name := range header {
		if name != "__metadata__" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names, nil
	// END SOLUTION
}
