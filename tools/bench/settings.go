package main

import (
	"fmt"
	"runtime"
	"strconv"
	"strings"

	"github.com/descent-go/descent/tools/bench/side"
)

// counts reads numbers of threads: 1 and all cores without any.
func counts(list string) ([]int, error) {
	if list == "" {
		if runtime.NumCPU() == 1 {
			return []int{1}, nil
		}
		return []int{1, runtime.NumCPU()}, nil
	}
	var all []int
	for s := range strings.SplitSeq(list, ",") {
		n, err := strconv.Atoi(s)
		if err != nil || n < 1 {
			return nil, fmt.Errorf("THREADS is %q, want numbers from 1 on, separated by commas", list)
		}
		all = append(all, n)
	}
	return all, nil
}

func clocks(name string) (func(side.Reply) float64, error) {
	switch name {
	case "wall":
		return func(r side.Reply) float64 { return r.Wall }, nil
	case "cpu":
		return func(r side.Reply) float64 { return r.CPU }, nil
	}
	return nil, fmt.Errorf("CLOCK is %q, want wall or cpu", name)
}
