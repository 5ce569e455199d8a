package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/descent-go/descent/datasets"
	"github.com/descent-go/descent/examples/serve/service"
	"github.com/descent-go/descent/lib/format"
)

// body is the request for a row of the irises.
func body(t testing.TB, i int) []byte {
	d := datasets.Iris()
	row := map[string]any{}
	for j, name := range d.Features {
		row[name] = d.X.At(i, j)
	}
	text, err := json.Marshal(row)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// Clients ask while the file is exchanged again and again, now and then for a
// damaged one. No request is lost, and each answer is that of one whole model, the
// one that its header names.
func TestReloadsUnderLoad(t *testing.T) {
	const clients, exchanges = 8, 24
	folder := t.TempDir()
	var files [2][]byte
	for i, lambda := range []float64{0.01, 1} {
		path := filepath.Join(folder, fmt.Sprint(i, ".model"))
		if err := fit(path, lambda); err != nil {
			t.Fatal(err)
		}
		var err error
		if files[i], err = os.ReadFile(path); err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(folder, "model.model")
	put := func(data []byte) {
		if err := format.WriteFile(path, func(w io.Writer) error { _, err := w.Write(data); return err }); err != nil {
			t.Error(err)
		}
	}
	requests := [][]byte{body(t, 0), body(t, 60), body(t, 120)}
	var want [2][]string // of each model, the answer to each request
	for i := range files {
		put(files[i])
		predict, err := load(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range requests {
			var row map[string]any
			if err := json.Unmarshal(r, &row); err != nil {
				t.Fatal(err)
			}
			p, err := predict(row)
			if err != nil {
				t.Fatal(err)
			}
			text, err := json.Marshal(p)
			if err != nil {
				t.Fatal(err)
			}
			want[i] = append(want[i], string(text)+"\n")
		}
	}
	for k := range requests {
		if want[0][k] == want[1][k] {
			t.Fatalf("both models answer %s", want[0][k])
		}
	}

	put(files[0])
	s, err := service.New(path, load, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(ctx, l) }()

	var exchanged atomic.Bool
	var answered atomic.Int64
	var of [2]atomic.Int64 // by model
	var wait sync.WaitGroup
	for c := range clients {
		wait.Go(func() {
			client := &http.Client{Transport: &http.Transport{}}
			defer client.CloseIdleConnections()
			for n := c; !exchanged.Load(); n++ {
				r, err := client.Post("http://"+l.Addr().String()+"/predict", "application/json", bytes.NewReader(requests[n%3]))
				if err != nil {
					t.Errorf("a request was lost: %v", err)
					return
				}
				text, err := io.ReadAll(r.Body)
				r.Body.Close()
				generation, _ := strconv.Atoi(r.Header.Get("Model-Generation"))
				which := (generation + 1) % 2 // 1, 3, … are the first file
				if err != nil || r.StatusCode != http.StatusOK || string(text) != want[which][n%3] {
					t.Errorf("status %d, generation %d, answer %s, error %v, want %s", r.StatusCode, generation, text, err, want[which][n%3])
					return
				}
				answered.Add(1)
				of[which].Add(1)
			}
		})
	}
	for i := range exchanges {
		seen := answered.Load()
		if i%3 == 2 {
			put(files[0][:len(files[0])/2])
			if err := s.Poll(); err == nil {
				t.Error("half a file was taken for a model")
			}
		}
		put(files[(i+1)%2])
		if err := s.Poll(); err != nil {
			t.Error(err)
		}
		for answered.Load() < seen+clients && !t.Failed() { // some answers of each model
			runtime.Gosched()
		}
	}
	exchanged.Store(true)
	wait.Wait()
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if of[0].Load() == 0 || of[1].Load() == 0 {
		t.Errorf("%d answers of one model, %d of the other", of[0].Load(), of[1].Load())
	}
	t.Logf("%d answers during %d exchanges", answered.Load(), exchanges)
}

func TestRowsThatDoNotFit(t *testing.T) {
	path := filepath.Join(t.TempDir(), "m.model")
	if err := fit(path, 0.01); err != nil {
		t.Fatal(err)
	}
	predict, err := load(path)
	if err != nil {
		t.Fatal(err)
	}
	for want, change := range map[string]func(map[string]any){
		`has no "sepal width"`:                   func(row map[string]any) { delete(row, "sepal width") },
		`"sepal width" is "wide", want a number`: func(row map[string]any) { row["sepal width"] = "wide" },
	} {
		var row map[string]any
		if err := json.Unmarshal(body(t, 0), &row); err != nil {
			t.Fatal(err)
		}
		change(row)
		if p, err := predict(row); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("prediction %v, error %v, want %q", p, err, want)
		}
	}
	if _, err := load(path + "none"); err == nil {
		t.Error("a file that is not there was loaded")
	}
}
