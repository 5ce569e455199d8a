package main

import (
	"fmt"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// limitData limits the memory of data of this process: its heap and stacks. Mapped files
// do not count.
func limitData(bytes uint64) error {
	return unix.Setrlimit(unix.RLIMIT_DATA, &unix.Rlimit{Cur: bytes, Max: bytes})
}

// forget has the system forget the pages of a file that it holds in memory.
func forget(file *os.File) error {
	if err := file.Sync(); err != nil {
		return err
	}
	return unix.Fadvise(int(file.Fd()), 0, 0, unix.FADV_DONTNEED)
}

// own returns the bytes of memory that the process has for itself, without pages of
// files.
func own() (uint64, error) {
	kilobytes, err := field("/proc/self/status", "RssAnon:")
	return kilobytes << 10, err
}

// disk returns the bytes that the process has had read from disks.
func disk() (uint64, error) { return field("/proc/self/io", "read_bytes:") }

// field returns the number after a name.
func field(file, name string) (v uint64, err error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return 0, err
	}
	_, after, found := strings.Cut(string(text), name)
	if !found {
		return 0, fmt.Errorf("there is no %s in %s", name, file)
	}
	_, err = fmt.Sscan(after, &v)
	return v, err
}
