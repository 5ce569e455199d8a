package remote_test

import (
	"bytes"
	"context"
	"crypto/md5"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/descent-go/descent/datasets/remote"
)

// content is long enough to break off in the middle of it.
var content = bytes.Repeat([]byte("0123456789abcdef"), 20000)

func source(data []byte, urls ...string) remote.Source {
	sha, md := sha256.Sum256(data), md5.Sum(data)
	return remote.Source{Name: "some/file.bin", URLs: urls, Size: int64(len(data)),
		SHA256: hex.EncodeToString(sha[:]), MD5: hex.EncodeToString(md[:])}
}

// A server serves content with one behaviour and keeps the requests.
type server struct {
	*httptest.Server
	mu       sync.Mutex
	requests []http.Header
}

func serve(t *testing.T, handle func(n int, w http.ResponseWriter, r *http.Request)) *server {
	t.Helper()
	t.Setenv(remote.Environment, "")
	remote.RecordPauses(t)
	s := &server{}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.requests = append(s.requests, r.Header.Clone())
		n := len(s.requests)
		s.mu.Unlock()
		handle(n, w, r)
	}))
	t.Cleanup(s.Close)
	return s
}

func (s *server) ranges() (r []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, h := range s.requests {
		r = append(r, h.Get("Range"))
	}
	return r
}

// whole serves data properly: with ranges, If-Range and the given version.
func whole(w http.ResponseWriter, r *http.Request, etag string, data []byte) {
	w.Header().Set("ETag", etag)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(data))
}

// broken announces all of data, sends half and breaks the connection.
func broken(w http.ResponseWriter, etag string, data []byte) {
	if etag != "" {
		w.Header().Set("ETag", etag)
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(data)))
	w.Write(data[:len(data)/2])
	w.(http.Flusher).Flush()
	panic(http.ErrAbortHandler)
}

// left lists the files below dir.
func left(t *testing.T, dir string) []string {
	t.Helper()
	names := []string{}
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			name, _ := filepath.Rel(dir, path)
			names = append(names, filepath.ToSlash(name))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// fetched checks that the file is there with the right content, and nothing else.
func fetched(t *testing.T, dir, path string, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, content) {
		t.Errorf("%d bytes that are not the content", len(got))
	}
	if names := left(t, dir); !slices.Equal(names, []string{"some/file.bin"}) {
		t.Errorf("left behind: %v", names)
	}
}

func TestFetch(t *testing.T) {
	s := serve(t, func(_ int, w http.ResponseWriter, r *http.Request) { whole(w, r, `"1"`, content) })
	dir := t.TempDir()
	last := int64(0)
	opt := remote.Options{Dir: dir, OnProgress: func(name string, done, total int64) {
		if name != "some/file.bin" || done <= last || total != int64(len(content)) {
			t.Errorf("progress of %s: %d of %d after %d", name, done, total, last)
		}
		last = done
	}}
	path, err := source(content, s.URL).Fetch(t.Context(), opt)
	fetched(t, dir, path, err)
	if last != int64(len(content)) {
		t.Errorf("progress ended at %d", last)
	}
	if got := s.requests[0].Get("Accept-Encoding"); got != "identity" {
		t.Errorf("asked for encoding %q", got)
	}
	t.Run("the second time from the cache", func(t *testing.T) {
		path, err := source(content, s.URL).Fetch(t.Context(), opt)
		fetched(t, dir, path, err)
		if len(s.requests) != 1 {
			t.Errorf("%d requests", len(s.requests))
		}
	})
	t.Run("a damaged copy is replaced", func(t *testing.T) {
		last = 0
		if err := os.WriteFile(path, content[1:], 0o644); err != nil {
			t.Fatal(err)
		}
		path, err := source(content, s.URL).Fetch(t.Context(), opt)
		fetched(t, dir, path, err)
	})
}

