package preprocess

import (
	"encoding/json"
	"fmt"
)

// The functions here walk through JSON that is known to be valid, without
// copying it and without making anything of it: what a file contains is looked at
// piece by piece, and a piece that is wrong ends the walk. So a small file cannot
// make many empty objects before one of them is looked at.

// eachField calls f for each key of an object and the value that belongs to it.
func eachField(object []byte, f func(key string, value []byte) error) error {
	if firstByte(object) != '{' {
		return fmt.Errorf("%.20s stands where an object is wanted", object)
	}
	seen := map[string]bool{}
	for i := nextByte(object, 1); object[i] != '}'; {
		end := valueEnd(object, i)
		var key string
		if err := json.Unmarshal(object[i:end], &key); err != nil {
			return err
		}
		if seen[key] {
			return fmt.Errorf("%q stands there twice", key)
		}
		seen[key] = true
		i = nextByte(object, end)
		end = valueEnd(object, i)
		if err := f(key, object[i:end]); err != nil {
			return err
		}
		i = nextByte(object, end)
	}
	return nil
}

// eachElement calls f for each element of an array; null is an empty one.
func eachElement(array []byte, f func(k int, value []byte) error) error {
	switch firstByte(array) {
	case 'n':
		return nil
	case '[':
	default:
		return fmt.Errorf("%.20s stands where a list is wanted", array)
	}
	for i, k := nextByte(array, 1), 0; array[i] != ']'; k++ {
		end := valueEnd(array, i)
		if err := f(k, array[i:end]); err != nil {
			return err
		}
		i = nextByte(array, end)
	}
	return nil
}

// firstByte returns the first byte of a value, which says what it is, or 0.
func firstByte(value []byte) byte {
	if i := nextByte(value, 0); i < len(value) {
		return value[i]
	}
	return 0
}

// nextByte returns the place of the next byte that is no space and no separator.
func nextByte(data []byte, i int) int {
	for i < len(data) {
		switch data[i] {
		case ' ', '\t', '\n', '\r', ',', ':':
			i++
		default:
			return i
		}
	}
	return i
}

// valueEnd returns where the value that begins at i ends.
func valueEnd(data []byte, i int) int {
	depth := 0
	for ; i < len(data); i++ {
		switch data[i] {
		case '"':
			for i++; data[i] != '"'; i++ {
				if data[i] == '\\' {
					i++
				}
			}
		case '{', '[':
			depth++
			continue
		case '}', ']':
			depth--
		case ' ', '\t', '\n', '\r', ',', ':':
			continue
		default: // a number, true, false or null
			for i+1 < len(data) && !ends(data[i+1]) {
				i++
			}
		}
		if depth == 0 {
			return i + 1
		}
	}
	return i
}

// ends reports a byte that cannot be within a number, true, false or null.
func ends(b byte) bool {
	switch b {
	case ' ', '\t', '\n', '\r', ',', ':', '}', ']':
		return true
	}
	return false
}
