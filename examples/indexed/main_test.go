package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestMain lets the tests start this program as processes.
func TestMain(m *testing.M) {
	if os.Getenv("INDEXED_SHARE") != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// start starts a share as Kubernetes does.
func start(t *testing.T, folder string, index int, args ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := exec.Command(self, append([]string{"-folder", folder, "-trials", "24", "-shares", "4"}, args...)...)
	c.Env = append(os.Environ(), "INDEXED_SHARE=1", fmt.Sprintf("JOB_COMPLETION_INDEX=%d", index))
	c.Stderr = os.Stderr
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Process.Kill(); c.Wait() })
	return c
}

func trials(t *testing.T, folder string) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(folder, "trial-*.json"))
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// TestKilledShares: shares that are killed are named in the report, go on when they are started again, and all of it gives
// the bits of a search in one process.
func TestKilledShares(t *testing.T) {
	folder, whole := t.TempDir(), t.TempDir()
	one := search{folder: whole, trials: 24, shares: 1}
	if err := one.share(t.Context(), &bytes.Buffer{}, 0); err != nil {
		t.Fatal(err)
	}

	var running []*exec.Cmd
	for i := range 4 {
		pause := "0s"
		if i == 1 || i == 3 {
			pause = "500ms" // they are killed long before their sixth trial
		}
		running = append(running, start(t, folder, i, "-pause", pause))
	}
	for _, i := range []int{1, 3} {
		first := filepath.Join(folder, fmt.Sprintf("trial-%05d.json", i))
		for deadline := time.Now().Add(time.Minute); ; time.Sleep(5 * time.Millisecond) {
			if _, err := os.Stat(first); err == nil {
				break
			}
			if time.Now().After(deadline) {
				t.Fatalf("share %d has not begun", i)
			}
		}
		if err := running[i].Process.Kill(); err != nil {
			t.Fatal(err)
		}
		if err := running[i].Wait(); err == nil {
			t.Fatalf("share %d was not killed in time", i)
		}
	}
	for _, i := range []int{0, 2} {
		if err := running[i].Wait(); err != nil {
			t.Fatalf("share %d: %v", i, err)
		}
	}

	s := search{folder: folder, trials: 24, shares: 4}
	var out bytes.Buffer
	err := s.report(&out)
	if err == nil || !strings.Contains(err.Error(), "start the shares [1 3] again") {
		t.Errorf("the report says %v, want the shares 1 and 3", err)
	}
	before := len(trials(t, folder))
	if before < 14 || before == 24 {
		t.Errorf("%d trials before the shares are started again", before)
	}
	// Half a file, such as a full disk leaves, is no trial.
	if err := os.WriteFile(s.file(0), []byte(`{"id": 0, "par`), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := s.report(&out); err == nil || !strings.Contains(err.Error(), "[0 1 3]") {
		t.Errorf("with half a file the report says %v", err)
	}
	for _, i := range []int{0, 1, 3} {
		if err := start(t, folder, i).Wait(); err != nil {
			t.Fatalf("share %d, started again: %v", i, err)
		}
	}
	out.Reset()
	if err := s.report(&out); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), "24 of 24 trials") || !strings.Contains(out.String(), "best:") {
		t.Errorf("the report: %s", out.String())
	}
	for i := range 24 {
		a, errA := os.ReadFile(one.file(i))
		b, errB := os.ReadFile(s.file(i))
		if errA != nil || errB != nil || !bytes.Equal(a, b) {
			t.Errorf("trial %d differs from that of one process: %s, %s", i, a, b)
		}
	}
	left, _ := filepath.Glob(filepath.Join(folder, ".*"))
	if left = slices.DeleteFunc(left, func(s string) bool { return !strings.HasSuffix(s, ".tmp") }); len(left) > 2 {
		t.Errorf("%v is left", left)
	}
}

// TestSettings that make no sense are errors.
func TestSettings(t *testing.T) {
	if err := (search{trials: 0, shares: 1}).check(); err == nil {
		t.Error("no trials are no error")
	}
	other := search{folder: t.TempDir(), trials: 3, shares: 1}
	if err := other.share(t.Context(), &bytes.Buffer{}, 0); err != nil {
		t.Fatal(err)
	}
	// Files of another search are not taken.
	b, err := os.ReadFile(other.file(1))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(other.file(2), b, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := other.report(&bytes.Buffer{}); err == nil || !strings.Contains(err.Error(), "[2] are missing") {
		t.Errorf("a trial of another search: %v", err)
	}
}
