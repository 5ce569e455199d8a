package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
)

// said returns what f prints.
func said(t *testing.T, f func()) string {
	t.Helper()
	out, err := os.Create(t.TempDir() + "/out")
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	defer func(old *os.File) { os.Stdout = old }(os.Stdout)
	os.Stdout = out
	f()
	text, err := os.ReadFile(out.Name())
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// The table becomes a model in a file, which answers rows and refuses what is no row.
func TestChurn(t *testing.T) {
	t.Chdir(t.TempDir())
	defer func(old []string) { os.Args = old }(os.Args)
	os.Args = os.Args[:1]
	text := said(t, main)
	for _, part := range []string{"ROC AUC", "in 5 folds", "true \\ predicted"} {
		if !strings.Contains(text, part) {
			t.Errorf("it printed no %q:\n%s", part, text)
		}
	}
	card, err := os.ReadFile("card.md")
	if err != nil || !strings.Contains(string(card), "# Customers who leave\n") || !strings.Contains(string(card), "| metric | training rows | 5-fold cross-validation | unseen customers |") {
		t.Errorf("the card is\n%s\n%v", card, err)
	}
	page, err := os.ReadFile("report.html")
	if err != nil || strings.Count(string(page), "<img") < 5 {
		t.Errorf("the report has %d charts, %v", strings.Count(string(page), "<img"), err)
	}

	server := httptest.NewServer(serve("churn.safetensors"))
	defer server.Close()
	post := func(body string) (int, map[string]any, string) {
		r, err := http.Post(server.URL, "application/json", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		defer r.Body.Close()
		var answer map[string]any
		var b strings.Builder
		buffer := make([]byte, 1<<12)
		for {
			n, err := r.Body.Read(buffer)
			b.Write(buffer[:n])
			if err != nil {
				break
			}
		}
		json.Unmarshal([]byte(b.String()), &answer)
		return r.StatusCode, answer, b.String()
	}
	row := func(calls, contract string) string {
		return `{"age":42,"months":3,"contract":"` + contract + `","calls":` + calls + `,"plan":"plus","fee":31,"town":"Bern","shop":"web"}`
	}
	leaves := func(body string) float64 {
		status, answer, text := post(body)
		if status != http.StatusOK {
			t.Fatalf("%s is answered with %d, %s", body, status, text)
		}
		return answer["probabilities"].(map[string]any)["yes"].(float64)
	}
	if angry, calm := leaves(row("6", "month")), leaves(row("0", "two years")); !(angry > 0.8 && calm < 0.2) {
		t.Errorf("an angry customer leaves with probability %g, a calm one with %g", angry, calm)
	}
	for body, want := range map[string]string{
		row(`"many"`, "month"):   `"calls" is "many", want a number`,
		`{"age":42}`:             `the row has no "months"`,
		`no JSON`:                "invalid character",
		strings.Repeat(" ", 1e5): "too large",
		row("1e999", "month"):    `"calls" is "1e999", want a finite number`,
	} {
		if status, _, text := post(body); status != http.StatusBadRequest || !strings.Contains(text, want) {
			t.Errorf("%.40s is answered with %d, %q, want %q", body, status, text, want)
		}
	}
}
