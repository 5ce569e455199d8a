package remote

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"
)

const (
	stallTimeout = 30 * time.Second // without a byte, the connection counts as dead
	longestPause = time.Minute      // what a server may ask for; one that asks for more is given up
)

// pauses are the least times to wait after the first failure at an address, after the second, and so on.
var pauses = []time.Duration{time.Second, 4 * time.Second}

// wait returns after d, or with an error when ctx ends before.
func wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-timer.C:
		return nil
	}
}

var pause = wait // tests put something faster here

// patientClient has no limit for the whole download, which may be long, but does not wait for a server
// that does not answer.
func patientClient() *http.Client {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.DialContext = (&net.Dialer{Timeout: 15 * time.Second}).DialContext
	t.TLSHandshakeTimeout = 15 * time.Second
	t.ResponseHeaderTimeout = stallTimeout
	return &http.Client{Transport: t}
}

// A download fills the file part from one of several addresses. Next to it, part.json
// records the address and the version; without it a part is not resumed.
type download struct {
	source   Source
	part     string
	mode     fs.FileMode // of the finished file
	client   *http.Client
	progress func(name string, done, total int64)
	stall    time.Duration
}

// A version is what a server says to recognise one version of a file.
type version struct {
	URL          string // as shown gives it
	ETag         string `json:",omitempty"` // strong ones only
	LastModified string `json:",omitempty"`
}

func (v version) known() bool { return v.ETag != "" || v.LastModified != "" }

func versionOf(address string, h http.Header) version {
	v := version{URL: address, ETag: h.Get("ETag"), LastModified: h.Get("Last-Modified")}
	if strings.HasPrefix(v.ETag, "W/") { // weak: equal meaning, not equal bytes
		v.ETag = ""
	}
	return v
}

var (
	errRefused = errors.New("the server refuses")
	errDisk    = errors.New("cannot write")
)

// A passing error is one that a later try may not meet: the server is busy, or the connection broke off.
type passing struct {
	err  error
	wait time.Duration // what the server asks for
}

func (p passing) Error() string { return p.err.Error() }
func (p passing) Unwrap() error { return p.err }

// from tries the addresses in turn until part holds the verified file. After a refusal nothing is left behind.
func (d *download) from(ctx context.Context, addresses []string) error {
	failed := errors.New("no address to download it from")
	for _, address := range addresses {
		u, err := url.Parse(address)
		if err != nil {
			failed = errAddress
			continue
		}
		for try := range len(pauses) + 1 {
			resumed, err := d.attempt(ctx, u)
			if err == nil {
				err = d.source.verify(d.part)
			}
			if err == nil {
				return os.RemoveAll(d.part + ".json")
			}
			failed = fmt.Errorf("%s: %w", shown(u), err)
			if errors.Is(err, ErrChecksum) {
				d.discard()
				if resumed {
					continue // the parts may be of two versions: once more, from the start
				}
				break
			}
			if ctx.Err() != nil || errors.Is(err, errDisk) {
				return err
			}
			var p passing
			if !errors.As(err, &p) {
				break
			}
			if try == len(pauses) {
				failed = fmt.Errorf("%w, %d times", failed, try+1)
				break
			}
			if p.wait > longestPause {
				failed = fmt.Errorf("%w: it asks to wait for %v", failed, p.wait.Round(time.Second))
				break
			}
			if err := pause(ctx, max(pauses[try], p.wait)); err != nil {
				return err
			}
		}
	}
	return failed
}

func (d *download) discard() {
	os.Remove(d.part)
	os.Remove(d.part + ".json")
}

// attempt makes one request and writes what it brings. It reports whether it continued an earlier part.
func (d *download) attempt(parent context.Context, u *url.URL) (resumed bool, err error) {
	ctx, cancel := context.WithCancelCause(parent)
	defer cancel(nil)
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return false, errAddress
	}
	request.Header.Set("Accept-Encoding", "identity") // the checksum is of the file, not of its contents unpacked
	old, part, have := d.started(u)
	if part != nil {
		defer part.Close()
		request.Header.Set("Range", fmt.Sprintf("bytes=%d-", have))
		if old.ETag != "" {
			request.Header.Set("If-Range", old.ETag)
		} else {
			request.Header.Set("If-Range", old.LastModified)
		}
	}
	response, err := d.client.Do(request)
	if err != nil {
		told := withoutSecrets(u, err)
		if brokeOff(err) {
			told = passing{err: told}
		}
		return false, told
	}
	defer response.Body.Close()
	now := versionOf(shown(u), response.Header)
	switch response.StatusCode {
	case http.StatusOK: // all of it: the server ignores ranges, or has another version
		if part != nil {
			part.Close()
		}
		part, have = nil, 0
	case http.StatusPartialContent:
		if part == nil || now != old || !continues(response.Header.Get("Content-Range"), have, d.source.Size) {
			return have > 0, fmt.Errorf("%w: the part that came does not fit", ErrChecksum)
		}
	case http.StatusRequestedRangeNotSatisfiable:
		return have > 0, fmt.Errorf("%w: the server has no such part", ErrChecksum)
	case http.StatusRequestTimeout, http.StatusTooEarly, http.StatusTooManyRequests, http.StatusInternalServerError,
		http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return false, passing{refusal(u, response), retryAfter(response.Header, time.Now())}
	default:
		return false, refusal(u, response)
	}
	if n := response.ContentLength; n >= 0 && have+n != d.source.Size {
		return have > 0, fmt.Errorf("%w: the server has %d bytes, published are %d", ErrChecksum, have+n, d.source.Size)
	}
	return have > 0, d.write(ctx, cancel, response.Body, part, have, now)
}

