package main

import (
	"fmt"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

// measure runs everything and returns the document. It returns an error if a claim of
// the document does not hold.
func (s settings) measure() (string, error) {
	d := new(strings.Builder)
	fmt.Fprintf(d, heading, runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), runtime.Version(), float64(s.limit)/gigabyte)
	for _, part := range []func(*strings.Builder) error{s.same, s.closedForm, s.cold} {
		if err := part(d); err != nil {
			return d.String(), err
		}
	}
	return d.String(), nil
}

// same compares what fits into memory with what is streamed.
func (s settings) same(d *strings.Builder) error {
	rows, name := rowsOf(s.small), filepath.Join(s.folder, "rows.npy")
	if err := writeRows(name, rows, 1); err != nil {
		return err
	}
	fmt.Fprintf(d, sameText, s.small, rows, columns)
	j := job{File: name, Rows: rows, Batch: s.batch, Seed: 1}
	for _, pair := range []struct {
		memory  string
		streams []string
		most    float64 // difference
	}{
		{"in memory: least squares", []string{"Gram", "QR"}, agreement},
		{"in memory: Newton", []string{"Newton"}, agreement},
		{"train.Fit", []string{"train.Stream"}, 0},
	} {
		j.Task, j.Limit = pair.memory, 0
		want, err := start(j)
		if err != nil {
			return err
		}
		fmt.Fprintf(d, "| %s | none | %.0f | – | %.1f | |\n", names[pair.memory], float64(want.Own)/1e6, want.Seconds)
		for _, task := range pair.streams {
			j.Task, j.Limit = task, s.limit
			got, err := start(j)
			if err != nil {
				return err
			}
			away := difference(got.Theta, want.Theta)
			fmt.Fprintf(d, "| %s | %.1f GB | %.0f | %d | %.1f | %s |\n", names[task], float64(s.limit)/gigabyte, float64(got.Own)/1e6, got.Passes, got.Seconds, scientific(away))
			if !(away <= pair.most) {
				return fmt.Errorf("%s: θ differs by %g from that in memory, want at most %g", task, away, pair.most)
			}
		}
	}
	return nil
}

// closedForm solves for rows that are made, many more than memory holds.
func (s settings) closedForm(d *strings.Builder) error {
	fmt.Fprintf(d, closedText, s.large, columns)
	for _, run := range []struct {
		task string
		gb   float64
	}{{"Gram", s.large}, {"QR", s.large / 10}} {
		rows := rowsOf(run.gb)
		got, err := start(job{Task: run.task, Rows: rows, Batch: s.batch, Seed: 2, Limit: s.limit})
		if err != nil {
			return err
		}
		away := difference(got.Theta, truth())
		fmt.Fprintf(d, "| %s | %.1f | %d | %.1f GB | %.0f | %.1f | %s |\n", names[run.task], run.gb, rows, float64(s.limit)/gigabyte, float64(got.Own)/1e6, got.Seconds, scientific(away))
		if !(away <= agreement) {
			return fmt.Errorf("%s: θ is %g away from the closed form, want at most %g", run.task, away, agreement)
		}
	}
	return nil
}

// cold compares a pass with reading alone, when the file is not in memory.
func (s settings) cold(d *strings.Builder) error {
	j := job{File: filepath.Join(s.folder, "rows.npy"), Rows: rowsOf(s.small), Batch: s.batch, Limit: s.limit, Cold: true}
	tasks := []string{"read", "Gram", "train.Stream"}
	seconds, read := map[string][]float64{}, map[string]float64{}
	for range s.repeat {
		for _, task := range tasks {
			j.Task = task
			r, err := start(j)
			if err != nil {
				return err
			}
			seconds[task] = append(seconds[task], r.Seconds)
			read[task] = float64(r.Disk) / gigabyte
			if read[task] < 0.9*s.small {
				return fmt.Errorf("%s: %.2f GB came from the disk, so the file was not cold", task, read[task])
			}
		}
	}
	fmt.Fprintf(d, coldText, s.repeat)
	alone := median(seconds["read"])
	for _, task := range tasks {
		t := median(seconds[task])
		fmt.Fprintf(d, "| %s | %.2f | %.2f | %.2f | %.0f %% |\n", names[task], read[task], t, s.small/t, 100*alone/t)
	}
	if speed := alone / median(seconds["Gram"]); speed < share {
		return fmt.Errorf("a cold pass has %.0f %% of the speed of reading alone, want %.0f %%", 100*speed, 100*share)
	}
	return nil
}

func median(v []float64) float64 {
	v = slices.Sorted(slices.Values(v))
	return (v[len(v)/2] + v[(len(v)-1)/2]) / 2
}

// names are the tasks as the document has them.
var names = map[string]string{
	"in memory: least squares": "`solve.LeastSquares`, all rows in memory",
	"in memory: Newton":        "`solve.Logistic`, all rows in memory",
	"train.Fit":                "`train.Fit`, an epoch of Adam, all rows in memory",
	"train.Stream":             "`train.Stream`, an epoch of Adam",
	"Gram":                     "`solve.StreamLeastSquares`, Gram matrix",
	"QR":                       "`solve.StreamLeastSquares`, QR by blocks",
	"Newton":                   "`solve.StreamLogistic`",
	"read":                     "reading alone, 4 MB at a time",
}

const heading = `# Larger than memory

Data that do not fit into memory are a [stream](../lib/stream/stream.go): a function that yields batches, and is called again for
each epoch. ` + "`train.Stream`" + ` trains on it as ` + "`train.Fit`" + ` does on a matrix; the solvers by passes find exact minima; the
transformers with ` + "`PartialFit`" + ` learn from it part by part.

` + "`make memory`" + ` measured this page and wrote it, on %s/%s, %d cores, %s, with other work on the machine: look at the ratios. It
fails if a claim below does not hold. Each run is a process, whose data, its heap and stacks, the system limits to %.1f GB
(RLIMIT_DATA). Pages of files that are mapped do not count: the system takes them back when others need memory.
`

const sameText = `
## The same parameters as in memory

A file of %.1f GB, %d rows of %d numbers. *Own memory* is the most that the process had for itself, without pages of files (RssAnon).
*From memory* is the largest difference of a parameter from that in memory, relative to the largest parameter. For the solvers it
must be at most 10⁻¹², for training 0: the same bits.

| what | limit | own memory, MB | passes | seconds | from memory |
|---|--:|--:|--:|--:|--:|
`

const closedText = `
## A closed form, for what no memory holds

Up to %.0f GB of rows of %d numbers, which are made as they are asked for: a row is a pure function of a seed and its number. Rows come in
pairs with the same features, and with targets that are off the line by e and −e. No number rounds. So the least-squares
solution is exactly the line, whatever the features are ([rows.go](../tools/memory/rows.go)). *From the closed form* must be at most 10⁻¹².
QR by blocks takes several times as long, and has a tenth of the rows.

| what | GB | rows | limit | own memory, MB | seconds | from the closed form |
|---|--:|--:|--:|--:|--:|--:|
`

const coldText = `
## Cold files

The same file as above, which the system has been told to forget before each run (POSIX_FADV_DONTNEED). Medians of %d runs, taken
in turn. A pass of the Gram matrix must have 80 %% of the speed of reading alone.

| what | from the disk, GB | seconds | GB/s | of reading alone |
|---|--:|--:|--:|--:|
`