func TestFetchContinues(t *testing.T) {
	s := serve(t, func(n int, w http.ResponseWriter, r *http.Request) {
		if n == 1 {
			broken(w, `"1"`, content)
		}
		whole(w, r, `"1"`, content)
	})
	dir := t.TempDir()
	path, err := source(content, s.URL).Fetch(t.Context(), remote.Options{Dir: dir})
	fetched(t, dir, path, err)
	if want := []string{"", fmt.Sprintf("bytes=%d-", len(content)/2)}; !slices.Equal(s.ranges(), want) {
		t.Errorf("ranges %q, want %q", s.ranges(), want)
	}
	if got := s.requests[1].Get("If-Range"); got != `"1"` {
		t.Errorf("If-Range %q", got)
	}
}

// A part that an earlier process has left is continued, here with a date as the version.
func TestFetchContinuesLater(t *testing.T) {
	date := time.Date(2020, 1, 2, 3, 4, 5, 0, time.UTC)
	var up atomic.Bool
	s := serve(t, func(n int, w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Last-Modified", date.Format(http.TimeFormat))
		if n == 1 {
			broken(w, "", content)
		}
		if !up.Load() {
			panic(http.ErrAbortHandler)
		}
		http.ServeContent(w, r, "", date, bytes.NewReader(content))
	})
	dir := t.TempDir()
	_, err := source(content, s.URL).Fetch(t.Context(), remote.Options{Dir: dir})
	if !errors.Is(err, remote.ErrUnavailable) {
		t.Fatalf("error %v, want ErrUnavailable", err)
	}
	if names := left(t, dir); !slices.Equal(names, []string{"some/file.bin.part", "some/file.bin.part.json"}) {
		t.Fatalf("left: %v", names)
	}
	up.Store(true)
	path, err := source(content, s.URL).Fetch(t.Context(), remote.Options{Dir: dir})
	fetched(t, dir, path, err)
	if last := s.ranges()[len(s.ranges())-1]; last != fmt.Sprintf("bytes=%d-", len(content)/2) {
		t.Errorf("last range %q", last)
	}
}

// Whatever a server does with a request for the rest, what is accepted is the published content.
func TestFetchRestarts(t *testing.T) {
	other := bytes.Repeat([]byte("x"), len(content))
	for name, c := range map[string]struct {
		requests int // two if the second brings what is needed
		second   func(w http.ResponseWriter, r *http.Request)
	}{
		"ranges ignored": {2, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("ETag", `"1"`)
			w.Write(content)
		}},
		"version changed": {2, func(w http.ResponseWriter, r *http.Request) { whole(w, r, `"2"`, content) }},
		"version changed, If-Range ignored": {3, func(w http.ResponseWriter, r *http.Request) {
			r.Header.Del("If-Range")
			whole(w, r, `"2"`, content)
		}},
		"no such range": {3, func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(http.StatusRequestedRangeNotSatisfiable)
		}},
		"another range": {3, func(w http.ResponseWriter, r *http.Request) {
			r.Header.Set("Range", "bytes=5-")
			whole(w, r, `"1"`, content)
		}},
		"range with a wrong name": {3, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("ETag", `"1"`)
			w.Header().Set("Content-Range", fmt.Sprintf("bytes 5-%d/%d", len(content)-1, len(content)))
			w.WriteHeader(http.StatusPartialContent)
			w.Write(content[len(content)/2:])
		}},
		"malformed part": {3, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("ETag", `"1"`)
			w.Header().Set("Content-Range", "lines 3")
			w.WriteHeader(http.StatusPartialContent)
			w.Write(content[len(content)/2:])
		}},
		"silent swap": {3, func(w http.ResponseWriter, r *http.Request) { whole(w, r, `"1"`, other) }},
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, func(n int, w http.ResponseWriter, r *http.Request) {
				switch n {
				case 1:
					broken(w, `"1"`, content)
				case 2:
					c.second(w, r)
				default:
					whole(w, r, `"2"`, content)
				}
			})
			dir := t.TempDir()
			path, err := source(content, s.URL).Fetch(t.Context(), remote.Options{Dir: dir})
			fetched(t, dir, path, err)
			want := []string{"", fmt.Sprintf("bytes=%d-", len(content)/2), ""}[:c.requests]
			if !slices.Equal(s.ranges(), want) {
				t.Errorf("requests for %q, want %q", s.ranges(), want)
			}
		})
	}
}

