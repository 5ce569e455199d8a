package check

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"gonum.org/v1/gonum/mat"
)

// fresh gives a test a learner without any progress.
func fresh(t *testing.T) (file string) {
	t.Helper()
	file = filepath.Join(t.TempDir(), "progress")
	t.Setenv(ProgressVariable, file)
	t.Setenv(GradeVariable, "")
	return file
}

var sample = Exercise{"MomentumStep", []string{"one", "two"}}

func TestEveryWayToEnd(t *testing.T) {
	for name, c := range map[string]struct {
		cases func(*trial)
		state State
		reply string
	}{
		"right":        {func(*trial) {}, Right, "Well done"},
		"todo":         {func(*trial) { panic("TODO") }, NotDone, "Replace panic"},
		"panic":        {func(t *trial) { t.give("x", 2); _ = []int{}[sampleIndex()] }, NotRight, "index out of range [2] with length 0\nThe case:\n  x = 2"},
		"nil map":      {func(*trial) { noMap()["a"] = 1 }, NotRight, "Your function panics: assignment to entry in nil map"},
		"known":        {func(t *trial) { t.equal("y", 3.0, 2.0, mistake{3.0, "one too many"}) }, NotRight, "one too many\n  y should be 2\n  y       is 3"},
		"unknown":      {func(t *trial) { t.give("x", 1); t.equal("y", 3.0, 2.0) }, NotRight, "y should be 2\n  y       is 3\nThe case:\n  x = 1"},
		"sign":         {func(t *trial) { t.equal("y", []float64{-1, 2}, []float64{1, -2}) }, NotRight, "the sign is wrong"},
		"NaN":          {func(t *trial) { t.equal("y", math.NaN(), 2.0) }, NotRight, "There is a NaN"},
		"shape":        {func(t *trial) { t.equal("y", []float64{1}, []float64{1, 2}) }, NotRight, "The shape is [1] and should be [2]"},
		"a close miss": {func(t *trial) { t.equal("y", 1.0000001, 1.0) }, NotRight, "should be 1\n  y       is 1.0000001"},
		"changed":      {func(t *trial) { t.unchanged("x", 1.0, 2.0) }, NotRight, "changes x"},
	} {
		t.Run(name, func(t *testing.T) {
			fresh(t)
			a := examine(sample, c.cases)
			if a.State != c.state || !strings.Contains(a.Reply, c.reply) {
				t.Errorf("got %v\nwant %v with %q", a, c.state, c.reply)
			}
			if stuck := strings.Contains(a.Reply, `check.Hint("MomentumStep")`); stuck == (a.State == Right) {
				t.Errorf("hints are offered: %t\n%v", stuck, a)
			}
		})
	}
}

// What the compiler does not see, so that it does not complain.
func sampleIndex() int { return 2 }

func noMap() (m map[string]int) { return m }

func TestALoopThatDoesNotEnd(t *testing.T) {
	stop := make(chan struct{})
	defer close(stop)
	state, reply := try(func(t *trial) {
		t.give("n", 7)
		<-stop
	}, 10*time.Millisecond)
	if state != NotRight || !strings.Contains(reply, "had not come to an end") || !strings.Contains(reply, "n = 7") {
		t.Error(state, reply)
	}
}

func TestNear(t *testing.T) {
	dense := mat.NewDense(1, 2, []float64{1, 2})
	for name, c := range map[string]struct {
		got, want any
		near      bool
	}{
		"rounding":          {1 + 1e-12, 1.0, true},
		"rounding of 1e9":   {1e9 + 0.1, 1e9, true},
		"a real difference": {1 + 1e-6, 1.0, false},
		"both NaN":          {math.NaN(), math.NaN(), true},
		"one NaN":           {math.NaN(), 1.0, false},
		"infinity":          {math.Inf(1), math.Inf(1), true},
		"two infinities":    {math.Inf(1), math.Inf(-1), false},
		"infinite":          {math.Inf(1), 1.0, false},
		"wanted infinite":   {1.0, math.Inf(1), false},
		"slices":            {[]float64{1, 2}, []float64{1, 2 + 1e-12}, true},
		"nil and empty":     {[]float64(nil), []float64{}, true},
		"rows":              {[][]float64{{1}, {2, 3}}, [][]float64{{1}, {2, 3}}, true},
		"ragged rows":       {[][]float64{{1, 2}, {3}}, [][]float64{{1}, {2, 3}}, false},
		"matrices":          {dense, mat.NewDense(1, 2, []float64{1, 2}), true},
		"column and row":    {dense, mat.NewDense(2, 1, []float64{1, 2}), false},
		"no matrix":         {(*mat.Dense)(nil), dense, false},
		"empty matrix":      {&mat.Dense{}, dense, false},
		"strings":           {[]string{"a"}, []string{"a"}, true},
		"ints":              {1, 2, false},
	} {
		if near(c.got, c.want) != c.near {
			t.Errorf("%s: near(%v, %v) is not %t", name, c.got, c.want, c.near)
		}
	}
}

