// Package flink runs a Flink cluster with Beam's job server on this machine, each part a process: a job manager, task managers and
// the job server. It is for tests and measurements.
package flink

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// The versions in pom.xml.
const (
	FlinkVersion = "1.19.0"
	BeamVersion  = "2.62.0"
)

// A Cluster is a running Flink.
type Cluster struct {
	Endpoint string // of Beam's job service
	Slots    int

	dir   string
	jars  string
	rest  string
	conf  string
	parts []*process
	tasks []*process
}

type process struct {
	cmd  *exec.Cmd
	done chan struct{}
	log  string
}

// opens is what Flink needs of Java 17.
var opens = func() []string {
	args := []string{"--add-exports=java.base/sun.net.util=ALL-UNNAMED"}
	for _, p := range []string{"java.lang", "java.net", "java.io", "java.nio", "sun.nio.ch", "java.lang.reflect", "java.text", "java.time", "java.util", "java.util.concurrent", "java.util.concurrent.atomic", "java.util.concurrent.locks"} {
		args = append(args, "--add-opens=java.base/"+p+"=ALL-UNNAMED")
	}
	return args
}()

// Start starts a cluster with two slots in each task manager, and waits until it takes jobs. jars is the folder with what pom.xml
// names, dir one for its files. Close it in the end, even after an error.
func Start(ctx context.Context, jars, dir string, taskManagers int) (*Cluster, error) {
	if found, _ := filepath.Glob(filepath.Join(jars, "flink-runtime-*.jar")); len(found) == 0 {
		return nil, fmt.Errorf("flink: there is no flink-runtime in %q: take the artifacts of pom.xml with Maven", jars)
	}
	ports, err := freePorts(5)
	if err != nil {
		return nil, err
	}
	c := &Cluster{dir: dir, jars: jars, conf: filepath.Join(dir, "conf"), Slots: 2 * taskManagers,
		rest: fmt.Sprintf("localhost:%d", ports[1]), Endpoint: fmt.Sprintf("localhost:%d", ports[2])}
	for _, d := range []string{"conf", "tmp", "plugins", "artifacts"} {
		if err := os.MkdirAll(filepath.Join(dir, d), 0o755); err != nil {
			return nil, err
		}
	}
	settings := fmt.Sprintf(`jobmanager.rpc.address: localhost
jobmanager.rpc.port: %d
jobmanager.bind-host: localhost
jobmanager.memory.process.size: 1024m
rest.address: localhost
rest.port: %d
rest.bind-address: localhost
taskmanager.bind-host: localhost
taskmanager.host: localhost
taskmanager.numberOfTaskSlots: 2
taskmanager.cpu.cores: 2.0
taskmanager.memory.framework.heap.size: 64m
taskmanager.memory.framework.off-heap.size: 64m
taskmanager.memory.task.heap.size: 256m
taskmanager.memory.task.off-heap.size: 0m
taskmanager.memory.network.min: 64m
taskmanager.memory.network.max: 64m
taskmanager.memory.managed.size: 64m
taskmanager.memory.jvm-metaspace.size: 192m
taskmanager.memory.jvm-overhead.min: 64m
taskmanager.memory.jvm-overhead.max: 64m
parallelism.default: %d
cluster.evenly-spread-out-slots: true
restart-strategy.type: fixed-delay
restart-strategy.fixed-delay.attempts: 5
restart-strategy.fixed-delay.delay: 1 s
heartbeat.interval: 500
heartbeat.timeout: 5000
classloader.resolve-order: parent-first
classloader.check-leaked-classloader: false
io.tmp.dirs: %s
`, ports[0], ports[1], taskManagers, filepath.Join(dir, "tmp"))
	if err := os.WriteFile(filepath.Join(c.conf, "flink-conf.yaml"), []byte(settings), 0o644); err != nil {
		return nil, err
	}
	p, err := c.java("jobmanager", "448m", "org.apache.flink.runtime.entrypoint.StandaloneSessionClusterEntrypoint", "--configDir", c.conf)
	if err != nil {
		return c, err
	}
	c.parts = append(c.parts, p)
	for range taskManagers {
		if err := c.AddTaskManager(); err != nil {
			return c, err
		}
	}
	p, err = c.java("jobserver", "512m", "org.apache.beam.runners.flink.FlinkJobServerDriver",
		"--flink-master="+c.rest, "--flink-conf-dir="+c.conf, "--job-host=localhost",
		fmt.Sprintf("--job-port=%d", ports[2]), fmt.Sprintf("--artifact-port=%d", ports[3]), fmt.Sprintf("--expansion-port=%d", ports[4]),
		"--artifacts-dir="+filepath.Join(dir, "artifacts"))
	if err != nil {
		return c, err
	}
	c.parts = append(c.parts, p)
	return c, c.ready(ctx, taskManagers)
}