// Without a version to recognise, nothing is continued and nothing is kept.
func TestFetchWithoutVersion(t *testing.T) {
	for name, etag := range map[string]string{"none": "", "weak": `W/"1"`} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, func(n int, w http.ResponseWriter, r *http.Request) { broken(w, etag, content) })
			dir := t.TempDir()
			_, err := source(content, s.URL).Fetch(t.Context(), remote.Options{Dir: dir})
			wantError(t, err, "connect to the Internet", remote.Environment)
			if names := left(t, dir); len(names) > 0 {
				t.Errorf("left behind: %v", names)
			}
			if r := s.ranges(); slices.ContainsFunc(r, func(s string) bool { return s != "" }) {
				t.Errorf("ranges %q", r)
			}
		})
	}
}

func TestFetchRefuses(t *testing.T) {
	swapped := slices.Clone(content)
	swapped[1000] ^= 1
	good := source(content)
	onlyMD5, onlySHA, lying := good, good, good
	onlyMD5.SHA256, onlySHA.MD5, lying.MD5 = "", "", strings.Repeat("0", 32)
	for name, c := range map[string]struct {
		source remote.Source
		handle func(w http.ResponseWriter, r *http.Request)
	}{
		"swapped":           {good, func(w http.ResponseWriter, r *http.Request) { whole(w, r, `"1"`, swapped) }},
		"swapped, MD5 only": {onlyMD5, func(w http.ResponseWriter, r *http.Request) { whole(w, r, `"1"`, swapped) }},
		"swapped, SHA only": {onlySHA, func(w http.ResponseWriter, r *http.Request) { whole(w, r, `"1"`, swapped) }},
		"one of two sums":   {lying, func(w http.ResponseWriter, r *http.Request) { whole(w, r, `"1"`, content) }},
		"shorter":           {good, func(w http.ResponseWriter, r *http.Request) { whole(w, r, `"1"`, content[1:]) }},
		"longer": {good, func(w http.ResponseWriter, r *http.Request) {
			whole(w, r, `"1"`, append(content[:len(content):len(content)], 'x'))
		}},
		"shorter, unannounced": {good, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("ETag", `"1"`)
			w.(http.Flusher).Flush()
			w.Write(content[1:])
		}},
		"endless": {good, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("ETag", `"1"`)
			for {
				if _, err := w.Write(content); err != nil {
					return
				}
			}
		}},
		"login page": {good, func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "<html>Please log in</html>") }},
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, func(_ int, w http.ResponseWriter, r *http.Request) { c.handle(w, r) })
			c.source.URLs = []string{s.URL}
			dir := t.TempDir()
			_, err := c.source.Fetch(t.Context(), remote.Options{Dir: dir})
			if !errors.Is(err, remote.ErrChecksum) {
				t.Errorf("error %v, want ErrChecksum", err)
			}
			wantError(t, err, "refused some/file.bin")
			if names := left(t, dir); len(names) > 0 {
				t.Errorf("left behind: %v", names)
			}
			if len(s.ranges()) != 1 {
				t.Errorf("%d requests, want one: it would be the same again", len(s.ranges()))
			}
		})
	}
}

func TestFetchTriesTheNextAddress(t *testing.T) {
	s := serve(t, func(_ int, w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/missing":
			http.NotFound(w, r)
		case "/swapped":
			whole(w, r, `"1"`, bytes.ToUpper(content))
		case "/part": // sends a part that nobody asked for
			w.WriteHeader(http.StatusPartialContent)
		default:
			whole(w, r, `"1"`, content)
		}
	})
	dir := t.TempDir()
	path, err := source(content, "http://127.0.0.1:1/", ":no address", s.URL+"/missing", s.URL+"/part", s.URL+"/swapped", s.URL+"/good").
		Fetch(t.Context(), remote.Options{Dir: dir})
	fetched(t, dir, path, err)
}

