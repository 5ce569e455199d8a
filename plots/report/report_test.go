package report_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/descent-go/descent/lib/preprocess"
	"github.com/descent-go/descent/lib/tabular"
	"github.com/descent-go/descent/lib/train"
	"github.com/descent-go/descent/lib/tune"
	"github.com/descent-go/descent/plots"
	"github.com/descent-go/descent/plots/report"
)

// houses is a table with two classes, three classes and a number to predict.
func houses(t testing.TB) *preprocess.Table {
	var b strings.Builder
	b.WriteString("area,<town>,words,price,dear,size\n")
	for i := range 90 {
		area := float64(30 + i*37%100)
		town := []string{"Bern", "Chur", "Zug"}[i%3]
		price := area*(1+0.5*float64(i%3)) + 10*math.Sin(float64(i*i))
		dear, size := "no", "small"
		if price > 120 {
			dear = "yes"
		}
		if area > 60 {
			size = "medium"
		}
		if area > 100 {
			size = "large"
		}
		fmt.Fprintf(&b, "%g,%s,a house with number %d here,%.2f,%s,%s\n", area, town, i, price, dear, size)
	}
	table, err := preprocess.ReadCSV(strings.NewReader(b.String()))
	if err != nil {
		t.Fatal(err)
	}
	return table
}

func learner(target string) tabular.Learner {
	l := tabular.Learner{Target: target, Columns: map[string]tabular.Kind{}, About: tabular.About{Description: "Houses & more", Data: "made up"}}
	for _, name := range []string{"price", "dear", "size"} {
		if name != target {
			l.Columns[name] = tabular.Ignored
		}
	}
	return l
}

func page(t testing.TB, r *report.Report) string {
	t.Helper()
	var out bytes.Buffer
	if err := r.Write(&out); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

var image = regexp.MustCompile(`<img src="data:image/png;base64,([A-Za-z0-9+/=]+)" width="(\d+)" height="(\d+)" alt="([^"]+)">`)

// check looks for tags that are not closed and for what is not in the page, and returns the charts' descriptions.
func check(t *testing.T, text string) (charts []string) {
	t.Helper()
	for _, tag := range []string{"html", "head", "body", "h1", "h2", "p", "table", "tr", "td", "th", "pre", "style", "title"} {
		if open, closed := strings.Count(text, "<"+tag+">")+strings.Count(text, "<"+tag+" "), strings.Count(text, "</"+tag+">"); open != closed {
			t.Errorf("%d <%s> and %d </%s>", open, tag, closed, tag)
		}
	}
	for _, m := range image.FindAllStringSubmatch(text, -1) {
		data, err := base64.StdEncoding.DecodeString(m[1])
		if err != nil {
			t.Fatal(err)
		}
		config, err := png.DecodeConfig(bytes.NewReader(data))
		if err != nil || m[2] != fmt.Sprint(config.Width/2) || m[3] != fmt.Sprint(config.Height/2) {
			t.Errorf("an image of %d×%d is shown as %s×%s, %v", config.Width, config.Height, m[2], m[3], err)
		}
		charts = append(charts, m[4])
	}
	if n := strings.Count(text, "<img"); n != len(charts) {
		t.Errorf("%d of %d images are in the page", len(charts), n)
	}
	for _, outside := range []string{"http", "<script", "<link", "src=\"/"} {
		if strings.Contains(text, outside) {
			t.Errorf("the page has %q", outside)
		}
	}
	return charts
}

func TestEvaluation(t *testing.T) {
	table := houses(t)
	for target, want := range map[string][]string{
		"dear":  {"How often each class", "true positive rate", "same predicted probability", "when a column is shuffled", "probability of yes if every row had the same area, and", "every row had the same &lt;town&gt;."},
		"size":  {"How often each class", "when a column is shuffled", "every row had the same area, and", "every row had the same &lt;town&gt;."},
		"price": {"residual of each row", "when a column is shuffled", "mean prediction if every row had the same area, and", "every row had the same &lt;town&gt;."},
	} {
		l := learner(target)
		training, unseen, err := l.Split(table, 0.4, 1)
		if err != nil {
			t.Fatal(err)
		}
		m, err := l.Fit(t.Context(), training)
		if err != nil {
			t.Fatal(err)
		}
		r, err := report.Evaluation("Houses <dear>", m, unseen)
		if err != nil {
			t.Fatal(err)
		}
		text := page(t, r)
		charts := check(t, text)
		if len(charts) != len(want) {
			t.Errorf("%s: %d charts, want %d: %q", target, len(charts), len(want), charts)
			continue
		}
		for i := range want {
			if !strings.Contains(charts[i], want[i]) {
				t.Errorf("%s: chart %d shows %q, want %q", target, i, charts[i], want[i])
			}
		}
		for _, part := range []string{"<h1>Houses &lt;dear&gt;</h1>", "<p>Houses &amp; more</p>", "<p>Data: made up</p>", "<th>training rows</th>", "36 rows were predicted, by a model of 54 training rows: Linear Lambda=0.001"} {
			if !strings.Contains(text, part) {
				t.Errorf("%s: the page has no %q", target, part)
			}
		}
		again, err := report.Evaluation("Houses <dear>", m, unseen)
		if err != nil || page(t, again) != text {
			t.Errorf("%s: the same data give another page, %v", target, err)
		}
	}
	m, err := learner("dear").Fit(t.Context(), table)
	if err != nil {
		t.Fatal(err)
	}
	other := &preprocess.Table{}
	if err := other.AddFloats("area", []float64{1, 2}); err != nil {
		t.Fatal(err)
	}
	if r, err := report.Evaluation("A", m, other); r != nil || err == nil {
		t.Errorf("a table without the columns: %v", err)
	}
	// A single row, and rows of a single class, have charts of what can be drawn.
	for _, rows := range [][]int{{0}, {0, 1, 2, 3}} {
		r, err := report.Evaluation("A", m, table.Rows(rows))
		if err != nil {
			t.Fatal(err)
		}
		check(t, page(t, r))
	}
}

func searched(failed bool) *tune.Result {
	r := &tune.Result{Goal: tune.Least, Status: train.Completed, Reason: "the method has nothing more to try"}
	for i, rate := range []float64{1e-3, 1e-2, 1e-1, 1} {
		t := tune.Trial{ID: i, Params: tune.Params{"rate": rate, "name": "<a>"}, Score: math.Abs(math.Log10(rate) + 1.7), Status: train.Completed}
		if i == 3 || failed {
			t.Status, t.Err, t.Score = train.Failed, errors.New("loss is <NaN>"), math.NaN()
		}
		r.Trials = append(r.Trials, t)
	}
	return r
}

func TestSearch(t *testing.T) {
	text := page(t, report.Search("A search", "log loss", searched(false), tune.Space{"rate": tune.LogUniform{Low: 1e-4, High: 1}}))
	if charts := check(t, text); len(charts) != 2 || !strings.Contains(charts[0], "against the value of each hyper-parameter") || !strings.Contains(charts[1], "so far after each trial") {
		t.Errorf("the charts show %q", charts)
	}
	for _, part := range []string{
		"The search completed: the method has nothing more to try. Of 4 trials 1 failed.",
		"The best log loss is 0.3, of trial 1 with name=&lt;a&gt; rate=0.01.",
		"<tr><th>trial</th><th>log loss</th><th>budget</th><th>name</th><th>rate</th></tr>\n<tr><td>1</td><td>0.3</td><td></td><td>&lt;a&gt;</td><td>0.01</td></tr>",
		"<td>failed: loss is &lt;NaN&gt;</td>",
	} {
		if !strings.Contains(text, part) {
			t.Errorf("the page has no %q:\n%s", part, image.ReplaceAllString(text, "IMAGE"))
		}
	}
	if err := report.Search("A", "loss", searched(true), nil).Write(&bytes.Buffer{}); err == nil || !strings.Contains(err.Error(), "no completed trial") {
		t.Errorf("a search without a completed trial: %v", err)
	}
	halving := searched(false)
	for i := range halving.Trials {
		halving.Trials[i].Budget = float64(1 + i%2)
	}
	if text := page(t, report.Search("A", "loss", halving, nil)); !strings.Contains(text, "<td>2</td><td>&lt;a&gt;</td>") {
		t.Error("the budgets are not in the table")
	}
}

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errors.New("the disk is full") }

