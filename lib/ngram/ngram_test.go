package ngram_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/descent-go/descent/internal/golden"
	"github.com/descent-go/descent/lib/ngram"
)

// NLTK has one discount, and none for single words.
func TestFollowsNLTK(t *testing.T) {
	for _, c := range golden.Load[[]struct {
		N, Size   int
		Discount  float64
		Sequences [][]int
		Cases     []struct {
			Context []int
			P       []float64
		}
	}](t, "testdata/kneserney.json") {
		m := ngram.New(c.N, c.Size)
		m.Discounts = make([]float64, c.N)
		for k := 1; k < c.N; k++ {
			m.Discounts[k] = c.Discount
		}
		fit(t, m, c.Sequences...)
		p := make([]float64, c.Size)
		for _, k := range c.Cases {
			m.Distribution(p, k.Context)
			golden.CloseSlice(t, fmt.Sprintf("n = %d: p(· | %v)", c.N, k.Context), p, k.P, 1e-14)
		}
	}
}

func fit(t testing.TB, m *ngram.Model, sequences ...[]int) {
	t.Helper()
	if err := m.Fit(sequences...); err != nil {
		t.Fatal(err)
	}
}

// San Francisco, San Francisco, San Francisco, a cat, the cat: Francisco is as frequent
// as three words, but has one predecessor; cat has two.
func TestByHand(t *testing.T) {
	const san, francisco, a, the, cat = 0, 1, 2, 3, 4
	text := []int{san, francisco, san, francisco, san, francisco, a, cat, the, cat}
	m := &ngram.Model{N: 2, Vocabulary: 5, Discounts: []float64{0.5, 0.5}}
	fit(t, m, text)
	// The pairs are (start san), (san francisco)³, (francisco san)², (francisco a), (a cat), (cat the), (the cat).
	// Different predecessors: san 2 (start, francisco), francisco 1, a 1, the 1, cat 2; together 7.
	// p₁(w) = (predecessors − ½ + 5·½·⅕) / 7
	p1 := func(predecessors float64) float64 { return (predecessors - 0.5 + 0.5) / 7 }
	for name, c := range map[string]struct {
		w       int
		context []int
		want    float64
	}{
		"p(francisco | san)": {francisco, []int{san}, (3 - 0.5 + 0.5*p1(1)) / 3},
		"p(cat | san)":       {cat, []int{san}, (0 + 0.5*p1(2)) / 3},
		"p(a | francisco)":   {a, []int{francisco}, (1 - 0.5 + 1*p1(1)) / 3},
		"p(san | start)":     {san, nil, (1 - 0.5 + 0.5*p1(2)) / 1},
	} {
		golden.Close(t, name, m.Probability(c.w, c.context), c.want, 1e-15)
	}
	if francisco, cat := m.Probability(francisco, []int{the}), m.Probability(cat, []int{the}); francisco >= cat {
		t.Errorf("after a new context Francisco has %v, cat %v", francisco, cat)
	}
}

// texts of random tokens, the small ones more often.
func random(r *rand.Rand, v, length int) []int {
	s := make([]int, length)
	for i := range s {
		s[i] = min(v-1, int(r.ExpFloat64()*float64(v)/4))
		if i > 0 && r.IntN(3) == 0 {
			s[i] = (s[i-1] + 1) % v
		}
	}
	return s
}

// plain is the formula of Model's comment: counts in maps, and nothing else.
type plain struct {
	n, v     int
	counts   []map[string]map[int]int // of order k+1: context → token → count
	discount func(k, count int) float64
}

func newPlain(n, v int, sequences ...[]int) plain {
	p := plain{n: n, v: v, counts: make([]map[string]map[int]int, n)}
	seen := make(map[string]bool)
	for k := n - 1; k >= 0; k-- {
		p.counts[k] = make(map[string]map[int]int)
		for _, s := range sequences {
			padded := append(slices.Repeat([]int{-1}, n-1), s...)
			for i := n - 1; i < len(padded); i++ {
				longer := fmt.Sprint(k, padded[max(0, i-k-1):i+1])
				if k < n-1 && seen[longer] {
					continue
				}
				seen[longer] = true
				h := fmt.Sprint(padded[i-k : i])
				if p.counts[k][h] == nil {
					p.counts[k][h] = make(map[int]int)
				}
				p.counts[k][h][padded[i]]++
			}
		}
	}
	return p
}

func (p plain) probability(w int, context []int) float64 {
	padded := append(slices.Repeat([]int{-1}, p.n-1), context...)
	lower := 1 / float64(p.v)
	for k := range p.n {
		h := p.counts[k][fmt.Sprint(padded[len(padded)-k:])]
		if h == nil {
			break
		}
		total, kept := 0.0, 0.0
		for _, c := range h {
			total += float64(c)
			kept += p.discount(k, c)
		}
		c := h[w]
		lower = (float64(c) - p.discount(k, c) + kept*lower) / total
	}
	return lower
}

