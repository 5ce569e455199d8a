package docs_test

import (
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/lib/loss"
	"github.com/descent-go/descent/lib/model"
	"github.com/descent-go/descent/lib/optim"
	"github.com/descent-go/descent/lib/preprocess"
	"github.com/descent-go/descent/lib/tabular"
	"github.com/descent-go/descent/lib/tune"
)

// sgd is for literals that wrap an optimizer.
var sgd = &optim.SGD{}

// literals use a literal without settings of each type whose constructor fills
// some in. What the literal would do is not what anybody wants, so it has to be
// refused, with the constructor's name.
var literals = map[string]func() error{
	"optim.NewAMSGrad":   (&optim.Adam{AMSGrad: true}).Validate,
	"optim.NewAdaBelief": (&optim.AdaBelief{}).Validate,
	"optim.NewAdadelta":  (&optim.Adadelta{}).Validate,
	"optim.NewAdagrad":   (&optim.Adagrad{}).Validate,
	"optim.NewAdam":      (&optim.Adam{}).Validate,
	"optim.NewAdamW":     (&optim.AdamW{}).Validate,
	"optim.NewAdamax":    (&optim.Adamax{}).Validate,
	"optim.NewEMA":       (&optim.EMA{Optimizer: sgd}).Validate,
	"optim.NewLion":      (&optim.Lion{}).Validate,
	"optim.NewLookahead": (&optim.Lookahead{Optimizer: sgd}).Validate,
	"optim.NewMuon":      (&optim.Muon{}).Validate,
	"optim.NewNAdam":     (&optim.NAdam{}).Validate,
	"optim.NewOneCycle":  optim.OneCycle{}.Validate,
	"optim.NewPlateau":   (&optim.Plateau{}).Validate,
	"optim.NewRAdam":     (&optim.RAdam{}).Validate,
	"optim.NewRMSprop":   (&optim.RMSprop{}).Validate,
	"optim.NewRprop":     (&optim.Rprop{}).Validate,
	"optim.NewSAM":       (&optim.SAM{Optimizer: sgd}).Validate,
	"optim.NewSWA":       (&optim.SWA{Optimizer: sgd}).Validate,

	"loss.NewFocal": loss.Focal{}.Validate,
	"loss.NewHuber": loss.Huber{}.Validate,

	"model.NewBatchNorm": layer(model.BatchNorm{}),
	"model.NewELU":       layer(model.ELU{}),
	"model.NewLayerNorm": layer(model.LayerNorm{}),
	"model.NewLeakyReLU": layer(model.LeakyReLU{}),
	"model.NewRMSNorm":   layer(model.RMSNorm{}),
	"model.NewSampler":   model.Sampler{}.Validate,

	"preprocess.NewCSV": func() error {
		_, err := preprocess.CSV{}.Read(strings.NewReader("a\n1\n"))
		return err
	},
	"preprocess.NewBPE":               text(&preprocess.BPE{}),
	"preprocess.NewCountVectorizer":   text(&preprocess.CountVectorizer{}),
	"preprocess.NewHashingVectorizer": (&preprocess.HashingVectorizer{}).Validate,
	"preprocess.NewImputer":           fit(&preprocess.Imputer{}),
	"preprocess.NewMinMaxScaler":      fit(&preprocess.MinMaxScaler{}),
	"preprocess.NewNormalizer":        fit(&preprocess.Normalizer{}),
	"preprocess.NewRobustScaler":      fit(&preprocess.RobustScaler{}),
	"preprocess.NewSequenceEncoder":   text(&preprocess.SequenceEncoder{}),
	"preprocess.NewStandardScaler":    fit(&preprocess.StandardScaler{}),
	"preprocess.NewTFIDFVectorizer":   text(&preprocess.TFIDFVectorizer{}),
	"preprocess.NewTokenizer":         preprocess.Tokenizer{}.Validate,

	"tabular.NewPath":           tabular.Path{}.Validate,
	"tune.NewSuccessiveHalving": tune.SuccessiveHalving{Candidates: tune.Random{}, MinBudget: 1, MaxBudget: 9}.Validate,
	"tune.NewTPE":               tune.TPE{}.Validate,
}

// plainConstructors return what is of use without the settings, too.
var plainConstructors = map[string]string{
	"grad.New":                     "a Graph has no settings, and is made by it alone",
	"loss.NewTokenCrossEntropy":    "without AllowUnlabelled a target of −1 is refused",
	"model.NewEmbedding":           "with Padding 0, word 0 is the padding, as PyTorch's padding_idx=0",
	"optim.NewASGD":                "without λ and decay of the rate it is Polyak's averaging",
	"optim.NewScheduleFree":        "without interpolation it is averaging as well",
	"optim.NewScheduleFreeAdamW":   "returns a WeightDecay",
	"optim.NewOneCycleMomentum":    "the momentum, Optimizer and Cycle that it sets are all checked as missing",
	"preprocess.NewOneHotEncoder":  "returns the zero value",
	"preprocess.NewOrdinalEncoder": "UnknownValue matters with EncodeUnknown alone",
	"tabular.NewLinear":            "without a penalty it is least squares or maximum likelihood",
	"preprocess.NewWarp":           "Apply panics: a zoom of 0 is a mistake in the program",
}

func layer(l model.Layer) func() error {
	return func() error {
		_, err := model.NewNetwork(model.Features(2), 1, l)
		return err
	}
}

func fit(t preprocess.Transformer) func() error {
	return func() error { return t.Fit(mat.NewDense(2, 2, []float64{1, 2, 3, 5})) }
}

func text(t interface{ Fit([]string) error }) func() error {
	return func() error { return t.Fit([]string{"one two", "two three"}) }
}

func TestLiteralsWithoutSettings(t *testing.T) {
	for name, use := range literals {
		if err := use(); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: a literal without settings gives %v", name, err)
		}
	}
	for pkg, s := range packages(t) {
		for _, name := range constructors(s, s.dir == "lib/optim") {
			_, tested := literals[pkg+"."+name]
			if _, plain := plainConstructors[pkg+"."+name]; strings.HasPrefix(s.dir, "lib/") && tested == plain {
				t.Errorf("%s.%s must be either in literals or in plainConstructors", pkg, name)
			}
		}
	}
}

// constructors are the exported functions New… without parameters, or all of them.
func constructors(s *surface, all bool) (names []string) {
	funcs := slices.Clone(s.doc.Funcs)
	for _, typ := range s.doc.Types {
		funcs = append(funcs, typ.Funcs...)
	}
	for _, f := range funcs {
		if strings.HasPrefix(f.Name, "New") && (all || f.Decl.Type.Params.NumFields() == 0) {
			names = append(names, f.Name)
		}
	}
	return names
}
