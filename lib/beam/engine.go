package beam

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"sync"
	"time"

	apache "github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/io/filesystem"
	jobpb "github.com/apache/beam/sdks/v2/go/pkg/beam/model/jobmanagement_v1"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/runners/prism"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
)

// Settings say on which engine passes run. The zero value is Prism in this process, with one worker process on this machine.
type Settings struct {
	// Workers is the number of worker processes on Prism, and the parallelism of a job elsewhere. 0 means 1.
	Workers int
	// Endpoint is the address of the engine's job service; "" is Prism in this process.
	Endpoint string
	// Pool is the address at which the engine's machines find their worker pool, mostly one on each machine, such as
	// "localhost:50000". "" is a pool in this process, which suits an engine on this machine.
	Pool string
	// Dir is a folder that the driver and all workers can write and read. Each pass writes there and removes what it wrote. ""
	// is a temporary folder, which suits an engine on this machine.
	Dir string
	// Retries is how often a job that failed is run again, each time a moment later; 0 means 2, and −1 never.
	Retries int
	// Log is called after each pass, and after each job that failed; nil for none. Calls do not overlap.
	Log func(Pass)
	// Errors gets what workers and Prism write to standard error; nil is nothing.
	Errors io.Writer
}

// A Pass says how a pass, or a job of it that failed, went.
type Pass struct {
	Name  string        // what it was for, such as "Newton 3"
	Jobs  int           // jobs that ran at the same time
	Tries int           // jobs that were run, so that Tries − Jobs were repetitions
	Bytes int           // sent to the engine to describe the jobs
	Time  time.Duration // from the first job to the sum
	CPU   time.Duration // processor time of this process' workers that ended during the pass
	// Objective and Gradient are what a fit found: loss plus penalty, and the largest component of the gradient.
	Objective, Gradient float64
	Failed              error // of a job that is run again; nil for a pass that is done
}

// An Engine runs passes. Its methods may be called one at a time.
type Engine struct {
	settings Settings
	client   jobpb.JobServiceClient
	conn     *grpc.ClientConn
	pool     *Pool
	dir      string
	remove   bool // dir, at the end
	mu       sync.Mutex
	last     Pass
	deaths   deaths
}

// deaths tells jobs that a worker of theirs has died. Prism notices that by itself if the worker was connected, and else only
// after a minute.
type deaths struct {
	mu   sync.Mutex
	dead map[string]error
	jobs map[string]context.CancelCauseFunc // by the start of their workers' ids
}

func (d *deaths) died(id string, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.dead[id] = fmt.Errorf("the worker %s has died: %w", id, err)
	for job, cancel := range d.jobs {
		if strings.HasPrefix(id, job) {
			cancel(d.dead[id])
		}
	}
}

func (d *deaths) watch(ctx context.Context, id string) (context.Context, context.CancelFunc) {
	d.mu.Lock()
	defer d.mu.Unlock()
	ctx, cancel := context.WithCancelCause(ctx)
	job := workers(id)
	d.jobs[job] = cancel
	for worker, err := range d.dead {
		if strings.HasPrefix(worker, job) {
			cancel(err)
		}
	}
	return ctx, func() {
		d.mu.Lock()
		defer d.mu.Unlock()
		delete(d.jobs, job)
		cancel(nil)
	}
}

// workers is how the ids of a job's workers begin: Prism calls them after the job, as in job-001[name]_environment.
func workers(job string) string { return job + "[" }

// initialize prepares Beam. Its Init replaces the default logger of log/slog, through which Prism writes about every job; the
// program's own choice stays.
var initialize = sync.OnceFunc(func() {
	logger := slog.Default()
	apache.Init()
	slog.SetDefault(logger)
})

// prismService is Prism in this process. It cannot be stopped, so there is one, which all engines use.
var prismService = sync.OnceValues(func() (jobpb.JobServiceClient, error) {
	return prism.CreateJobServer(context.Background(), prism.Options{})
})

// Start returns an engine. Close it in the end.
func Start(s Settings) (*Engine, error) {
	if s.Workers < 0 || s.Retries < -1 {
		return nil, fmt.Errorf("beam: Workers is %d and Retries %d, want at least 0 and −1", s.Workers, s.Retries)
	}
	if os.Getenv(workerVariable) != "" {
		return nil, errors.New("beam: this process is a worker: call WorkerMain first in main")
	}
	if s.Pool != "" && s.Dir == "" {
		return nil, errors.New("beam: the workers of another pool cannot see a temporary folder: set Dir to one that all can write")
	}
	initialize()
	s.Workers = max(s.Workers, 1)
	switch s.Retries {
	case 0:
		s.Retries = 2
	case -1:
		s.Retries = 0
	}
	if s.Errors == nil {
		s.Errors = io.Discard
	}
	e := &Engine{settings: s, dir: s.Dir, deaths: deaths{dead: map[string]error{}, jobs: map[string]context.CancelCauseFunc{}}}
	var err error
	if s.Endpoint == "" {
		e.client, err = prismService()
	} else if e.conn, err = grpc.NewClient(s.Endpoint, grpc.WithTransportCredentials(insecure.NewCredentials())); err == nil {
		e.client = jobpb.NewJobServiceClient(e.conn)
	}
	if err != nil {
		return nil, fmt.Errorf("beam: the job service: %w", err)
	}
	if s.Pool == "" {
		if e.pool, err = NewPool("localhost:0", s.Errors); err != nil {
			return nil, errors.Join(err, e.Close())
		}
		e.pool.died = e.deaths.died // before the first worker
	}
	if e.dir == "" {
		e.remove = true
		if e.dir, err = os.MkdirTemp("", "descent-beam-"); err != nil {
			return nil, errors.Join(fmt.Errorf("beam: %w", err), e.Close())
		}
	}
	return e, nil
}

