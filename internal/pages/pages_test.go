package pages

import (
	"errors"
	"runtime"
	"syscall"
	"testing"
	"unsafe"
)

func TestZeros(t *testing.T) {
	for _, n := range []int{0, 1, 1000, large/8 - 1, large / 8, large/8 + 1001} {
		v := Float64s(n)
		if len(v) != n {
			t.Fatalf("%d numbers, want %d", len(v), n)
		}
		for i := range v {
			if v[i] != 0 {
				t.Fatalf("number %d of %d is %g", i, n, v[i])
			}
			v[i] = float64(i)
		}
	}
}

// TestUncleared writes and reads all numbers, which are of this memory and no other.
func TestUncleared(t *testing.T) {
	for _, n := range []int{0, 1, 1000, large/8 - 1, large / 8, large/8 + 1001} {
		v, w := Uncleared(n), Uncleared(n)
		if len(v) != n || n > 0 && uintptr(unsafe.Pointer(&v[0]))%8 != 0 {
			t.Fatalf("%d numbers at %p, want %d", len(v), v, n)
		}
		for i := range v {
			v[i], w[i] = float64(i), -float64(i)
		}
		runtime.GC()
		for i := range v {
			if v[i] != float64(i) || w[i] != -float64(i) {
				t.Fatalf("number %d of %d is %g and %g", i, n, v[i], w[i])
			}
		}
	}
	if rows, cols := UnclearedDense(3, 2).Dims(); rows != 3 || cols != 2 {
		t.Errorf("%d×%d, want 3×2", rows, cols)
	}
	if rows, cols := UnclearedDense(1<<10, 1<<10).Dims(); rows != 1<<10 || cols != 1<<10 {
		t.Errorf("%d×%d, want 1024×1024", rows, cols)
	}
}

func TestDense(t *testing.T) {
	for _, shape := range [][2]int{{2, 3}, {1 << 10, 1 << 10}} {
		if rows, cols := Dense(shape[0], shape[1]).Dims(); rows != shape[0] || cols != shape[1] {
			t.Errorf("%d×%d, want %v", rows, cols, shape)
		}
	}
}

// TestAdvise asks for memory that begins within a page. A kernel without large
// pages says EINVAL.
func TestAdvise(t *testing.T) {
	v := make([]float64, 2*large/8)
	b := unsafe.Slice((*byte)(unsafe.Pointer(&v[3])), large)
	if err := advise(b); err != nil && !errors.Is(err, syscall.EINVAL) {
		t.Error(err)
	}
}

// TestUnclearedInts writes and reads all of them.
func TestUnclearedInts(t *testing.T) {
	for _, n := range []int{0, 1, large / 8, large/4 + 1001} {
		v, w := UnclearedInts(n), UnclearedInts(n)
		for i := range v {
			v[i], w[i] = i, -i
		}
		runtime.GC()
		for i := range v {
			if v[i] != i || w[i] != -i {
				t.Fatalf("number %d of %d is %d and %d", i, n, v[i], w[i])
			}
		}
		if len(v) != n {
			t.Fatalf("%d numbers, want %d", len(v), n)
		}
	}
}
