package remote

import (
	"context"
	"crypto/md5"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// Environment is the environment variable for the location of data files: a folder
// that replaces the cache folder, or the http(s) address of a mirror, to which a
// file's name is appended. A user name, a password and a query in that address are
// sent only to the mirror, and do not appear in errors or files.
const Environment = "DESCENT_DATA"

var (
	// ErrUnavailable is wrapped by errors for a file that is neither in the folder
	// nor can be downloaded.
	ErrUnavailable = errors.New("file not available")
	// ErrChecksum is wrapped by errors for content that does not match the
	// publisher's checksum or length.
	ErrChecksum = errors.New("content is not what was published")
)

// A Source is a published file, with its length and checksums.
//
// At least one checksum must be given; all given ones must match. SHA-256 protects
// against tampering. MD5 is supported because some publishers state nothing else: it
// detects damage, but not a determined attacker.
type Source struct {
	Name   string   // the path of the file within the folder or mirror, with slashes: "mnist/t10k-labels-idx1-ubyte.gz"
	URLs   []string // the publishers' addresses, tried in this order
	Size   int64    // length in bytes
	SHA256 string   // hexadecimal
	MD5    string   // hexadecimal
}

// Options say how to fetch. The zero value fetches from the publisher into the user's
// cache folder, or as DESCENT_DATA says.
type Options struct {
	// Dir is the folder for the files. If empty, it is the folder in DESCENT_DATA, or
	// else the folder descent in os.UserCacheDir.
	Dir string
	// Client makes the requests. If nil, it is a client with a time-out for servers
	// that do not answer.
	Client *http.Client
	// OnProgress, if not nil, is called during the download of name, with the number
	// of bytes received and the total.
	OnProgress func(name string, done, total int64)
}

// Validate returns an error if the source cannot be fetched safely: if its name leads
// out of the folder, or if it has no length, no checksum or a malformed one.
func (s Source) Validate() error {
	switch {
	case s.Name == "" || s.Name != path.Clean(s.Name) || !filepath.IsLocal(filepath.FromSlash(s.Name)) || s.Name == ".":
		return fmt.Errorf("remote: source name %q is not a plain path within the folder", s.Name)
	case s.Size <= 0:
		return fmt.Errorf("remote: source %s: size is %d, want the published length in bytes", s.Name, s.Size)
	case s.SHA256 == "" && s.MD5 == "":
		return fmt.Errorf("remote: source %s has no checksum: state SHA256 or MD5", s.Name)
	case !hexadecimal(s.SHA256, sha256.Size) || !hexadecimal(s.MD5, md5.Size):
		return fmt.Errorf("remote: source %s: a checksum is not hexadecimal or not of the right length", s.Name)
	}
	return nil
}

func hexadecimal(sum string, size int) bool {
	b, err := hex.DecodeString(sum)
	return err == nil && (len(b) == 0 || len(b) == size)
}

// Open fetches the file and opens it for reading.
func (s Source) Open(ctx context.Context, opt Options) (*os.File, error) {
	name, err := s.Fetch(ctx, opt)
	if err != nil {
		return nil, err
	}
	return os.Open(name)
}

// Fetch returns the path of the file, which it downloads if necessary.
//
// An existing file is used if its length and checksums are right, and downloaded
// again if not. A download is written to a temporary file, which is moved to its
// final path once it is complete and verified. An interrupted download is resumed the
// next time, if the server still has the same version. If a server is busy or the
// connection breaks, Fetch tries three times, after one second and after four, or
// after the server's Retry-After if that is within a minute. A file that fails
// verification is deleted. If two processes fetch the same file, the second waits for
// the first.
//
// The error wraps [ErrUnavailable] if the file cannot be obtained, and says what to
// do. It wraps [ErrChecksum] if the content is not what was published.
func (s Source) Fetch(ctx context.Context, opt Options) (string, error) {
	if err := s.Validate(); err != nil {
		return "", err
	}
	dir, urls, err := s.places(opt)
	if err != nil {
		return "", err
	}
	final := filepath.Join(dir, filepath.FromSlash(s.Name))
	if s.verify(final) == nil {
		return final, nil
	}
	if err := os.MkdirAll(filepath.Dir(final), 0o755); err != nil {
		return "", fmt.Errorf("remote: cannot make the folder for %s: %w; set %s to a folder that can be written", s.Name, err, Environment)
	}
	unlock, err := lock(ctx, final+".lock")
	if err != nil {
		return "", fmt.Errorf("remote: cannot lock %s: %w; set %s to a folder that can be written", final, err, Environment)
	}
	defer unlock()
	if s.verify(final) == nil { // another process may have fetched it meanwhile
		return final, nil
	}
	d := download{source: s, part: final + ".part", mode: published(final + ".lock"), client: opt.Client, progress: opt.OnProgress, stall: stallTimeout}
	if d.client == nil {
		d.client = patientClient()
		defer d.client.CloseIdleConnections()
	}
	if err := d.from(ctx, urls); err != nil {
		return "", s.explain(ctx, err, final)
	}
	if err := os.Rename(d.part, final); err != nil {
		return "", fmt.Errorf("remote: cannot put %s into place: %w", s.Name, err)
	}
	return final, nil
}

// explain says what the user can do about err.
func (s Source) explain(ctx context.Context, err error, final string) error {
	switch {
	case ctx.Err() != nil:
		return fmt.Errorf("remote: download of %s stopped: %w", s.Name, context.Cause(ctx))
	case errors.Is(err, errDisk):
		return fmt.Errorf("remote: download of %s: %w; make room there or set %s to another folder", s.Name, err, Environment)
	case errors.Is(err, ErrChecksum):
		return fmt.Errorf("remote: refused %s: %w; try another network, or put a good copy at %s", s.Name, err, final)
	}
	return fmt.Errorf("remote: %w: connect to the Internet, or put the file at %s, or set %s to a folder or mirror that has %s (%w)",
		ErrUnavailable, final, Environment, s.Name, err)
}

// places returns the folder for the file and the addresses to get it from.
func (s Source) places(opt Options) (dir string, urls []string, err error) {
	dir, urls = opt.Dir, s.URLs
	env := os.Getenv(Environment)
	address, isMirror, err := mirror(env, s.Name)
	switch {
	case err != nil:
		return "", nil, err
	case isMirror:
		urls = []string{address}
	case dir == "":
		dir = env
	}
	if dir == "" {
		cache, err := os.UserCacheDir()
		if err != nil {
			return "", nil, fmt.Errorf("remote: no cache folder: %w; set %s to a folder", err, Environment)
		}
		dir = filepath.Join(cache, "descent")
	}
	return dir, urls, nil
}

// verify returns nil if the file at name has the published length and checksums, an error that wraps ErrChecksum if it has not,
// and another if it cannot be read.
func (s Source) verify(name string) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	sums := map[string]hash.Hash{s.SHA256: sha256.New(), s.MD5: md5.New()}
	delete(sums, "")
	var writers []io.Writer
	for _, h := range sums {
		writers = append(writers, h)
	}
	n, err := io.Copy(io.MultiWriter(writers...), io.LimitReader(f, s.Size+1))
	if err != nil {
		return err
	}
	if n != s.Size {
		return fmt.Errorf("%w: length differs from the published %d bytes", ErrChecksum, s.Size)
	}
	for want, h := range sums {
		if got := hex.EncodeToString(h.Sum(nil)); !strings.EqualFold(got, want) {
			return fmt.Errorf("%w: checksum is %s, published is %s", ErrChecksum, got, want)
		}
	}
	return nil
}