func TestFollowsTheFormula(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 7))
	for _, modified := range []bool{false, true} {
		for n := 1; n <= 5; n++ {
			const v = 6
			sequences := [][]int{random(r, v, 400), random(r, v, 1), {}, random(r, v, 50)}
			m := ngram.New(n, v+1) // one token never occurs
			m.Modified = modified
			fit(t, m, sequences...)
			want := newPlain(n, v+1, sequences...)
			want.discount = func(k, count int) float64 {
				if count == 0 {
					return 0
				}
				return m.Discount(k + 1)[min(count, 3)-1]
			}
			for k := range n {
				checkDiscount(t, m, want, k)
				grams := 0
				for _, h := range want.counts[k] {
					grams += len(h)
				}
				if m.Grams(k+1) != grams {
					t.Errorf("n = %d: %d grams of order %d, want %d", n, m.Grams(k+1), k+1, grams)
				}
			}
			p := make([]float64, v+1)
			for range 50 {
				context := random(r, v, r.IntN(8))
				m.Distribution(p, context)
				sum := 0.0
				for w := range p {
					one := m.Probability(w, context)
					golden.Close(t, fmt.Sprintf("n = %d, p(%d | %v)", n, w, context), one, want.probability(w, context), 1e-13)
					golden.Close(t, "Distribution", p[w], one, 1e-14)
					if !(one > 0) {
						t.Errorf("p(%d | %v) is %v", w, context, one)
					}
					sum += p[w]
				}
				golden.Close(t, fmt.Sprintf("the sum after %v", context), sum, 1, 1e-14)
			}
		}
	}
}

// checkDiscount compares the discounts of order k+1 with equations 24 to 26 of Chen and
// Goodman.
func checkDiscount(t *testing.T, m *ngram.Model, want plain, k int) {
	t.Helper()
	var n [5]float64
	for _, h := range want.counts[k] {
		for _, c := range h {
			if c < 5 {
				n[c]++
			}
		}
	}
	if n[1] == 0 || n[2] == 0 || n[3] == 0 || n[4] == 0 {
		return // TestFewData has these
	}
	y := n[1] / (n[1] + 2*n[2])
	d := [3]float64{y, y, y}
	if m.Modified {
		d = [3]float64{1 - 2*y*n[2]/n[1], 2 - 3*y*n[3]/n[2], 3 - 4*y*n[4]/n[3]}
	}
	for j, v := range m.Discount(k + 1) {
		if d[j] > 0 {
			golden.Close(t, fmt.Sprintf("D%d of order %d", j+1, k+1), v, d[j], 1e-14)
		} else {
			golden.Close(t, fmt.Sprintf("D%d of order %d", j+1, k+1), v, y, 1e-14)
		}
	}
}

func TestFewData(t *testing.T) {
	m := ngram.New(3, 4)
	fit(t, m, []int{2})
	for k := 1; k <= 3; k++ {
		if d := m.Discount(k); d != [3]float64{0.5, 0.5, 0.5} {
			t.Errorf("one token: the discounts of order %d are %v", k, d)
		}
	}
	// One token: each order halves what is left. p = ½ + ½(½ + ½(½ + ½·¼))
	golden.Close(t, "p(2 | start)", m.Probability(2, nil), 1-1./8+1./32, 1e-15)
	golden.Close(t, "p(0 | start)", m.Probability(0, nil), 1./32, 1e-15)
	// A context that was never seen leaves the shortest.
	golden.Close(t, "p(0 | 3 3)", m.Probability(0, []int{3, 3}), 1./8, 1e-15)
}

// With one order and no discount, it is the frequencies, and the loss on the training
// text their entropy.
func TestLossIsTheEntropy(t *testing.T) {
	m := &ngram.Model{N: 1, Vocabulary: 3, Discounts: []float64{0}}
	text := []int{0, 0, 0, 0, 1, 1, 2, 2}
	fit(t, m, text)
	loss, err := m.Loss(text[:3], text[3:])
	if err != nil {
		t.Fatal(err)
	}
	golden.Close(t, "loss", loss, 1.5*math.Ln2, 1e-15)
	m.Discounts[0] = 1 // everything goes to 1/V
	fit(t, m, text[:2])
	m.Vocabulary = 3
	golden.Close(t, "p", m.Probability(0, nil), (1+1./3)/2, 1e-15)
}

