package remote_test

import (
	"context"
	"errors"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/descent-go/descent/datasets/remote"
)

// with puts a user name and a password into an address.
func with(user, address string) string {
	return strings.Replace(address, "://", "://"+user+"@", 1)
}

func TestPasswordDoesNotLeak(t *testing.T) {
	for name, c := range map[string]struct {
		address string // in place of the server's
		handle  func(w http.ResponseWriter, r *http.Request)
		says    string
	}{
		"breaks off":      {"", func(w http.ResponseWriter, r *http.Request) { broken(w, `"1"`, content) }, "unexpected EOF, 3 times"},
		"refuses":         {"", func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusUnauthorized) }, "401 Unauthorized"},
		"busy":            {"", func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) }, "503 Service Unavailable, 3 times"},
		"swapped":         {"", func(w http.ResponseWriter, r *http.Request) { whole(w, r, `"1"`, content[1:]) }, "not what was published"},
		"sends elsewhere": {"", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "file:///secret", http.StatusFound) }, "unsupported protocol scheme"},
		"sends to a key": {"", func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://127.0.0.1:1/?key=secret", http.StatusFound)
		}, "127.0.0.1:1"},
		"repeats it": {"", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Location", "http://"+"user:secret@%zz/")
			w.WriteHeader(http.StatusFound)
		}, "repeats the password"},
		"nobody answers":   {"http://" + "user:secret@127.0.0.1:1", nil, "http://127.0.0.1:1/some/file.bin"},
		"name alone":       {"http://" + "secret@127.0.0.1:1", nil, "http://127.0.0.1:1/some/file.bin"},
		"key in the query": {"http://127.0.0.1:1/?key=secret", nil, "http://127.0.0.1:1/some/file.bin"},
		"no URL":           {"http://" + "user:secret/more@127.0.0.1:1", nil, "user name and password, as %XX"},
		"no URL, percent":  {"http://" + "user:secret%@127.0.0.1:1", nil, "as %XX"},
		"capitals":         {"HTTP://" + "user:secret@127.0.0.1:1", nil, "http://127.0.0.1:1/some/file.bin"},
		"a space before":   {" http://" + "user:secret@127.0.0.1:1", nil, "http://127.0.0.1:1/some/file.bin"},
		"another scheme":   {"ftp://" + "user:secret@127.0.0.1:1", nil, "neither http nor https"},
	} {
		t.Run(name, func(t *testing.T) {
			var auth []string
			s := serve(t, func(_ int, w http.ResponseWriter, r *http.Request) {
				user, password, _ := r.BasicAuth()
				auth = append(auth, user+" "+password)
				c.handle(w, r)
			})
			if c.address == "" {
				c.address = with("user:secret", s.URL)
			}
			t.Setenv(remote.Environment, c.address)
			dir := t.TempDir()
			_, err := source(content).Fetch(t.Context(), remote.Options{Dir: dir})
			wantError(t, err, c.says)
			if strings.Contains(err.Error(), "secret") || strings.Contains(err.Error(), "user:") {
				t.Errorf("the error is %v", err)
			}
			if c.handle != nil && (len(auth) == 0 || auth[0] != "user secret") {
				t.Errorf("the server was told %q", auth)
			}
			for _, name := range left(t, dir) {
				text, err := os.ReadFile(filepath.Join(dir, name))
				if err != nil || strings.Contains(string(text), "secret") || strings.Contains(string(text), "user") {
					t.Errorf("%s holds %.200q, %v", name, text, err)
				}
				if info, err := os.Stat(filepath.Join(dir, name)); err != nil || runtime.GOOS != "windows" && info.Mode() != 0o600 {
					t.Errorf("%s has the mode %v, %v", name, info.Mode(), err)
				}
			}
		})
	}
}

