// Package side is the protocol between make bench and the programs it times:
// this library's, the Go peers' and the Python peers'. They do the same work on
// the same files, each in a separate process, and are asked in turn, so that
// none of them pays for another's start, memory or threads.
//
// A side reads one JSON Request a line from its standard input and answers each
// with one JSON Reply a line:
//
//	prepare  reads the data of a work, does it once and returns what came out
//	time     does it so many times and returns the seconds that it took
//	forget   lets go of everything that was prepared
//
// A work that fails, and a panic in it, is an answer with Error. A side ends
// when its input does.
package side

import (
	"encoding/json"
	"fmt"
	"io"
	"runtime/debug"
	"time"
)

// A Request asks a side to do something.
type Request struct {
	Do    string `json:"do"`             // prepare, time or forget
	ID    string `json:"id,omitempty"`   // what a prepared work is called from then on
	Work  string `json:"work,omitempty"` // the work to prepare
	Args  Args   `json:"args,omitzero"`
	Times int    `json:"times,omitempty"` // how often to do it
}

// A Reply is the answer to a Request.
type Reply struct {
	Result []float64 `json:"result,omitempty"` // of prepare: parameters, losses
	Wall   float64   `json:"wall,omitempty"`   // seconds for all times together; of prepare: to do it once
	CPU    float64   `json:"cpu,omitempty"`    // likewise, of all threads
	Jobs   int64     `json:"jobs,omitempty"`   // of time: those that were shared among threads, where that is counted
	Error  string    `json:"error,omitempty"`
}

// Args describe a work. Each work uses some of them; files are .npy.
type Args struct {
	X         string  `json:"x,omitempty"`      // features, dense
	Y         string  `json:"y,omitempty"`      // targets
	Theta     string  `json:"theta,omitempty"`  // parameters to start from
	Order     string  `json:"order,omitempty"`  // in which an epoch takes the samples
	Ptr       string  `json:"ptr,omitempty"`    // features, sparse: CSR
	Cols      string  `json:"cols,omitempty"`   // likewise
	Values    string  `json:"values,omitempty"` // likewise
	Text      string  `json:"text,omitempty"`   // a file of text: a table, or documents
	Step      string  `json:"step,omitempty"`   // of preparation, or a metric
	Precision string  `json:"precision,omitempty"`
	Loss      string  `json:"loss,omitempty"`      // linear or logistic
	Intercept bool    `json:"intercept,omitempty"` // the model has one
	Optimizer string  `json:"optimizer,omitempty"` // gd or adam
	Solver    string  `json:"solver,omitempty"`    // one of the peer's
	Rate      float64 `json:"rate,omitempty"`      // learning rate, for the article's losses
	Lambda    float64 `json:"lambda,omitempty"`    // of ½λ‖w‖²
	Tolerance float64 `json:"tolerance,omitempty"` // of a solver
	Epochs    int     `json:"epochs,omitempty"`
	Batch     int     `json:"batch,omitempty"`   // samples in an update
	Program   string  `json:"program,omitempty"` // a whole process: this, or
	Python    string  `json:"python,omitempty"`  // this, with
	Script    string  `json:"script,omitempty"`  // this
	Picture   string  `json:"picture,omitempty"` // that it draws
	Seed      uint64  `json:"seed,omitempty"`
	Features  int     `json:"features,omitempty"` // columns
	Samples   int     `json:"samples,omitempty"`  // made up, not read
	M         int     `json:"m,omitempty"`        // of a product: m×k times k×n
	K         int     `json:"k,omitempty"`
	N         int     `json:"n,omitempty"`
	TransA    bool    `json:"trans_a,omitempty"`
	TransB    bool    `json:"trans_b,omitempty"`
}

// A Task is work with its data in memory.
type Task struct {
	Run   func()           // what is timed
	Check func() []float64 // what came out, on the way that Run takes
}

// A Work reads the data and returns the task.
type Work func(Args) (Task, error)

// Jobs counts the jobs that were shared among threads since the program began. A
// side that can tell sets it.
var Jobs = func() int64 { return 0 }

// Serve answers the requests from r until there are no more.
func Serve(r io.Reader, w io.Writer, works map[string]Work) error {
	in, out := json.NewDecoder(r), json.NewEncoder(w)
	tasks := map[string]Task{}
	for {
		var q Request
		if err := in.Decode(&q); err == io.EOF {
			return nil
		} else if err != nil {
			return fmt.Errorf("side: a request cannot be read: %w", err)
		}
		if err := out.Encode(answer(q, works, tasks)); err != nil {
			return fmt.Errorf("side: %w", err)
		}
	}
}

func answer(q Request, works map[string]Work, tasks map[string]Task) (reply Reply) {
	defer func() {
		if p := recover(); p != nil {
			reply = Reply{Error: fmt.Sprintf("%s: panic: %v\n%s", q.Work, p, debug.Stack())}
		}
	}()
	switch q.Do {
	case "prepare":
		work, ok := works[q.Work]
		if !ok {
			return Reply{Error: fmt.Sprintf("there is no work called %q here", q.Work)}
		}
		task, err := work(q.Args)
		if err != nil {
			return Reply{Error: fmt.Sprintf("%s: %v", q.Work, err)}
		}
		tasks[q.ID] = task
		start := time.Now()
		result := task.Check()
		return Reply{Result: result, Wall: time.Since(start).Seconds()}
	case "time":
		task, ok := tasks[q.ID]
		if !ok {
			return Reply{Error: fmt.Sprintf("%q was not prepared", q.ID)}
		}
		return measure(task.Run, q.Times)
	case "forget":
		clear(tasks)
		debug.FreeOSMemory()
		return Reply{}
	}
	return Reply{Error: fmt.Sprintf("what does %q mean?", q.Do)}
}

func measure(run func(), times int) Reply {
	jobs, cpu, start := Jobs(), CPU(), time.Now()
	for range times {
		run()
	}
	return Reply{Wall: time.Since(start).Seconds(), CPU: CPU() - cpu, Jobs: Jobs() - jobs}
}
