package main

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
)

// instructionsToCheck returns each instruction that is written as a word, with registers
// whose bits differ, as "word mnemonic".
func instructionsToCheck() []string {
	var all []string
	add := func(text string) {
		code, mnemonic, _ := strings.Cut(strings.TrimPrefix(text, "WORD $0x"), " // ")
		all = append(all, code+" "+mnemonic)
	}
	for _, size := range []int{4, 8} {
		for op := range encodings {
			add(vectorOp(op, size, 1, 10, 20))
			add(vectorOp(op, size, 30, 21, 11))
		}
		for op := range byElement {
			for i := range 16 / size {
				add(elementOp(op, size, 1, 10, 20, i))
				add(elementOp(op, size, 30, 21, 11, i))
			}
		}
	}
	for op := range converting {
		add(convertOp(op, 9, 22))
	}
	slices.Sort(all)
	return all
}

// GNU's assembler, which testdata/encodings.sh runs, encodes the mnemonics as we do.
func TestEncodings(t *testing.T) {
	golden, err := os.ReadFile("testdata/encodings.txt")
	if err != nil {
		t.Fatal(err)
	}
	want := strings.Split(strings.TrimSpace(string(golden)), "\n")
	got := instructionsToCheck()
	for _, g := range got {
		if os.Getenv("PRINT_INSTRUCTIONS") != "" { // for testdata/encodings.sh
			fmt.Println("instruction:", g)
		}
		if !slices.Contains(want, g) {
			t.Errorf("%s is not what the assembler writes", g)
		}
	}
	if len(got) != len(want) {
		t.Errorf("there are %d instructions and %d of the assembler", len(got), len(want))
	}
}

// The files beside the package are what the generator writes.
func TestGenerated(t *testing.T) {
	functions = nil
	write()
	for name, text := range map[string]string{
		"kernels_arm64.s": assembly(float64s.constants, float32s.constants), "kernels_arm64.go": stubs(),
	} {
		have, err := os.ReadFile("../../" + name)
		if err != nil {
			t.Fatal(err)
		}
		if string(have) != text {
			t.Errorf("%s is not up to date: run go generate ./lib/blas", name)
		}
	}
}

// A run that needs more registers than there are keeps fewer constants in them, and one
// whose values are too many is refused.
func TestAllocation(t *testing.T) {
	defer func() { functions = nil }()
	functions = nil
	s := float64s.begin("test", "func(n int, x *float64)", "is for a test.")
	var sums []vec
	for i := range 20 {
		sums = append(sums, s.times(s.read("R1"), s.k(float64(i)+0.5)))
	}
	for _, v := range sums {
		s.write(s.plus(v, s.k(0.25)), "R1")
	}
	lines := s.text()
	inside := 0
	for _, l := range lines {
		if strings.HasPrefix(l, "FMOVQ") && strings.Contains(l, "(R25)") {
			inside++
		}
	}
	if inside < 21 {
		t.Errorf("%d loads of constants, want at least one for each of 21:\n%s", inside, strings.Join(lines, "\n"))
	}
	for range 14 {
		s.hold()
	}
	defer func() {
		if r := fmt.Sprint(recover()); !strings.Contains(r, "too few registers") {
			t.Errorf("20 values in 18 registers: %s", r)
		}
	}()
	s.text()
}
