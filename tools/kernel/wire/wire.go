// Package wire is what the kernel's guard and the programs that stand in for it
// say to each other, over a Unix socket: a request with the arguments of a
// program, and a reply.
package wire

import (
	"encoding/binary"
	"errors"
	"strings"
	"syscall"
)

// Names of the environment that the guard gives to GoNB, and so to every program
// below it.
const (
	Socket = "GUARD_SOCKET" // where the guard listens
	Dir    = "GUARD_DIR"    // the folder of this kernel
	Tools  = "GUARD_TOOLS"  // the PATH with the real go, goimports and gopls
	GoNB   = "GUARD_GONB"   // the process that counts as GoNB
)

// A Request is what a program was started with.
type Request struct {
	Kind string // go, goimports, launch
	Dir  string
	Pid  int // of the program itself; its parent is GoNB
	Args []string
	Env  []string
	FDs  []int // standard input, output and error, for launch
}

// A Reply is what it must do.
type Reply struct {
	Status int // of its end, or for launch one of the constants below
	Text   string
	Args   []string // for launch: the program and changes of the environment
	FDs    []int
}

// What a launch may be told.
const (
	Run    = 0 // run the program, with the reply's files
	Direct = 1 // run it with its own files
	Refuse = 2 // end
)

// Yourself is the status with which the guard lets a tool do its work itself.
const Yourself = 1000

const separator, group = "\x00", "\x01\x00"

// Encode writes a request's or a reply's fields as bytes with their length in front.
func encode(fields ...[]string) []byte {
	var all []string
	for _, f := range fields {
		all = append(all, strings.Join(f, separator))
	}
	text := strings.Join(all, group)
	return append(binary.BigEndian.AppendUint32(nil, uint32(len(text))), text...)
}

func send(fd int, data []byte, fds []int) error {
	var rights []byte
	if len(fds) > 0 {
		rights = syscall.UnixRights(fds...)
	}
	n, err := syscall.SendmsgN(fd, data, rights, nil, 0)
	for err == nil && n < len(data) {
		data = data[n:]
		n, err = syscall.Write(fd, data)
	}
	return err
}

var errShort = errors.New("wire: the other side has gone")

func receive(fd int) (fields [][]string, fds []int, err error) {
	var data []byte
	want := 4
	buffer, rights := make([]byte, 1<<16), make([]byte, syscall.CmsgSpace(4*4))
	for len(data) < want {
		n, rn, _, _, err := syscall.Recvmsg(fd, buffer, rights, 0)
		if err == syscall.EINTR {
			continue
		}
		if err != nil {
			return nil, fds, err
		}
		if n == 0 {
			return nil, fds, errShort
		}
		if rn > 0 {
			messages, err := syscall.ParseSocketControlMessage(rights[:rn])
			if err != nil {
				return nil, fds, err
			}
			for _, m := range messages {
				more, err := syscall.ParseUnixRights(&m)
				if err == nil {
					fds = append(fds, more...)
				}
			}
		}
		data = append(data, buffer[:n]...)
		if want == 4 && len(data) >= 4 {
			want += int(binary.BigEndian.Uint32(data))
		}
	}
	for _, f := range strings.Split(string(data[4:want]), group) {
		if f == "" {
			fields = append(fields, nil)
		} else {
			fields = append(fields, strings.Split(f, separator))
		}
	}
	return fields, fds, nil
}

// Ask sends a request to the socket at a path and waits for the reply.
func Ask(path string, r Request) (Reply, error) {
	fd, err := syscall.Socket(syscall.AF_UNIX, syscall.SOCK_STREAM, 0)
	if err != nil {
		return Reply{}, err
	}
	syscall.CloseOnExec(fd)
	defer syscall.Close(fd)
	if err := syscall.Connect(fd, &syscall.SockaddrUnix{Name: path}); err != nil {
		return Reply{}, err
	}
	if err := send(fd, encode([]string{r.Kind, r.Dir, itoa(r.Pid)}, r.Args, r.Env), r.FDs); err != nil {
		return Reply{}, err
	}
	fields, fds, err := receive(fd)
	if err != nil {
		return Reply{}, err
	}
	if len(fields) != 2 || len(fields[0]) != 2 {
		return Reply{}, errShort
	}
	return Reply{Status: atoi(fields[0][0]), Text: fields[0][1], Args: fields[1], FDs: fds}, nil
}

// Receive reads a request from a connection.
func Receive(fd int) (Request, error) {
	fields, fds, err := receive(fd)
	if err != nil {
		return Request{}, err
	}
	if len(fields) != 3 || len(fields[0]) != 3 {
		return Request{}, errShort
	}
	return Request{Kind: fields[0][0], Dir: fields[0][1], Pid: atoi(fields[0][2]), Args: fields[1], Env: fields[2], FDs: fds}, nil
}

// Answer sends a reply.
func Answer(fd int, r Reply) error {
	text := strings.ReplaceAll(strings.ReplaceAll(r.Text, "\x00", ""), "\x01", "")
	return send(fd, encode([]string{itoa(r.Status), text}, r.Args), r.FDs)
}

// itoa and atoi spare the programs that stand in the package strconv, and with it
// a little of their start.
func itoa(n int) string {
	if n < 10 {
		return string(rune('0' + n))
	}
	return itoa(n/10) + string(rune('0'+n%10))
}

func atoi(s string) int {
	n := 0
	for i := range len(s) {
		n = 10*n + int(s[i]-'0')
	}
	return n
}
