package service

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"math"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// read loads a model whose predictions are the text of its file.
func read(path string) (Predict, error) {
	text, err := os.ReadFile(path)
	if err != nil || string(text) == "damaged" {
		return nil, errors.Join(errors.New("the file is damaged"), err)
	}
	return func(row map[string]any) (any, error) {
		switch row["do"] {
		case "fail":
			return nil, errors.New("it fails")
		case "panic":
			panic("at the disco")
		case "NaN":
			return math.NaN(), nil
		}
		return string(text), nil
	}, nil
}

// record is a log that tests read.
func record() (*slog.Logger, *bytes.Buffer) {
	var text bytes.Buffer
	return slog.New(slog.NewJSONHandler(&text, nil)), &text
}

func write(t *testing.T, path, text string) {
	t.Helper()
	new := path + ".new" // another file each time, as format.WriteFile makes it
	if err := errors.Join(os.WriteFile(new, []byte(text), 0o666), os.Rename(new, path)); err != nil {
		t.Fatal(err)
	}
}

func start(t *testing.T, text string) (s *Service, path string, log *bytes.Buffer) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "model")
	write(t, path, text)
	logger, log := record()
	s, err := New(path, read, logger)
	if err != nil {
		t.Fatal(err)
	}
	return s, path, log
}

func TestAnswers(t *testing.T) {
	s, _, log := start(t, "first")
	s.MaxBody = 100
	for name, c := range map[string]struct {
		method, path, body string
		status             int
		want               string
	}{
		"row":           {"POST", "/predict", `{"a": 1}`, 200, `"first"`},
		"rows":          {"POST", "/predict", ` [{"a": 1}, {}]`, 200, `["first","first"]`},
		"no rows":       {"POST", "/predict", `[]`, 200, `[]`},
		"health":        {"GET", "/healthz", "", 200, `{"generation":1,"status":"ok"}`},
		"readiness":     {"GET", "/readyz", "", 200, `{"generation":1,"status":"ok"}`},
		"error":         {"POST", "/predict", `{"do": "fail"}`, 400, `{"error":"it fails"}`},
		"error of row":  {"POST", "/predict", `[{}, {"do": "fail"}]`, 400, `{"error":"row 1: it fails"}`},
		"no JSON":       {"POST", "/predict", `{"a": `, 400, `{"error":"the body is no JSON: unexpected end of JSON input, at byte 6"}`},
		"a number":      {"POST", "/predict", `7`, 400, `{"error":"the body is neither a JSON object nor an array of objects"}`},
		"null":          {"POST", "/predict", `null`, 400, `{"error":"the body is neither a JSON object nor an array of objects"}`},
		"nothing":       {"POST", "/predict", ``, 400, `{"error":"the body is no JSON: unexpected end of JSON input, at byte 0"}`},
		"too large":     {"POST", "/predict", `{"a": "` + strings.Repeat("x", 100) + `"}`, 413, `{"error":"the body has more than 100 bytes"}`},
		"method":        {"GET", "/predict", "", 405, `{"error":"/predict wants POST"}`},
		"health posted": {"POST", "/healthz", "", 405, `{"error":"/healthz wants GET"}`},
		"path":          {"GET", "/", "", 404, `{"error":"there is only POST /predict, GET /healthz and GET /readyz"}`},
		"panic":         {"POST", "/predict", `{"do": "panic"}`, 500, `{"error":"the model failed: the log says how"}`},
		"NaN":           {"POST", "/predict", `{"do": "NaN"}`, 500, `{"error":"the prediction is no JSON"}`},
	} {
		t.Run(name, func(t *testing.T) {
			w := httptest.NewRecorder()
			s.ServeHTTP(w, httptest.NewRequest(c.method, c.path, strings.NewReader(c.body)))
			if w.Code != c.status || w.Body.String() != c.want+"\n" {
				t.Errorf("%d %s, want %d %s", w.Code, w.Body, c.status, c.want)
			}
			if h := w.Header(); h.Get("Content-Type") != "application/json" || h.Get("Model-Generation") != "1" {
				t.Errorf("header %v", h)
			}
		})
	}
	for _, want := range []string{`"fault":"at the disco"`, `"status":413`, `"method":"GET","path":"/healthz"`} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("the log has no %s:\n%s", want, log)
		}
	}
}

