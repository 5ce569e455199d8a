package remote

import (
	"context"
	"net/http"
	"testing"
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
	d := download{source: s, part: part, mode: 0o644, client: http.DefaultClient, stall: stall}
	return d.from(ctx, s.URLs)
}

// RecordPauses lets downloads go on at once instead of waiting, and returns the list of what they would have waited for.
func RecordPauses(t *testing.T) *[]time.Duration {
	t.Helper()
	list := new([]time.Duration)
	old := pause
	pause = func(ctx context.Context, d time.Duration) error {
		*list = append(*list, d)
		return context.Cause(ctx)
	}
	t.Cleanup(func() { pause = old })
	return list
}

// WaitReally undoes RecordPauses.
func WaitReally(t *testing.T) {
	old := pause
	pause = wait
	t.Cleanup(func() { pause = old })
}