func TestFetchWithoutNetwork(t *testing.T) {
	t.Setenv(remote.Environment, "")
	dir := t.TempDir()
	for name, s := range map[string]remote.Source{
		"nobody answers": source(content, "http://127.0.0.1:1/"),
		"no address":     source(content),
	} {
		t.Run(name, func(t *testing.T) {
			_, err := s.Fetch(t.Context(), remote.Options{Dir: dir})
			if !errors.Is(err, remote.ErrUnavailable) {
				t.Errorf("error %v, want ErrUnavailable", err)
			}
			wantError(t, err, "connect to the Internet, or put the file at "+filepath.Join(dir, "some", "file.bin"), "set DESCENT_DATA to a folder or mirror that has some/file.bin")
			if names := left(t, dir); len(names) > 0 {
				t.Errorf("left behind: %v", names)
			}
			if _, err := s.Open(t.Context(), remote.Options{Dir: dir}); !errors.Is(err, remote.ErrUnavailable) {
				t.Errorf("Open: error %v", err)
			}
		})
	}
}

func TestFetchIsInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	release := make(chan struct{})
	s := serve(t, func(_ int, w http.ResponseWriter, r *http.Request) {
		w.Write(content[:100])
		w.(http.Flusher).Flush()
		<-release
	})
	defer close(release)
	dir := t.TempDir()
	_, err := source(content, s.URL).Fetch(ctx, remote.Options{Dir: dir, OnProgress: func(string, int64, int64) { cancel() }})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want context.Canceled", err)
	}
	if names := left(t, dir); len(names) > 0 {
		t.Errorf("left behind: %v", names)
	}
}

func TestFetchGivesUpOnAStalledConnection(t *testing.T) {
	release := make(chan struct{})
	s := serve(t, func(_ int, w http.ResponseWriter, r *http.Request) {
		w.Write(content[:100])
		w.(http.Flusher).Flush()
		<-release
	})
	defer close(release)
	part := filepath.Join(t.TempDir(), "part")
	err := remote.FetchStalling(t.Context(), source(content, s.URL), part, 30*time.Millisecond)
	if err == nil || !strings.Contains(err.Error(), "stalled") {
		t.Errorf("error %v, want one about the stalled connection", err)
	}
}

func TestEnvironment(t *testing.T) {
	s := serve(t, func(_ int, w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/mirror/some/file.bin" {
			http.NotFound(w, r)
			return
		}
		whole(w, r, `"1"`, content)
	})
	home := t.TempDir()
	t.Setenv("XDG_CACHE_HOME", home)
	t.Setenv("HOME", home)
	src := source(content, "http://127.0.0.1:1/")
	t.Run("mirror", func(t *testing.T) {
		t.Setenv(remote.Environment, s.URL+"/mirror/")
		path, err := src.Fetch(t.Context(), remote.Options{})
		if err != nil {
			t.Fatal(err)
		}
		cache, _ := os.UserCacheDir()
		if want := filepath.Join(cache, "descent", "some", "file.bin"); path != want {
			t.Errorf("file at %s, want %s", path, want)
		}
	})
	t.Run("folder", func(t *testing.T) {
		dir := t.TempDir()
		if err := os.MkdirAll(filepath.Join(dir, "some"), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "some", "file.bin"), content, 0o644); err != nil {
			t.Fatal(err)
		}
		t.Setenv(remote.Environment, dir)
		path, err := src.Fetch(t.Context(), remote.Options{})
		fetched(t, dir, path, err)
	})
	t.Run("no cache folder", func(t *testing.T) {
		t.Setenv(remote.Environment, "")
		t.Setenv("XDG_CACHE_HOME", "")
		t.Setenv("HOME", "")
		t.Setenv("LocalAppData", "")
		_, err := src.Fetch(t.Context(), remote.Options{})
		wantError(t, err, "no cache folder", "set DESCENT_DATA to a folder")
	})
	t.Run("folder that is a file", func(t *testing.T) {
		file := filepath.Join(t.TempDir(), "file")
		if err := os.WriteFile(file, nil, 0o644); err != nil {
			t.Fatal(err)
		}
		_, err := src.Fetch(t.Context(), remote.Options{Dir: file})
		wantError(t, err, "cannot make the folder", "set DESCENT_DATA")
	})
}

