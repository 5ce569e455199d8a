package check

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// count calls itself down to 0, which from −1 takes longer than there is stack.
func count(n int, visited *int) {
	if *visited++; n != 0 {
		count(n-1, visited)
	}
}

// TestCrash runs itself as a program, which ends as no recover can prevent.
func TestCrash(t *testing.T) {
	crashes := map[string]func(){
		"goroutine": func() {
			done := make(chan bool)
			go func() { _ = []int{}[sampleIndex()]; close(done) }()
			<-done
		},
		"todo in a goroutine": func() {
			done := make(chan bool)
			go func() { defer close(done); panic("TODO") }()
			<-done
		},
		"recursion": func() { count(-1, new(int)) },
		"map": func() {
			m := map[int]int{}
			for range 8 {
				go func() {
					for i := range 1_000_000 {
						m[i%8] = i
					}
				}()
			}
			for i := range 1_000_000 {
				m[i%8] = i
			}
		},
	}
	if name := os.Getenv("DESCENT_TEST_CRASH"); name != "" {
		examine(sample, func(t *trial) {
			t.give("n", 6)
			t.give("n", 7)
			crashes[name]()
		})
		return
	}
	for name, says := range map[string]string{
		"goroutine":           "MomentumStep: not right yet.\nA goroutine that your function starts panics: runtime error: index out of range [2] with length 0.",
		"todo in a goroutine": "A goroutine that your function starts panics: TODO.",
		"recursion":           "calls itself without end",
		"map":                 "Two goroutines use one map at the same time",
	} {
		t.Run(name, func(t *testing.T) {
			progress := filepath.Join(t.TempDir(), "progress")
			c := exec.Command(os.Args[0], "-test.run=^TestCrash$")
			c.Env = append(os.Environ(), "DESCENT_TEST_CRASH="+name, GradeVariable+"=", ProgressVariable+"="+progress)
			out, err := c.Output()
			for _, want := range []string{says, "\nThe case:\n  n = 7\n", `check.Hint("MomentumStep")`} {
				if err == nil || !strings.Contains(string(out), want) {
					t.Errorf("%v, and no %q in\n%s", err, want, out)
				}
			}
			if data, err := os.ReadFile(progress); err != nil || !strings.Contains(string(data), "tried") {
				t.Errorf("the try is not written down: %s %v", data, err)
			}
		})
	}
}
