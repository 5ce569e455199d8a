package main

import (
	"encoding/binary"
	"path/filepath"
	"strconv"

	"golang.org/x/sys/unix"
)

// packet is the most that one write gives in one read: the pipes keep writes apart.
const packet = 4096

// An order knows in which order the pipes of a program were written to. Linux tells
// of each write to a file that is watched, in order, but takes equal notices that
// follow each other together. So the pipes keep writes apart and each holds one write
// only: then no two equal notices follow each other. For a program that prints much
// and only to stdout that would be slow, and is not needed.
type order struct {
	fd     int
	stream map[int32]int // of a watch
	buffer []byte
	tight  bool
	alone  int // writes to stdout since one to stderr
}

func newOrder(p *pump) *order {
	o := &order{fd: -1, stream: map[int32]int{}, buffer: make([]byte, 1<<16)}
	fd, err := unix.InotifyInit1(unix.IN_NONBLOCK | unix.IN_CLOEXEC)
	if err != nil {
		return o
	}
	o.fd = fd
	for i, in := range p.in {
		if in < 0 {
			continue
		}
		wd, err := unix.InotifyAddWatch(fd, filepath.Join(p.folder, strconv.Itoa(i)), unix.IN_MODIFY)
		if err != nil {
			o.close()
			return o
		}
		o.stream[int32(wd)] = i
	}
	for _, f := range p.files {
		if f != nil {
			unix.FcntlInt(f.Fd(), unix.F_SETPIPE_SZ, packet)
			unix.FcntlInt(f.Fd(), unix.F_SETFL, unix.O_DIRECT) // a read gives one write
		}
	}
	o.tight = true
	return o
}

// next returns the streams that were written to since it was called last, once for
// each write.
func (o *order) next() []int {
	var all []int
	for o.fd >= 0 {
		n, err := unix.Read(o.fd, o.buffer)
		if err == unix.EINTR {
			continue
		}
		if err != nil || n <= 0 {
			break
		}
		for b := o.buffer[:n]; len(b) >= unix.SizeofInotifyEvent; {
			wd := int32(binary.NativeEndian.Uint32(b))
			length := binary.NativeEndian.Uint32(b[12:])
			if i, ok := o.stream[wd]; ok {
				all = append(all, i)
			}
			b = b[unix.SizeofInotifyEvent+int(length):]
		}
	}
	return all
}

// soon tells whether notices come within a moment. The data is there a little before.
func (o *order) soon() bool {
	if o.fd < 0 {
		return false
	}
	n, _ := unix.Poll([]unix.PollFd{{Fd: int32(o.fd), Events: unix.POLLIN}}, 1)
	return n > 0
}

// count notes a write, and lets stdout hold many when it has been alone for a while.
func (o *order) count(p *pump, i int) {
	switch i {
	case stdout:
		o.alone++
	case stderr:
		o.alone = 0
	}
	if o.tight && o.alone > 200 {
		o.tight = false
		unix.FcntlInt(uintptr(p.in[stdout]), unix.F_SETPIPE_SZ, 1<<20)
	}
}

// tighten lets stdout hold one write only, since stderr is in use.
func (o *order) tighten(p *pump) {
	if !o.tight && p.in[stdout] >= 0 {
		_, err := unix.FcntlInt(uintptr(p.in[stdout]), unix.F_SETPIPE_SZ, packet)
		o.tight = err == nil
	}
}

func (o *order) close() {
	if o.fd >= 0 {
		unix.Close(o.fd)
		o.fd = -1
	}
}
