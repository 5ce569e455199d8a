package explain

import (
	"slices"
	"testing"
)

// TestFailure: the compiler's messages come with their places and sentences.
func TestFailure(t *testing.T) {
	places := []Place{{3, 2, "undefined: meen"}, {3, 4, "declared and not used: x"}, {0, 0, "undefined: late"}, {0, 0, ""}}
	got := english.Failure(places, []string{"mean"}, func(name string) int {
		if name == "late" {
			return 7
		}
		return 0
	})
	undefined := english.Compile("undefined: meen", []string{"mean"})
	want := []string{"cell [3], line 2: undefined: meen", "→ " + undefined,
		"cell [3], line 4: declared and not used: x", "→ " + english.Compile("declared and not used: x", nil),
		"undefined: late", "→ " + english.Compile("undefined: late", []string{"mean"}), "→ " + english.Say("only-failed", "late", 7)}
	if !slices.Equal(got, want) {
		t.Errorf("%q\nwant %q", got, want)
	}
	if got := english.Failure(make([]Place, 20), nil, nil); got != nil {
		t.Error(got)
	}
	if got := english.Failure(slices.Repeat([]Place{{1, 1, "x"}}, 20), nil, nil); len(got) != shownPlaces {
		t.Errorf("%d lines, want %d", len(got), shownPlaces)
	}
}

func TestFirstPanic(t *testing.T) {
	for said, want := range map[string]string{
		"hello\npanic: boom [recovered]\n\ngoroutine 1":        "panic: boom",
		"fatal error: all goroutines are asleep - deadlock!\n": "fatal error: all goroutines are asleep - deadlock!",
		"a panic: none": "",
	} {
		if got := FirstPanic(said); got != want {
			t.Errorf("%q: %q, want %q", said, got, want)
		}
	}
}
