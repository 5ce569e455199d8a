package check

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"time"
)

// A panic in a goroutine that the learner's function starts ends the whole
// program, and so do a stack that has overflowed and a deadlock: no recover can
// catch them. So a second process of the same program watches. It is told each
// case, gets what Go says at the end, and gives the answer.

// watchVariable is set in the process that watches, to the exercise's name.
const watchVariable = "DESCENT_CHECK_WATCH"

func init() {
	if name := os.Getenv(watchVariable); name != "" {
		watch(name, os.Stdin, os.Stdout)
		os.Exit(0)
	}
}

// watched is the way to the process that watches, while there is one.
var watched struct {
	sync.Mutex
	to *os.File
}

// Between them stand the cases on the way to the process that watches.
const (
	caseBegins = "\x01"
	caseEnds   = "\x02"
)

// note tells the process that watches the case that comes next.
func note(given string) {
	watched.Lock()
	defer watched.Unlock()
	if watched.to != nil {
		watched.to.WriteString(caseBegins + given + caseEnds)
	}
}

// leftovers is how long goroutines that outlive the learner's function are waited for.
const leftovers = 200 * time.Millisecond

// guard begins to watch for an end of the program, and returns what ends that.
// Where no process can be started, a crash is as Go reports it.
func guard(name string) (stop func()) {
	stop = func() {}
	program, err := os.Executable()
	if err != nil {
		return stop
	}
	in, out, err := os.Pipe()
	if err != nil {
		return stop
	}
	defer in.Close()
	c := exec.Command(program)
	// The notebook's pipes are not for the process that watches.
	env := slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "GONB_") })
	c.Env = append(env, watchVariable+"="+name)
	c.Stdin, c.Stdout = in, os.Stdout
	if c.Start() != nil {
		out.Close()
		return stop
	}
	if debug.SetCrashOutput(out, debug.CrashOptions{}) != nil {
		out.Close()
		c.Wait()
		return stop
	}
	watched.Lock()
	watched.to = out
	watched.Unlock()
	goroutines := runtime.NumGoroutine()
	stack := debug.SetMaxStack(64 << 20) // a recursion without end need not take a gigabyte
	return func() {
		// A goroutine that panics first runs what it has deferred, such as wg.Done: the learner's function may have
		// returned before Go ends the program.
		for end := time.Now().Add(leftovers); runtime.NumGoroutine() > goroutines && time.Now().Before(end); {
			time.Sleep(time.Millisecond)
		}
		debug.SetMaxStack(stack)
		watched.Lock()
		defer watched.Unlock()
		debug.SetCrashOutput(nil, debug.CrashOptions{})
		watched.to = nil
		out.Close()
		c.Wait()
	}
}

// watch reads cases, and, if the program crashes, what Go says. It answers as
// the check would have.
func watch(name string, from io.Reader, to io.Writer) {
	data, _ := io.ReadAll(from)
	var given []byte
	if i := bytes.LastIndex(data, []byte(caseEnds)); i >= 0 {
		given, data = data[:i], data[i+len(caseEnds):]
		given = given[bytes.LastIndex(given, []byte(caseBegins))+len(caseBegins):]
	}
	if len(data) == 0 {
		return
	}
	e, _ := find(name)
	a := Answer{name, NotRight, crashed(string(data)) + string(given)}
	a.Reply += e.offer()
	fmt.Fprintln(to, a)
	if err := remember(a); err != nil {
		fmt.Fprintln(to, "Your progress could not be saved:", err)
	}
}

var panics = regexp.MustCompile(`(?m)^panic: (.*)$`)

// crashed says in a sentence what Go says about the end of a program. Of a fatal
// error that is the stack alone, without the words before it.
func crashed(said string) string {
	const end = " Go then ends the whole program; the other lines are Go's own."
	m := panics.FindStringSubmatch(said)
	switch {
	case m != nil:
		return "A goroutine that your function starts panics: " + m[1] + "." + end +
			"\nA recover elsewhere cannot catch it. Find the mistake without the word go first."
	case strings.Contains(said, "runtime.newstack("):
		return "Your function calls itself without end, until the stack is full." + end
	case strings.Contains(said, "maps.fatal("):
		return "Two goroutines use one map at the same time: lock it with a sync.Mutex, or give each goroutine its own." + end
	}
	return "Your function makes Go end the whole program; the other lines are Go's own."
}
