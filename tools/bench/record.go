package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/descent-go/descent/lib/format"
	"github.com/descent-go/descent/tools/bench/side"
)

// An outcome is what the measurement of a row came to. Besides results it is the
// sizes of the row growth, or the finished table of the row cells.
type outcome struct {
	results           []result
	samples, features []size
	table             string
}

// A record is an outcome in a file, so that a long run that ends early loses nothing
// and a row can be measured again alone.
type record struct {
	Machine           string // and the versions, as the document describes them
	Day               string
	Results           []entry
	Samples, Features []size
	Table             string
}

// An entry is a result as far as the tables need it.
type entry struct {
	Work, Precision, Ours, Place string
	Args                         side.Args
	Bytes, Bar, Jobs             float64
	Threads                      int
	Peer, Variant                string
	Mine, Theirs, Before         []float64
}

const dayFormat = "2006-01-02"

// recordFile is where the record of a row is.
func (b *bench) recordFile(row string) string { return b.in.folder("record", row+".json") }

// keep writes the record of a row.
func (b *bench) keep(row, machine string, o outcome) error {
	r := record{Machine: machine, Day: time.Now().Format(dayFormat), Samples: o.samples, Features: o.features, Table: o.table}
	for _, x := range o.results {
		r.Results = append(r.Results, entry{
			Work: x.work, Precision: x.precision, Ours: x.ours, Place: x.place, Args: x.args, Bytes: x.bytes, Bar: x.rival.bar,
			Jobs: x.jobs, Threads: x.threads, Peer: x.rival.name, Variant: x.variant, Mine: x.mine, Theirs: x.peer, Before: x.before,
		})
	}
	file := b.recordFile(row)
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	return format.WriteFile(file, func(w io.Writer) error { return json.NewEncoder(w).Encode(r) })
}

// recorded returns the outcomes of all rows that were measured on this machine with
// these versions, the days on which, and the names of the rows that were not.
func (b *bench) recorded(machine string) (outcomes map[string]outcome, days []string, missing []string, err error) {
	outcomes = map[string]outcome{}
	for _, row := range rows {
		text, err := os.ReadFile(b.recordFile(row.name))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, nil, nil, err
		}
		var r record
		if err == nil {
			if err := json.Unmarshal(text, &r); err != nil {
				return nil, nil, nil, fmt.Errorf("%s: %w", b.recordFile(row.name), err)
			}
		}
		if r.Machine != machine {
			missing = append(missing, row.name)
			continue
		}
		o := outcome{samples: r.Samples, features: r.Features, table: r.Table}
		for _, e := range r.Results {
			o.results = append(o.results, result{
				contest: contest{work: e.Work, precision: e.Precision, ours: e.Ours, args: e.Args, bytes: e.Bytes},
				rival:   rival{name: e.Peer, bar: e.Bar}, place: e.Place, threads: e.Threads, variant: e.Variant, jobs: e.Jobs,
				mine: e.Mine, peer: e.Theirs, before: e.Before,
			})
		}
		outcomes[row.name] = o
		days = append(days, r.Day)
	}
	slices.Sort(days)
	return outcomes, slices.Compact(days), missing, nil
}
