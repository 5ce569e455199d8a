package blas

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestPlaces compares with a loop: texts of all lengths around those of blocks, with
// few and with many places, and with room for all of them or not. Nothing is written
// behind the room.
func TestPlaces(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for length := range 400 {
		for _, many := range []int{1, 2, 5, 100} {
			text := make([]byte, length)
			var want []uint32
			for i := range text {
				text[i] = byte(128 + r.IntN(120))
				if r.IntN(many) == 0 {
					text[i] = ",\n"[r.IntN(2)]
					want = append(want, uint32(i))
				}
			}
			for _, room := range []int{0, 1, len(want) / 2, max(0, len(want)-1), len(want), len(want) + 1, len(want) + 100} {
				all := slices.Repeat([]uint32{7}, room+100)
				dst := all[:room:room]
				n := Places(dst, text, ',', '\n')
				if n != min(room, len(want)) || !slices.Equal(dst[:n], want[:n]) {
					t.Fatalf("%d bytes, room for %d: %d places %d, want %d", length, room, n, dst[:n], want)
				}
				if slices.ContainsFunc(all[room:], func(v uint32) bool { return v != 7 }) {
					t.Fatalf("%d bytes, room for %d: more is written", length, room)
				}
			}
		}
	}
	if n := Places(make([]uint32, 200), bytes.Repeat([]byte{'x'}, 128), 'x', 'x'); n != 128 {
		t.Errorf("%d places of one byte, want 128", n)
	}
}

func BenchmarkPlaces(b *testing.B) {
	for _, every := range []int{2, 5, 20} {
		text := bytes.Repeat([]byte("0123456789012345678,")[20-every:], 1<<18/every)
		dst := make([]uint32, len(text))
		b.Run(fmt.Sprint(every), func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				Places(dst, text, ',', '\n')
			}
		})
	}
}