// A password for one part and none for the next: it is the same file.
func TestPasswordMayChangeBetweenParts(t *testing.T) {
	s := serve(t, func(n int, w http.ResponseWriter, r *http.Request) {
		if n <= 3 {
			broken(w, `"1"`, content)
		}
		whole(w, r, `"1"`, content)
	})
	dir := t.TempDir()
	for _, user := range []string{"user:old", "user:new"} {
		t.Setenv(remote.Environment, with(user, s.URL))
		path, err := source(content).Fetch(t.Context(), remote.Options{Dir: dir})
		if user == "user:new" {
			fetched(t, dir, path, err)
		}
	}
	if r := s.ranges(); !strings.HasPrefix(r[3], "bytes=") {
		t.Errorf("ranges %q: the part was not continued", r)
	}
}

func TestFetchTriesAgain(t *testing.T) {
	reset := func(w http.ResponseWriter, _ *http.Request) {
		c, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		c.(*net.TCPConn).SetLinger(0)
		c.Close()
	}
	status := func(code int, after string) func(http.ResponseWriter, *http.Request) {
		return func(w http.ResponseWriter, _ *http.Request) {
			if after != "" {
				w.Header().Set("Retry-After", after)
			}
			w.WriteHeader(code)
		}
	}
	second := []time.Duration{time.Second}
	for name, c := range map[string]struct {
		first  func(w http.ResponseWriter, r *http.Request)
		pauses []time.Duration // nil: there is no second try
	}{
		"503":                     {status(503, ""), second},
		"429":                     {status(429, ""), second},
		"408":                     {status(408, ""), second},
		"500":                     {status(500, ""), second},
		"502":                     {status(502, ""), second},
		"504":                     {status(504, ""), second},
		"Retry-After":             {status(429, "7"), []time.Duration{7 * time.Second}},
		"Retry-After, 0":          {status(503, "0"), second},
		"Retry-After, past":       {status(503, "Mon, 02 Jan 2006 15:04:05 GMT"), second},
		"Retry-After, no number":  {status(503, "soon"), second},
		"Retry-After, too long":   {status(503, "3600"), nil},
		"Retry-After, far future": {status(503, "Mon, 02 Jan 2126 15:04:05 GMT"), nil},
		"Retry-After, very long":  {status(503, "99999999999999999999"), nil},
		"404":                     {status(404, ""), nil},
		"401":                     {status(401, "1"), nil},
		"reset":                   {reset, second},
		"closed":                  {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, second},
		"broken off":              {func(w http.ResponseWriter, _ *http.Request) { broken(w, "", content) }, second},
		"broken off, continued":   {func(w http.ResponseWriter, _ *http.Request) { broken(w, `"1"`, content) }, second},
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, func(n int, w http.ResponseWriter, r *http.Request) {
				if n == 1 {
					c.first(w, r)
					return
				}
				whole(w, r, `"1"`, content)
			})
			waited := remote.RecordPauses(t)
			dir := t.TempDir()
			path, err := source(content, s.URL).Fetch(t.Context(), remote.Options{Dir: dir})
			if !slices.Equal(*waited, c.pauses) {
				t.Errorf("waited %v, want %v", *waited, c.pauses)
			}
			if c.pauses == nil {
				wantError(t, err, "the server refuses")
				return
			}
			fetched(t, dir, path, err)
		})
	}
}

func TestFetchTriesThreeTimes(t *testing.T) {
	s := serve(t, func(_ int, w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) })
	waited := remote.RecordPauses(t)
	_, err := source(content, s.URL+"/a", s.URL+"/b").Fetch(t.Context(), remote.Options{Dir: t.TempDir()})
	wantError(t, err, s.URL+"/b: the server refuses: 503 Service Unavailable, 3 times")
	if want := []time.Duration{time.Second, 4 * time.Second, time.Second, 4 * time.Second}; !slices.Equal(*waited, want) || len(s.ranges()) != 6 {
		t.Errorf("%d requests with pauses %v, want 6 with %v", len(s.ranges()), *waited, want)
	}
}

