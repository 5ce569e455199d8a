//go:build unix

package display

import (
	"encoding/gob"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/janpfeifer/gonb/gonbui"
	"github.com/janpfeifer/gonb/gonbui/protocol"
)

// TestWithGoNB: in a program with GoNB's own package both show in turn, and the
// kernel's answers are left to that one.
func TestWithGoNB(t *testing.T) {
	dir := t.TempDir()
	to, from := filepath.Join(dir, "to"), filepath.Join(dir, "from")
	for _, pipe := range []string{to, from} {
		if err := syscall.Mkfifo(pipe, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv(toKernel, to)
	t.Setenv(fromKernel, from)
	shown := make(chan string, 100)
	go func() {
		in, err := os.Open(to)
		if err != nil {
			shown <- err.Error()
			return
		}
		out, err := os.OpenFile(from, os.O_WRONLY, 0)
		if err != nil {
			shown <- err.Error()
			return
		}
		decoder, encoder := gob.NewDecoder(in), gob.NewEncoder(out)
		for {
			var d protocol.DisplayData
			if err := decoder.Decode(&d); err != nil {
				shown <- err.Error()
				return
			}
			if sync, ok := d.Data[protocol.MIMECommValue].(protocol.CommValue); ok {
				encoder.Encode(&protocol.CommValue{Address: protocol.GonbuiSyncAckAddress, Value: sync.Value})
				shown <- "sync"
				continue
			}
			shown <- d.Data[protocol.MIMETextHTML].(string)
		}
	}()
	gonbui.IsNotebook = true
	for _, text := range []string{"1", "2", "3"} {
		gonbui.DisplayHTML("theirs " + text)
		Sync()
		Show(Data{Content: map[string]any{HTML: "ours " + text}})
		Sync()
		gonbui.Sync()
	}
	var got []string
	for range 9 {
		got = append(got, <-shown)
	}
	if text := strings.Join(got, ", "); text != "theirs 1, ours 1, sync, theirs 2, ours 2, sync, theirs 3, ours 3, sync" {
		t.Error(text)
	}
}
