package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"slices"
	"sort"
	"strings"
)

// A vec is a vector register: below 32 a real one, from firstConstant on a constant,
// else one to be chosen.
type vec int

const (
	firstVirtual  vec = 32
	firstConstant vec = 1 << 20
)

// An instruction reads and writes vector registers.
type instruction struct {
	text   func(r func(vec) int) string
	reads  []vec
	writes vec // or none
	move   bool
}

const none vec = -1

// A part of a function is a line or a run of instructions without a jump.
type part struct {
	line string
	run  []instruction
}

// A function is one that is being written.
type function struct {
	name, signature, doc string
	parts                []part
	at                   map[string]int // where the arguments and results lie
	frame                int            // bytes of arguments and results
	gp                   int            // general registers in use
	top                  int            // vector registers from here on are held throughout
	virtual              vec
	pool                 *table
}

// general are the registers that Go leaves to a function; R25 points at constants.
var general = []string{
	"R0", "R1", "R2", "R3", "R4", "R5", "R6", "R7", "R8", "R9", "R10", "R11", "R12", "R13", "R14", "R15",
	"R19", "R20", "R21", "R22", "R23", "R24", "R26",
}

// newFunction begins a function.
func newFunction(name, signature, doc string, constants *table) *function {
	f := &function{name: name, signature: signature, doc: name + " " + doc, at: map[string]int{}, top: 32, virtual: firstVirtual, pool: constants}
	f.layout()
	functions = append(functions, f)
	return f
}

// functions are all of them, in order.
var functions []*function

// layout finds where arguments and results lie.
func (f *function) layout() {
	e, err := parser.ParseExpr(f.signature)
	if err != nil {
		panic(err)
	}
	t := e.(*ast.FuncType)
	place := func(fields *ast.FieldList) {
		if fields == nil {
			return
		}
		for _, field := range fields.List {
			size := 8
			if id, ok := field.Type.(*ast.Ident); ok {
				size = map[string]int{"int": 8, "float64": 8, "float32": 4, "bool": 1}[id.Name]
			}
			names := []string{"ret"}
			if field.Names != nil {
				names = nil
				for _, n := range field.Names {
					names = append(names, n.Name)
				}
			}
			for _, name := range names {
				f.frame = (f.frame + size - 1) / size * size
				f.at[name] = f.frame
				f.frame += size
			}
		}
	}
	place(t.Params)
	if t.Results != nil {
		f.frame = (f.frame + 7) &^ 7
		place(t.Results)
	}
}

// arg addresses an argument or a result.
func (f *function) arg(name string) string {
	at, ok := f.at[name]
	if !ok {
		panic(f.name + " has no " + name)
	}
	return fmt.Sprintf("%s+%d(FP)", name, at)
}

// line writes a line as it is.
func (f *function) line(format string, a ...any) {
	f.parts = append(f.parts, part{line: fmt.Sprintf(format, a...)})
}

func (f *function) label(name string) { f.line("%s:", name) }

// general returns a register that is free.
func (f *function) general() string {
	f.gp++
	return general[f.gp-1]
}

// scratch is a register for an address of which nothing remains.
func (f *function) scratch() string { return "R25" }

// load loads an argument into a general register.
func (f *function) load(name string) string {
	r := f.general()
	f.line("MOVD %s, %s", f.arg(name), r)
	return r
}

// hold returns a vector register that stays the function's.
func (f *function) hold() vec {
	f.top--
	return vec(f.top)
}

// reg returns a new register.
func (f *function) reg() vec {
	f.virtual++
	return f.virtual - 1
}

// do adds an instruction to the run.
func (f *function) do(i instruction) {
	last := len(f.parts) - 1
	if last < 0 || f.parts[last].run == nil {
		f.parts = append(f.parts, part{})
		last++
	}
	f.parts[last].run = append(f.parts[last].run, i)
}

// A table holds the constants of a precision.
type table struct {
	precision *precision
	values    []uint64
}

// constant returns a register for a constant with the given bits.
func (t *table) constant(bits uint64) vec {
	i := slices.Index(t.values, bits)
	if i < 0 {
		i = len(t.values)
		t.values = append(t.values, bits)
	}
	return firstConstant + vec(i)
}

// text returns the function. Constants that are used most often stay in registers, as
// many as there is room for.
func (f *function) text() []string {
	count := map[vec]int{}
	var used []vec
	for _, p := range f.parts {
		for _, i := range p.run {
			for _, r := range i.reads {
				if r < firstConstant {
					continue
				}
				if _, ok := count[r]; !ok {
					used = append(used, r)
				}
				if i.move { // a copy costs what a load does
					count[r] += 0
				} else {
					count[r]++
				}
			}
		}
	}
	sort.SliceStable(used, func(i, j int) bool { return count[used[i]] > count[used[j]] })
	usual := slices.IndexFunc(used, func(c vec) bool { return count[c] == 0 })
	if usual < 0 {
		usual = len(used)
	}
	for pins := min(usual, f.top); pins >= 0; pins-- {
		if lines, ok := f.allocate(used[:pins], len(used) > 0); ok {
			return lines
		}
	}
	panic(f.name + " has too few registers")
}

