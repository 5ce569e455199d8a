package remote

import (
	"context"
	"net/http"
	"time"

	"github.com/descent-go/descent/datasets"
)

// What the external tests need of the inside.
var (
	ZipMember       = zipMember
	TgzMember       = tgzMember
	ParseSMSSpam    = parseSMSSpam
	ParseCalifornia = parseCalifornia
	LoadSMSSpam     = loadSMSSpam
	LoadCalifornia  = loadCalifornia
	Lock            = lock
)

// LoadImages loads an image set like MNIST from other files.
func LoadImages(ctx context.Context, opt Options, files [4]Source) (train, test *datasets.Dataset, err error) {
	s := mnist()
	s.files = files
	return s.load(ctx, opt)
}

// Published returns every source that the package downloads.
func Published() []Source {
	all := []Source{californiaSource(), smsSpamSource()}
	for _, s := range []imageSet{mnist(), fashionMNIST()} {
		all = append(all, s.files[:]...)
	}
	return all
}

// FetchStalling downloads like Source.Fetch, but counts a connection as dead after so long without a byte.
func FetchStalling(ctx context.Context, s Source, part string, stall time.Duration) error {
	d := download{source: s, part: part, client: http.DefaultClient, stall: stall}
	return d.from(ctx, s.URLs)
}
