package docs_test

import (
	"go/ast"
	"go/parser"
	"go/types"
	"strings"
	"testing"
)

// random says what is wrong with the way in which a declaration takes random
// numbers. There are two: seed uint64 begins a stream, and r *rand.Rand goes on
// with the caller's.
func random(decl ast.Node) (problems []string) {
	ast.Inspect(decl, func(n ast.Node) bool {
		if n, ok := n.(*ast.FuncDecl); ok {
			problems = append(problems, random(n.Type)...)
			return false // the body and the receiver are no part of it
		}
		field, ok := n.(*ast.Field)
		if !ok {
			return true
		}
		kind := types.ExprString(field.Type)
		if strings.Contains(kind, "rand.") && kind != "*rand.Rand" && !strings.HasPrefix(kind, "func(") {
			problems = append(problems, kind)
		}
		for _, name := range field.Names {
			seed := strings.EqualFold(name.Name, "seed") && !strings.HasPrefix(kind, "func(")
			if seed && kind != "uint64" || kind == "*rand.Rand" && name.Name != "r" {
				problems = append(problems, name.Name+" "+kind)
			}
		}
		return true
	})
	return problems
}

func TestOneSpellingOfRandomness(t *testing.T) {
	for _, s := range packages(t) {
		check := func(name string, decl ast.Node) {
			for _, p := range random(decl) {
				t.Errorf("%s: %s takes %s, want seed uint64 to begin a stream or r *rand.Rand to go on with the caller's", s.dir, name, p)
			}
		}
		for _, f := range s.doc.Funcs {
			check(f.Name, f.Decl)
		}
		for _, typ := range s.doc.Types {
			check(typ.Name, typ.Decl)
			for _, f := range typ.Funcs {
				check(f.Name, f.Decl)
			}
			for _, m := range typ.Methods {
				check(typ.Name+"."+m.Name, m.Decl)
			}
		}
	}
}

func TestOneSpellingFinds(t *testing.T) {
	for kind, wrong := range map[string]bool{
		"func(n int, seed uint64)":                  false,
		"func(w []float64, r *rand.Rand)":           false,
		"struct{ Seed uint64 }":                     false,
		"interface{ Seed(seed, step uint64) }":      false,
		"func(f func(n int, r *rand.Rand) float64)": false,
		"func(n int, src rand.Source)":              true,
		"func(n int, seed int64)":                   true,
		"func(rng *rand.Rand)":                      true,
		"struct{ Source *rand.PCG }":                true,
		"func(f func(src rand.Source))":             true,
	} {
		expr, err := parser.ParseExpr(kind)
		if err != nil {
			t.Fatal(err)
		}
		if got := len(random(expr)) > 0; got != wrong {
			t.Errorf("%s is found: %t, want %t", kind, got, wrong)
		}
	}
}
