// Guard sits in front of the kernel GoNB. It starts it, passes Jupyter's messages
// on in both directions, and mends what passes through: cells that GoNB would
// misread, functions that are older than what the learner sees, messages of the
// compiler, stops, streams, and what is left when a kernel ends. docs/kernel.md
// says what of that is for which fault of GoNB.
//
//	guard [settings] -- gonb -kernel connection.json …
//
// Some things messages cannot mend. So the guard's small programs, next to it as
// standin, also stand as go, goimports and gopls on GoNB's PATH and as the program of
// each cell.
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/descent-go/descent/internal/explain"
	"github.com/descent-go/descent/tools/kernel/wire"
)

// settings are the guard's own.
type settings struct {
	stale    string   // say or refuse
	refuse   []string // import paths whose calls never run a stale function
	memory   int64    // bytes for a cell; 0 is no limit
	output   int64    // bytes that a cell may print
	patience time.Duration
	words    explain.Catalogue
}

func main() {
	if err := start(); err != nil {
		fmt.Fprintln(os.Stderr, "guard:", err)
		os.Exit(1)
	}
}

func start() error {
	stale := flag.String("stale", "say", "what to do where an older version of a function would run: say or refuse")
	refuse := flag.String("refuse", "", "import paths, with commas, whose calls always refuse a stale function")
	memory := flag.Int64("memory", -1, "MB of memory for the program of a cell; 0 for no limit, -1 for three quarters of the machine's")
	output := flag.Int64("output", 10, "MB that a cell may print")
	patience := flag.Duration("patience", 5*time.Second, "how long a stopped program may go on before it is killed")
	language := flag.String("language", "en", "of the guard's sentences")
	broker := flag.String("broker", "", "serve gopls, the argument, to all kernels at this socket")
	flag.Parse()
	args := flag.Args()
	if *broker != "" && len(args) == 1 {
		return serveBroker(*broker, args[0])
	}
	if len(args) < 3 {
		return errors.New("usage: guard [settings] -- gonb -kernel connection.json …")
	}
	s := settings{*stale, nil, *memory << 20, *output << 20, *patience, explain.In(*language)}
	if *refuse != "" {
		s.refuse = strings.Split(*refuse, ",")
	}
	if *memory < 0 {
		s.memory = machineMemory() / 4 * 3
	}
	k := &kernel{settings: s}
	return k.run(args)
}

// run serves the kernel until it ends.
func (k *kernel) run(args []string) error {
	at := -1
	for i, a := range args[:len(args)-1] {
		if a == "-kernel" || a == "--kernel" {
			at = i + 1
		}
	}
	if at < 0 {
		return errors.New("GoNB's arguments have no -kernel")
	}
	data, err := os.ReadFile(args[at])
	if err != nil {
		return err
	}
	if err := json.Unmarshal(data, &k.connection); err != nil {
		return fmt.Errorf("%s: %w", args[at], err)
	}
	if err := k.folder(); err != nil {
		return err
	}
	defer k.clean()
	if err := k.listen(); err != nil {
		return err
	}
	inner := filepath.Join(k.dir, filepath.Base(args[at]))
	if err := k.innerConnection(inner); err != nil {
		return err
	}
	args[at] = inner
	if err := k.serveTools(); err != nil {
		return err
	}
	signals := make(chan os.Signal, 8)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	if err := k.startGoNB(args); err != nil {
		return err
	}
	k.serve()
	parent := os.Getppid()
	for {
		select {
		case <-time.After(time.Second):
			if os.Getppid() != parent { // who has started the kernel is gone
				return nil
			}
		case s := <-signals:
			if s == os.Interrupt {
				k.stop()
				continue
			}
			return nil
		case <-k.quit:
			return nil
		case err := <-k.gonbEnded:
			k.died()
			return fmt.Errorf("GoNB has ended: %v", err)
		}
	}
}