func refusal(u *url.URL, response *http.Response) error {
	return withoutSecrets(u, fmt.Errorf("%w: %s", errRefused, response.Status))
}

// brokeOff tells whether a request failed on a connection that was there. One that could not be made, without a network for
// example, fails the next time as well.
func brokeOff(err error) bool {
	var operation *net.OpError
	if errors.As(err, &operation) {
		return operation.Op == "read" || operation.Op == "write"
	}
	var slow net.Error
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.As(err, &slow) && slow.Timeout()
}

// retryAfter returns what the header Retry-After asks for, in seconds or as a date (RFC 9110, section 10.2.3), and 0 without it.
func retryAfter(h http.Header, now time.Time) time.Duration {
	value := strings.TrimSpace(h.Get("Retry-After"))
	if seconds, err := strconv.ParseUint(value, 10, 31); err == nil || errors.Is(err, strconv.ErrRange) {
		return time.Duration(seconds) * time.Second
	}
	if date, err := http.ParseTime(value); err == nil {
		return max(0, date.Sub(now))
	}
	return 0
}

// started opens the part of this address, and returns its version and length; nil if there is none to continue.
func (d *download) started(u *url.URL) (version, *os.File, int64) {
	var v version
	text, err := readSmall(d.part + ".json")
	if err != nil || json.Unmarshal(text, &v) != nil || v.URL != shown(u) || !v.known() {
		return version{}, nil, 0
	}
	f, have, err := reopen(d.part)
	if err != nil {
		return version{}, nil, 0
	}
	if have == 0 || have >= d.source.Size {
		f.Close()
		return version{}, nil, 0
	}
	return v, f, have
}

// continues tells whether a Content-Range header announces the bytes from have to the end of size.
func continues(header string, have, size int64) bool {
	span, total, ok := strings.Cut(strings.TrimPrefix(header, "bytes "), "/")
	first, last, ok2 := strings.Cut(span, "-")
	if !ok || !ok2 || (total != "*" && total != strconv.FormatInt(size, 10)) {
		return false
	}
	return first == strconv.FormatInt(have, 10) && last == strconv.FormatInt(size-1, 10)
}

var errStalled = errors.New("the connection has stalled")

// write copies body to part from byte have on; a part that is nil is begun. When it breaks off, the part stays only if it can
// be continued.
func (d *download) write(ctx context.Context, cancel context.CancelCauseFunc, body io.Reader, part *os.File, have int64, now version) (err error) {
	f := part
	if f == nil {
		if f, err = create(d.part); err != nil {
			return fmt.Errorf("%w: %w", errDisk, err)
		}
	}
	defer func() {
		if closed := f.Close(); closed != nil {
			err = errors.Join(err, fmt.Errorf("%w: %w", errDisk, closed))
		}
		if err != nil && !now.known() {
			d.discard()
		}
	}()
	_, seek := f.Seek(have, io.SeekStart)
	if err := errors.Join(seek, d.remember(now)); err != nil {
		return fmt.Errorf("%w: %w", errDisk, err)
	}
	timer := time.AfterFunc(d.stall, func() { cancel(errStalled) })
	defer timer.Stop()
	buffer := make([]byte, 1<<16)
	for done := have; ; {
		n, err := body.Read(buffer)
		timer.Reset(d.stall)
		if done += int64(n); done > d.source.Size {
			return fmt.Errorf("%w: longer than the published %d bytes", ErrChecksum, d.source.Size)
		}
		if _, werr := f.Write(buffer[:n]); werr != nil {
			return fmt.Errorf("%w: %w", errDisk, werr)
		}
		if d.progress != nil && n > 0 {
			d.progress(d.source.Name, done, d.source.Size)
		}
		switch {
		case err == io.EOF:
			f.Chmod(d.mode) // a file system without modes refuses it, and needs none
			if err := f.Sync(); err != nil {
				return fmt.Errorf("%w: %w", errDisk, err)
			}
			return nil
		case err != nil && ctx.Err() != nil:
			return passing{err: context.Cause(ctx)}
		case err != nil:
			return passing{err: err}
		}
	}
}

// remember records the version of the part.
func (d *download) remember(v version) error {
	if !v.known() {
		return os.RemoveAll(d.part + ".json")
	}
	text, err := json.Marshal(v)
	if err != nil {
		return err
	}
	f, err := create(d.part + ".json")
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	return errors.Join(err, f.Close())
}
