package datasets

import (
	"bytes"
	"compress/gzip"
	"embed"
	"encoding/csv"
	"fmt"
	"io"
	"sync"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/internal/decimal"
)

//go:embed data/*.csv.gz
var files embed.FS

// The tables are parsed when first asked for: nothing is unpacked at start-up.
var (
	iris         = table("iris")
	wine         = table("wine")
	breastCancer = table("breast_cancer")
	diabetes     = table("diabetes")
	digits       = table("digits")
	articleNumPy = table("article_numpy")
)

// table returns a function that parses data/name.csv.gz at its first call. What it returns is shared: Dataset
// values get copies of it.
func table(name string) func() *mat.Dense {
	return sync.OnceValue(func() *mat.Dense {
		packed, err := files.ReadFile("data/" + name + ".csv.gz")
		if err != nil {
			panic("datasets: " + err.Error())
		}
		t, err := parseTable(bytes.NewReader(packed))
		if err != nil { // the files are part of the binary, and the tests read all of them
			panic(fmt.Sprintf("datasets: embedded %s: %v", name, err))
		}
		return t
	})
}

// parseTable reads a gzipped CSV file of numbers without a header, with the same number of fields in each line.
func parseTable(r io.Reader) (*mat.Dense, error) {
	unpacked, err := gzip.NewReader(r)
	if err != nil {
		return nil, err
	}
	records, err := csv.NewReader(unpacked).ReadAll()
	if err != nil {
		return nil, err
	}
	if len(records) == 0 {
		return nil, fmt.Errorf("no lines")
	}
	t := mat.NewDense(len(records), len(records[0]), nil)
	for i, record := range records {
		for j, field := range record {
			v, err := decimal.Parse(field)
			if err != nil {
				return nil, fmt.Errorf("line %d, field %d: %w", i+1, j+1, err)
			}
			t.Set(i, j, v)
		}
	}
	return t, nil
}

// fill copies the parsed table into d: the last column is the target.
func (d *Dataset) fill(t *mat.Dense) *Dataset {
	m, n := t.Dims()
	d.X = mat.DenseCopyOf(t.Slice(0, m, 0, n-1))
	d.Y = mat.DenseCopyOf(t.Slice(0, m, n-1, n))
	return d
}

const ccBy4 = "CC BY 4.0 (creativecommons.org/licenses/by/4.0)"

// Iris returns Fisher's iris data: 150×4, lengths in cm, three species with 50
// flowers each. One species can be separated from the other two by a line, but those
// two cannot be separated from each other. It is a classic small classification task.
//
// Source: R. A. Fisher, "The use of multiple measurements in taxonomic problems", Annual Eugenics 7 (1936).
func Iris() *Dataset {
	return (&Dataset{
		Name:     "iris",
		Features: []string{"sepal length", "sepal width", "petal length", "petal width"},
		Units:    []string{"cm", "cm", "cm", "cm"},
		Classes:  []string{"setosa", "versicolor", "virginica"},
		Target:   "species",
		Title:    "Iris plants",
		Source:   "R. A. Fisher (1936), UCI Machine Learning Repository, doi.org/10.24432/C56C76, as in scikit-learn 1.2",
		Licence:  ccBy4,
		Citation: `Fisher, R. A. (1936). "The use of multiple measurements in taxonomic problems". Annual Eugenics 7, Part II, 179–188.`,
		Notes:    "The values are those of Fisher's paper; UCI's file iris.data differs in two samples (rows 34 and 37).",
	}).fill(iris())
}

// Wine returns chemical analyses of wines of three growers in the same region of
// Italy: 178×13. The scales of the features differ by three orders of magnitude, so
// gradient descent fails unless they are scaled.
//
// Source: M. Forina et al., PARVUS; S. Aeberhard and M. Forina, UCI Machine Learning Repository.
func Wine() *Dataset {
	return (&Dataset{
		Name: "wine",
		Features: []string{"alcohol", "malic acid", "ash", "alcalinity of ash", "magnesium", "total phenols",
			"flavanoids", "nonflavanoid phenols", "proanthocyanins", "color intensity", "hue",
			"od280/od315 of diluted wines", "proline"},
		Units:    make([]string, 13),
		Classes:  []string{"class_0", "class_1", "class_2"},
		Target:   "cultivator",
		Title:    "Wine recognition",
		Source:   "S. Aeberhard, M. Forina (1992), UCI Machine Learning Repository, doi.org/10.24432/C5PC7J",
		Licence:  ccBy4,
		Citation: "Aeberhard, S. and Forina, M. (1992). Wine. UCI Machine Learning Repository. https://doi.org/10.24432/C5PC7J",
		Notes:    "The source states no units. The classes are three cultivators (growers), whom the source does not name.",
	}).fill(wine())
}