// Close stops the workers and removes the temporary folder.
func (e *Engine) Close() error {
	var errs []error
	if e.pool != nil {
		errs = append(errs, e.pool.Close())
	}
	if e.conn != nil {
		errs = append(errs, e.conn.Close())
	}
	if e.remove {
		errs = append(errs, os.RemoveAll(e.dir))
	}
	return errors.Join(errs...)
}

// Pool returns the pool in this process, or nil if the engine has another.
func (e *Engine) Pool() *Pool { return e.pool }

func (e *Engine) log(p Pass) {
	if e.settings.Log != nil {
		e.settings.Log(p)
	}
}

// pass runs a pass and returns the sum. What a job did is not done again when another job of the pass fails.
func (e *Engine) pass(ctx context.Context, what string, j job) ([]byte, error) {
	if err := j.Data.check(); err != nil {
		return nil, err
	}
	blocks := tasks(j.Data.Files)
	j.Data.Files = nil
	dir := join(e.dir, "pass-"+unique())
	defer removeAll(context.WithoutCancel(ctx), dir)
	begun, busy := time.Now(), e.cpu()

	// Prism has one worker process for a job, so there is a job for each worker. Other engines divide a job themselves.
	count := 1
	if e.settings.Endpoint == "" {
		count = min(e.settings.Workers, len(blocks))
	}
	result := Pass{Name: what, Jobs: count}
	errs := make([]error, count)
	sums := make([]part, len(blocks))
	var wait sync.WaitGroup
	for k := range count {
		wait.Go(func() {
			var mine [][]task
			for b := k; b < len(blocks); b += count {
				mine = append(mine, blocks[b])
			}
			for try := 0; ; try++ {
				bytes, err := e.try(ctx, what, j, mine, join(dir, fmt.Sprintf("%d-%d", k, try)), sums)
				again := err != nil && try < e.settings.Retries && ctx.Err() == nil
				e.mu.Lock()
				result.Tries++
				result.Bytes += bytes
				if again {
					e.log(Pass{Name: what, Jobs: count, Tries: try + 1, Bytes: bytes, Time: time.Since(begun), Failed: err})
				}
				e.mu.Unlock()
				if !again {
					errs[k] = err
					return
				}
				select {
				case <-ctx.Done():
				case <-time.After(time.Duration(try) * time.Second):
				}
			}
		})
	}
	wait.Wait()
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err := errors.Join(errs...); err != nil {
		return nil, fmt.Errorf("beam: %s: %w", what, err)
	}
	for b := range sums {
		sums[b].Index, sums[b].Count = b, len(sums)
	}
	sum, err := add(kinds[j.Kind], sums)
	if err != nil {
		return nil, err
	}
	if sum.Fault != "" {
		return nil, fmt.Errorf("beam: %s: %s", what, sum.Fault)
	}
	result.Time, result.CPU = time.Since(begun), e.cpu()-busy
	e.last = result
	return sum.Sum, nil
}

// try runs a job once, and puts the sums of its blocks where they belong.
func (e *Engine) try(ctx context.Context, what string, j job, blocks [][]task, dir string, sums []part) (bytes int, err error) {
	p, err := pipeline(j, blocks, dir)
	if err != nil {
		return 0, err
	}
	pool, parallel := e.settings.Pool, 0
	if pool == "" {
		pool = e.pool.Address()
	}
	if e.settings.Endpoint != "" {
		parallel = e.settings.Workers
	}
	id, bytes, err := submit(ctx, e.client, p, "descent "+what, pool, parallel, e.deaths.watch)
	if err != nil {
		if e.pool != nil && e.settings.Endpoint == "" && id != "" {
			e.pool.end(workers(id)) // or one of them writes yet when the files of the pass are removed
		}
		return bytes, err
	}
	for _, block := range blocks {
		b := block[0].Block
		raw, err := readFile(ctx, blockFile(dir, b))
		if err == nil {
			raw, err = checked(raw)
		}
		if err == nil {
			err = decode(raw, &sums[b])
		}
		if err != nil {
			return bytes, fmt.Errorf("the sum of block %d cannot be read (is Dir, %s, the same folder for all workers?): %w", b, e.dir, err)
		}
	}
	return bytes, nil
}

func (e *Engine) cpu() time.Duration {
	if e.pool == nil {
		return 0
	}
	return e.pool.CPU()
}

// removeAll removes what a pass wrote. A local folder goes as a whole, of an address the files.
func removeAll(ctx context.Context, dir string) {
	fs, err := filesystem.New(ctx, dir)
	if err != nil {
		return
	}
	defer fs.Close()
	if r, ok := fs.(filesystem.Remover); ok {
		if files, err := fs.List(ctx, join(join(dir, "*"), "*")); err == nil {
			for _, f := range files {
				r.Remove(ctx, f)
			}
		}
	}
	os.RemoveAll(dir) // an address is no local path, and nothing happens
}

// unique returns a name that nothing else has.
func unique() string {
	var b [8]byte
	rand.Read(b[:])
	return hex.EncodeToString(b[:])
}
