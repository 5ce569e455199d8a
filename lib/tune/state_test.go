package tune_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/descent-go/descent/lib/train"
	"github.com/descent-go/descent/lib/tune"
)

const stateFile = `{"format":"descent/tune","version":1,"goal":"maximize","trials":[
{"id":0,"params":{"depth":3,"rate":0.1},"score":0.30000000000000004},
{"id":1,"params":{"depth":3,"rate":1.0},"budget":2.5,"error":"panic: ouch"},
{"id":4,"params":{"on":true,"kind":"x"},"score":-0}
]}
`

func TestLoadAndSave(t *testing.T) {
	r, err := tune.Load(strings.NewReader(stateFile))
	if err != nil {
		t.Fatal(err)
	}
	if r.Goal != tune.Greatest || r.Status != train.Stopped || len(r.Trials) != 3 {
		t.Fatal(r)
	}
	a, b := r.Trials[0], r.Trials[1]
	if a.Score != 0.30000000000000004 || a.Int("depth") != 3 || a.Status != train.Completed || a.Err != nil {
		t.Errorf("trial 0 is %v", a)
	}
	if !math.IsNaN(b.Score) || b.Budget != 2.5 || b.Params["rate"] != 1.0 || b.Status != train.Failed || b.Err.Error() != "panic: ouch" {
		t.Errorf("trial 1 is %v", b)
	}
	var out bytes.Buffer
	if err := r.Save(&out); err != nil {
		t.Fatal(err)
	}
	want := strings.Replace(stateFile, `"on":true,"kind":"x"`, `"kind":"x","on":true`, 1)
	want = strings.Replace(want, `"version":1`, `"version":2`, 1)
	want = strings.TrimSuffix(want, "}\n")
	want += fmt.Sprintf(`,"sha256":"%x"}`, sha256.Sum256([]byte(want))) + "\n"
	if out.String() != want {
		t.Errorf("saved again it is\n%s, want\n%s", out.String(), want)
	}
	if _, err := tune.Load(&out); err != nil {
		t.Error(err)
	}
}

// TestEveryBitMatters flips each bit of a file.
func TestEveryBitMatters(t *testing.T) {
	r, err := tune.Load(strings.NewReader(stateFile))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := r.Save(&out); err != nil {
		t.Fatal(err)
	}
	file, silent := out.Bytes(), 0
	for i := range file {
		for bit := range 8 {
			file[i] ^= 1 << bit
			if _, err := tune.Load(bytes.NewReader(file)); err == nil {
				silent++
			}
			file[i] ^= 1 << bit
		}
	}
	if silent > 0 {
		t.Errorf("of %d flipped bits %d are loaded without a word", 8*len(file), silent)
	}
}

// A file of many small pieces is given up at the first that is wrong.
func TestLoadAllocatesByWhatItRead(t *testing.T) {
	file := `{"format":"descent/tune","version":1,"goal":"minimize","trials":[` + strings.Repeat("{},", 100_000) + `{}]}`
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := tune.Load(strings.NewReader(file))
	runtime.ReadMemStats(&after)
	if got := int(after.TotalAlloc-before.TotalAlloc) / len(file); err == nil || got > 10 {
		t.Errorf("%d times its size is allocated; error %v", got, err)
	}
}

// A trial that cannot be read stays as it was.
func TestUnmarshalTouchesNothingIfItFails(t *testing.T) {
	trial := tune.Trial{ID: 7, Score: 1}
	if err := json.Unmarshal([]byte(`{"id":3}`), &trial); err == nil || trial.ID != 7 || trial.Score != 1 {
		t.Errorf("%+v, error %v", trial, err)
	}
}

