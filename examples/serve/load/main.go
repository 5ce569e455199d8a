// Load measures the service of examples/serve: requests per second, and how long
// the middle and the slowest hundredth of them take.
//
//	go run ./examples/serve/load [-seconds 5] [-write docs/deploy.md]
//
// It starts the service as a process, replaces its model ten times a second, and
// asks over several connections at once. A request that is lost, or an answer that
// is none, is an error. The figures go to standard output, or into the document,
// between its two marks.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/descent-go/descent/lib/format"
)

const (
	row        = `{"sepal length":5.9,"sepal width":3,"petal length":5.1,"petal width":1.8}`
	beginsMark = "<!-- examples/serve/load: begin -->\n"
	endsMark   = "<!-- examples/serve/load: end -->\n"
)

func main() {
	log.SetFlags(0)
	seconds := flag.Float64("seconds", 5, "how long to ask, for each row of the table")
	document := flag.String("write", "", "a document to write the table into")
	flag.Parse()
	table, err := measure(time.Duration(*seconds * float64(time.Second)))
	if err == nil && *document != "" {
		err = insert(*document, table)
	} else if err == nil {
		fmt.Print(table)
	}
	if err != nil {
		log.Fatal("load: ", err)
	}
}

// measure returns the table.
func measure(length time.Duration) (string, error) {
	folder, err := os.MkdirTemp("", "load")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(folder)
	program, path := filepath.Join(folder, "serve.exe"), filepath.Join(folder, "flowers.model")
	if out, err := exec.Command("go", "build", "-o", program, "github.com/descent-go/descent/examples/serve").CombinedOutput(); err != nil {
		return "", fmt.Errorf("building the service: %w\n%s", err, out)
	}
	if out, err := exec.Command(program, "-train", path).CombinedOutput(); err != nil {
		return "", fmt.Errorf("training: %w\n%s", err, out)
	}
	service, url, err := start(program, "-model", path, "-address", "127.0.0.1:0", "-poll", "50ms")
	if err != nil {
		return "", err
	}
	defer service.Process.Kill()
	stop := make(chan bool)
	exchanged := make(chan error, 1)
	go func() { exchanged <- exchange(path, stop) }()

	table := fmt.Sprintf("%s/%s, %d cores for the service and its clients, Go %s; the model is replaced ten times a second\n\n", runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), strings.TrimPrefix(runtime.Version(), "go")) +
		"| rows in a request | connections | requests/s | rows/s | p50, ms | p99, ms | lost |\n|---:|---:|---:|---:|---:|---:|---:|\n"
	for _, c := range [][2]int{{1, 1}, {1, 8}, {1, 64}, {100, 8}} {
		line, err := ask(url, c[0], c[1], length)
		if err != nil {
			return "", err
		}
		table += line
	}
	close(stop)
	if err := <-exchanged; err != nil {
		return "", err
	}
	if err := service.Process.Signal(os.Interrupt); err != nil { // Windows has none
		return table, service.Process.Kill()
	}
	return table, service.Wait()
}

// start starts the service, and returns its address when it listens.
func start(program string, args ...string) (*exec.Cmd, string, error) {
	c := exec.Command(program, args...)
	text, err := c.StderrPipe()
	if err == nil {
		err = c.Start()
	}
	if err != nil {
		return nil, "", err
	}
	lines := bufio.NewScanner(text)
	for lines.Scan() {
		var event struct{ Msg, Address string }
		if json.Unmarshal(lines.Bytes(), &event) == nil && event.Msg == "listening" {
			go io.Copy(io.Discard, text) // its log, which it writes all the same
			return c, "http://" + event.Address + "/predict", nil
		}
	}
	return nil, "", errors.Join(errors.New("the service does not listen"), lines.Err(), c.Wait())
}

// exchange replaces the file by a copy until stop is closed.
func exchange(path string, stop chan bool) error {
	data, err := os.ReadFile(path)
	for err == nil {
		select {
		case <-stop:
			return nil
		case <-time.After(100 * time.Millisecond):
			err = format.WriteFile(path, func(w io.Writer) error { _, err := w.Write(data); return err })
		}
	}
	return err
}

// ask measures, and returns a line of the table.
func ask(url string, rows, connections int, length time.Duration) (string, error) {
	body := row
	if rows > 1 {
		body = "[" + strings.Repeat(row+",", rows-1) + row + "]"
	}
	times, failed := make([][]time.Duration, connections), make([]error, connections)
	end := time.Now().Add(length)
	var wait sync.WaitGroup
	for c := range connections {
		wait.Go(func() {
			client := &http.Client{Transport: &http.Transport{}}
			defer client.CloseIdleConnections()
			for time.Now().Before(end) && failed[c] == nil {
				start := time.Now()
				failed[c] = one(client, url, body, rows)
				times[c] = append(times[c], time.Since(start))
			}
		})
	}
	start := end.Add(-length)
	wait.Wait()
	took := time.Since(start).Seconds()
	if err := errors.Join(failed...); err != nil {
		return "", err
	}
	all := slices.Sorted(slices.Values(slices.Concat(times...)))
	n := len(all)
	ms := func(share float64) float64 { return all[int(share*float64(n-1))].Seconds() * 1e3 }
	return fmt.Sprintf("| %d | %d | %.0f | %.0f | %.2f | %.2f | 0 |\n", rows, connections, float64(n)/took, float64(n*rows)/took, ms(0.5), ms(0.99)), nil
}

// one asks once, and checks the answer.
func one(client *http.Client, url, body string, rows int) error {
	r, err := client.Post(url, "application/json", strings.NewReader(body))
	if err != nil {
		return err
	}
	defer r.Body.Close()
	text, err := io.ReadAll(r.Body)
	if n := bytes.Count(text, []byte(`"class":"virginica"`)); err != nil || r.StatusCode != http.StatusOK || n != rows {
		return fmt.Errorf("status %d, %d answers of %d, error %v: %.200s", r.StatusCode, n, rows, err, text)
	}
	return nil
}

// insert replaces what is between the marks.
func insert(path, table string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	before, rest, ok := strings.Cut(string(text), beginsMark)
	_, after, ok2 := strings.Cut(rest, endsMark)
	if !ok || !ok2 {
		return fmt.Errorf("%s lacks the lines %s and %s", path, strings.TrimSpace(beginsMark), strings.TrimSpace(endsMark))
	}
	return format.WriteFile(path, func(w io.Writer) error {
		_, err := io.WriteString(w, before+beginsMark+table+endsMark+after)
		return err
	})
}
