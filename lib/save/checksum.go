package save

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"strings"

	"github.com/descent-go/descent/lib/format"
)

// A file of version 2 and later has in its metadata the SHA-256 of all its
// bytes, the digits of the checksum taken for zeros.
const (
	checksumKey    = "descent.sha256"
	checkedVersion = 2
)

var noChecksum = strings.Repeat("0", 2*sha256.Size)

// addChecksum puts the checksum into the metadata.
func addChecksum(file *format.Safetensors) error {
	sum := sha256.New()
	file.Metadata[checksumKey] = noChecksum
	if err := format.WriteSafetensors(sum, file); err != nil {
		return err
	}
	file.Metadata[checksumKey] = hex.EncodeToString(sum.Sum(nil))
	return nil
}

// A reader reads a file and takes its checksum at the same time.
type reader struct {
	*format.SafetensorsHeader
	io.Reader // what follows the header
	sum       hash.Hash
	want      string // "" in a file without a checksum
}

// open reads the header.
func open(r io.Reader) (*reader, error) {
	var text bytes.Buffer
	header, err := format.ReadSafetensorsHeader(io.TeeReader(r, &text))
	if err != nil {
		return nil, err
	}
	f := &reader{SafetensorsHeader: header, sum: sha256.New(), want: header.Metadata[checksumKey]}
	if f.Reader = r; f.want == "" {
		return f, nil
	}
	f.Reader = io.TeeReader(r, f.sum)
	// No string within the JSON looks so: its quotes would be escaped.
	digits := fmt.Sprintf("%q:%q", checksumKey, f.want)
	f.sum.Write(bytes.Replace(text.Bytes(), []byte(digits), []byte(fmt.Sprintf("%q:%q", checksumKey, noChecksum)), 1))
	return f, nil
}

// need returns an error for a file without the checksum that its version has.
func (f *reader) need(version int) error {
	if version >= checkedVersion && f.want == "" {
		return errors.New("it has no checksum, so it is damaged")
	}
	return nil
}

// verify reads the rest of the file. It returns an error that says that the file
// is damaged if it is, and else err.
func (f *reader) verify(err error) error {
	if f.want == "" {
		return err
	}
	if _, failure := io.Copy(io.Discard, f.Reader); failure != nil {
		return errors.Join(err, failure)
	}
	if got := hex.EncodeToString(f.sum.Sum(nil)); got != f.want {
		damage := fmt.Errorf("it is damaged: its SHA-256 is %s, and it says that it is %s", got, f.want)
		if err != nil {
			damage = fmt.Errorf("%w (%w)", damage, err)
		}
		return damage
	}
	return err
}