func TestShow(t *testing.T) {
	for want, v := range map[string]any{
		"0.333333": 1.0 / 3,
		"[1 2.5]":  []float64{1, 2.5},
		"[1 1 1 1 1 1 1 1 1 1 1 1 … 13 in all]": []float64{1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1},
		"0":               math.Copysign(0, -1),
		"[[1] [2 3]]":     [][]float64{{1}, {2, 3}},
		"[[1 2]]":         mat.NewDense(1, 2, []float64{1, 2}),
		"an empty matrix": &mat.Dense{},
		`["a" "b"]`:       []string{"a", "b"},
		"[1 2]":           []int{1, 2},
		`"a"`:             "a",
		"true":            true,
		"<nil>":           nil,
	} {
		if got := show(v); got != want {
			t.Errorf("show(%v) = %q, want %q", v, got, want)
		}
	}
}

func TestProgressRemembers(t *testing.T) {
	file := fresh(t)
	if p := Progress(); p.String() != Progress().String() || strings.Contains(p.String(), "tried") {
		t.Error("progress without a file:", p)
	}
	examine(sample, func(*trial) { panic("TODO") })
	if _, err := os.Stat(file); !os.IsNotExist(err) {
		t.Error("an exercise that is not done was written down")
	}
	wrong := func(t *trial) { t.fail("no") }
	right := func(*trial) {}
	for _, step := range []struct {
		cases        func(*trial)
		right, tried int
	}{{wrong, 0, 1}, {wrong, 0, 1}, {right, 1, 0}, {wrong, 1, 0}} {
		examine(sample, step.cases)
		d := done(t, "03-optimization-algorithms")
		if d.Right != step.right || d.Tried != step.tried || d.ToDo() != len(d.Exercises)-step.right {
			t.Errorf("progress is %+v, want %d right, %d tried", d, step.right, step.tried)
		}
	}
	data, err := os.ReadFile(file)
	if err != nil || bytes.Count(data, []byte("\n")) != 2 {
		t.Errorf("the file has not two lines, wrong and right: %s %v", data, err)
	}
	if s := Progress().String(); !strings.Contains(s, " 1 of ") {
		t.Errorf("the table does not show it:\n%s", s)
	}
}

func done(t *testing.T, notebook string) Done {
	t.Helper()
	for _, d := range Progress() {
		if d.Notebook == notebook {
			return d
		}
	}
	t.Fatalf("no %s in %v", notebook, Progress())
	return Done{}
}

func TestADamagedFileIsSetAside(t *testing.T) {
	file := fresh(t)
	good := `{"time":"2026-01-02T03:04:05Z","exercise":"MomentumStep","state":"right"}` + "\n"
	damaged := "half a li" + good + good + `{"exercise":"AdamStep","sta`
	if err := os.WriteFile(file, []byte(damaged), 0o644); err != nil {
		t.Fatal(err)
	}
	if d := done(t, "03-optimization-algorithms"); d.Right != 1 {
		t.Errorf("the good line is lost: %+v", d)
	}
	now, err := os.ReadFile(file)
	if err != nil || string(now) != good {
		t.Errorf("the new file is %q, %v; want the good line", now, err)
	}
	old, err := filepath.Glob(file + ".damaged-*")
	if err != nil || len(old) != 1 {
		t.Fatal("the old file is not kept:", old, err)
	}
	if data, err := os.ReadFile(old[0]); err != nil || string(data) != damaged {
		t.Errorf("the old file is %q, %v", data, err)
	}
}