// folder makes the folder in which everything of this kernel lives, and removes those
// of kernels whose end nobody saw.
func (k *kernel) folder() error {
	base := os.TempDir()
	old, _ := filepath.Glob(filepath.Join(base, "guard-*", "guard.lock"))
	for _, lock := range old {
		f, err := os.Open(lock)
		if err != nil {
			continue
		}
		if unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB) == nil {
			os.RemoveAll(filepath.Dir(lock))
		}
		f.Close()
	}
	dir := filepath.Join(base, "guard-"+newID()[:6])
	if err := os.Mkdir(dir, 0o700); err != nil {
		return err
	}
	k.dir = dir
	var err error
	// Locked before it has its name, else another kernel could find it without its lock.
	lock := filepath.Join(dir, "guard.lock")
	if k.lock, err = os.Create(lock + ".new"); err != nil {
		return err
	}
	if err := unix.Flock(int(k.lock.Fd()), unix.LOCK_EX); err != nil {
		return err
	}
	if err := os.Rename(lock+".new", lock); err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	k.standin = filepath.Join(filepath.Dir(self), "standin")
	if _, err := os.Stat(k.standin); err != nil {
		return err
	}
	for _, name := range []string{"go", "goimports", "gopls", "gonb"} {
		if err := os.MkdirAll(filepath.Join(dir, "bin"), 0o700); err != nil {
			return err
		}
		if err := os.Symlink(k.standin, filepath.Join(dir, "bin", name)); err != nil {
			return err
		}
	}
	return os.Mkdir(filepath.Join(dir, "t"), 0o700)
}

// startGoNB starts GoNB in a process group of it and its children, and a small program
// that ends the group when the guard is killed. On Linux the system does so as well.
func (k *kernel) startGoNB(args []string) error {
	k.tools, k.program = os.Getenv("PATH"), args[0]
	cmd := exec.Command(filepath.Join(k.dir, "bin", "gonb"), args...)
	cmd.Stderr = os.Stderr
	cmd.Stdout = os.Stderr
	started := make(chan error, 1)
	k.gonbEnded = make(chan error, 1)
	go func() {
		runtime.LockOSThread() // the system watches the thread that started it
		cmd.SysProcAttr = groupAttr()
		cmd.Env = append(withoutEnv(os.Environ(), "PATH", "TMPDIR"), "PATH="+filepath.Join(k.dir, "bin")+":"+k.tools,
			"TMPDIR="+filepath.Join(k.dir, "t"), wire.Socket+"="+filepath.Join(k.dir, "s"), wire.Dir+"="+k.dir, wire.Tools+"="+k.tools)
		err := cmd.Start()
		started <- err
		if err == nil {
			k.gonbEnded <- cmd.Wait()
		}
	}()
	if err := <-started; err != nil {
		return err
	}
	k.gonb = cmd.Process
	watch := exec.Command(k.standin, k.dir, fmt.Sprint(k.gonb.Pid))
	watch.Args[0] = "watch"
	watch.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	watch.Dir = "/"
	var err error
	if k.watchdog, err = watch.StdinPipe(); err != nil {
		return err
	}
	if err := watch.Start(); err != nil {
		return err
	}
	go watch.Wait()
	return nil
}

// clean ends everything and removes the folder.
func (k *kernel) clean() {
	if k.gonb != nil {
		k.killBelow()
		syscall.Kill(-k.gonb.Pid, syscall.SIGKILL)
	}
	k.endTools()
	for range 50 {
		if os.RemoveAll(k.dir) == nil {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	if k.watchdog != nil {
		k.watchdog.Write([]byte{1})
	}
}

func withoutEnv(env []string, names ...string) []string {
	var all []string
	for _, e := range env {
		name, _, _ := strings.Cut(e, "=")
		drop := false
		for _, n := range names {
			drop = drop || n == name
		}
		if !drop {
			all = append(all, e)
		}
	}
	return all
}
