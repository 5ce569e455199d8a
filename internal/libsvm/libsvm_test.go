package libsvm

import (
	"math"
	"reflect"
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	for line, want := range map[string]Sample{
		"1 1:0.5 3:-2 10:1e-3\r\n": {Labels: []float64{1}, Indices: []int{1, 3, 10}, Values: []float64{0.5, -2, 1e-3}},
		"-1.5 qid:7 0:1 # note":    {Labels: []float64{-1.5}, Query: 7, HasQuery: true, Indices: []int{0}, Values: []float64{1}},
		"1,4\t2:3":                 {Labels: []float64{1, 4}, Indices: []int{2}, Values: []float64{3}},
		" 2:3 4:0":                 {Indices: []int{2, 4}, Values: []float64{3, 0}},
		"2:3":                      {Indices: []int{2}, Values: []float64{3}},
		"+1":                       {Labels: []float64{1}},
	} {
		var s Sample
		found, err := s.Parse([]byte(line))
		if err != nil || !found {
			t.Errorf("%q: found %v, error %v", line, found, err)
			continue
		}
		same := len(s.Labels) == len(want.Labels) && len(s.Indices) == len(want.Indices) &&
			s.Query == want.Query && s.HasQuery == want.HasQuery
		for i := range want.Labels {
			same = same && s.Labels[i] == want.Labels[i]
		}
		for i := range want.Indices {
			same = same && s.Indices[i] == want.Indices[i] && s.Values[i] == want.Values[i]
		}
		if !same {
			t.Errorf("%q is read as %+v, want %+v", line, s, want)
		}
	}
	for _, line := range []string{"", "\n", "  \r\n", "# a comment", "   # another"} {
		if found, err := new(Sample).Parse([]byte(line)); found || err != nil {
			t.Errorf("%q: found %v, error %v; it has no sample", line, found, err)
		}
	}
}

func TestParseErrors(t *testing.T) {
	for line, part := range map[string]string{
		"a 1:2":           `"a" is not a number`,
		"1 2":             "no colon",
		"1 x:2":           "not an integer",
		"1 -1:2":          "not an integer",
		"1 3:4 2:1":       "index 2 follows 3",
		"1 3:4 3:1":       "index 3 follows 3",
		"1 3:":            "index 3",
		"1 3:4:5":         "index 3",
		"1 1:2 qid:3":     "before the features",
		"1 qid:x":         "not an integer",
		"1, 2:1":          "label",
		"1 99999999999:1": "not an integer",
		"1 2147483647:1":  "not an integer",
	} {
		_, err := new(Sample).Parse([]byte(line))
		if err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("%q: error %v, want one with %q", line, err, part)
		}
	}
}

// TestAppendReadsBack: what is written is read as the same bits.
func TestAppendReadsBack(t *testing.T) {
	s := Sample{Labels: []float64{1, -2.5}, Query: 3, HasQuery: true,
		Indices: []int{0, 5, maxIndex}, Values: []float64{math.Pi, 5e-324, math.Inf(-1)}}
	line := Append(nil, &s)
	var back Sample
	if _, err := back.Parse(line); err != nil || !reflect.DeepEqual(s, back) {
		t.Errorf("%q is read as %+v, error %v", line, back, err)
	}
}

// TestParseAllocatesNothing after its first line.
func TestParseAllocatesNothing(t *testing.T) {
	line, s := []byte("1 1:0.5 3:-2.25 10:7"), new(Sample)
	if n := testing.AllocsPerRun(10, func() { _, _ = s.Parse(line) }); n != 0 {
		t.Errorf("%g allocations for each line", n)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte("1 qid:3 1:0.5 3:-2 # c"))
	f.Fuzz(func(t *testing.T, line []byte) {
		var s, back Sample
		found, err := s.Parse(line)
		if err != nil || !found || len(s.Labels) == 0 {
			return
		}
		text := Append(nil, &s)
		if found, err := back.Parse(text); !found || err != nil || len(back.Values) != len(s.Values) {
			t.Errorf("%q is written as %q, which is read with error %v", line, text, err)
		}
	})
}
