package wire

import (
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// TestAsk: a request with files arrives whole, and so does the reply.
func TestAsk(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	request := Request{Kind: "launch", Dir: "/x", Pid: 12345, Args: []string{"a b", "c"}, Env: []string{"A=" + strings.Repeat("x", 200_000), "B=1"}}
	failed := make(chan string, 1)
	go func() {
		c, err := l.AcceptUnix()
		if err != nil {
			failed <- err.Error()
			return
		}
		f, _ := c.File()
		defer f.Close()
		got, err := Receive(int(f.Fd()))
		if err != nil || got.Kind != "launch" || got.Dir != "/x" || got.Pid != 12345 || !slices.Equal(got.Args, request.Args) || !slices.Equal(got.Env, request.Env) || len(got.FDs) != 1 {
			failed <- "the request has changed"
		}
		syscall.Write(got.FDs[0], []byte("hello"))
		if err := Answer(int(f.Fd()), Reply{Status: 2, Text: "said\n", Args: []string{"p"}}); err != nil {
			failed <- err.Error()
		}
		close(failed)
	}()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	request.FDs = []int{int(w.Fd())}
	reply, err := Ask(path, request)
	if err != nil || reply.Status != 2 || reply.Text != "said\n" || !slices.Equal(reply.Args, []string{"p"}) {
		t.Errorf("%+v, %v", reply, err)
	}
	if s := <-failed; s != "" {
		t.Error(s)
	}
	b := make([]byte, 5)
	if n, _ := r.Read(b); string(b[:n]) != "hello" {
		t.Errorf("%q", b[:n])
	}
	if _, err := Ask(path+"x", request); err == nil {
		t.Error("nobody answered, and no error")
	}
}