func TestLoadErrors(t *testing.T) {
	for cut := range len(stateFile) - 3 { // the last bracket, a space or two
		if r, err := tune.Load(strings.NewReader(stateFile[:cut])); err == nil {
			t.Fatalf("cut off after %d bytes it gives %v", cut, r)
		}
	}
	for name, change := range map[string][2]string{
		"format":         {"descent/tune", "descent/preprocess"},
		"version":        {`"version":1`, `"version":3`},
		"no checksum":    {`"version":1`, `"version":2`},
		"goal":           {"maximize", "win"},
		"field":          {`"goal"`, `"secret":1,"goal"`},
		"trial field":    {`"id":0,`, `"id":0,"status":"fine",`},
		"order":          {`"id":1`, `"id":0`},
		"negative":       {`"id":0`, `"id":-1`},
		"fraction":       {`"id":0`, `"id":0.5`},
		"two outcomes":   {`"score":-0`, `"score":0,"error":""`},
		"no outcome":     {`,"score":-0`, ``},
		"infinite":       {`"score":-0`, `"score":1e999`},
		"nested":         {`{"on":true,"kind":"x"}`, `{"on":` + strings.Repeat("[", 20000) + strings.Repeat("]", 20000) + `}`},
		"list of params": {`{"on":true,"kind":"x"}`, `[1]`},
	} {
		r, err := tune.Load(strings.NewReader(strings.Replace(stateFile, change[0], change[1], 1)))
		if err == nil || !strings.HasPrefix(err.Error(), "tune: ") {
			t.Errorf("%s: %v, %v", name, r, err)
		}
	}
	if _, err := tune.Load(iotest.ErrReader(io.ErrUnexpectedEOF)); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("error is %v", err)
	}
	if _, err := tune.Load(endless{}); err == nil || !strings.Contains(err.Error(), "larger than") {
		t.Errorf("error is %v", err)
	}
}

// endless is a file without an end.
type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	return len(p), nil
}

func TestSaveErrors(t *testing.T) {
	for name, tr := range map[string]tune.Trial{
		"not finished": {Status: train.Running},
		"NaN":          {Status: train.Completed, Score: math.NaN()},
		"list":         {Status: train.Completed, Params: tune.Params{"a": []int{1}}},
	} {
		r := tune.Result{Goal: tune.Least, Trials: []tune.Trial{tr}}
		if err := r.Save(io.Discard); err == nil || !strings.HasPrefix(err.Error(), "tune: saving trial 0") {
			t.Errorf("%s: error is %v", name, err)
		}
	}
	r := tune.Result{Goal: tune.Least}
	if err := r.Save(brokenPipe{}); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("error is %v", err)
	}
}

type brokenPipe struct{}

func (brokenPipe) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

// Whatever Load accepts can be printed and saved, and comes back the same.
func FuzzLoad(f *testing.F) {
	f.Add([]byte(stateFile))
	f.Add([]byte(`{"format":"descent/tune","version":1,"goal":"minimize","trials":[]}`))
	f.Add([]byte(`{"format":"descent/tune","version":1,"goal":"minimize","trials":[null]}`))
	f.Add([]byte(`{"format":"descent/tune","version":1,"goal":"minimize","trials":[{"id":0,"params":null,"score":1}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := tune.Load(bytes.NewReader(data))
		if err != nil {
			return
		}
		_ = r.String()
		_, _ = r.Best()
		var first, second bytes.Buffer
		if err := r.Save(&first); err != nil {
			t.Fatalf("loaded, but not saved: %v", err)
		}
		again, err := tune.Load(bytes.NewReader(first.Bytes()))
		if err != nil {
			t.Fatalf("saved, but not loaded: %v\n%s", err, first.Bytes())
		}
		if err := again.Save(&second); err != nil || !bytes.Equal(first.Bytes(), second.Bytes()) {
			t.Fatalf("%v: %s became %s", err, first.Bytes(), second.Bytes())
		}
	})
}

func TestTrialJSON(t *testing.T) {
	want := tune.Trial{ID: 3, Params: tune.Params{"a": 1.0}, Score: 0.25, Status: train.Completed}
	data, err := json.Marshal(want)
	if err != nil || string(data) != `{"id":3,"params":{"a":1.0},"score":0.25}` {
		t.Errorf("%s, %v", data, err)
	}
}
