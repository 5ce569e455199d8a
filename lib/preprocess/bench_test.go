package preprocess_test

import (
	"bytes"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/timed"
	"github.com/descent-go/descent/lib/preprocess"
)

// must is for benchmarks, whose data are right.
func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func noError(err error) { must(0, err) }

// timedColumns is the number of columns of what is timed, but where they multiply.
const timedColumns = 20

func timedMatrix(n, cols int) *mat.Dense {
	r := rand.New(rand.NewPCG(uint64(n), uint64(cols)))
	x := mat.NewDense(n, cols, nil)
	for i := range n {
		for j := range cols {
			x.Set(i, j, 3+r.NormFloat64())
		}
	}
	return x
}

func timedCodes(n int) *mat.Dense {
	x := timedMatrix(n, 5)
	x.Apply(func(_, _ int, v float64) float64 { return math.Floor(10 * math.Abs(v)) }, x)
	return x
}

func timedStrings(n int) [][]string {
	x := timedCodes(n)
	rows := make([][]string, n)
	for i := range rows {
		for j := range 5 {
			rows[i] = append(rows[i], fmt.Sprintf("level%g", x.At(i, j)))
		}
	}
	return rows
}

// timedDocuments are of twenty words each.
func timedDocuments(n int) []string {
	r := rand.New(rand.NewPCG(uint64(n), 3))
	docs := make([]string, n)
	for i := range docs {
		var words []string
		for range 20 {
			words = append(words, fmt.Sprintf("Word%d,", int(30*r.ExpFloat64())))
		}
		docs[i] = strings.Join(words, " ")
	}
	return docs
}

func timedFile(n int) []byte {
	var b bytes.Buffer
	for j := range timedColumns {
		fmt.Fprintf(&b, "column%d,", j)
	}
	b.WriteString("city\n")
	x := timedMatrix(n, timedColumns)
	for i := range n {
		for j := range timedColumns {
			fmt.Fprint(&b, x.At(i, j), ",")
		}
		fmt.Fprintf(&b, "\"Town %d, NY\"\n", i%7)
	}
	return b.Bytes()
}

func timedTable(n int) *preprocess.Table {
	return must(preprocess.ReadCSV(bytes.NewReader(timedFile(n))))
}

func timedLabels(n int) []int {
	labels := make([]int, n)
	for i := range labels {
		labels[i] = i * 7919 % 13
	}
	return labels
}

// fits, transforms and inverts make benchmarks of a transformer.
func fits(t preprocess.Transformer, data func(n int) *mat.Dense) func(n int) func() {
	return func(n int) func() {
		x := data(n)
		return func() { noError(t.Fit(x)) }
	}
}

func transforms(t preprocess.Transformer, data func(n int) *mat.Dense) func(n int) func() {
	return func(n int) func() {
		x := data(n)
		noError(t.Fit(x))
		return func() { must(t.Transform(x)) }
	}
}

func inverts(t preprocess.Inverter, data func(n int) *mat.Dense) func(n int) func() {
	return func(n int) func() {
		x := data(n)
		y := must(preprocess.FitTransform(t, x))
		return func() { must(t.Inverse(y)) }
	}
}

func wide(n int) *mat.Dense   { return timedMatrix(n, timedColumns) }
func narrow(n int) *mat.Dense { return timedMatrix(n, 8) }

func timedMissing(n int) *mat.Dense {
	x := wide(n)
	for i := range n {
		if i%10 > 0 {
			x.Set(i, i%timedColumns, math.NaN())
		}
	}
	return x
}

func rounded(n int) *mat.Dense {
	return must(preprocess.FitTransform(preprocess.NewOrdinalEncoder(), timedCodes(n))).(*mat.Dense)
}

// documents makes a benchmark of what is done with documents.
func documents(v preprocess.Vectorizer, transform bool) func(n int) func() {
	return func(n int) func() {
		docs := timedDocuments(n)
		noError(v.Fit(docs))
		if transform {
			return func() { must(v.Transform(docs)) }
		}
		return func() { noError(v.Fit(docs)) }
	}
}

