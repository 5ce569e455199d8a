//go:build !linux

package main

import (
	"os/exec"
	"strconv"
	"strings"
	"syscall"
)

// groupAttr starts a process in a group. The program that watches ends it with the guard.
func groupAttr() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

// ps returns what the system says of all processes, or of one.
func ps(args ...string) [][]string {
	out, err := exec.Command("ps", args...).Output()
	if err != nil {
		return nil
	}
	var all [][]string
	for _, line := range strings.Split(string(out), "\n") {
		all = append(all, strings.Fields(line))
	}
	return all
}

// machineMemory returns the bytes of memory that the machine has.
func machineMemory() int64 {
	out, err := exec.Command("sysctl", "-n", "hw.memsize").Output()
	if err != nil {
		return 0
	}
	n, _ := strconv.ParseInt(strings.TrimSpace(string(out)), 10, 64)
	return n
}

// residentMemory returns the bytes of memory that a process uses, or 0.
func residentMemory(pid int) int64 {
	for _, f := range ps("-o", "rss=", "-p", strconv.Itoa(pid)) {
		if len(f) == 1 {
			n, _ := strconv.ParseInt(f[0], 10, 64)
			return n << 10
		}
	}
	return 0
}

// parents returns the parent of every process.
func parents() map[int]int {
	all := map[int]int{}
	for _, f := range ps("-axo", "pid=,ppid=") {
		if len(f) == 2 {
			pid, _ := strconv.Atoi(f[0])
			all[pid], _ = strconv.Atoi(f[1])
		}
	}
	return all
}

// readsInput says that the system does not tell.
func readsInput(int) (reads, known bool) { return false, false }

// openProcess has no such file.
func openProcess(int) int { return -1 }
