package datasets

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"gonum.org/v1/gonum/mat"
)

// A Corpus is a collection of texts with classes, the raw material of text classification.
type Corpus struct {
	Name    string
	Texts   []string   // m texts
	IDs     []string   // the name of each text where it comes from; nil if they have none
	Y       *mat.Dense // m×1: the index of the class
	Classes []string
	Target  string

	Title, Source, Licence, Citation, Notes string
}

// Subset returns a copy with the given texts, in the order given. It panics if rows is empty or a row does not exist.
func (c *Corpus) Subset(rows []int) *Corpus {
	if len(rows) == 0 {
		panic("datasets: Subset of no rows")
	}
	s := *c
	s.Classes = append([]string(nil), c.Classes...)
	s.Texts = make([]string, len(rows))
	if c.IDs != nil {
		s.IDs = make([]string, len(rows))
	}
	s.Y = mat.NewDense(len(rows), 1, nil)
	for k, i := range rows {
		if i < 0 || i >= len(c.Texts) {
			panic(fmt.Sprintf("datasets: Subset of row %d: %s has rows 0 to %d", i, c.Name, len(c.Texts)-1))
		}
		s.Texts[k] = c.Texts[i]
		if c.IDs != nil {
			s.IDs[k] = c.IDs[i]
		}
		s.Y.Set(k, 0, c.Y.At(i, 0))
	}
	return &s
}

// Split divides the texts at random, stratified by class, as [Dataset.Split] does.
func (c *Corpus) Split(testFraction float64, seed uint64) (train, test *Corpus) {
	trainRows, testRows := splitRows(c.classIndices(), len(c.Classes), len(c.Texts), testFraction, seed)
	return c.Subset(trainRows), c.Subset(testRows)
}

func (c *Corpus) classIndices() []int {
	classes := make([]int, len(c.Texts))
	for i := range classes {
		classes[i] = int(c.Y.At(i, 0))
	}
	return classes
}

// String describes the corpus as plain text, at most 100 columns wide, with the first texts.
func (c *Corpus) String() string {
	counts := make([]int, len(c.Classes))
	for _, k := range c.classIndices() {
		counts[k]++
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n%s\n", c.Title, count(len(c.Texts), "text"))
	paragraph(&b, "Target:  ", c.Target)
	paragraph(&b, "Classes: ", classList(c.Classes, counts))
	paragraph(&b, "Source:  ", c.Source)
	paragraph(&b, "Licence: ", c.Licence)
	b.WriteByte('\n')
	table := [][]string{{"row", "class", "text"}}
	for i := range min(firstRows, len(c.Texts)) {
		text := clip(strings.Join(strings.Fields(c.Texts[i]), " "), 70)
		table = append(table, []string{strconv.Itoa(i), clip(c.Classes[int(c.Y.At(i, 0))], 12), text})
	}
	writeTable(&b, table)
	return strings.TrimRight(b.String(), "\n")
}

// SMSSpam returns 5574 English text messages, 747 of them spam: classes 0 ham, 1 spam. 0.2 MB are downloaded
// once, from UCI; the repository states no checksum, the SHA-256 is the one that many projects state for this file.
// For the errors see [Source.Fetch].
//
// Source: T. A. Almeida, J. M. Gómez Hidalgo, A. Yamakami, "Contributions to the Study of SMS Spam Filtering: New
// Collection and Results", DocEng (2011).
func SMSSpam(ctx context.Context, opt Options) (*Corpus, error) {
	return loadSMSSpam(ctx, opt, smsSpamSource())
}

func smsSpamSource() Source {
	return Source{
		Name: "smsspamcollection.zip",
		URLs: []string{
			"https://archive.ics.uci.edu/static/public/228/sms+spam+collection.zip",
			"https://archive.ics.uci.edu/ml/machine-learning-databases/00228/smsspamcollection.zip",
		},
		Size:   203415,
		SHA256: "1587ea43e58e82b14ff1f5425c88e17f8496bfcdb67a583dbff9eefaf9963ce3",
	}
}

func loadSMSSpam(ctx context.Context, opt Options, s Source) (*Corpus, error) {
	f, err := s.Open(ctx, opt)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := zipMember(f, "SMSSpamCollection", 1<<24)
	if err != nil {
		return nil, err
	}
	return parseSMSSpam(string(text))
}

// parseSMSSpam reads lines of a class, a tab and a message.
func parseSMSSpam(text string) (*Corpus, error) {
	c := &Corpus{
		Name:     "sms_spam",
		Classes:  []string{"ham", "spam"},
		Target:   "kind of message",
		Title:    "SMS Spam Collection v.1",
		Source:   "T. A. Almeida, J. M. Gómez Hidalgo (2011), UCI Machine Learning Repository, doi.org/10.24432/C5CC84",
		Licence:  ccBy4 + ", as stated by UCI",
		Citation: `Almeida, T. A., Gómez Hidalgo, J. M. and Yamakami, A. (2011). "Contributions to the Study of SMS Spam Filtering: New Collection and Results". Proceedings of the 2011 ACM Symposium on Document Engineering.`,
		Notes:    "The messages are of the 2000s, from Singapore and Britain; some occur more than once, so a split may put one in both parts.",
	}
	var y []float64
	for number, line := range strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n") {
		if line == "" {
			continue
		}
		class, message, found := strings.Cut(line, "\t")
		switch {
		case found && class == "ham":
			y = append(y, 0)
		case found && class == "spam":
			y = append(y, 1)
		default:
			return nil, fmt.Errorf("datasets: SMSSpamCollection, line %d: want ham or spam, a tab and the message", number+1)
		}
		c.Texts = append(c.Texts, strings.ToValidUTF8(message, "\uFFFD"))
	}
	if len(y) == 0 {
		return nil, fmt.Errorf("datasets: SMSSpamCollection is empty")
	}
	c.Y = mat.NewDense(len(y), 1, y)
	return c, nil
}
