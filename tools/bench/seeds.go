package main

import (
	"fmt"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
)

// seeds reads the seeds that draw shapes and numbers, separated by commas.
func seeds(list string) ([]uint64, error) {
	if list == "" {
		return []uint64{0}, nil
	}
	var all []uint64
	for s := range strings.SplitSeq(list, ",") {
		n, err := strconv.ParseUint(s, 10, 32)
		if err != nil || slices.Contains(all, n) {
			return nil, fmt.Errorf("SEED is %q, want different numbers from 0 on, separated by commas", list)
		}
		all = append(all, n)
	}
	return all, nil
}

// size is a number of rows or columns. With seed 0 it is the usual one; another
// seed draws it from half to twice of that, evenly in its logarithm. The same
// name has the same number in a run.
func (in inputs) size(name string, usual int) int {
	if in.seed == 0 {
		return usual
	}
	h := fnv.New64a()
	fmt.Fprint(h, name, usual)
	r := rand.New(rand.NewPCG(in.seed, h.Sum64()))
	return int(math.Round(float64(usual) * math.Exp2(2*r.Float64()-1)))
}

// source is what the files are drawn with.
func (in inputs) source(stream uint64) *rand.Rand {
	return rand.New(rand.NewPCG(20+in.seed<<8, stream))
}

// grouped writes a number with a comma after thousands.
func grouped(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// A verdict is how a contest ended with a seed.
type verdict struct {
	seed    uint64
	ratio   float64
	reached bool
}

// agreement is the table of the contests with an aim: their ratios with each
// seed, and whether all seeds say the same of the aim. Contests are told apart by
// their place, because their shapes differ, and one may fail with a seed.
func agreement(runs [][]result, seeds []uint64) string {
	t := table{head: []string{"work with the first seed", "precision", "threads", "peer", "aim", "times faster with each seed", "verdicts"}}
	agree, all := 0, 0
	for _, first := range runs[0] {
		if first.rival.bar == 0 {
			continue
		}
		var verdicts []verdict
		for k, run := range runs {
			i := slices.IndexFunc(run, func(r result) bool { return r.place == first.place })
			if i < 0 {
				continue
			}
			middle, _, _ := run[i].ratio()
			verdicts = append(verdicts, verdict{seeds[k], middle, run[i].reached()})
		}
		var ratios []string
		for _, v := range verdicts {
			ratios = append(ratios, digits(v.ratio)+" "+sign(v.reached))
		}
		same := "differ"
		if !slices.ContainsFunc(verdicts, func(v verdict) bool { return v.reached != verdicts[0].reached }) {
			same = "the same"
			agree++
		}
		all++
		t.add(first.work, first.precision, fmt.Sprint(first.threads), first.rival.name, fmt.Sprint(first.rival.bar), strings.Join(ratios, ", "), same)
	}
	return t.String() + fmt.Sprintf("\nThe seeds agree in %d of %d rows.\n", agree, all)
}

// same says whether two results are of the same work.
func (r result) same(o result) bool {
	return r.ours == o.ours && r.work == o.work && r.precision == o.precision
}
