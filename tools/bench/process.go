package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"

	"github.com/descent-go/descent/tools/bench/side"
)

// A process is a running side.
type process struct {
	name   string
	cmd    *exec.Cmd
	stdin  io.WriteCloser
	stdout *json.Decoder
	stderr bytes.Buffer
	ended  bool // in the middle of its work
}

// start runs a side with settings added to the environment, such as
// "GOMAXPROCS=1"; "NAME" without a value removes NAME.
func start(name string, command, settings []string) (*process, error) {
	p := &process{name: name, cmd: exec.Command(command[0], command[1:]...)}
	p.cmd.Env = environment(os.Environ(), settings)
	p.cmd.Stderr = &p.stderr
	stdout, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	p.stdout = json.NewDecoder(stdout)
	if p.stdin, err = p.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("%s does not start: %w", name, err)
	}
	return p, nil
}

// environment returns env with the settings, which replace variables of the
// same name.
func environment(env, settings []string) []string {
	drop, add := map[string]bool{}, []string{}
	for _, s := range settings {
		name, _, set := strings.Cut(s, "=")
		drop[name] = true
		if set {
			add = append(add, s)
		}
	}
	var kept []string
	for _, e := range env {
		if name, _, _ := strings.Cut(e, "="); !drop[name] {
			kept = append(kept, e)
		}
	}
	return append(kept, add...)
}

// ask sends a request and waits for the answer.
func (p *process) ask(q side.Request) (side.Reply, error) {
	var reply side.Reply
	line, err := json.Marshal(q)
	if err != nil {
		return reply, err
	}
	if _, err := p.stdin.Write(append(line, '\n')); err != nil {
		return reply, p.died(err)
	}
	if err := p.stdout.Decode(&reply); err != nil {
		return reply, p.died(err)
	}
	if reply.Error != "" {
		return reply, fmt.Errorf("%s: %s", p.name, reply.Error)
	}
	return reply, nil
}

func (p *process) died(err error) error {
	p.ended = true
	return fmt.Errorf("%s ended in the middle of its work: %w\n%s", p.name, errors.Join(err, p.stop()), p.stderr.String())
}

// stop closes the input of the side, which makes it exit.
func (p *process) stop() error {
	p.stdin.Close()
	return p.cmd.Wait()
}