// What the model generates is distributed as it says, and the seed fixes it.
func TestGenerate(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	m := ngram.New(3, 5)
	fit(t, m, random(r, 5, 500))
	const n = 20_000
	text, err := m.Generate([]int{1, 2}, n, rand.New(rand.NewPCG(3, 4)))
	if err != nil || len(text) != n+2 || text[0] != 1 || text[1] != 2 {
		t.Fatalf("%d tokens that begin with %v, error %v", len(text), text[:2], err)
	}
	again, _ := m.Generate([]int{1, 2}, n, rand.New(rand.NewPCG(3, 4)))
	if !slices.Equal(text, again) {
		t.Error("the same seed gives another text")
	}
	loss, err := m.Loss(text)
	if err != nil {
		t.Fatal(err)
	}
	// The loss on its own text is the mean entropy of its distributions.
	p, entropy := make([]float64, 5), 0.0
	for i := range text {
		m.Distribution(p, text[max(0, i-2):i])
		for _, v := range p {
			entropy -= v * math.Log(v)
		}
	}
	if entropy /= float64(len(text)); math.Abs(loss-entropy) > 0.02 {
		t.Errorf("loss %.4f, entropy %.4f", loss, entropy)
	}
}

func TestErrors(t *testing.T) {
	fitted := ngram.New(2, 3)
	fit(t, fitted, []int{0, 1})
	_, noLoss := ngram.New(2, 3).Loss([]int{1})
	_, noText := ngram.New(2, 3).Generate(nil, 1, nil)
	_, empty := fitted.Loss(nil)
	_, outside := fitted.Loss([]int{0}, []int{1, 3})
	_, prompt := fitted.Generate([]int{-1}, 1, nil)
	for name, c := range map[string]struct {
		err  error
		says string
	}{
		"order":           {ngram.New(0, 3).Fit([]int{1}), "N 0"},
		"vocabulary":      {ngram.New(2, 0).Fit([]int{1}), "Vocabulary 0"},
		"discounts":       {(&ngram.Model{N: 2, Vocabulary: 3, Discounts: []float64{0.1}}).Fit([]int{1}), "1 discounts for N = 2"},
		"discount of 2":   {(&ngram.Model{N: 1, Vocabulary: 3, Discounts: []float64{2}}).Fit([]int{1}), "order 1 is 2"},
		"NaN":             {(&ngram.Model{N: 1, Vocabulary: 3, Discounts: []float64{math.NaN()}}).Fit([]int{1}), "NaN"},
		"no tokens":       {ngram.New(2, 3).Fit(nil, []int{}), "nothing to count"},
		"unknown token":   {ngram.New(2, 3).Fit([]int{0}, []int{1, 3}), "token 1 of sequence 1 is 3"},
		"padding":         {ngram.New(2, 3).Fit([]int{-1}), "token 0 of sequence 0 is -1"},
		"not fitted":      {noLoss, "not fitted"},
		"cannot generate": {noText, "not fitted"},
		"no loss":         {empty, "no tokens"},
		"loss of unknown": {outside, "token 1 of sequence 1 is 3"},
		"prompt":          {prompt, "token 0 of the prompt is -1"},
	} {
		if c.err == nil || !strings.Contains(c.err.Error(), c.says) || !strings.HasPrefix(c.err.Error(), "ngram: ") {
			t.Errorf("%s: error is %v, want one with %s", name, c.err, c.says)
		}
	}
	for name, c := range map[string]struct {
		f    func()
		says string
	}{
		"not fitted": {func() { ngram.New(2, 3).Probability(0, nil) }, "not fitted"},
		"token":      {func() { fitted.Probability(3, nil) }, "token 3"},
		"length":     {func() { fitted.Distribution(make([]float64, 2), nil) }, "into 2 numbers, want 3"},
	} {
		func() {
			defer func() {
				if text, _ := recover().(string); !strings.Contains(text, c.says) {
					t.Errorf("%s: panic %q, want one with %s", name, text, c.says)
				}
			}()
			c.f()
		}()
	}
}

// For the race detector; and a prediction allocates nothing.
func TestConcurrentUse(t *testing.T) {
	m := ngram.New(4, 5)
	text := random(rand.New(rand.NewPCG(1, 2)), 5, 300)
	fit(t, m, text)
	want, _ := m.Loss(text)
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			if got, err := m.Loss(text); err != nil || got != want {
				t.Errorf("loss %v, want %v, error %v", got, want, err)
			}
		})
	}
	group.Wait()
	p := make([]float64, 5)
	if n := testing.AllocsPerRun(10, func() { m.Distribution(p, text[:9]); m.Probability(1, text[:9]) }); n != 0 {
		t.Errorf("a prediction allocates %v times", n)
	}
}

func Benchmark(b *testing.B) {
	text := random(rand.New(rand.NewPCG(1, 2)), 80, 100_000)
	b.Run("Fit", func(b *testing.B) {
		for b.Loop() {
			fit(b, ngram.New(5, 80), text)
		}
	})
	m := ngram.New(5, 80)
	fit(b, m, text)
	b.Run("Loss", func(b *testing.B) {
		for b.Loop() {
			m.Loss(text)
		}
	})
}
