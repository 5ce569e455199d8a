package beam

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/apache/beam/sdks/v2/go/pkg/beam/io/filesystem"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/io/filesystem/local"
)

func init() { filesystem.Register("held", newHeldFiles) }

// heldFiles reads local files under the addresses held://NAME. A file is held while NAME.hold is there: its reader writes the number
// of its process to NAME.reader and then waits for ever. So a test knows that a worker is in the middle of a shard, on however
// slow a machine, and ends it there.
type heldFiles struct{ filesystem.Interface }

func newHeldFiles(ctx context.Context) filesystem.Interface { return heldFiles{local.New(ctx)} }

func (f heldFiles) OpenRead(ctx context.Context, address string) (io.ReadCloser, error) {
	name := strings.TrimPrefix(address, "held://")
	if _, err := os.Stat(name + ".hold"); err == nil {
		if err := os.WriteFile(name+".writing", []byte(strconv.Itoa(os.Getpid())), 0o600); err != nil {
			return nil, err
		}
		if err := os.Rename(name+".writing", name+".reader"); err != nil {
			return nil, err
		}
		select {}
	}
	return f.Interface.OpenRead(ctx, name)
}

// hold holds a file.
func hold(t *testing.T, name string) {
	t.Helper()
	if err := os.WriteFile(name+".hold", nil, 0o600); err != nil {
		t.Fatal(err)
	}
}

// killReader waits until a worker reads a held file, lets the file go and kills the worker.
func killReader(ctx context.Context, name string) error {
	for {
		b, err := os.ReadFile(name + ".reader")
		if err == nil {
			pid, err := strconv.Atoi(string(b))
			if err != nil {
				return err
			}
			if err := os.Remove(name + ".hold"); err != nil {
				return err
			}
			p, err := os.FindProcess(pid)
			if err != nil {
				return err
			}
			return p.Kill()
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("nobody has read %s: %w", filepath.Base(name), ctx.Err())
		case <-time.After(time.Millisecond):
		}
	}
}
