package save

import (
	"fmt"
	"io"

	"github.com/descent-go/descent/lib/format"
	"github.com/descent-go/descent/lib/model"
)

// WriteModel writes what [Model] writes to path.safetensors, to w: for a file that is
// part of another program's files, or for a network connection. There is no second
// file with the description; [DescribeModel] reads it.
func WriteModel(w io.Writer, m model.Model, meta any) error {
	file, _, err := encode(m, meta)
	if err == nil {
		err = format.WriteSafetensors(w, file)
	}
	if err != nil {
		return fmt.Errorf("save: %w", err)
	}
	return nil
}

// ReadModel is [Load] from r, which may be an embedded file. It reads r to its end.
func ReadModel(r io.Reader, m model.Model, meta any) error {
	if err := decode(r, m, meta); err != nil {
		return fmt.Errorf("save: %w", err)
	}
	return nil
}

// DescribeModel is [Describe] from r. It reads r to its end.
func DescribeModel(r io.Reader) (*Description, error) {
	about, err := description(r)
	if err != nil {
		return nil, fmt.Errorf("save: %w", err)
	}
	return about, nil
}