func TestReport(t *testing.T) {
	r := report.New("A").Heading("B <i>").Text("C & D").Preformatted("x  y").Table([]string{"a", "b"}, [][]string{{"1"}, {"2", "3"}})
	text := page(t, r)
	for _, part := range []string{"<h2>B &lt;i&gt;</h2>\n<p>C &amp; D</p>\n<pre>x  y</pre>\n", "<tr><td>1</td><td></td></tr>\n<tr><td>2</td><td>3</td></tr>"} {
		if !strings.Contains(text, part) {
			t.Errorf("the page has no %q", part)
		}
	}
	file := filepath.Join(t.TempDir(), "a.html")
	if err := r.SaveFile(file); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(file); err != nil || string(got) != text {
		t.Errorf("the file is another page, %v", err)
	}
	if err := r.Write(broken{}); err == nil {
		t.Error("a full disk is no error")
	}
	if err := report.New("A").Chart(plots.New("A", "x", "y"), " ").Write(&bytes.Buffer{}); err == nil || !strings.Contains(err.Error(), "no description") {
		t.Errorf("a chart without a description: %v", err)
	}
	bad := report.New("A").Chart(plots.Lines("A", "x", "y"), "nothing")
	if err := bad.SaveFile(file); err == nil {
		t.Error("a chart with an error is no error")
	}
	if got, _ := os.ReadFile(file); string(got) != text {
		t.Error("the file of before is gone")
	}
	defer func() {
		if recover() == nil {
			t.Error("a row that is too long does not panic")
		}
	}()
	r.Table([]string{"a"}, [][]string{{"1", "2"}})
}

func Example() {
	var table preprocess.Table
	table.AddFloats("size", []float64{1, 2, 3, 4, 5, 6, 7, 8})
	table.AddStrings("flower", []string{"lily", "lily", "lily", "rose", "lily", "rose", "rose", "rose"})
	m, err := tabular.Learner{Target: "flower"}.Fit(context.Background(), &table)
	if err != nil {
		panic(err)
	}
	r, err := report.Evaluation("Flowers", m, &table)
	if err != nil {
		panic(err)
	}
	var page bytes.Buffer
	if err := r.Write(&page); err != nil {
		panic(err)
	}
	fmt.Println(strings.Count(page.String(), "<img"), "charts")
	// Output: 5 charts
}
