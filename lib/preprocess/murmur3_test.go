package preprocess

import (
	"testing"

	"github.com/descent-go/descent/internal/golden"
)

func TestMurmur3(t *testing.T) {
	// Vectors published with SMHasher and in the encyclopaedias' articles on it.
	for _, c := range []struct {
		s          string
		seed, want uint32
	}{
		{"", 0, 0},
		{"", 1, 0x514e28b7},
		{"", 0xffffffff, 0x81f16f39},
		{"test", 0, 0xba6bd213},
		{"test", 0x9747b28c, 0x704b81dc},
		{"Hello, world!", 0, 0xc0363e43},
		{"Hello, world!", 0x9747b28c, 0x24884cba},
		{"The quick brown fox jumps over the lazy dog", 0, 0x2e4ff723},
		{"The quick brown fox jumps over the lazy dog", 0x9747b28c, 0x2fa826cd},
	} {
		if got := murmur3(c.s, c.seed); got != c.want {
			t.Errorf("murmur3(%q, %#x) = %#x, want %#x", c.s, c.seed, got, c.want)
		}
	}
	g := golden.Load[struct {
		Murmur []struct {
			Word       string
			Seed, Hash uint32
		}
	}](t, "testdata/text.json")
	for _, c := range g.Murmur {
		if got := murmur3(c.Word, c.Seed); got != c.Hash {
			t.Errorf("murmur3(%q, %#x) = %#x, want %#x", c.Word, c.Seed, got, c.Hash)
		}
	}
}
