package remote

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"
)

const (
	stallTimeout = 30 * time.Second // without a byte, the connection counts as dead
	attempts     = 3                // for each address, as long as an attempt brings something
)

// patientClient has no limit for the whole download, which may be long, but does not wait for a server
// that does not answer.
func patientClient() *http.Client {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.DialContext = (&net.Dialer{Timeout: 15 * time.Second}).DialContext
	t.TLSHandshakeTimeout = 15 * time.Second
	t.ResponseHeaderTimeout = stallTimeout
	return &http.Client{Transport: t}
}

// A download fills the file part from one of several addresses. Beside it lies part.json, which says of which
// version of which address it is a part; without it a part is not continued.
type download struct {
	source   Source
	part     string
	client   *http.Client
	progress func(name string, done, total int64)
	stall    time.Duration
}

// A version is what a server says to recognise one version of a file.
type version struct {
	URL          string
	ETag         string `json:",omitempty"` // strong ones only
	LastModified string `json:",omitempty"`
}

func (v version) known() bool { return v.ETag != "" || v.LastModified != "" }

func versionOf(url string, h http.Header) version {
	v := version{URL: url, ETag: h.Get("ETag"), LastModified: h.Get("Last-Modified")}
	if strings.HasPrefix(v.ETag, "W/") { // weak: equal meaning, not equal bytes
		v.ETag = ""
	}
	return v
}

var (
	errRefused = errors.New("the server refuses")
	errDisk    = errors.New("cannot write")
)

// from tries the addresses in turn until part holds the verified file. After a refusal nothing is left behind.
func (d *download) from(ctx context.Context, urls []string) error {
	failed := errors.New("no address to download it from")
	for _, url := range urls {
		for range attempts {
			before := d.length()
			resumed, err := d.attempt(ctx, url)
			if err == nil {
				err = d.source.verify(d.part)
			}
			if err == nil {
				return os.RemoveAll(d.part + ".json")
			}
			failed = fmt.Errorf("%s: %w", url, err)
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
			if errors.Is(err, errRefused) || d.length() <= before {
				break
			}
		}
	}
	return failed
}

func (d *download) length() int64 {
	info, err := os.Stat(d.part)
	if err != nil {
		return 0
	}
	return info.Size()
}

func (d *download) discard() {
	os.Remove(d.part)
	os.Remove(d.part + ".json")
}

// attempt makes one request and writes what it brings. It reports whether it continued an earlier part.
func (d *download) attempt(parent context.Context, url string) (resumed bool, err error) {
	ctx, cancel := context.WithCancelCause(parent)
	defer cancel(nil)
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return false, fmt.Errorf("%w: %w", errRefused, err)
	}
	request.Header.Set("Accept-Encoding", "identity") // the checksum is of the file, not of its contents unpacked
	old, have := d.started(url)
	if have > 0 {
		request.Header.Set("Range", fmt.Sprintf("bytes=%d-", have))
		if old.ETag != "" {
			request.Header.Set("If-Range", old.ETag)
		} else {
			request.Header.Set("If-Range", old.LastModified)
		}
	}
	response, err := d.client.Do(request)
	if err != nil {
		return false, err
	}
	defer response.Body.Close()
	now := versionOf(url, response.Header)
	switch response.StatusCode {
	case http.StatusOK: // all of it: the server ignores ranges, or has another version
		have = 0
	case http.StatusPartialContent:
		if have == 0 || now != old || !continues(response.Header.Get("Content-Range"), have, d.source.Size) {
			return have > 0, fmt.Errorf("%w: the part that came does not fit", ErrChecksum)
		}
	case http.StatusRequestedRangeNotSatisfiable:
		return have > 0, fmt.Errorf("%w: the server has no such part", ErrChecksum)
	default:
		return false, fmt.Errorf("%w: %s", errRefused, response.Status)
	}
	if n := response.ContentLength; n >= 0 && have+n != d.source.Size {
		return have > 0, fmt.Errorf("%w: the server has %d bytes, published are %d", ErrChecksum, have+n, d.source.Size)
	}
	return have > 0, d.write(ctx, cancel, response.Body, have, now)
}

// started returns the version and the length of the part of this address, or 0 if there is none to continue.
func (d *download) started(url string) (version, int64) {
	var v version
	text, err := os.ReadFile(d.part + ".json")
	if err != nil || json.Unmarshal(text, &v) != nil || v.URL != url || !v.known() {
		return version{}, 0
	}
	if have := d.length(); have < d.source.Size {
		return v, have
	}
	return version{}, 0
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

// write copies body to part from byte have on. When it breaks off, the part stays only if it can be continued.
func (d *download) write(ctx context.Context, cancel context.CancelCauseFunc, body io.Reader, have int64, now version) (err error) {
	f, err := os.OpenFile(d.part, os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return fmt.Errorf("%w: %w", errDisk, err)
	}
	defer func() {
		err = errors.Join(err, f.Close())
		if err != nil && !now.known() {
			d.discard()
		}
	}()
	_, seek := f.Seek(have, io.SeekStart)
	if err := errors.Join(f.Truncate(have), seek, d.remember(now)); err != nil {
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
			return f.Sync()
		case err != nil && ctx.Err() != nil:
			return context.Cause(ctx)
		case err != nil:
			return err
		}
	}
}

// remember writes down of which version the part is.
func (d *download) remember(v version) error {
	if !v.known() {
		return os.RemoveAll(d.part + ".json")
	}
	text, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return os.WriteFile(d.part+".json", text, 0o644)
}
