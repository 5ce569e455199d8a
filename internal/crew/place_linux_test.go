package crew

import (
	"runtime"
	"testing"

	"golang.org/x/sys/unix"
)

// TestMove leaves the core, and the cores that the thread may use as they were.
func TestMove(t *testing.T) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var before, after unix.CPUSet
	if err := unix.SchedGetaffinity(0, &before); err != nil {
		t.Fatal(err)
	}
	moved := false
	for range 100 { // the system may take the thread back at once
		from := core()
		if from < 0 || !before.IsSet(from) {
			t.Fatalf("on core %d, which is none of those allowed", from)
		}
		move(from)
		moved = moved || core() != from
		if err := unix.SchedGetaffinity(0, &after); err != nil {
			t.Fatal(err)
		}
		if after != before {
			t.Fatal("the thread may use other cores than before")
		}
	}
	if want := before.Count() > 1; moved != want {
		t.Errorf("moved: %t, with %d cores allowed", moved, before.Count())
	}
}

// TestMoveWithoutAnotherCore leaves all as it was.
func TestMoveWithoutAnotherCore(t *testing.T) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var before, one, after unix.CPUSet
	if err := unix.SchedGetaffinity(0, &before); err != nil {
		t.Fatal(err)
	}
	here := core()
	one.Set(here)
	if err := unix.SchedSetaffinity(0, &one); err != nil {
		t.Fatal(err)
	}
	defer unix.SchedSetaffinity(0, &before)
	move(here)
	if err := unix.SchedGetaffinity(0, &after); err != nil {
		t.Fatal(err)
	}
	if after != one || core() != here {
		t.Errorf("the thread left core %d, the only one allowed", here)
	}
}