func TestTwoKernelsAtOnce(t *testing.T) {
	fresh(t)
	var group sync.WaitGroup
	names := []string{"MomentumStep", "AdamStep", "RMSProp", "StableRate"}
	for _, name := range names {
		group.Go(func() {
			if err := remember(Answer{Exercise: name, State: NotRight}); err != nil {
				t.Error(err)
			}
			if err := remember(Answer{Exercise: name, State: Right}); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	right := 0
	for _, d := range Progress() {
		right += d.Right
	}
	if right != len(names) {
		t.Errorf("%d are right, want %d", right, len(names))
	}
}

// TestAnOldFileStillCounts: what a learner did before the chapters were divided
// counts in the part to which its exercise has moved.
func TestAnOldFileStillCounts(t *testing.T) {
	file := fresh(t)
	data, err := os.ReadFile("testdata/before-the-split.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, data, 0o644); err != nil {
		t.Fatal(err)
	}
	for notebook, want := range map[string][2]int{ // right, tried
		"02-core-concepts": {1, 0}, "02b-overfitting": {1, 1},
		"03-optimization-algorithms": {1, 0}, "03b-adam": {1, 0},
		"06b2-detection-quality": {1, 0}, "08b-efficiency": {0, 1},
	} {
		if d := done(t, notebook); d.Right != want[0] || d.Tried != want[1] {
			t.Errorf("%s: %d right and %d tried, want %v", notebook, d.Right, d.Tried, want)
		}
	}
}

func TestAFolderThatCannotBeWrittenTo(t *testing.T) {
	t.Setenv(ProgressVariable, filepath.Join(t.TempDir(), "missing", "progress"))
	t.Setenv(GradeVariable, "")
	if a := examine(sample, func(*trial) {}); a.State != Right {
		t.Error("the answer depends on the file:", a)
	}
	if err := remember(Answer{Exercise: "MomentumStep", State: Right}); err == nil || !strings.Contains(err.Error(), "check: ") {
		t.Error("remember:", err)
	}
}

func TestHints(t *testing.T) {
	fresh(t)
	out := stdout(t, func() {
		for range 4 {
			Hint("MomentumStep")
		}
		Hint("Momentum")
	})
	for _, want := range []string{"Hint 1 of 3: Two lines", "Hint 2 of 3", "Hint 3 of 3", `no exercise "Momentum"`, "AdamStep"} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
	if strings.Count(out, "Hint 1 of 3") != 2 {
		t.Errorf("after the last hint it does not begin again:\n%s", out)
	}
}

func stdout(t *testing.T, f func()) string {
	t.Helper()
	file, err := os.Create(filepath.Join(t.TempDir(), "stdout"))
	if err != nil {
		t.Fatal(err)
	}
	defer func(was *os.File) { os.Stdout = was }(os.Stdout)
	os.Stdout = file
	f()
	data, err := os.ReadFile(file.Name())
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// TestGrading runs itself as a program, which ends with the learner's mark.
func TestGrading(t *testing.T) {
	if role := os.Getenv("DESCENT_TEST_ROLE"); role != "" {
		examine(sample, func(t *trial) {
			if role == "wrong" {
				t.fail("no")
			}
		})
		return
	}
	for _, c := range []struct {
		role, grade string
		fails       bool
	}{{"wrong", "1", true}, {"right", "1", false}, {"wrong", "", false}} {
		cmd := exec.Command(os.Args[0], "-test.run=^TestGrading$")
		cmd.Env = append(os.Environ(), "DESCENT_TEST_ROLE="+c.role, GradeVariable+"="+c.grade,
			ProgressVariable+"="+filepath.Join(t.TempDir(), "progress"))
		if out, err := cmd.CombinedOutput(); (err != nil) != c.fails {
			t.Errorf("%+v: %v\n%s", c, err, out)
		}
	}
}

// TestEveryCheckIsRegistered: a check that is not in Chapters has no hints and
// no progress.
func TestEveryCheckIsRegistered(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	checks := 0
	for _, name := range files {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || f.Recv != nil || !f.Name.IsExported() || f.Type.Results == nil {
				continue
			}
			if result, ok := f.Type.Results.List[0].Type.(*ast.Ident); !ok || result.Name != "Answer" {
				continue
			}
			checks++
			if _, ok := find(f.Name.Name); !ok {
				t.Errorf("Chapters has no exercise %s", f.Name.Name)
			}
		}
	}
	all := 0
	for _, c := range Chapters() {
		all += len(c.Exercises)
	}
	if checks != all {
		t.Errorf("there are %d checks and %d exercises", checks, all)
	}
}

func TestNumber(t *testing.T) {
	for notebook, want := range map[string]string{"00-start-here": "0", "03-optimization": "3", "02b-overfitting": "2b",
		"06a-image": "6a", "06a2-convolutional": "6a2"} {
		if got := (Chapter{Notebook: notebook}).Number(); got != want {
			t.Errorf("the number of %s is %q, want %q", notebook, got, want)
		}
	}
}

// A line that a kernel could not finish, when the power went, does not spoil the next.
func TestALineAfterHalfALine(t *testing.T) {
	file := fresh(t)
	if err := os.WriteFile(file, []byte(`{"time":"2026-01-02T03:0`), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := appendTo(file, []byte(`{"time":"2026-01-02T03:04:05Z","exercise":"MomentumStep","state":"right"}`+"\n")); err != nil {
		t.Fatal(err)
	}
	if d := done(t, "03-optimization-algorithms"); d.Right != 1 {
		t.Errorf("the line after it is lost: %+v", d)
	}
}
