// Standin is the small program behind several names. As go and goimports it does
// for GoNB what the kernel's guard says, and is the real program for everybody
// else. As gopls it tells GoNB that there is none: the guard asks gopls itself. As
// the program of a cell it takes the files that the guard gives it and becomes the
// real program. As gonb it becomes GoNB, under the id
// by which the others know it. As watch it cleans up after a guard that was killed.
package main

import (
	"os"
	"strings"
	"syscall"

	"github.com/descent-go/descent/tools/kernel/wire"
)

func main() {
	args := os.Args
	name := args[0][strings.LastIndexByte(args[0], '/')+1:]
	switch {
	case name == "go" && forGoNB() && len(args) > 2 && (args[1] == "build" || args[1] == "test") && output(args) != "":
		ask("go")
	case name == "go":
		if len(args) > 1 && args[1] == "get" && forGoNB() && os.Getenv("GOPROXY") == "off" {
			return // there is nothing to get
		}
		// The compiler and the linker of a cell are too short to collect garbage.
		if os.Getenv("GOGC") == "" {
			os.Setenv("GOGC", "400")
		}
		become(name)
	case name == "goimports":
		if forGoNB() && len(args) == 3 && args[1] == "-w" {
			ask("goimports")
		}
		become(name)
	case name == "gopls":
		for _, a := range args[1:] {
			if a == "-listen" && forGoNB() {
				return
			}
		}
		become(name)
	case name == "gonb" && len(args) > 1:
		os.Setenv(wire.GoNB, itoa(os.Getpid()))
		os.Stderr.WriteString(execute(args[1], args[1:]))
		os.Exit(126)
	case name == "watch":
		watch(args[1:])
	default:
		launch()
	}
}

// forGoNB tells whether GoNB itself has started this.
func forGoNB() bool { return os.Getenv(wire.GoNB) == itoa(os.Getppid()) }

func itoa(n int) string {
	if n < 10 {
		return string(rune('0' + n))
	}
	return itoa(n/10) + string(rune('0'+n%10))
}

// output returns what follows -o.
func output(args []string) string {
	for i, a := range args[:len(args)-1] {
		if a == "-o" {
			return args[i+1]
		}
	}
	return ""
}

// ask lets the guard do it.
func ask(kind string) {
	dir, _ := os.Getwd()
	r, err := wire.Ask(os.Getenv(wire.Socket), wire.Request{Kind: kind, Dir: dir, Pid: os.Getpid(), Args: os.Args[1:], Env: os.Environ()})
	if err != nil {
		os.Stderr.WriteString("guard: " + err.Error() + "\n")
		os.Exit(1)
	}
	if r.Status == wire.Yourself {
		become(kind)
	}
	os.Stderr.WriteString(r.Text)
	os.Exit(r.Status)
}

// become turns into the real program of a name.
func become(name string) {
	for _, dir := range strings.Split(os.Getenv(wire.Tools), ":") {
		path := dir + "/" + name
		if info, err := os.Stat(path); err == nil && info.Mode()&0o111 != 0 && !info.IsDir() {
			os.Stderr.WriteString(execute(path, os.Args))
			os.Exit(126)
		}
	}
	os.Stderr.WriteString("guard: " + name + " is not on the PATH\n")
	os.Exit(127)
}

func execute(path string, args []string) string {
	return "guard: " + path + ": " + syscall.Exec(path, args, os.Environ()).Error() + "\n"
}

// launch becomes the program of a cell.
func launch() {
	self := os.Args[0]
	r, err := wire.Ask(os.Getenv(wire.Socket), wire.Request{Kind: "launch", Dir: self, Pid: os.Getpid(),
		Args: []string{itoa(os.Getppid())}, Env: os.Environ(), FDs: []int{0, 1, 2}})
	if err != nil {
		os.Stderr.WriteString("guard: " + err.Error() + "\n")
		os.Exit(1)
	}
	if r.Status == wire.Refuse || len(r.Args) == 0 {
		os.Exit(130)
	}
	if r.Status == wire.Run && len(r.FDs) == 3 {
		for i, fd := range r.FDs {
			if err := dup(fd, i); err != nil {
				os.Stderr.WriteString("guard: " + err.Error() + "\n")
				os.Exit(1)
			}
			syscall.Close(fd)
		}
	}
	for _, change := range r.Args[1:] {
		if name, value, ok := strings.Cut(change, "="); ok {
			if name == "GUARD_LIMIT" {
				limit(value)
				continue
			}
			os.Setenv(name, value)
		}
	}
	os.Unsetenv(wire.Socket)
	os.Unsetenv(wire.GoNB)
	os.Stderr.WriteString(execute(r.Args[0], os.Args))
	os.Exit(126)
}

// watch waits for the end of its standard input, that is, of the guard, and then
// ends GoNB's process group and whatever else has come from it, and removes the
// folder. Where the guard has ended the group itself it says so first.
func watch(args []string) {
	if len(args) != 2 {
		return
	}
	b := make([]byte, 1)
	n, _ := os.Stdin.Read(b)
	group := 0
	for _, c := range args[1] {
		group = 10*group + int(c-'0')
	}
	if n == 1 {
		group = 0
	}
	for range 3 {
		if group > 1 {
			syscall.Kill(-group, syscall.SIGKILL)
		}
		for _, pid := range marked(wire.Dir + "=" + args[0]) {
			syscall.Kill(pid, syscall.SIGKILL)
		}
		if os.RemoveAll(args[0]) == nil {
			return
		}
	}
}
