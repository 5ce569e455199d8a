package save_test

import (
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/lib/save"
	"github.com/descent-go/descent/lib/train"
)

// writerFolder, if it is set, makes the test binary write to that folder until it
// is killed.
const writerFolder = "DESCENT_TEST_WRITER"

func TestMain(m *testing.M) {
	if dir := os.Getenv(writerFolder); dir != "" {
		fmt.Println(writeForever(dir))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

const killFeatures = 1 << 14 // 128 KiB of weights: some writes are cut in the middle

// writeForever saves models and checkpoints of which every number is the same,
// another one each time.
func writeForever(dir string) error {
	m := model.NewLinearNoIntercept(killFeatures, 1)
	for k := 1; ; k++ {
		theta := m.Params()
		for i := range theta {
			theta[i] = float64(k)
		}
		if err := save.Model(filepath.Join(dir, "m"), m, k); err != nil {
			return err
		}
		c := &train.Checkpoint{Epoch: 1, Step: k, Theta: theta, Memory: map[string][]float64{"k": {float64(k)}}}
		if err := save.Checkpoint(filepath.Join(dir, "c"), c); err != nil {
			return err
		}
	}
}

// TestKill kills a process that writes over and over, and reads what it leaves.
func TestKill(t *testing.T) {
	dir := t.TempDir()
	r := rand.New(rand.NewPCG(1, 2))
	cut := 0 // kills in the middle of a write
	for kill := range 20 {
		before := stamp(t, filepath.Join(dir, "c"))
		command := append(strings.Fields(os.Getenv("DESCENT_EMULATOR")), os.Args[0])
		child := exec.Command(command[0], command[1:]...)
		child.Env = append(os.Environ(), writerFolder+"="+dir)
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		for deadline := time.Now().Add(30 * time.Second); stamp(t, filepath.Join(dir, "c")) == before; {
			if time.Now().After(deadline) {
				child.Process.Kill()
				t.Fatal("the writer has written nothing")
			}
			time.Sleep(time.Millisecond)
		}
		time.Sleep(time.Duration(r.IntN(20_000)) * time.Microsecond)
		if err := child.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		child.Wait()
		if state := child.ProcessState; state.Exited() && state.ExitCode() == 1 {
			t.Fatal("the writer failed before it was killed")
		}
		checkLeft(t, kill, dir)
		cut += clean(t, dir)
	}
	t.Logf("%d of 20 kills came in the middle of a write", cut)
}

// stamp tells when a file was written, or the zero time.
func stamp(t *testing.T, path string) time.Time {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return time.Time{}
	}
	if err != nil {
		t.Fatal(err)
	}
	return info.ModTime()
}

// checkLeft fails unless what was left is whole and belongs together.
func checkLeft(t *testing.T, kill int, dir string) {
	t.Helper()
	m, k := model.NewLinearNoIntercept(killFeatures, 1), 0
	if err := save.Load(filepath.Join(dir, "m"), m, &k); err != nil {
		t.Fatalf("kill %d: %v", kill, err)
	}
	other := func(v float64) bool { return v != float64(k) }
	if slices.ContainsFunc(m.Params(), other) {
		t.Errorf("kill %d: the weights do not belong to the metadata %d", kill, k)
	}
	c, err := save.LoadCheckpoint(filepath.Join(dir, "c"))
	if err != nil {
		t.Fatalf("kill %d: %v", kill, err)
	}
	k = c.Step
	if slices.ContainsFunc(c.Theta, other) || c.Memory["k"][0] != float64(k) {
		t.Errorf("kill %d: the checkpoint is of two steps", kill)
	}
}

// clean removes the temporary files that a kill left and counts them.
func clean(t *testing.T, dir string) int {
	t.Helper()
	left, err := filepath.Glob(filepath.Join(dir, ".*.tmp"))
	for _, path := range left {
		err = errors.Join(err, os.Remove(path))
	}
	if err != nil {
		t.Fatal(err)
	}
	return len(left)
}