func parts() preprocess.ColumnTransformer {
	return preprocess.ColumnTransformer{Parts: []preprocess.ColumnPart{
		{Columns: []int{0, 1, 2}, Transformer: preprocess.NewStandardScaler()}, {Columns: []int{3, 4}, Transformer: preprocess.NewMinMaxScaler()},
	}, PassRest: true}
}

func tableParts() preprocess.TableTransformer {
	return preprocess.TableTransformer{Parts: []preprocess.TablePart{
		{Columns: []string{"column0", "column1"}, Numbers: preprocess.NewStandardScaler()}, {Columns: []string{"city"}, Strings: preprocess.NewOneHotEncoder()},
	}}
}

// encodes makes a benchmark of an encoder of strings.
func encodes(fit func([][]string) error, run func(rows [][]string)) func(n int) func() {
	return func(n int) func() {
		rows := timedStrings(n)
		noError(fit(rows))
		return func() { run(rows) }
	}
}

func timedOrder(n int) []int { return rand.New(rand.NewPCG(1, 2)).Perm(n) }

var tenth = preprocess.Fractions{Validation: 0.1, Test: 0.1}

func chain() *preprocess.Pipeline {
	return preprocess.NewPipeline(preprocess.NewStandardScaler(), preprocess.NewMinMaxScaler())
}

func pictures(n int) (dst, x *mat.Dense) {
	n = max(1, n/100)
	return mat.NewDense(n, 784, nil), timedMatrix(n, 784)
}

var (
	oneHot   = preprocess.NewOneHotEncoder()
	ordinal  = preprocess.NewOrdinalEncoder()
	columns  = parts()
	tables   = tableParts()
	hashing  = preprocess.NewHashingVectorizer()
	sequence = preprocess.NewSequenceEncoder(30)
	augment  = preprocess.Augment{Channels: 1, Height: 28, Width: 28, Shift: 2}
)

// timedText returns a text and the tokenizer fitted to it.
func timedText(n int, k preprocess.TextTokenizer) (string, preprocess.TextTokenizer) {
	text := strings.Join(timedDocuments(n), "\n")
	noError(k.Fit([]string{text}))
	return text, k
}

