package plots_test

import (
	"crypto/sha256"
	"encoding/xml"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/descent-go/descent/plots"
)

func saved(t *testing.T, c *plots.Chart) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "chart.svg")
	if err := plots.Save(c, file); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// TestSVGOfEveryChart: it is XML, the same each time, and has the chart's words.
func TestSVGOfEveryChart(t *testing.T) {
	for name, draw := range charts {
		svg := saved(t, draw())
		for range 5 {
			if saved(t, draw()) != svg {
				t.Errorf("%s: the same data give other bytes", name)
				break
			}
		}
		var said strings.Builder
		for in := xml.NewDecoder(strings.NewReader(svg)); ; {
			token, err := in.Token()
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if words, ok := token.(xml.CharData); ok {
				said.Write(words)
			}
		}
		for _, w := range texts(draw()) {
			if word := strings.TrimSpace(w.text); !strings.Contains(said.String(), word) {
				t.Errorf("%s: the words %q are missing", name, word)
			}
		}
	}
}

// TestGoldenSVG: the whole file of a chart, to the byte, and the sums of all kinds of charts, on every machine.
// UPDATE=1 writes them; look at the charts then.
func TestGoldenSVG(t *testing.T) {
	c := plots.Lines("A small <chart>", "x₁", "loss", plots.Series{Name: "a", Y: []float64{3, 1, 2}},
		plots.Series{Name: "b", Y: []float64{1, 2, 1}}).Size(320, 240)
	var sums strings.Builder
	for _, name := range slices.Sorted(maps.Keys(charts)) {
		fmt.Fprintf(&sums, "%x %s\n", sha256.Sum256([]byte(saved(t, charts[name]()))), name)
	}
	for file, got := range map[string]string{"testdata/lines.svg": saved(t, c), "testdata/svg.sha256": sums.String()} {
		if os.Getenv("UPDATE") != "" {
			if err := os.WriteFile(file, []byte(got), 0o666); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if got != string(want) {
			t.Errorf("it is not %s, but\n%s", file, got)
		}
	}
}
