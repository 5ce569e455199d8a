// Package service answers HTTP requests with the predictions of a model file, and
// exchanges the model without a gap when the file changes.
//
//	POST /predict   a row as a JSON object, or an array of rows; the answer is a prediction or an array of them
//	GET  /healthz   200 as long as the process lives
//	GET  /readyz    200 while it takes requests, 503 when it is about to end
//
// Errors are JSON, {"error": "…"}, with the status that belongs to them: 400 for a
// row that does not fit the model, 408 for a body that does not arrive, 413 for one
// that is too large, 500 for a fault of the model. The header Model-Generation of
// an answer says by which model it is; the first one is 1.
package service

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// Predict is a model: the prediction for one row, by the names of its features, as
// a value that encodes as JSON. Several goroutines call it at once. Its errors go to
// the client.
type Predict func(row map[string]any) (any, error)

// Service serves the model in a file. New makes one; the settings may be changed
// before Serve.
type Service struct {
	MaxBody      int64         // bytes of a request
	ReadTimeout  time.Duration // for a request to arrive
	WriteTimeout time.Duration // for it to arrive and to be answered
	Drain        time.Duration // for requests to go elsewhere, after /readyz says 503
	Grace        time.Duration // for the last requests to be answered

	path    string
	load    func(path string) (Predict, error)
	log     *slog.Logger
	reload  sync.Mutex
	seen    fs.FileInfo // of the file that was last loaded, or refused
	current atomic.Pointer[generation]
	ending  atomic.Bool
}

// generation is a model; the requests that began with it end with it.
type generation struct {
	number  int
	predict Predict
}

// New loads the file at path.
func New(path string, load func(path string) (Predict, error), log *slog.Logger) (*Service, error) {
	s := &Service{MaxBody: 1 << 20, ReadTimeout: 10 * time.Second, WriteTimeout: 30 * time.Second, Grace: 30 * time.Second, path: path, load: load, log: log}
	s.current.Store(&generation{})
	return s, s.Reload()
}

// Reload loads the file again. If it cannot be loaded the old model stays.
func (s *Service) Reload() error {
	s.reload.Lock()
	defer s.reload.Unlock()
	info, err := os.Stat(s.path) // before it is read: what changes afterwards is seen by the next Poll
	var predict Predict
	if err == nil {
		s.seen = info
		predict, err = s.load(s.path)
	}
	n := s.current.Load().number
	if err != nil {
		s.log.Error("model not loaded", "path", s.path, "error", err, "generation kept", n)
		return fmt.Errorf("service: %w", err)
	}
	s.current.Store(&generation{n + 1, predict})
	s.log.Info("model loaded", "path", s.path, "modified", info.ModTime(), "generation", n+1)
	return nil
}

// Poll loads the file if it is another one than the last time.
func (s *Service) Poll() error {
	s.reload.Lock()
	info, err := os.Stat(s.path)
	same := err != nil || os.SameFile(info, s.seen) && info.Size() == s.seen.Size() && info.ModTime().Equal(s.seen.ModTime())
	s.reload.Unlock()
	if same {
		return nil
	}
	return s.Reload()
}

// Watch reloads at each hangup and polls at each tick, until ctx ends.
func (s *Service) Watch(ctx context.Context, hangup <-chan os.Signal, tick <-chan time.Time) {
	for {
		select { // errors are in the log
		case <-ctx.Done():
			return
		case <-hangup:
			s.Reload()
		case <-tick:
			s.Poll()
		}
	}
}

// Serve answers requests until ctx ends, and then those that have begun.
func (s *Service) Serve(ctx context.Context, l net.Listener) error {
	server := &http.Server{
		Handler: s, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: s.ReadTimeout, WriteTimeout: s.WriteTimeout, IdleTimeout: 2 * time.Minute,
		ErrorLog: slog.NewLogLogger(s.log.Handler(), slog.LevelWarn),
	}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(l) }()
	select {
	case err := <-failed:
		return fmt.Errorf("service: %w", err)
	case <-ctx.Done():
	}
	s.ending.Store(true)
	s.log.Info("ending", "drain", s.Drain, "grace", s.Grace)
	time.Sleep(s.Drain)
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.Grace)
	defer cancel()
	return server.Shutdown(last)
}

// ServeHTTP answers one request, and logs it.
func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	start := time.Now()
	g := s.current.Load()
	status, answer := s.answer(g, w, r)
	text, err := json.Marshal(answer)
	if err != nil {
		status, text = http.StatusInternalServerError, []byte(`{"error":"the prediction is no JSON"}`)
		s.log.Error("prediction", "error", err)
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Model-Generation", strconv.Itoa(g.number))
	w.WriteHeader(status)
	w.Write(append(text, '\n'))
	s.log.Info("request", "method", r.Method, "path", r.URL.Path, "status", status, "duration", time.Since(start), "generation", g.number)
}

// failure is the answer to a request that cannot be answered.
type failure struct {
	Error string `json:"error"`
}

func (s *Service) answer(g *generation, w http.ResponseWriter, r *http.Request) (status int, answer any) {
	defer func() {
		if fault := recover(); fault != nil {
			s.log.Error("panic", "fault", fault)
			status, answer = http.StatusInternalServerError, failure{"the model failed: the log says how"}
		}
	}()
	method := http.MethodGet
	switch r.URL.Path {
	case "/predict":
		method = http.MethodPost
	case "/healthz", "/readyz":
	default:
		return http.StatusNotFound, failure{"there is only POST /predict, GET /healthz and GET /readyz"}
	}
	switch {
	case r.Method != method:
		w.Header().Set("Allow", method)
		return http.StatusMethodNotAllowed, failure{r.URL.Path + " wants " + method}
	case r.URL.Path == "/readyz" && s.ending.Load():
		return http.StatusServiceUnavailable, failure{"it is about to end"}
	case method == http.MethodGet:
		return http.StatusOK, map[string]any{"status": "ok", "generation": g.number}
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, s.MaxBody))
	var large *http.MaxBytesError
	var slow net.Error
	switch {
	case errors.As(err, &large):
		return http.StatusRequestEntityTooLarge, failure{fmt.Sprintf("the body has more than %d bytes", large.Limit)}
	case errors.As(err, &slow) && slow.Timeout():
		return http.StatusRequestTimeout, failure{fmt.Sprintf("the body did not arrive within %v", s.ReadTimeout)}
	case err != nil:
		return http.StatusBadRequest, failure{"the body: " + err.Error()}
	}
	return g.predictions(body)
}

// predictions answers a row, or an array of rows, as JSON.
func (g *generation) predictions(body []byte) (status int, answer any) {
	var row map[string]any
	if err := json.Unmarshal(body, &row); err == nil && row != nil {
		if answer, err = g.predict(row); err != nil {
			return http.StatusBadRequest, failure{err.Error()}
		}
		return http.StatusOK, answer
	}
	var rows []map[string]any
	err := json.Unmarshal(body, &rows)
	if syntax := (*json.SyntaxError)(nil); errors.As(err, &syntax) {
		return http.StatusBadRequest, failure{fmt.Sprintf("the body is no JSON: %v, at byte %d", err, syntax.Offset)}
	}
	if err != nil || rows == nil {
		return http.StatusBadRequest, failure{"the body is neither a JSON object nor an array of objects"}
	}
	answers := make([]any, len(rows))
	for i, row := range rows {
		if answers[i], err = g.predict(row); err != nil {
			return http.StatusBadRequest, failure{fmt.Sprintf("row %d: %v", i, err)}
		}
	}
	return http.StatusOK, answers
}
