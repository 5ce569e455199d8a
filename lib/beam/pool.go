package beam

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/runtime/harness"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/util/hooks"
	fnpb "github.com/apache/beam/sdks/v2/go/pkg/beam/model/fnexecution_v1"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/util/grpcx"
	"google.golang.org/grpc"
)

// workerVariable tells a program that it is a worker: the value is its id, and the arguments are the two addresses.
const workerVariable = "DESCENT_BEAM_WORKER"

// WorkerMain makes this process a worker, if a [Pool] started it as one, and does not return then. Otherwise it returns at once.
// A program that uses this package calls it first in main, a test first in TestMain.
//
// A worker ends when the engine closes its connection, when its pool stops it, and when its pool dies: its standard input is a
// pipe from the pool, and the end of that pipe is the end of the worker.
func WorkerMain() {
	id := os.Getenv(workerVariable)
	if id == "" {
		return
	}
	if len(os.Args) != 3 {
		fmt.Fprintf(os.Stderr, "beam: worker %s: want the logging and the control address as arguments, have %q\n", id, os.Args[1:])
		os.Exit(2)
	}
	go func() {
		io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
	hooks.SerializeHooksToOptions() // there are none; it says so once and not at every connection
	ctx := grpcx.WriteWorkerID(context.Background(), id)
	if err := harness.MainWithOptions(ctx, os.Args[1], os.Args[2], harness.Options{}); err != nil {
		fmt.Fprintf(os.Stderr, "beam: worker %s: %v\n", id, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// A Pool starts worker processes when an engine asks for them, and stops them. It serves Beam's external worker pool: an engine
// that finds it at its address needs no copy of the program. Every machine of an engine that runs workers runs one pool.
type Pool struct {
	listener net.Listener
	server   *grpc.Server
	stderr   io.Writer

	mu      sync.Mutex
	closed  bool
	workers map[key]*worker
	asked   map[string]bool // the ids of all workers that were asked for
	ended   []string        // the beginnings of ids that start no more
	started int
	usage   time.Duration
	died    func(id string, err error) // called when a worker was killed or crashed; nil for nobody
	wait    sync.WaitGroup
}

// A key is what makes a worker unique. Every task manager of Flink counts its workers from 1-1, so an id alone is not enough.
type key struct{ id, control string }

type worker struct {
	cmd     *exec.Cmd
	stopped bool
	gone    chan struct{} // closed when the process has ended
}

// NewPool serves a pool at address, such as "localhost:50000" or "localhost:0" for any free port. What the workers write to
// their standard error goes to stderr. The service has neither encryption nor authentication, as Beam's pools have none:
// let it listen on a loopback or a private network only.
func NewPool(address string, stderr io.Writer) (*Pool, error) {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("beam: worker pool: %w", err)
	}
	p := &Pool{listener: l, server: grpc.NewServer(), stderr: stderr, workers: map[key]*worker{}, asked: map[string]bool{}}
	fnpb.RegisterBeamFnExternalWorkerPoolServer(p.server, poolService{pool: p})
	go p.server.Serve(l)
	return p, nil
}

// Address returns the address at which the pool listens.
func (p *Pool) Address() string { return p.listener.Addr().String() }

// Workers returns the process ids of the workers that run now.
func (p *Pool) Workers() []int {
	p.mu.Lock()
	defer p.mu.Unlock()
	var ids []int
	for _, w := range p.workers {
		ids = append(ids, w.cmd.Process.Pid)
	}
	return ids
}

// Started returns how many workers the pool has started.
func (p *Pool) Started() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.started
}

// CPU returns the processor time of the workers that have ended.
func (p *Pool) CPU() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.usage
}

// Close kills the workers, waits for them and ends the service.
func (p *Pool) Close() error {
	p.mu.Lock()
	p.closed = true
	for _, w := range p.workers {
		w.cmd.Process.Kill()
	}
	p.mu.Unlock()
	p.server.Stop()
	p.wait.Wait()
	return nil
}

func (p *Pool) start(r *fnpb.StartWorkerRequest) error {
	if r.GetControlEndpoint().GetUrl() == "" || r.GetLoggingEndpoint().GetUrl() == "" {
		return errors.New("the engine names no control or no logging endpoint")
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return errors.New("the pool is closed")
	}
	k := key{r.GetWorkerId(), r.GetControlEndpoint().GetUrl()}
	p.asked[k.id] = true
	if slices.ContainsFunc(p.ended, func(job string) bool { return strings.HasPrefix(k.id, job) }) {
		return nil // to Prism an error here is a reason to panic
	}
	if p.workers[k] != nil {
		return fmt.Errorf("worker %q of %s runs already", k.id, k.control)
	}
	cmd := exec.Command(self, r.GetLoggingEndpoint().GetUrl(), r.GetControlEndpoint().GetUrl())
	cmd.Env = append(os.Environ(), workerVariable+"="+r.GetWorkerId())
	cmd.Stderr = p.stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	w := &worker{cmd: cmd, gone: make(chan struct{})}
	p.workers[k] = w
	p.started++
	p.wait.Add(1)
	go func() {
		defer p.wait.Done()
		err := cmd.Wait()
		in.Close()
		defer close(w.gone)
		p.mu.Lock()
		p.usage += cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
		delete(p.workers, k)
		died := p.died
		if w.stopped || p.closed {
			died = nil
		}
		p.mu.Unlock()
		// 1 is that of a worker whose engine has closed the connection, as it does when a job is done.
		if died != nil && cmd.ProcessState.ExitCode() != 0 && cmd.ProcessState.ExitCode() != 1 {
			died(k.id, err)
		}
	}()
	return nil
}

// stop kills the worker with an id. If two engines have one, it is not known which is meant: the right one ends when its engine
// closes the connection.
func (p *Pool) stop(id string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	var found []*worker
	for k, w := range p.workers {
		if k.id == id {
			found = append(found, w)
		}
	}
	if len(found) == 1 {
		found[0].stopped = true
		found[0].cmd.Process.Kill()
	}
}

// end kills the workers of a job, whose ids begin like this, and waits until they have gone. Prism asks for them a moment after it
// has taken the job, also if that was cancelled meanwhile.
func (p *Pool) end(job string) {
	belongs := func(id string) bool { return strings.HasPrefix(id, job) }
	deadline := time.Now().Add(5 * time.Second)
	p.mu.Lock()
	for !slices.ContainsFunc(slices.Collect(maps.Keys(p.asked)), belongs) && time.Now().Before(deadline) {
		p.mu.Unlock()
		time.Sleep(time.Millisecond)
		p.mu.Lock()
	}
	p.ended = append(p.ended, job)
	var found []*worker
	for k, w := range p.workers {
		if belongs(k.id) {
			found = append(found, w)
			w.stopped = true
			w.cmd.Process.Kill()
		}
	}
	p.mu.Unlock()
	for _, w := range found {
		<-w.gone
	}
}

type poolService struct {
	fnpb.UnimplementedBeamFnExternalWorkerPoolServer
	pool *Pool
}

func (s poolService) StartWorker(_ context.Context, r *fnpb.StartWorkerRequest) (*fnpb.StartWorkerResponse, error) {
	if err := s.pool.start(r); err != nil {
		return &fnpb.StartWorkerResponse{Error: "beam: worker pool: " + err.Error()}, nil
	}
	return &fnpb.StartWorkerResponse{}, nil
}

func (s poolService) StopWorker(_ context.Context, r *fnpb.StopWorkerRequest) (*fnpb.StopWorkerResponse, error) {
	s.pool.stop(r.GetWorkerId())
	return &fnpb.StopWorkerResponse{}, nil
}