// A folder stands where files should be written.
func TestFetchCannotWrite(t *testing.T) {
	s := serve(t, func(_ int, w http.ResponseWriter, r *http.Request) { whole(w, r, `"1"`, content) })
	for name, what := range map[string]string{"file.bin.lock": "cannot lock", "file.bin.part": "cannot write", "file.bin": "into place"} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			if err := os.MkdirAll(filepath.Join(dir, "some", name, "x"), 0o755); err != nil {
				t.Fatal(err)
			}
			_, err := source(content, s.URL).Fetch(t.Context(), remote.Options{Dir: dir})
			wantError(t, err, what)
		})
	}
}

func TestFetchTogether(t *testing.T) {
	s := serve(t, func(_ int, w http.ResponseWriter, r *http.Request) {
		time.Sleep(50 * time.Millisecond) // so that all wait for the first
		whole(w, r, `"1"`, content)
	})
	dir := t.TempDir()
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if _, err := source(content, s.URL).Fetch(t.Context(), remote.Options{Dir: dir}); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	fetched(t, dir, filepath.Join(dir, "some", "file.bin"), nil)
	if len(s.ranges()) != 1 {
		t.Errorf("%d downloads, want one", len(s.ranges()))
	}
}

func TestLock(t *testing.T) {
	name := filepath.Join(t.TempDir(), "x.lock")
	if err := os.WriteFile(name, []byte("of a process that was killed"), 0o644); err != nil {
		t.Fatal(err)
	}
	unlock, err := remote.Lock(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := remote.Lock(ctx, name); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("second lock: error %v, want to wait until the deadline", err)
	}
	unlock()
	if _, err := os.Stat(name); !errors.Is(err, fs.ErrNotExist) {
		t.Error("the lock file is still there")
	}
	again, err := remote.Lock(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	again()
}

// Holders delete the lock file, and those who wait for the deleted file must not believe that they hold the next.
func TestLockHasOneHolder(t *testing.T) {
	name := filepath.Join(t.TempDir(), "x.lock")
	var holders atomic.Int32
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 200 {
				unlock, err := remote.Lock(t.Context(), name)
				if err != nil {
					t.Error(err)
					return
				}
				if n := holders.Add(1); n != 1 {
					t.Errorf("%d holders", n)
				}
				runtime.Gosched()
				holders.Add(-1)
				unlock()
			}
		})
	}
	all.Wait()
}

func TestValidate(t *testing.T) {
	good := source(content)
	if err := good.Validate(); err != nil {
		t.Error(err)
	}
	for name, c := range map[string]struct {
		change func(s *remote.Source)
		want   string
	}{
		"no name":        {func(s *remote.Source) { s.Name = "" }, "not a plain path"},
		"absolute":       {func(s *remote.Source) { s.Name = "/etc/passwd" }, "not a plain path"},
		"out of it":      {func(s *remote.Source) { s.Name = "../x" }, "not a plain path"},
		"out by detour":  {func(s *remote.Source) { s.Name = "a/../../x" }, "not a plain path"},
		"the folder":     {func(s *remote.Source) { s.Name = "." }, "not a plain path"},
		"no size":        {func(s *remote.Source) { s.Size = 0 }, "size is 0"},
		"no checksum":    {func(s *remote.Source) { s.SHA256, s.MD5 = "", "" }, "has no checksum"},
		"short checksum": {func(s *remote.Source) { s.SHA256 = s.SHA256[2:] }, "right length"},
		"no hexadecimal": {func(s *remote.Source) { s.MD5 = strings.Repeat("g", 32) }, "not hexadecimal"},
	} {
		t.Run(name, func(t *testing.T) {
			s := good
			c.change(&s)
			_, err := s.Fetch(t.Context(), remote.Options{Dir: t.TempDir()})
			wantError(t, err, c.want)
		})
	}
	for _, s := range remote.Published() {
		if err := s.Validate(); err != nil {
			t.Error(err)
		}
		if s.SHA256 == "" || len(s.URLs) == 0 {
			t.Errorf("%s: no SHA-256 or no address", s.Name)
		}
	}
}

func wantError(t *testing.T, err error, parts ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error, want one that says %q", parts)
	}
	if !strings.HasPrefix(err.Error(), "remote: ") {
		t.Errorf("error %q does not begin with the package's name", err)
	}
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("error %q does not say %q", err, part)
		}
	}
}