// Without a network the answer comes at once.
func TestFetchDoesNotWaitWithoutNetwork(t *testing.T) {
	t.Setenv(remote.Environment, "")
	waited := remote.RecordPauses(t)
	_, err := source(content, "http://127.0.0.1:1/", "http://no-such-host.invalid/").Fetch(t.Context(), remote.Options{Dir: t.TempDir()})
	if !errors.Is(err, remote.ErrUnavailable) || len(*waited) > 0 {
		t.Errorf("waited %v, error %v", *waited, err)
	}
}

func TestPauseIsInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	busy := make(chan bool, 3)
	s := serve(t, func(_ int, w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Retry-After", "60")
		w.WriteHeader(http.StatusServiceUnavailable)
		busy <- true
	})
	remote.WaitReally(t)
	go func() { <-busy; time.Sleep(20 * time.Millisecond); cancel() }()
	start := time.Now()
	_, err := source(content, s.URL).Fetch(ctx, remote.Options{Dir: t.TempDir()})
	if took := time.Since(start); !errors.Is(err, context.Canceled) || took > 30*time.Second {
		t.Errorf("after %v: %v, want context.Canceled", took, err)
	}
}

// Someone who can write to the folder could plant a link, so that a download overwrites a file of the user.
func TestLinksAreNotFollowed(t *testing.T) {
	const part = "some/file.bin.part"
	for name, c := range map[string]struct {
		links []string // to the victim
		part  string   // part.json as it is
		lock  bool     // refused altogether
	}{
		"part":              {links: []string{part}},
		"part.json":         {links: []string{part + ".json"}},
		"both":              {links: []string{part, part + ".json"}},
		"part to continue":  {links: []string{part}, part: `{"URL":"ADDRESS/","ETag":"\"1\""}`},
		"lock":              {links: []string{"some/file.bin.lock"}, lock: true},
		"nothing to follow": {},
	} {
		t.Run(name, func(t *testing.T) {
			if runtime.GOOS == "windows" {
				t.Skip("links need a privilege there")
			}
			s := serve(t, func(_ int, w http.ResponseWriter, r *http.Request) { whole(w, r, `"1"`, content) })
			home, dir := t.TempDir(), t.TempDir()
			if err := os.Mkdir(filepath.Join(dir, "some"), 0o755); err != nil {
				t.Fatal(err)
			}
			for _, missing := range []bool{false, true} { // a link to a file, and one to none, which would be made
				victim := filepath.Join(home, "victim")
				if err := os.WriteFile(victim, []byte("precious"), 0o644); err != nil {
					t.Fatal(err)
				}
				if missing {
					victim = filepath.Join(home, "new")
				}
				for _, link := range c.links {
					if err := os.Symlink(victim, filepath.Join(dir, link)); err != nil {
						t.Fatal(err)
					}
				}
				if c.part != "" {
					text := strings.Replace(c.part, "ADDRESS", s.URL, 1)
					if err := os.WriteFile(filepath.Join(dir, part+".json"), []byte(text), 0o600); err != nil {
						t.Fatal(err)
					}
				}
				path, err := source(content, s.URL+"/").Fetch(t.Context(), remote.Options{Dir: dir})
				if c.lock {
					wantError(t, err, "cannot lock")
					os.Remove(filepath.Join(dir, c.links[0]))
				} else {
					fetched(t, dir, path, err)
					os.Remove(path)
				}
				if got, err := os.ReadFile(filepath.Join(home, "victim")); err != nil || string(got) != "precious" {
					t.Errorf("the link was followed: %.20q of %d bytes, %v", got, len(got), err)
				}
				if _, err := os.Lstat(filepath.Join(home, "new")); !errors.Is(err, fs.ErrNotExist) {
					t.Errorf("the link to no file was followed: %v", err)
				}
			}
		})
	}
}
