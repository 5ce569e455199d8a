// Answers prints, for the test of the course's page, an answer that is right and a typical wrong one to each exercise, in JSON:
// the solution of course/exercises, and the first wrong answer of its test that stands on its own.
package main

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/descent-go/descent/course/check"
	"github.com/descent-go/descent/internal/cell"
)

// An answer is both for one exercise, as the text of its cell.
type answer struct {
	Exercise string `json:"exercise"` // "ch03.AdamStep"
	Right    string `json:"right"`
	Wrong    string `json:"wrong"`
	Words    string `json:"words"` // from the reply to it
}

func main() {
	answers, err := read("course/exercises")
	if err == nil {
		err = json.NewEncoder(os.Stdout).Encode(answers)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "answers:", err)
		os.Exit(1)
	}
}

// read reads the folder of exercises.
func read(folder string) ([]answer, error) {
	var all []answer
	for _, c := range check.Chapters() {
		for _, e := range c.Exercises {
			a, err := one(filepath.Join(folder, c.Folder()), c.Folder(), e.Name)
			if err != nil {
				return nil, err
			}
			all = append(all, a)
		}
	}
	return all, nil
}

var markers = regexp.MustCompile(`(?m)^\s*// (?:BEGIN|END) SOLUTION\n`)

func one(folder, chapter, name string) (answer, error) {
	a := answer{Exercise: chapter + "." + name}
	source, err := os.ReadFile(filepath.Join(folder, strings.ToLower(name)+".go"))
	if err != nil {
		return a, err
	}
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "", source, parser.ParseComments)
	if err != nil {
		return a, err
	}
	end := file.Name.End()
	for _, d := range file.Decls {
		if g, ok := d.(*ast.GenDecl); ok && g.Tok == token.IMPORT {
			end = g.End()
		}
	}
	solution := strings.TrimSpace(markers.ReplaceAllString(string(source[fset.Position(end).Offset:]), ""))
	function := ""
	for _, d := range file.Decls {
		if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil && function == "" {
			function = f.Name.Name
		}
	}
	a.Right = fmt.Sprintf("%s\n\n%%%%\ncheck.%s(%s)", solution, name, function)
	wrong, helpers, words, err := mistake(folder, chapter, name)
	a.Wrong, a.Words = fmt.Sprintf("%s%%%%\ncheck.%s(%s)", helpers, name, wrong), words
	if err == nil && wrong == "" {
		err = fmt.Errorf("%s: no wrong answer of its test stands on its own", a.Exercise)
	}
	return a, err
}

// text is the source of a node.
func text(fset *token.FileSet, source []byte, n ast.Node) string {
	return string(source[fset.Position(n.Pos()).Offset:fset.Position(n.End()).Offset])
}

// addTypes adds the types of a declaration.
func addTypes(all map[string]string, fset *token.FileSet, source []byte, d ast.Decl) {
	if g, ok := d.(*ast.GenDecl); ok && g.Tok == token.TYPE {
		for _, s := range g.Specs {
			all[s.(*ast.TypeSpec).Name.Name] += "type " + text(fset, source, s) + "\n\n"
		}
	}
}