// BreastCancer returns the Wisconsin diagnostic data: 569×30, features of cell nuclei in a digitised image of
// a fine-needle aspirate of a breast mass; the mean, the standard error and the "worst" (mean of the three largest) of
// ten measurements.
//
// The classes are 0 malignant and 1 benign, as in scikit-learn. The class of interest
// is 0: take care when computing recall or precision.
//
// Source: W. N. Street, W. H. Wolberg, O. L. Mangasarian (1993).
func BreastCancer() *Dataset {
	measured := []string{"radius", "texture", "perimeter", "area", "smoothness", "compactness", "concavity",
		"concave points", "symmetry", "fractal dimension"}
	var features []string
	for _, form := range []string{"mean %s", "%s error", "worst %s"} {
		for _, what := range measured {
			features = append(features, fmt.Sprintf(form, what))
		}
	}
	return (&Dataset{
		Name:     "breast_cancer",
		Features: features,
		Units:    make([]string, len(features)),
		Classes:  []string{"malignant", "benign"},
		Target:   "diagnosis",
		Title:    "Breast cancer Wisconsin (diagnostic)",
		Source:   "W. Wolberg, O. Mangasarian, N. Street, W. Street (1993), UCI Machine Learning Repository, doi.org/10.24432/C5DW2B",
		Licence:  ccBy4,
		Citation: `Street, W. N., Wolberg, W. H. and Mangasarian, O. L. (1993). "Nuclear feature extraction for breast tumor diagnosis". IS&T/SPIE 1993 International Symposium on Electronic Imaging, 1905, 861–870.`,
		Notes:    "0 is malignant, 1 is benign, as in scikit-learn. The source states no units: lengths are relative to the image.",
	}).fill(breastCancer())
}

// Diabetes returns the data of the LARS paper: 442×10, ten measurements of diabetes patients, and how far the
// disease has progressed one year later (25 to 346), a regression task.
//
// The values are raw: years, kg/m², and so on. (By default scikit-learn's
// load_diabetes returns columns that are centred and scaled to length 1.) Scale them
// before gradient descent.
//
// Source: B. Efron, T. Hastie, I. Johnstone, R. Tibshirani, "Least Angle Regression", Annals of Statistics 32 (2004).
func Diabetes() *Dataset {
	return (&Dataset{
		Name:     "diabetes",
		Features: []string{"age", "sex", "bmi", "bp", "s1", "s2", "s3", "s4", "s5", "s6"},
		Units:    []string{"years", "code 1 or 2", "kg/m²", "mm Hg", "mg/dL", "mg/dL", "mg/dL", "ratio", "log(mg/dL)", "mg/dL"},
		Target:   "disease progression",
		Title:    "Diabetes",
		Source:   "Efron, Hastie, Johnstone, Tibshirani (2004), www4.stat.ncsu.edu/~boos/var.select/diabetes.html",
		Licence:  "none stated by the authors; distributed with R's lars (GPL-2) and scikit-learn (BSD-3-Clause)",
		Citation: `Efron, B., Hastie, T., Johnstone, I. and Tibshirani, R. (2004). "Least Angle Regression". Annals of Statistics 32(2), 407–499.`,
		Notes: "s1 total cholesterol (tc), s2 low-density lipoproteins (ldl), s3 high-density lipoproteins (hdl), " +
			"s4 total cholesterol / hdl (tch), s5 probably the logarithm of triglycerides (ltg), s6 blood sugar (glu). " +
			"The source does not state units; those of the blood values follow from their ranges. It does not say either which sex is 1. " +
			"The progression is a measure without a unit.",
	}).fill(diabetes())
}

// Digits returns images of handwritten digits, 1797×64: 8×8 pixels, row by row from
// the top left. Each pixel is the number of inked pixels (0 to 16) in a 4×4 block of
// the scanned 32×32 bitmap. Ten classes.
//
// Source: E. Alpaydin, C. Kaynak, "Cascading Classifiers", Kybernetika 34 (1998); this is UCI's test set.
func Digits() *Dataset {
	d := &Dataset{
		Name:     "digits",
		Classes:  []string{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"},
		Target:   "digit",
		Title:    "Optical recognition of handwritten digits, 8×8 pixels",
		Source:   "E. Alpaydin, C. Kaynak (1998), UCI Machine Learning Repository, doi.org/10.24432/C50P49 (test set)",
		Licence:  ccBy4,
		Citation: `Alpaydin, E. and Kaynak, C. (1998). "Cascading Classifiers". Kybernetika 34(4), 369–374. Data: https://doi.org/10.24432/C50P49`,
		Notes:    "13 people wrote them, none of whom wrote for UCI's training set. All values are whole numbers from 0 to 16.",
	}
	d.Features, d.Units = pixels(8, 8, "ink, 0 to 16")
	return d.fill(digits())
}

// ArticleNumPy returns the exact numbers of the article's §4.1.3, 100×2: what NumPy
// draws after np.random.seed(0) with X = np.random.rand(100, 2) and y = 2*X[:, 0] +
// 3*X[:, 1] + np.random.randn(100). Use them to compare results with those of the
// article; [Article] draws other samples of the same kind.
func ArticleNumPy() *Dataset {
	d := linearDescription([]float64{2, 3}, 0, 1)
	d.Name = "article_numpy"
	d.Title = "The article's example (§4.1.3), as NumPy draws it with seed 0"
	d.Source = "generated with NumPy's legacy generator, seed 0"
	return d.fill(articleNumPy())
}

// pixels names the pixels of a picture as scikit-learn does.
func pixels(rows, columns int, unit string) (names, units []string) {
	for i := range rows {
		for j := range columns {
			names = append(names, fmt.Sprintf("pixel_%d_%d", i, j))
			units = append(units, unit)
		}
	}
	return names, units
}
