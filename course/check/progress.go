package check

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"time"

	"github.com/descent-go/descent/lib/format"
)

// ProgressVariable is the environment variable that names the file with the
// learner's progress. Without it the file is descent-progress.jsonl in the
// working folder, which in a notebook is the folder of the notebook.
const ProgressVariable = "DESCENT_PROGRESS"

// An event is one line of the file: something that happened for the first time.
// Lines are only ever added, each by a single write, so that two kernels can
// work at the same time and neither loses what the other has done.
type event struct {
	Time     time.Time `json:"time"`
	Exercise string    `json:"exercise"`
	State    string    `json:"state,omitempty"` // of an answer: "tried" or "right"
	Hint     int       `json:"hint,omitempty"`  // how many were given by now
}

// A history is what all lines together say.
type history struct {
	states map[string]State
	hints  map[string]int
}

func file() string {
	if name := os.Getenv(ProgressVariable); name != "" {
		return name
	}
	return "descent-progress.jsonl"
}

// load reads the file. One that is not there is an empty one. One that cannot be
// understood is set aside under another name, and what could be read of it
// counts, even if the new file cannot be written and there is an error.
func load() (history, error) {
	h := history{map[string]State{}, map[string]int{}}
	data, err := os.ReadFile(file())
	if errors.Is(err, fs.ErrNotExist) {
		return h, nil
	}
	if err != nil {
		return h, fmt.Errorf("check: %w", err)
	}
	var good [][]byte
	bad := 0
	for line := range bytes.Lines(data) {
		var e event
		if json.Unmarshal(line, &e) != nil || e.Exercise == "" || !bytes.HasSuffix(line, []byte("\n")) {
			bad++
			continue
		}
		good = append(good, line)
		h.note(e)
	}
	if bad > 0 {
		return h, setAside(bad, data, bytes.Join(good, nil))
	}
	return h, nil
}

// note takes one event in. What was right once stays right.
func (h history) note(e event) {
	if e.State != "" {
		h.states[e.Exercise] = max(h.states[e.Exercise], parse(e.State))
	}
	h.hints[e.Exercise] = max(h.hints[e.Exercise], e.Hint)
}

// inFile are the states as the file has them.
var inFile = map[State]string{NotRight: "tried", Right: "right"}

func parse(state string) State {
	for s, name := range inFile {
		if name == state {
			return s
		}
	}
	return NotDone
}

// setAside copies a damaged file to another name and replaces it by what was
// good. On a full disk it changes nothing.
func setAside(bad int, data, good []byte) error {
	old := fmt.Sprintf("%s.damaged-%s", file(), time.Now().UTC().Format("20060102T150405.000000"))
	err := replace(old, data)
	if err == nil {
		if err = replace(file(), good); err != nil {
			os.Remove(old)
		}
	}
	if err != nil {
		return fmt.Errorf("check: the file of your progress is damaged, and could not be repaired: %w: is the disk full, or the folder not yours to write to?", err)
	}
	fmt.Printf("The file of your progress was damaged: %d of its lines could not be read. The others were kept; the old file is now %s.\n", bad, old)
	return nil
}

// replace makes a file, or replaces it, in one step.
func replace(name string, data []byte) error {
	return format.WriteFile(name, func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	})
}

// remember adds an answer that is news.
func remember(a Answer) error {
	if a.State == NotDone {
		return nil
	}
	h, err := load()
	if err != nil || h.states[a.Exercise] >= a.State {
		return err
	}
	return add(event{Exercise: a.Exercise, State: inFile[a.State]})
}

func add(e event) error {
	e.Time = time.Now().UTC().Truncate(time.Second)
	line, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("check: %w", err)
	}
	return appendTo(file(), append(line, '\n'))
}

// appendTo adds lines. If they do not fit on the disk, it takes back the part
// that did. A line that somebody else has not finished, it ends.
func appendTo(name string, lines []byte) error {
	f, err := os.OpenFile(name, os.O_APPEND|os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return fmt.Errorf("check: %w", err)
	}
	before, err := f.Seek(0, io.SeekEnd)
	last := []byte{'\n'}
	if err == nil && before > 0 {
		_, err = f.ReadAt(last, before-1)
	}
	if err == nil {
		if last[0] != '\n' {
			lines = append([]byte{'\n'}, lines...)
		}
		var n int
		if n, err = f.Write(lines); err != nil && n > 0 {
			f.Truncate(before)
		}
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("check: %w", err)
	}
	return nil
}

// Done is the learner's progress in one notebook.
type Done struct {
	Chapter
	Right int // exercises that are right
	Tried int // exercises with a wrong answer so far
}

// ToDo returns the number of exercises that are not right yet, tried or not.
func (d Done) ToDo() int { return len(d.Exercises) - d.Right }

// Course is the learner's progress in the whole course.
type Course []Done

// Progress reads the learner's file and returns the progress in each notebook. A
// file that cannot be read is reported on standard output and counts as empty;
// in a damaged file, the readable part counts.
func Progress() Course {
	h, err := load()
	if err != nil {
		fmt.Println("A fault with your progress:", err)
	}
	var course Course
	for _, c := range Chapters() {
		d := Done{Chapter: c}
		for _, e := range c.Exercises {
			switch h.states[e.Name] {
			case Right:
				d.Right++
			case NotRight:
				d.Tried++
			}
		}
		course = append(course, d)
	}
	return course
}

// String returns a table with a line for each notebook, and the sum.
func (c Course) String() string {
	var b strings.Builder
	right, all := 0, 0
	for _, d := range c {
		n := len(d.Exercises)
		fmt.Fprintf(&b, "%-36s %2d of %2d right", d.Notebook, d.Right, n)
		if d.Tried > 0 {
			fmt.Fprintf(&b, ", %d tried", d.Tried)
		}
		fmt.Fprintln(&b)
		right, all = right+d.Right, all+n
	}
	fmt.Fprintf(&b, "%-36s %2d of %2d right", "all", right, all)
	return b.String()
}