// mistake returns the first wrong answer of an exercise's test that needs no more than functions and types, these, and the words of
// the reply.
func mistake(folder, chapter, name string) (function, helpers, words string, err error) {
	others, err := declarations(folder)
	if err != nil {
		return "", "", "", err
	}
	source, err := os.ReadFile(filepath.Join(folder, chapter+"_test.go"))
	if err != nil {
		return "", "", "", err
	}
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "", source, 0)
	if err != nil {
		return "", "", "", err
	}
	for _, d := range file.Decls {
		f, ok := d.(*ast.FuncDecl)
		if !ok || f.Name.Name != "Test"+name {
			continue
		}
		aliases := map[string]string{}
		for _, s := range f.Body.List { // what the test itself declares before
			if a, ok := s.(*ast.AssignStmt); ok && a.Tok == token.DEFINE && len(a.Lhs) == 1 && len(a.Rhs) == 1 {
				others[a.Lhs[0].(*ast.Ident).Name] = fmt.Sprintf("var %s = %s\n\n", a.Lhs[0].(*ast.Ident).Name, text(fset, source, a.Rhs[0]))
			}
			if d, ok := s.(*ast.DeclStmt); ok {
				for _, s := range d.Decl.(*ast.GenDecl).Specs {
					if s, ok := s.(*ast.TypeSpec); ok && s.Assign.IsValid() {
						aliases[s.Name.Name] = text(fset, source, s.Type)
					}
				}
			}
		}
		ast.Inspect(f, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || function != "" || len(call.Args) != 2 {
				return true
			}
			s, isSelector := call.Fun.(*ast.SelectorExpr)
			reply, isText := call.Args[0].(*ast.BasicLit)
			if isSelector && s.Sel.Name == "Wrong" && isText {
				code := "var _ = " + text(fset, source, call.Args[1])
				if code, more, ok := needs(code, file, others, aliases); ok {
					function, helpers = strings.TrimPrefix(code, "var _ = "), more
					words, _ = strconv.Unquote(reply.Value)
				}
			}
			return true
		})
	}
	return function, helpers, words, nil
}

// declarations returns the source of each function and each type, with its methods, in the files of a folder, by its name.
func declarations(folder string) (map[string]string, error) {
	files, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil {
		return nil, err
	}
	all := map[string]string{}
	for _, name := range files {
		source, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		fset := token.NewFileSet()
		file, err := parser.ParseFile(fset, "", source, 0)
		if err != nil {
			return nil, err
		}
		for _, d := range file.Decls {
			addTypes(all, fset, source, d)
			if f, ok := d.(*ast.FuncDecl); ok && !strings.HasPrefix(f.Name.Name, "Test") {
				name := f.Name.Name
				if f.Recv != nil {
					name = strings.TrimPrefix(text(fset, source, f.Recv.List[0].Type), "*")
				}
				all[name] += markers.ReplaceAllString(text(fset, source, f), "") + "\n\n"
			}
		}
	}
	return all, nil
}

// needs returns a piece of code with the types in the place of their aliases, whose names a chapter may have for something else; the
// declarations that it needs besides packages and Go's own names; and whether that is all.
func needs(code string, in *ast.File, declarations, aliases map[string]string) (spelt, helpers string, ok bool) {
	packages, have := map[string]bool{}, map[string]bool{}
	for _, s := range in.Imports {
		path, _ := strconv.Unquote(s.Path.Value)
		packages[cell.PackageName(path)] = true
	}
	for todo := []string{code}; len(todo) > 0; todo = todo[1:] {
		piece, unknown, err := spell(todo[0], aliases)
		if err != nil {
			return "", "", false
		}
		if spelt == "" {
			spelt = piece
		} else {
			helpers += piece
		}
		for _, name := range unknown {
			switch {
			case have[name]:
			case declarations[name] != "": // it may be called like a package
				have[name] = true
				todo = append(todo, declarations[name])
			case types.Universe.Lookup(name) != nil || packages[name]:
			default:
				return "", "", false
			}
		}
	}
	return spelt, helpers, true
}

// spell writes types in the place of their aliases, and returns the names that are not declared in the code.
func spell(code string, aliases map[string]string) (spelt string, unknown []string, err error) {
	const head = "package p\n"
	for {
		fset := token.NewFileSet()
		file, err := parser.ParseFile(fset, "", head+code, 0)
		if err != nil {
			return "", nil, err
		}
		i := slices.IndexFunc(file.Unresolved, func(id *ast.Ident) bool { return aliases[id.Name] != "" })
		if i < 0 {
			for _, id := range file.Unresolved {
				unknown = append(unknown, id.Name)
			}
			return code, unknown, nil
		}
		id := file.Unresolved[i]
		at := fset.Position(id.Pos()).Offset - len(head)
		code = code[:at] + aliases[id.Name] + code[at+len(id.Name):]
	}
}
