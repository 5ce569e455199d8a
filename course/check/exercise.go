package check

import (
	"fmt"
	"strings"
)

// An Exercise is one task of the course. docs/exercises.md says how to add one.
type Exercise struct {
	Name  string   // as in check.AdamStep: "AdamStep"
	Hints []string // from a nudge to nearly the solution
}

// A Chapter is a notebook and its exercises, in their order.
type Chapter struct {
	Notebook  string // without its ending: "03-optimization-algorithms"
	Exercises []Exercise
	folder    string // of the sources, where it is not the notebook's own
}

// Chapters returns all notebooks. The second part of a chapter has its sources in
// the folder of the first. An exercise keeps its name when it moves from one part
// to the other, so that a learner's results remain valid.
func Chapters() []Chapter {
	return []Chapter{
		{"00-start-here", []Exercise{meanOf, irisFacts, steps}, ""},

		{"01-background", []Exercise{malignantFound, fillMissing, costExponent, enoughSamples}, ""},

		{"02-core-concepts", []Exercise{meanAbsoluteError, crossEntropy, numericalSlope, descent}, ""},
		{"02b-overfitting", []Exercise{earlyStop, softThreshold, bestDegree}, "ch02"},

		{"03-optimization-algorithms", []Exercise{momentumStep, stableRate, batches}, ""},
		{"03b-adam", []Exercise{rmsProp, adamStep, epochsTo}, "ch03"},

		{"04-linear-and-logistic-regression", []Exercise{lineByHand, rSquared, huberGradient}, ""},
		{"04b-logistic-regression", []Exercise{penalised, cheapest, auc, bestPair}, "ch04"},
		{"04c-backpropagation", []Exercise{denseGradient, hiddenGradient, skipGradient, softmaxGradient}, ""},
		{"04d-automatic-differentiation", []Exercise{topologicalOrder, sweep, dualQuotient, unbroadcast}, ""},

		{"05-project-practice", []Exercise{breakEven, rowsNeeded, halving}, ""},
		{"05b-production", []Exercise{outOfFold, seenBefore, requestRow, bootstrap}, "ch05"},

		{"06a-image-classification", []Exercise{softmax, oftenConfused, committee}, ""},
		{"06a2-convolutional-networks", []Exercise{maxPool, shifted, occlusion}, "ch06a"},

		{"06b-object-detection", []Exercise{responsibleCell, boxOfCell, boxLoss}, ""},
		{"06b2-detection-quality", []Exercise{iou, averagePrecision, soften, eachClass}, "ch06b"},

		{"06c-text-classification", []Exercise{tfidf, nearest, pairs}, ""},
		{"06c2-embeddings", []Exercise{mistype, similar, textVector}, "ch06c"},
		{"06c3-why-order-matters", []Exercise{perplexity, addK, continuations, mergePair}, "ch06c"},

		{"06d-recurrent-networks", []Exercise{lastStates, tokenLoss, throughTime, lstmCell}, ""},

		{"06e-attention-and-a-small-gpt", []Exercise{attend, causalWeights, nextTokens, temper}, ""},

		{"07-tools-and-resources", []Exercise{ridgeAlpha, fromTorch, tensorNames}, ""},
		{"07b-one-task-all-frameworks", []Exercise{kerasAdam, epochLoss, startStd, digits}, ""},

		{"08-summary-and-trends", []Exercise{parameters, serialShare, localSGD}, ""},
		{"08b-efficiency", []Exercise{kahan, lottery, perUnit}, "ch08"},
		{"08c-pretraining-and-adaptation", []Exercise{loraStart, mergeLora, countLora, warmRate, atBestRate}, ""},

		{"09-faq", []Exercise{logCosh, scaleBoth, growth}, ""},
	}
}

// Folder returns the name of the folder in exercises/ that has their sources:
// "ch03".
func (c Chapter) Folder() string {
	if c.folder != "" {
		return c.folder
	}
	number, _, _ := strings.Cut(c.Notebook, "-")
	return "ch" + number
}

// Number returns the chapter's number as the course writes it: "3", "3b", "6a",
// "6a2".
func (c Chapter) Number() string {
	number, _, _ := strings.Cut(c.Notebook, "-")
	if number == "00" {
		return "0"
	}
	return strings.TrimLeft(number, "0")
}

// Hint prints the next hint of the exercise with the given name, such as
// check.Hint("AdamStep"). After the last one it starts again.
func Hint(name string) {
	e, ok := find(name)
	if !ok {
		fmt.Printf("There is no exercise %q. %s\n", name, known())
		return
	}
	log, err := load()
	given := log.hints[name]
	n := given % len(e.Hints)
	fmt.Printf("Hint %d of %d: %s\n", n+1, len(e.Hints), e.Hints[n])
	if err == nil {
		err = add(event{Exercise: name, Hint: given + 1})
	}
	if err != nil {
		fmt.Println("Which hint comes next could not be saved:", err)
	}
}

func find(name string) (Exercise, bool) {
	for _, c := range Chapters() {
		for _, e := range c.Exercises {
			if strings.EqualFold(e.Name, name) {
				return e, true
			}
		}
	}
	return Exercise{}, false
}

// known lists the names of all exercises.
func known() string {
	var names []string
	for _, c := range Chapters() {
		for _, e := range c.Exercises {
			names = append(names, e.Name)
		}
	}
	return "There are " + strings.Join(names, ", ") + "."
}
