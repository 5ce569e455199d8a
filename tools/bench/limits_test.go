package main

import (
	"strings"
	"testing"
)

func TestLimitTables(t *testing.T) {
	r := result{threads: 1, mine: []float64{1}, peer: []float64{2}, rival: rival{name: "peer", bar: 3}}
	r.args.M, r.args.K, r.args.N, r.precision = 1000, 1000, 1000, "float32"
	most := map[int]limits{1: {bytes: 16e9, operations: 2e9}}
	if got := rates([]result{r}, most); !strings.Contains(got, "| 2.00 | peer | 1.00 | 2.00 (2.00–2.00) | 3 – | 50 % |") {
		t.Errorf("2·10⁹ operations in a second, where float32 can do 4·10⁹:\n%s", got)
	}
	r.bytes = 8e9
	if got := passes([]result{r}, most); !strings.Contains(got, "| 8.00 | 16.0 | 50 % | 4.00 |") {
		t.Errorf("160 MB read 50 times in a second, where 16 GB can be:\n%s", got)
	}
	if got := share(1, 0); got != "not measured" {
		t.Errorf("a limit that is not known gives %q", got)
	}
}
