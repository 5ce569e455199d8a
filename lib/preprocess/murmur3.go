package preprocess

import (
	"encoding/binary"
	"math/bits"
)

// murmur3 returns MurmurHash3_x86_32 of s with the given seed (Austin Appleby,
// SMHasher, 2010), the hash of scikit-learn's HashingVectorizer.
func murmur3(s string, seed uint32) uint32 {
	const c1, c2 = 0xcc9e2d51, 0x1b873593
	scramble := func(k uint32) uint32 { return bits.RotateLeft32(k*c1, 15) * c2 }
	data, h := []byte(s), seed
	for ; len(data) >= 4; data = data[4:] {
		h ^= scramble(binary.LittleEndian.Uint32(data))
		h = bits.RotateLeft32(h, 13)*5 + 0xe6546b64
	}
	var tail uint32
	for k, b := range data {
		tail |= uint32(b) << (8 * k)
	}
	h ^= scramble(tail)
	h ^= uint32(len(s))
	h = (h ^ h>>16) * 0x85ebca6b
	h = (h ^ h>>13) * 0xc2b2ae35
	return h ^ h>>16
}