// A model is exchanged when the file changes, and a damaged one is not.
func TestReload(t *testing.T) {
	s, path, log := start(t, "first")
	want := func(text string, poll bool) {
		t.Helper()
		if err := s.Poll(); (err == nil) != poll {
			t.Errorf("polling: %v", err)
		}
		w := httptest.NewRecorder()
		s.ServeHTTP(w, httptest.NewRequest("POST", "/predict", strings.NewReader("{}")))
		if w.Body.String() != text+"\n" {
			t.Errorf("it answers %s, want %s", w.Body, text)
		}
	}
	want(`"first"`, true)
	write(t, path, "second")
	want(`"second"`, true)
	write(t, path, "damaged")
	want(`"second"`, false)
	want(`"second"`, true) // it is not tried again
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	want(`"second"`, true)
	if err := s.Reload(); err == nil {
		t.Error("a file that is not there was loaded")
	}
	write(t, path, "third")
	want(`"third"`, true)
	if n := strings.Count(log.String(), `"msg":"model loaded"`); n != 3 {
		t.Errorf("%d models were loaded, want 3:\n%s", n, log)
	}
	if !strings.Contains(log.String(), `"error":"the file is damaged","generation kept":2`) {
		t.Errorf("the log does not name the damage:\n%s", log)
	}
	if _, err := New(path+"none", read, s.log); err == nil {
		t.Error("a service began without a model")
	}
}

// Watch does at each signal what it should.
func TestWatch(t *testing.T) {
	s, path, _ := start(t, "first")
	ctx, stop := context.WithCancel(t.Context())
	hangup, tick, done := make(chan os.Signal), make(chan time.Time), make(chan bool)
	go func() {
		s.Watch(ctx, hangup, tick)
		close(done)
	}()
	hangup <- os.Interrupt
	tick <- time.Time{} // the hangup is done with
	if n := s.current.Load().number; n != 2 {
		t.Errorf("generation %d after a hangup, want 2", n)
	}
	write(t, path, "second")
	tick <- time.Time{}
	tick <- time.Time{}
	if n := s.current.Load().number; n != 3 {
		t.Errorf("generation %d after the file was replaced, want 3", n)
	}
	stop()
	<-done
}

// listen serves on a port of this machine until stop is called; ended yields what
// Serve returned.
func listen(t *testing.T, s *Service) (url string, stop func(), ended chan error) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	t.Cleanup(stop)
	ended = make(chan error, 1)
	go func() { ended <- s.Serve(ctx, l) }()
	return "http://" + l.Addr().String(), stop, ended
}

// What has begun is answered, even if the service was told to end meanwhile.
func TestEndsGracefully(t *testing.T) {
	s, _, _ := start(t, "first")
	begun, finish := make(chan bool), make(chan bool)
	s.current.Store(&generation{1, func(map[string]any) (any, error) {
		close(begun)
		<-finish
		return "late", nil
	}})
	url, stop, ended := listen(t, s)
	answer := make(chan string)
	go func() {
		r, err := http.Post(url+"/predict", "application/json", strings.NewReader("{}"))
		if err != nil {
			answer <- err.Error()
			return
		}
		defer r.Body.Close()
		body, _ := io.ReadAll(r.Body)
		answer <- string(body)
	}()
	<-begun
	stop()
	for { // until the service has noticed
		w := httptest.NewRecorder()
		s.ServeHTTP(w, httptest.NewRequest("GET", "/readyz", nil))
		if w.Code == http.StatusServiceUnavailable {
			break
		}
	}
	select {
	case err := <-ended:
		t.Fatalf("it ended before the answer: %v", err)
	default:
	}
	close(finish)
	if got := <-answer; got != "\"late\"\n" {
		t.Errorf("the answer is %q", got)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// A body that does not arrive does not hold the service for ever.
func TestSlowBody(t *testing.T) {
	s, _, _ := start(t, "first")
	s.ReadTimeout = 50 * time.Millisecond
	url, stop, ended := listen(t, s)
	c, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := io.WriteString(c, "POST /predict HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{"); err != nil {
		t.Fatal(err)
	}
	answer, err := io.ReadAll(c) // the service closes the connection
	if err != nil || !strings.HasPrefix(string(answer), "HTTP/1.1 408 ") || !strings.Contains(string(answer), "did not arrive within 50ms") {
		t.Errorf("error %v, answer %s", err, answer)
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func TestAddressInUse(t *testing.T) {
	s, _, _ := start(t, "first")
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	if err := s.Serve(t.Context(), l); err == nil {
		t.Error("it served on a listener that is closed")
	}
}

func TestLogIsJSON(t *testing.T) {
	s, _, log := start(t, "first")
	s.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/healthz", nil))
	for line := range strings.Lines(log.String()) {
		var v map[string]any
		if err := json.Unmarshal([]byte(line), &v); err != nil || v["msg"] == nil {
			t.Errorf("%q: %v", line, err)
		}
	}
}
