package remote

import (
	"context"
	"fmt"
	"strings"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/datasets"
)

// SMSSpam returns 5574 English text messages, 747 of them spam: classes 0 ham, 1
// spam. It downloads 0.2 MB once, from UCI. The repository states no checksum; the
// SHA-256 is the one that many projects state for this file. It returns the errors of
// [Source.Fetch].
//
// Source: T. A. Almeida, J. M. Gómez Hidalgo, A. Yamakami, "Contributions to the Study of SMS Spam Filtering: New
// Collection and Results", DocEng (2011).
func SMSSpam(ctx context.Context, opt Options) (*datasets.Corpus, error) {
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

func loadSMSSpam(ctx context.Context, opt Options, s Source) (*datasets.Corpus, error) {
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
func parseSMSSpam(text string) (*datasets.Corpus, error) {
	c := &datasets.Corpus{
		Name:     "sms_spam",
		Classes:  []string{"ham", "spam"},
		Target:   "kind of message",
		Title:    "SMS Spam Collection v.1",
		Source:   "T. A. Almeida, J. M. Gómez Hidalgo (2011), UCI Machine Learning Repository, doi.org/10.24432/C5CC84",
		Licence:  "CC BY 4.0 (creativecommons.org/licenses/by/4.0), as stated by UCI",
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
			return nil, fmt.Errorf("remote: SMSSpamCollection, line %d: want ham or spam, a tab and the message", number+1)
		}
		c.Texts = append(c.Texts, strings.ToValidUTF8(message, "\uFFFD"))
	}
	if len(y) == 0 {
		return nil, fmt.Errorf("remote: SMSSpamCollection is empty")
	}
	c.Y = mat.NewDense(len(y), 1, y)
	return c, nil
}
