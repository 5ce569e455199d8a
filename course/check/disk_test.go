//go:build darwin || linux

package check

import (
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// alone tells whether the test is in a process for itself, for it limits the process; otherwise it runs the test in one.
func alone(t *testing.T) bool {
	t.Helper()
	const variable = "DESCENT_TEST_ALONE"
	if os.Getenv(variable) != "" {
		return true
	}
	c := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$", "-test.count=1")
	c.Env = append(os.Environ(), variable+"=1")
	if out, err := c.CombinedOutput(); err != nil || !strings.Contains(string(out), "PASS") {
		t.Errorf("%v\n%s", err, out)
	}
	return false
}

// limit makes files of this process end at size bytes, as on a full disk: what goes beyond is an error, and what comes before
// it is written.
func limit(t *testing.T, size int) (undo func()) {
	t.Helper()
	signal.Ignore(syscall.SIGXFSZ)
	var old syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &old); err != nil {
		t.Fatal(err)
	}
	now := old
	now.Cur = uint64(size)
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &now); err != nil {
		t.Fatal(err)
	}
	done := false
	undo = func() {
		if !done {
			done = true
			if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &old); err != nil {
				t.Error(err)
			}
			signal.Reset(syscall.SIGXFSZ)
		}
	}
	t.Cleanup(undo)
	return undo
}

// unchanged checks that there is one file, with the given text.
func unchanged(t *testing.T, file, want string) {
	t.Helper()
	if now, err := os.ReadFile(file); err != nil || string(now) != want {
		t.Errorf("the file is %q, %v; want %q", now, err, want)
	}
	if all, err := filepath.Glob(filepath.Join(filepath.Dir(file), "*")); err != nil || len(all) != 1 {
		t.Errorf("the folder has %q, %v", all, err)
	}
}

const rightLine = `{"time":"2026-01-02T03:04:05Z","exercise":"MomentumStep","state":"right"}` + "\n"

// A hint does not fit on the disk. What was there before stays, and counts.
func TestAFullDiskKeepsTheProgress(t *testing.T) {
	if !alone(t) {
		return
	}
	for name, room := range map[string]int{"none": 0, "half a line": 20} {
		t.Run(name, func(t *testing.T) {
			file := fresh(t)
			if err := os.WriteFile(file, []byte(rightLine), 0o644); err != nil {
				t.Fatal(err)
			}
			undo := limit(t, len(rightLine)+room)
			for range 2 {
				if out := stdout(t, func() { Hint("MomentumStep") }); !strings.Contains(out, "Hint 1 of 3") {
					t.Errorf("the hint says %q", out)
				}
				if d := done(t, "03-optimization-algorithms"); d.Right != 1 {
					t.Errorf("after a hint on a full disk: %+v", d)
				}
				unchanged(t, file, rightLine)
			}
			undo()
			stdout(t, func() { Hint("MomentumStep") })
			if out := stdout(t, func() { Hint("MomentumStep") }); !strings.Contains(out, "Hint 2 of 3") {
				t.Errorf("with room again, the second hint says %q", out)
			}
			if d := done(t, "03-optimization-algorithms"); d.Right != 1 {
				t.Errorf("with room again: %+v", d)
			}
		})
	}
}

// A damaged file is replaced only when the new one is written.
func TestAFullDiskKeepsADamagedFile(t *testing.T) {
	if !alone(t) {
		return
	}
	file := fresh(t)
	good := strings.Repeat(rightLine, 40)
	damaged := good + `{"time":"2026-01-02T03:0`
	if err := os.WriteFile(file, []byte(damaged), 0o644); err != nil {
		t.Fatal(err)
	}
	undo := limit(t, len(good)-1)
	for range 2 {
		var d Done
		out := stdout(t, func() { d = done(t, "03-optimization-algorithms") })
		if d.Right != 1 || !strings.Contains(out, "could not be repaired") {
			t.Errorf("%+v, and it says %q", d, out)
		}
		unchanged(t, file, damaged)
	}
	undo()
	if d := done(t, "03-optimization-algorithms"); d.Right != 1 {
		t.Errorf("with room again: %+v", d)
	}
	if now, err := os.ReadFile(file); err != nil || string(now) != good {
		t.Errorf("repaired, the file is %q, %v", now, err)
	}
	if old, _ := filepath.Glob(file + ".damaged-*"); len(old) != 1 {
		t.Errorf("the damaged file is kept as %q", old)
	}
}
