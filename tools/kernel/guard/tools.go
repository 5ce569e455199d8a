package main

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/descent-go/descent/tools/kernel/wire"
)

// serveTools answers the programs that stand in for go, goimports and the cells'.
func (k *kernel) serveTools() error {
	listener, err := net.ListenUnix("unix", &net.UnixAddr{Name: filepath.Join(k.dir, "s"), Net: "unix"})
	if err != nil {
		return err
	}
	go func() {
		for {
			c, err := listener.AcceptUnix()
			if err != nil {
				return
			}
			f, err := c.File() // blocking, as package wire wants it
			c.Close()
			if err != nil {
				continue
			}
			go func() {
				defer f.Close()
				fd := int(f.Fd())
				request, err := wire.Receive(fd)
				if err != nil {
					return
				}
				reply := k.tool(request)
				wire.Answer(fd, reply)
				for _, n := range append(reply.FDs, request.FDs...) {
					syscall.Close(n)
				}
			}()
		}
	}()
	return nil
}

func (k *kernel) tool(request wire.Request) wire.Reply {
	k.mu.Lock()
	r := k.run_
	k.mu.Unlock()
	switch request.Kind {
	case "launch":
		return k.launch(r, request)
	case "goimports":
		return k.goimports(r, request)
	}
	return k.build(r, request)
}

// env returns the value that a program was started with.
func env(request wire.Request, name string) string {
	for i := len(request.Env) - 1; i >= 0; i-- {
		if n, v, ok := strings.Cut(request.Env[i], "="); ok && n == name {
			return v
		}
	}
	return ""
}

// realTool returns the path of a program as if the guard were not there.
func (k *kernel) realTool(name string) string {
	for _, dir := range filepath.SplitList(k.tools) {
		path := filepath.Join(dir, name)
		if info, err := os.Stat(path); err == nil && !info.IsDir() && info.Mode()&0o111 != 0 {
			return path
		}
	}
	return name
}

// work runs a tool for a cell, so that a stop ends it. It returns what the tool said
// and whether it succeeded.
func (k *kernel) work(r *run, request wire.Request, name string, args ...string) (string, bool) {
	if !filepath.IsAbs(name) {
		name = k.realTool(name)
	}
	cmd := exec.Command(name, args...)
	cmd.Dir, cmd.Env = request.Dir, append(slices.Clone(request.Env), "PATH="+k.tools)
	if env(request, "GOGC") == "" {
		// The compiler and the linker of a cell are too short to collect garbage.
		cmd.Env = append(cmd.Env, "GOGC=400")
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if r != nil {
		r.mu.Lock()
		if r.stops > 0 {
			r.mu.Unlock()
			return "", false
		}
	}
	err := cmd.Start()
	if r != nil {
		r.build = cmd
		r.mu.Unlock()
	}
	if err != nil {
		return err.Error(), false
	}
	err = cmd.Wait()
	if r != nil {
		r.mu.Lock()
		r.build = nil
		if r.stops > 0 {
			err = fmt.Errorf("stopped")
		}
		r.mu.Unlock()
	}
	return out.String(), err == nil
}

// endTools ends what works for a cell.
func (k *kernel) endTools() {
	k.mu.Lock()
	r := k.run_
	k.mu.Unlock()
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.build != nil && r.build.Process != nil {
		syscall.Kill(-r.build.Process.Pid, syscall.SIGKILL)
	}
}

func status(ok bool) int {
	if ok {
		return 0
	}
	return 1
}

// build builds the program of a cell: go build or go test -c with -o. The program gets
// another name, and under the name that GoNB starts stands the one that launches it.
func (k *kernel) build(r *run, request wire.Request) wire.Reply {
	at := slices.Index(request.Args, "-o") + 1
	out := request.Args[at]
	if r == nil || request.Dir != env(request, "GONB_TMP_DIR") {
		return wire.Reply{Status: wire.Yourself}
	}
	sources := []string{}
	for _, name := range []string{"main.go", "main_test.go"} {
		file := filepath.Join(request.Dir, name)
		source, err := os.ReadFile(file)
		if err != nil {
			continue
		}
		k.mu.Lock()
		better := k.memory.Decode(source, r.cell)
		k.mu.Unlock()
		if !bytes.Equal(source, better) {
			if err := os.WriteFile(file, better, 0o666); err != nil {
				return wire.Reply{Status: 1, Text: err.Error()}
			}
		}
		sources = append(sources, file)
	}
	args := slices.Clone(request.Args)
	launched := out == filepath.Join(request.Dir, filepath.Base(request.Dir)) && env(request, "GOOS") != "js"
	if launched {
		args[at] = out + ".run"
	}
	said, ok := k.fastBuild(r, request, args, sources)
	if ok && launched {
		if target, err := os.Readlink(out); err != nil || target != k.standin {
			os.Remove(out)
			if err := os.Symlink(k.standin, out); err != nil {
				return wire.Reply{Status: 1, Text: err.Error()}
			}
		}
	}
	if ok {
		r.mu.Lock()
		r.compiled = true
		r.mu.Unlock()
	}
	return wire.Reply{Status: status(ok), Text: said}
}