// allocate writes the lines with real registers, or returns false if there are too few.
func (f *function) allocate(pinned []vec, constants bool) ([]string, bool) {
	pin := map[vec]int{}
	limit := f.top
	for _, c := range pinned {
		limit--
		pin[c] = limit
	}
	var lines []string
	if limit < 0 {
		return nil, false
	}
	for i, p := range f.parts {
		if i == 0 && constants {
			lines = append(lines, fmt.Sprintf("MOVD $%s<>(SB), R25", f.pool.name()))
			for _, c := range pinned {
				lines = append(lines, f.pool.load(c, pin[c]))
			}
		}
		if p.run == nil {
			lines = append(lines, p.line)
			continue
		}
		more, ok := f.allocateRun(p.run, pin, limit)
		if !ok {
			return nil, false
		}
		lines = append(lines, more...)
	}
	return lines, true
}

func (t *table) name() string { return "constants" + t.precision.suffix }

// load loads a constant into a register.
func (t *table) load(c vec, to int) string {
	return fmt.Sprintf("FMOVQ %d(R25), F%d", int(c-firstConstant)*16, to)
}

// withLoads returns the run with loads of the constants that have no register.
func (f *function) withLoads(run []instruction, pin map[vec]int) []instruction {
	var out []instruction
	loaded := func(c, to vec) {
		out = append(out, instruction{text: func(r func(vec) int) string { return f.pool.load(c, r(to)) }, writes: to})
	}
	for _, i := range run {
		if i.move && i.reads[0] >= firstConstant {
			if _, ok := pin[i.reads[0]]; !ok {
				loaded(i.reads[0], i.writes)
				continue
			}
		}
		to := map[vec]vec{}
		reads := slices.Clone(i.reads)
		for k, c := range reads {
			if _, ok := pin[c]; c < firstConstant || ok {
				continue
			}
			if _, ok := to[c]; !ok {
				to[c] = f.reg()
				loaded(c, to[c])
			}
			reads[k] = to[c]
		}
		text := i.text
		i.reads = reads
		i.text = func(r func(vec) int) string {
			return text(func(v vec) int {
				if w, ok := to[v]; ok {
					v = w
				}
				return r(v)
			})
		}
		out = append(out, i)
	}
	return out
}

func (f *function) allocateRun(run []instruction, pin map[vec]int, limit int) ([]string, bool) {
	run = f.withLoads(run, pin)
	last := map[vec]int{}
	for k, i := range run {
		for _, r := range append(slices.Clone(i.reads), i.writes) {
			last[r] = k
		}
	}
	busy := make([]bool, 32)
	real := map[vec]int{}
	of := func(v vec) int {
		if v >= firstConstant {
			return pin[v]
		}
		if v < firstVirtual {
			return int(v)
		}
		r, ok := real[v]
		if !ok {
			panic(fmt.Sprintf("%s reads register %d, which nothing wrote", f.name, v))
		}
		return r
	}
	isVirtual := func(v vec) bool { return v >= firstVirtual && v < firstConstant }
	var lines []string
	for k, i := range run {
		if i.move && isVirtual(i.reads[0]) && isVirtual(i.writes) && last[i.reads[0]] == k {
			real[i.writes] = real[i.reads[0]] // no need to copy what is not used again
			continue
		}
		where := map[vec]int{}
		for _, v := range i.reads {
			where[v] = of(v)
		}
		for _, v := range i.reads {
			if isVirtual(v) && last[v] == k {
				busy[real[v]] = false
			}
		}
		if w := i.writes; isVirtual(w) {
			if _, ok := real[w]; !ok {
				free := slices.Index(busy[:limit], false)
				if free < 0 {
					return nil, false
				}
				real[w] = free
			}
			busy[real[w]] = last[w] > k
		}
		lines = append(lines, i.text(func(v vec) int {
			if r, ok := where[v]; ok {
				return r
			}
			return of(v)
		}))
	}
	return lines, true
}

// assembly returns the file of all functions and constants.
func assembly(tables ...*table) string {
	var b strings.Builder
	b.WriteString("// Code generated by command: go generate ./lib/blas. DO NOT EDIT.\n\n//go:build !noasm\n\n#include \"textflag.h\"\n")
	for _, f := range functions {
		fmt.Fprintf(&b, "\n// func %s%s\nTEXT ·%s(SB), NOSPLIT, $0-%d\n", f.name, strings.TrimPrefix(f.signature, "func"), f.name, f.frame)
		for _, l := range f.text() {
			if strings.HasSuffix(l, ":") {
				fmt.Fprintf(&b, "\n%s\n", l)
			} else {
				fmt.Fprintf(&b, "\t%s\n", l)
			}
		}
	}
	for _, t := range tables {
		b.WriteString("\n")
		for i, v := range t.values {
			if t.precision.size == 4 {
				v |= v << 32
			}
			fmt.Fprintf(&b, "DATA %s<>+%d(SB)/8, $0x%016x\nDATA %s<>+%d(SB)/8, $0x%016x\n", t.name(), 16*i, v, t.name(), 16*i+8, v)
		}
		fmt.Fprintf(&b, "GLOBL %s<>(SB), RODATA|NOPTR, $%d\n", t.name(), 16*len(t.values))
	}
	return b.String()
}

// stubs returns the declarations in Go.
func stubs() string {
	var b strings.Builder
	b.WriteString("// Code generated by command: go generate ./lib/blas. DO NOT EDIT.\n\n//go:build !noasm\n\npackage blas\n")
	for _, f := range functions {
		fmt.Fprintf(&b, "\n// %s\n//\n//go:noescape\nfunc %s%s\n", strings.ReplaceAll(f.doc, "\n", "\n// "), f.name, strings.TrimPrefix(f.signature, "func"))
	}
	return b.String()
}