// AddTaskManager starts a task manager.
func (c *Cluster) AddTaskManager() error {
	id := fmt.Sprintf("taskmanager%d", len(c.tasks)+1)
	p, err := c.java(id, "384m", "org.apache.flink.runtime.taskexecutor.TaskManagerRunner", "--configDir", c.conf, "-D", "taskmanager.resource-id="+id)
	if err == nil {
		c.tasks = append(c.tasks, p)
	}
	return err
}

// KillTaskManager kills the process of task manager i, counted from 0.
func (c *Cluster) KillTaskManager(i int) error { return c.tasks[i].cmd.Process.Kill() }

func (c *Cluster) java(name, heap, class string, args ...string) (*process, error) {
	all := append([]string{"-Xmx" + heap, "-XX:+UseSerialGC", "-XX:MaxDirectMemorySize=256m", "-Djava.io.tmpdir=" + filepath.Join(c.dir, "tmp")}, opens...)
	all = append(all, "-cp", filepath.Join(c.jars, "*"), class)
	p := &process{cmd: exec.Command("java", append(all, args...)...), done: make(chan struct{}), log: filepath.Join(c.dir, name+".log")}
	f, err := os.Create(p.log)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	p.cmd.Stdout, p.cmd.Stderr = f, f
	p.cmd.Dir = c.dir
	p.cmd.Env = append(os.Environ(), "FLINK_PLUGINS_DIR="+filepath.Join(c.dir, "plugins"))
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("flink: %s: %w (Java 17 is needed)", name, err)
	}
	go func() {
		p.cmd.Wait()
		close(p.done)
	}()
	return p, nil
}

// ready waits for the task managers and the job server.
func (c *Cluster) ready(ctx context.Context, taskManagers int) error {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Minute)
	defer cancel()
	for {
		if n := c.taskManagers(ctx); n == taskManagers {
			if conn, err := net.DialTimeout("tcp", c.Endpoint, time.Second); err == nil {
				return conn.Close()
			}
		}
		for _, p := range append(append([]*process{}, c.parts...), c.tasks...) {
			select {
			case <-p.done:
				return fmt.Errorf("flink: a process has ended at once:\n%s", tail(p.log))
			default:
			}
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("flink: not ready: %w", ctx.Err())
		case <-time.After(300 * time.Millisecond):
		}
	}
}

func (c *Cluster) taskManagers(ctx context.Context) int {
	r, err := http.NewRequestWithContext(ctx, "GET", "http://"+c.rest+"/taskmanagers", nil)
	if err != nil {
		return 0
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0
	}
	defer resp.Body.Close()
	b, _ := io.ReadAll(resp.Body)
	return strings.Count(string(b), `"slotsNumber"`)
}

// Close kills the processes and waits for them.
func (c *Cluster) Close() error {
	if c == nil {
		return nil
	}
	var errs []error
	for _, p := range append(append([]*process{}, c.parts...), c.tasks...) {
		if err := p.cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
			errs = append(errs, err)
		}
		<-p.done
	}
	return errors.Join(errs...)
}

func tail(file string) string {
	b, _ := os.ReadFile(file)
	return string(b[max(0, len(b)-2000):])
}

func freePorts(n int) ([]int, error) {
	var ports []int
	for range n {
		l, err := net.Listen("tcp", "localhost:0")
		if err != nil {
			return nil, err
		}
		defer l.Close()
		ports = append(ports, l.Addr().(*net.TCPAddr).Port)
	}
	return ports, nil
}
