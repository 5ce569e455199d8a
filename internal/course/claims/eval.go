package claims

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"math"
	"slices"
	"strconv"
)

// Eval says whether an expression is true. It is written as in Go, over lists of
// numbers; a single number is a list of one. An operation between a list and a
// number, or between lists of one length, is done element by element, and a
// comparison is true if it is true of all. Functions:
//
//	abs(x) log(x) sqrt(x)         element by element
//	min(x) max(x) mean(x) sum(x)  of all elements
//	first(x) last(x) at(x, i)     one element; i counts from 0
//	count(x)                      how many there are
//	increasing(x) decreasing(x)   strictly, from each to the next
//	near(x, y, tol)               |x − y| ≤ tol
func Eval(expression string, values map[string][]float64) (bool, error) {
	tree, err := parser.ParseExpr(expression)
	if err != nil {
		return false, err
	}
	return truth(tree, values)
}

func truth(e ast.Expr, values map[string][]float64) (bool, error) {
	switch e := e.(type) {
	case *ast.ParenExpr:
		return truth(e.X, values)
	case *ast.UnaryExpr:
		if e.Op == token.NOT {
			v, err := truth(e.X, values)
			return !v, err
		}
	case *ast.BinaryExpr:
		if e.Op == token.LAND || e.Op == token.LOR {
			a, err := truth(e.X, values)
			if err != nil {
				return false, err
			}
			b, err := truth(e.Y, values)
			if e.Op == token.LAND {
				return a && b, err
			}
			return a || b, err
		}
		return compare(e, values)
	case *ast.CallExpr:
		name, args, err := call(e, values)
		if err != nil {
			return false, err
		}
		switch {
		case name == "increasing" && len(args) == 1:
			return ordered(args[0], func(a, b float64) bool { return a < b })
		case name == "decreasing" && len(args) == 1:
			return ordered(args[0], func(a, b float64) bool { return a > b })
		case name == "near" && len(args) == 3:
			d, err := each(args[0], args[1], func(a, b float64) float64 { return math.Abs(a - b) })
			if err != nil {
				return false, err
			}
			return all(d, args[2], func(a, b float64) bool { return a <= b })
		}
	}
	return false, fmt.Errorf("this is neither true nor false")
}

func compare(e *ast.BinaryExpr, values map[string][]float64) (bool, error) {
	a, err := number(e.X, values)
	if err != nil {
		return false, err
	}
	b, err := number(e.Y, values)
	if err != nil {
		return false, err
	}
	test, ok := map[token.Token]func(a, b float64) bool{
		token.LSS: func(a, b float64) bool { return a < b }, token.LEQ: func(a, b float64) bool { return a <= b },
		token.GTR: func(a, b float64) bool { return a > b }, token.GEQ: func(a, b float64) bool { return a >= b },
		token.EQL: func(a, b float64) bool { return a == b }, token.NEQ: func(a, b float64) bool { return a != b },
	}[e.Op]
	if !ok {
		return false, fmt.Errorf("%s compares nothing", e.Op)
	}
	return all(a, b, test)
}

func number(e ast.Expr, values map[string][]float64) ([]float64, error) {
	switch e := e.(type) {
	case *ast.ParenExpr:
		return number(e.X, values)
	case *ast.BasicLit:
		v, err := strconv.ParseFloat(e.Value, 64)
		return []float64{v}, err
	case *ast.Ident:
		if v, ok := values[e.Name]; ok {
			return v, nil
		}
		return nil, fmt.Errorf("%s is not one of the numbers", e.Name)
	case *ast.UnaryExpr:
		x, err := number(e.X, values)
		if err == nil && e.Op == token.SUB {
			return each(x, []float64{-1}, func(a, b float64) float64 { return a * b })
		}
		return x, err
	case *ast.BinaryExpr:
		a, err := number(e.X, values)
		if err != nil {
			return nil, err
		}
		b, err := number(e.Y, values)
		if err != nil {
			return nil, err
		}
		switch e.Op {
		case token.ADD:
			return each(a, b, func(a, b float64) float64 { return a + b })
		case token.SUB:
			return each(a, b, func(a, b float64) float64 { return a - b })
		case token.MUL:
			return each(a, b, func(a, b float64) float64 { return a * b })
		case token.QUO:
			return each(a, b, func(a, b float64) float64 { return a / b })
		}
	case *ast.CallExpr:
		name, args, err := call(e, values)
		if err != nil {
			return nil, err
		}
		return function(name, args)
	}
	return nil, fmt.Errorf("this is no number")
}

func call(e *ast.CallExpr, values map[string][]float64) (string, [][]float64, error) {
	name, ok := e.Fun.(*ast.Ident)
	if !ok {
		return "", nil, fmt.Errorf("this is no function")
	}
	var args [][]float64
	for _, a := range e.Args {
		v, err := number(a, values)
		if err != nil {
			return "", nil, err
		}
		args = append(args, v)
	}
	return name.Name, args, nil
}

func function(name string, args [][]float64) ([]float64, error) {
	if len(args) == 0 || len(args[0]) == 0 {
		return nil, fmt.Errorf("%s of nothing", name)
	}
	x := args[0]
	if f, ok := map[string]func(float64) float64{"abs": math.Abs, "log": math.Log, "sqrt": math.Sqrt}[name]; ok {
		return each(x, []float64{0}, func(a, _ float64) float64 { return f(a) })
	}
	sum := 0.0
	for _, v := range x {
		sum += v
	}
	switch name {
	case "min":
		return []float64{slices.Min(x)}, nil
	case "max":
		return []float64{slices.Max(x)}, nil
	case "sum":
		return []float64{sum}, nil
	case "mean":
		return []float64{sum / float64(len(x))}, nil
	case "first":
		return x[:1], nil
	case "last":
		return x[len(x)-1:], nil
	case "count":
		return []float64{float64(len(x))}, nil
	case "at":
		if len(args) == 2 && len(args[1]) == 1 {
			if i := int(args[1][0]); i >= 0 && i < len(x) {
				return x[i : i+1], nil
			}
		}
		return nil, fmt.Errorf("at(x, i) of %d numbers has no such i", len(x))
	}
	return nil, fmt.Errorf("there is no function %s", name)
}

// each applies f to the elements of two lists, one of which may be a number.
func each(a, b []float64, f func(a, b float64) float64) ([]float64, error) {
	n := max(len(a), len(b))
	if len(a) != n && len(a) != 1 || len(b) != n && len(b) != 1 {
		return nil, fmt.Errorf("lists of %d and %d numbers", len(a), len(b))
	}
	out := make([]float64, n)
	for i := range out {
		out[i] = f(a[i%len(a)], b[i%len(b)])
	}
	return out, nil
}

func all(a, b []float64, test func(a, b float64) bool) (bool, error) {
	ok := true
	_, err := each(a, b, func(a, b float64) float64 {
		ok = ok && test(a, b)
		return 0
	})
	return ok && err == nil, err
}

func ordered(x []float64, before func(a, b float64) bool) (bool, error) {
	if len(x) < 2 {
		return false, fmt.Errorf("%d numbers have no order", len(x))
	}
	for i := range x[1:] {
		if !before(x[i], x[i+1]) {
			return false, nil
		}
	}
	return true, nil
}
