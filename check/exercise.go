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
}

// Chapters returns all notebooks that have exercises.
func Chapters() []Chapter {
	return []Chapter{
		{"00-start-here", []Exercise{meanOf, irisFacts, steps}},
		{"01-background", []Exercise{malignantFound, fillMissing, costExponent, enoughSamples}},
		{"02-core-concepts", []Exercise{meanAbsoluteError, earlyStop, crossEntropy, softThreshold, bestDegree}},
		{"03-optimization-algorithms", []Exercise{momentumStep, rmsProp, stableRate, adamStep, epochsTo}},
		{"04-linear-and-logistic-regression", []Exercise{lineByHand, huberGradient, penalised, cheapest, auc, bestPair}},
		{"05-project-practice", []Exercise{breakEven, rowsNeeded, outOfFold, bootstrap, halving}},
		{"06a-image-classification", []Exercise{maxPool, shifted, oftenConfused, committee, occlusion}},
		{"06b-object-detection", []Exercise{iou, averagePrecision, soften, eachClass}},
		{"06c-text-classification", []Exercise{tfidf, nearest, mistype, similar}},
		{"07-tools-and-resources", []Exercise{ridgeAlpha, fromTorch, tensorNames}},
		{"08-summary-and-trends", []Exercise{serialShare, kahan, lottery, perUnit, localSGD}},
		{"09-faq", []Exercise{logCosh, scaleBoth, growth}},
	}
}

// Folder returns the name of the folder in exercises/ that has their sources:
// "ch03".
func (c Chapter) Folder() string {
	number, _, _ := strings.Cut(c.Notebook, "-")
	return "ch" + number
}

// Number returns the chapter's number as the course writes it: "3", "6a".
func (c Chapter) Number() string {
	number, _ := strings.CutPrefix(c.Folder(), "ch")
	if number == "00" {
		return "0"
	}
	return strings.TrimLeft(number, "0")
}

// Hint prints the next hint of an exercise, named as its check is:
// check.Hint("AdamStep"). After the last one it begins again.
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
