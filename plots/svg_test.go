package plots_test

import (
	"encoding/xml"
	"io"
	"os"
	"path/filepath"
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

// TestGoldenSVG: the whole file, to the byte, on every machine.
func TestGoldenSVG(t *testing.T) {
	c := plots.Lines("A small <chart>", "x₁", "loss", plots.Series{Name: "a", Y: []float64{3, 1, 2}}, plots.Series{Name: "b", Y: []float64{1, 2, 1}}).Size(320, 240)
	want, err := os.ReadFile("testdata/lines.svg")
	if err != nil {
		t.Fatal(err)
	}
	if got := saved(t, c); got != string(want) {
		t.Errorf("it is not testdata/lines.svg, but\n%s", got)
	}
}
