package tune

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"

	"github.com/descent-go/descent/lib/train"
)

const (
	fileFormat  = "descent/tune"
	fileVersion = 2        // 1 has no checksum
	maxFile     = 64 << 20 // bytes that Load reads at most
)

type savedResult struct {
	Format  string  `json:"format"`
	Version int     `json:"version"`
	Goal    Goal    `json:"goal"`
	Trials  []Trial `json:"trials"`
}

// savedTrial is a Trial in JSON. It has a score if the trial was completed and an error if it failed.
type savedTrial struct {
	ID     int      `json:"id"`
	Params Params   `json:"params"`
	Budget float64  `json:"budget,omitempty"`
	Score  *float64 `json:"score,omitempty"`
	Error  *string  `json:"error,omitempty"`
}

// MarshalJSON writes a finished trial, with all digits of its score and the text
// of its error.
func (t Trial) MarshalJSON() ([]byte, error) {
	saved := savedTrial{ID: t.ID, Params: t.Params, Budget: t.Budget}
	switch t.Status {
	case train.Completed:
		saved.Score = &t.Score
	case train.Failed:
		text := t.Err.Error()
		saved.Error = &text
	default:
		return nil, fmt.Errorf("tune: trial %d is not finished", t.ID)
	}
	return json.Marshal(saved)
}

func (t *Trial) UnmarshalJSON(data []byte) error {
	var saved savedTrial
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(&saved); err != nil {
		return err
	}
	read := Trial{ID: saved.ID, Params: saved.Params, Budget: saved.Budget}
	switch {
	case (saved.Score == nil) == (saved.Error == nil):
		return fmt.Errorf("tune: trial %d must have either a score or an error", saved.ID)
	case saved.Score != nil:
		read.Score, read.Status = *saved.Score, train.Completed
	default:
		read.Score, read.Status, read.Err = math.NaN(), train.Failed, errors.New(*saved.Error)
	}
	*t = read
	return nil
}

// Save writes the trials as JSON, one per line. It does not save Status and
// Reason.
func (r *Result) Save(w io.Writer) error {
	var b bytes.Buffer
	fmt.Fprintf(&b, `{"format":%q,"version":%d,"goal":%q,"trials":[`, fileFormat, fileVersion, r.Goal)
	for i, t := range r.Trials {
		line, err := json.Marshal(t)
		if err != nil {
			return fmt.Errorf("tune: saving trial %d: %w", t.ID, err)
		}
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteByte('\n')
		b.Write(line)
	}
	b.WriteString("\n]")
	b.WriteString(checksum(b.Bytes()))
	if _, err := w.Write(b.Bytes()); err != nil {
		return fmt.Errorf("tune: saving: %w", err)
	}
	return nil
}

// checksum returns the end of a file: the SHA-256 of everything before it.
func checksum(file []byte) string {
	return fmt.Sprintf(",\"sha256\":\"%x\"}\n", sha256.Sum256(file))
}

// Load reads a result written by Save, or the file of Options.File. It returns
// an error for a file that is truncated, damaged, of a later version or larger
// than 64 MiB. A checksum detects a single wrong bit, except in older files,
// which have none.
func Load(r io.Reader) (*Result, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxFile+1))
	if err != nil {
		return nil, fmt.Errorf("tune: loading: %w", err)
	}
	if len(data) > maxFile {
		return nil, fmt.Errorf("tune: loading: the file is larger than %d bytes", maxFile)
	}
	var header struct {
		Format  string `json:"format"`
		Version int    `json:"version"`
	}
	if err := json.Unmarshal(data, &header); err != nil {
		return nil, fmt.Errorf("tune: loading: %w", err)
	}
	if header.Format != fileFormat || header.Version < 1 || header.Version > fileVersion {
		return nil, fmt.Errorf("tune: loading: the file is %q, version %d, want %q, version 1 to %d", header.Format, header.Version, fileFormat, fileVersion)
	}
	if header.Version > 1 {
		end := max(0, len(data)-len(checksum(nil)))
		if string(data[end:]) != checksum(data[:end]) {
			return nil, fmt.Errorf("tune: loading: the file is damaged or was changed by hand: its SHA-256 is not the one at its end")
		}
		data = append(data[:end], '}')
	}
	var file savedResult
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(&file); err != nil {
		return nil, fmt.Errorf("tune: loading: %w", err)
	}
	return file.result()
}

func (f *savedResult) result() (*Result, error) {
	if f.Goal != Least && f.Goal != Greatest {
		return nil, fmt.Errorf("tune: loading: the goal is %q, want %q or %q", f.Goal, Least, Greatest)
	}
	for i, t := range f.Trials {
		if t.ID < 0 || i > 0 && t.ID <= f.Trials[i-1].ID {
			return nil, fmt.Errorf("tune: loading: trial %d stands in the wrong place: want ascending numbers", t.ID)
		}
	}
	return &Result{Goal: f.Goal, Trials: f.Trials, Status: train.Stopped, Reason: "loaded from a file"}, nil
}

// readFile returns the trials of a file by ID: none if there is no file.
func readFile(path string, goal Goal) (map[int]Trial, error) {
	trials := make(map[int]Trial)
	if path == "" {
		return trials, nil
	}
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return trials, nil
	}
	if err != nil {
		return nil, fmt.Errorf("tune: %w", err)
	}
	defer f.Close()
	r, err := Load(f)
	if err != nil {
		return nil, fmt.Errorf("%w (in %s)", err, path)
	}
	if r.Goal != goal {
		return nil, fmt.Errorf("tune: the file %s is of a search to %s, this one is to %s: choose another File", path, r.Goal, goal)
	}
	for _, t := range r.Trials {
		trials[t.ID] = t
	}
	return trials, nil
}
