//go:build amd64 || arm64

package crew

import (
	"math/bits"
	"runtime"
	"testing"
)

func (s set) has(core int) bool { return s[core/64]>>(core%64)&1 == 1 }

func (s set) size() int {
	n := 0
	for _, word := range s {
		n += bits.OnesCount64(word)
	}
	return n
}

// TestMove leaves the core, and the cores that the thread may use as they were.
func TestMove(t *testing.T) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	before, ok := allowed()
	if !ok || !allow(before) {
		t.Skip("this system lets no program place its threads")
	}
	moved := false
	for range 100 { // the system may take the thread back at once
		from := core()
		if from < 0 || !before.has(from) {
			t.Fatalf("on core %d, which is none of those allowed", from)
		}
		move(from)
		moved = moved || core() != from
		if after, _ := allowed(); after != before {
			t.Fatal("the thread may use other cores than before")
		}
	}
	if want := before.size() > 1; moved != want {
		t.Errorf("moved: %t, with %d cores allowed", moved, before.size())
	}
}

// TestMoveWithoutAnotherCore leaves all as it was.
func TestMoveWithoutAnotherCore(t *testing.T) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	before, ok := allowed()
	if !ok || !allow(before) {
		t.Skip("this system lets no program place its threads")
	}
	here := core()
	var one set
	one[here/64] = 1 << (here % 64)
	if !allow(one) {
		t.Fatal("the thread cannot be kept on a core")
	}
	defer allow(before)
	move(here)
	if after, _ := allowed(); after != one || core() != here {
		t.Errorf("the thread left core %d, the only one allowed", here)
	}
}
