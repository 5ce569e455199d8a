package main

import (
	"os"
	"strings"
	"syscall"
)

func dup(from, to int) error { return syscall.Dup3(from, to, 0) }

// limit keeps the memory that the program may write to below a number of bytes. It
// is the last line: the guard looks at what the program really uses.
func limit(bytes string) {
	var n uint64
	for _, c := range bytes {
		n = 10*n + uint64(c-'0')
	}
	const data = 2 // RLIMIT_DATA
	var l syscall.Rlimit
	if syscall.Getrlimit(data, &l) == nil && n < l.Max {
		l.Cur = n
		syscall.Setrlimit(data, &l)
	}
}

// marked returns the processes that have an entry in their environment.
func marked(entry string) []int {
	dir, err := os.Open("/proc")
	if err != nil {
		return nil
	}
	defer dir.Close()
	names, _ := dir.Readdirnames(-1)
	var all []int
	for _, name := range names {
		if name[0] < '0' || name[0] > '9' {
			continue
		}
		env, err := os.ReadFile("/proc/" + name + "/environ")
		if err != nil || !strings.Contains("\x00"+string(env), "\x00"+entry+"\x00") {
			continue
		}
		pid := 0
		for _, c := range name {
			pid = 10*pid + int(c-'0')
		}
		if pid != os.Getpid() {
			all = append(all, pid)
		}
	}
	return all
}