var benchmarks = timed.List{
	"StandardScaler.Fit": fits(preprocess.NewStandardScaler(), wide), "StandardScaler.Transform": transforms(preprocess.NewStandardScaler(), wide),
	"StandardScaler.Inverse": inverts(preprocess.NewStandardScaler(), wide),
	"MinMaxScaler.Fit":       fits(preprocess.NewMinMaxScaler(), wide), "MinMaxScaler.Transform": transforms(preprocess.NewMinMaxScaler(), wide),
	"MinMaxScaler.Inverse": inverts(preprocess.NewMinMaxScaler(), wide),
	"RobustScaler.Fit":     fits(preprocess.NewRobustScaler(), wide), "RobustScaler.Transform": transforms(preprocess.NewRobustScaler(), wide),
	"RobustScaler.Inverse": inverts(preprocess.NewRobustScaler(), wide),
	"Normalizer.Fit":       fits(preprocess.NewNormalizer(), wide), "Normalizer.Transform": transforms(preprocess.NewNormalizer(), wide),
	"PolynomialFeatures.Fit": fits(preprocess.NewPolynomialFeatures(2), narrow), "PolynomialFeatures.Transform": transforms(preprocess.NewPolynomialFeatures(2), narrow),
	"Imputer.Fit": fits(preprocess.NewImputer(), timedMissing), "Imputer.Transform": transforms(preprocess.NewImputer(), timedMissing),
	"OneHotEncoder.Fit": fits(oneHot, timedCodes), "OneHotEncoder.Transform": transforms(oneHot, timedCodes), "OneHotEncoder.Inverse": inverts(oneHot, timedCodes),
	"OrdinalEncoder.Fit": fits(ordinal, timedCodes), "OrdinalEncoder.Transform": transforms(ordinal, timedCodes), "OrdinalEncoder.Inverse": inverts(ordinal, rounded),
	"OneHotEncoder.FitStrings":        encodes(oneHot.FitStrings, func(rows [][]string) { noError(oneHot.FitStrings(rows)) }),
	"OneHotEncoder.TransformStrings":  encodes(oneHot.FitStrings, func(rows [][]string) { must(oneHot.TransformStrings(rows)) }),
	"OrdinalEncoder.FitStrings":       encodes(ordinal.FitStrings, func(rows [][]string) { noError(ordinal.FitStrings(rows)) }),
	"OrdinalEncoder.TransformStrings": encodes(ordinal.FitStrings, func(rows [][]string) { must(ordinal.TransformStrings(rows)) }),
	"OneHotEncoder.InverseStrings": func(n int) func() {
		rows := timedStrings(n)
		noError(oneHot.FitStrings(rows))
		y := must(oneHot.TransformStrings(rows))
		return func() { must(oneHot.InverseStrings(y)) }
	},
	"OrdinalEncoder.InverseStrings": func(n int) func() {
		rows := timedStrings(n)
		noError(ordinal.FitStrings(rows))
		y := must(ordinal.TransformStrings(rows))
		return func() { must(ordinal.InverseStrings(y)) }
	},
	"ColumnTransformer.Fit": fits(&columns, wide), "ColumnTransformer.Transform": transforms(&columns, wide),
	"Pipeline.Fit": fits(chain(), wide), "Pipeline.Transform": transforms(chain(), wide), "Pipeline.Inverse": inverts(chain(), wide),
	"Pipeline.FitTransform": func(n int) func() { x := wide(n); return func() { must(chain().FitTransform(x)) } },
	"FitTransform": func(n int) func() {
		x := wide(n)
		return func() { must(preprocess.FitTransform(preprocess.NewStandardScaler(), x)) }
	},
	"CountVectorizer.Fit": documents(preprocess.NewCountVectorizer(), false), "CountVectorizer.Transform": documents(preprocess.NewCountVectorizer(), true),
	"TFIDFVectorizer.Fit": documents(preprocess.NewTFIDFVectorizer(), false), "TFIDFVectorizer.Transform": documents(preprocess.NewTFIDFVectorizer(), true),
	"HashingVectorizer.Transform": documents(hashing, true),
	"SequenceEncoder.Fit":         func(n int) func() { docs := timedDocuments(n); return func() { noError(sequence.Fit(docs)) } },
	"SequenceEncoder.Transform": func(n int) func() {
		docs := timedDocuments(n)
		noError(sequence.Fit(docs))
		return func() { must(sequence.Transform(docs)) }
	},
	"BPE.Fit": func(n int) func() {
		docs := timedDocuments(n)
		return func() { noError(preprocess.NewBPE(1000).Fit(docs)) }
	},
	"BPE.Encode": func(n int) func() {
		text, b := timedText(n, preprocess.NewBPE(1000))
		return func() { must(b.Encode(text)) }
	},
	"BPE.Decode": func(n int) func() {
		text, b := timedText(n, preprocess.NewBPE(1000))
		ids := must(b.Encode(text))
		return func() { must(b.Decode(ids)) }
	},
	"CharTokenizer.Fit": func(n int) func() {
		docs := timedDocuments(n)
		return func() { noError(new(preprocess.CharTokenizer).Fit(docs)) }
	},
	"CharTokenizer.Encode": func(n int) func() {
		text, c := timedText(n, new(preprocess.CharTokenizer))
		return func() { must(c.Encode(text)) }
	},
	"CharTokenizer.Decode": func(n int) func() {
		text, c := timedText(n, new(preprocess.CharTokenizer))
		ids := must(c.Encode(text))
		return func() { must(c.Decode(ids)) }
	},
	"Tokenizer.Tokens": func(n int) func() {
		text := strings.Join(timedDocuments(n), "\n")
		return func() { preprocess.NewTokenizer().Tokens(text) }
	},
	"CSV.Read": func(n int) func() {
		b := timedFile(n)
		return func() { must(preprocess.NewCSV().Read(bytes.NewReader(b))) }
	},
	"ReadCSV":       func(n int) func() { b := timedFile(n); return func() { must(preprocess.ReadCSV(bytes.NewReader(b))) } },
	"Table.Matrix":  func(n int) func() { t := timedTable(n); return func() { must(t.Matrix(t.Names()[:timedColumns]...)) } },
	"Table.Float":   func(n int) func() { t := timedTable(n); return func() { must(t.Float("column0")) } },
	"Table.Numeric": func(n int) func() { t := timedTable(n); return func() { t.Numeric("column0") } },
	"Table.Strings": func(n int) func() { t := timedTable(n); return func() { must(t.Strings("city")) } },
	"Table.Replace": func(n int) func() {
		t := timedTable(n)
		cells := must(t.Strings("city"))
		return func() { must(t.Replace("city", cells)) }
	},
	"Table.Categories": func(n int) func() {
		t := timedTable(n)
		return func() { must(t.Categories("city", "column0")) }
	},
	"Table.Text": func(n int) func() { t := timedTable(n); return func() { must(t.Text("city", "column0")) } },
	"Table.Rows": func(n int) func() {
		t, rows := timedTable(n), timedOrder(n)
		return func() { t.Rows(rows) }
	},
	"Table.AddStrings": func(n int) func() {
		cells := must(timedTable(n).Strings("city"))
		return func() { noError(new(preprocess.Table).AddStrings("city", cells)) }
	},
	"Table.AddFloats": func(n int) func() {
		v := must(timedTable(n).Float("column0"))
		return func() { noError(new(preprocess.Table).AddFloats("x", v)) }
	},
	"Table.WriteCSV":                func(n int) func() { t := timedTable(n); return func() { noError(t.WriteCSV(io.Discard)) } },
	"TableTransformer.Fit":          func(n int) func() { t := timedTable(n); return func() { noError(tables.Fit(t)) } },
	"TableTransformer.FitTransform": func(n int) func() { t := timedTable(n); return func() { must(tables.FitTransform(t)) } },
	"TableTransformer.Transform": func(n int) func() {
		t := timedTable(n)
		noError(tables.Fit(t))
		return func() { must(tables.Transform(t)) }
	},
	"KFold":           func(n int) func() { return func() { must(preprocess.KFold(n, 5, 1)) } },
	"StratifiedKFold": func(n int) func() { l := timedLabels(n); return func() { must(preprocess.StratifiedKFold(l, 5, 1)) } },
	"GroupKFold":      func(n int) func() { l := timedLabels(n); return func() { must(preprocess.GroupKFold(l, 5)) } },
	"RepeatedKFold":   func(n int) func() { return func() { must(preprocess.RepeatedKFold(n, 5, 2, 1)) } },
	"RepeatedStratifiedKFold": func(n int) func() {
		l := timedLabels(n)
		return func() { must(preprocess.RepeatedStratifiedKFold(l, 5, 2, 1)) }
	},
	"TimeSeriesSplit.Split": func(n int) func() { return func() { must(preprocess.TimeSeriesSplit{Folds: 5}.Split(n)) } },
	"KFoldInOrder":          func(n int) func() { return func() { must(preprocess.KFoldInOrder(n, 5)) } },
	"StratifiedGroupKFold": func(n int) func() {
		l := timedLabels(n)
		groups := make([]int, n)
		for i := range groups {
			groups[i] = i % 50
		}
		return func() { must(preprocess.StratifiedGroupKFold(l, groups, 5, 1)) }
	},
	"StratifiedGroupKFoldInOrder": func(n int) func() {
		l := timedLabels(n)
		groups := make([]int, n)
		for i := range groups {
			groups[i] = i % 50
		}
		return func() { must(preprocess.StratifiedGroupKFoldInOrder(l, groups, 5)) }
	},
	"StratifiedKFoldInOrder": func(n int) func() {
		l := timedLabels(n)
		return func() { must(preprocess.StratifiedKFoldInOrder(l, 5)) }
	},
	"Table.Labels": func(n int) func() {
		t := timedTable(n)
		return func() {
			if _, _, err := t.Labels("city"); err != nil {
				panic(err)
			}
		}
	},
	"Targets":     func(n int) func() { l := timedLabels(n); return func() { preprocess.Targets(l) } },
	"SplitRandom": func(n int) func() { return func() { must(preprocess.SplitRandom(n, tenth, 1)) } },
	"SplitStratified": func(n int) func() {
		l := timedLabels(n)
		return func() { must(preprocess.SplitStratified(l, tenth, 1)) }
	},
	"SplitGrouped": func(n int) func() {
		l := timedLabels(n)
		return func() { must(preprocess.SplitGrouped(l, tenth, 1)) }
	},
	"SplitByTime": func(n int) func() {
		times := mat.Col(nil, 0, timedMatrix(n, 1))
		return func() { must(preprocess.SplitByTime(times, tenth)) }
	},
	"Rows": func(n int) func() {
		x, rows := wide(n), timedOrder(n)
		return func() { preprocess.Rows(x, rows) }
	},
	"Take": func(n int) func() {
		l, rows := timedLabels(n), timedOrder(n)
		return func() { preprocess.Take(l, rows) }
	},
	"Dense": func(n int) func() {
		x := must(preprocess.FitTransform(oneHot, timedCodes(n)))
		return func() { preprocess.Dense(x) }
	},
	"Save": func(n int) func() {
		v := preprocess.NewCountVectorizer()
		noError(v.Fit(timedDocuments(n)))
		return func() { noError(preprocess.Save(io.Discard, v)) }
	},
	"Load": func(n int) func() {
		v, b := preprocess.NewCountVectorizer(), new(bytes.Buffer)
		noError(v.Fit(timedDocuments(n)))
		noError(preprocess.Save(b, v))
		return func() { must(preprocess.Load[*preprocess.CountVectorizer](bytes.NewReader(b.Bytes()))) }
	},
	"Augment.Apply": func(n int) func() { dst, x := pictures(n); return func() { augment.Apply(dst, x, 1) } },
	"GaussianNoise.Apply": func(n int) func() {
		dst, x := pictures(n)
		return func() { preprocess.GaussianNoise{Std: 1}.Apply(dst, x, 1) }
	},
	"Warp.Apply": func(n int) func() {
		dst, x := pictures(n)
		return func() {
			for i := range x.RawMatrix().Rows {
				preprocess.NewWarp().Apply(dst.RawRowView(i), x.RawRowView(i), 1, 28, 28)
			}
		}
	},
}

func BenchmarkPreprocess(b *testing.B) { benchmarks.Run(b) }

// TestEverythingIsTimed: what is exported and takes time has a benchmark at three
// sizes.
func TestEverythingIsTimed(t *testing.T) {
	benchmarks.Check(t, "HashingVectorizer.Fit", ".Index", "SequenceEncoder.ID", "SequenceEncoder.Size",
		"SequenceEncoder.Decode", "Table.Len", "Table.Names", "EnglishStopWords", "NewPolynomialFeatures", "NewPipeline",
		".Tokens",                                                                                                                                    // of the vocabulary, and what a Tokenizer inside does
		"NewSequenceEncoder", "NewBPE", "BPE.ID", "BPE.Size", "CharTokenizer.ID", "CharTokenizer.Size", "Augment.ApplyImage", "SaveFile", "LoadFile") // the last are Apply, Save and Load
	benchmarks.Once()
}
