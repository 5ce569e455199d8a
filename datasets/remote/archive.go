package remote

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// Archives are never unpacked to disk: one member is read into memory, found by its exact name. Names that lead out of
// a folder, members that are there twice and members longer than a limit make the archive suspect, and it is refused whole.

// zipMember returns the content of the member name of a zip archive, of at most limit bytes.
func zipMember(archive *os.File, name string, limit int64) ([]byte, error) {
	info, err := archive.Stat()
	if err != nil {
		return nil, err
	}
	z, err := zip.NewReader(archive, info.Size())
	if err != nil {
		return nil, fmt.Errorf("remote: %s: %w", archive.Name(), err)
	}
	var found *zip.File
	for _, f := range z.File {
		if err := plain(archive, f.Name); err != nil {
			return nil, err
		}
		if f.Name != name {
			continue
		}
		if found != nil {
			return nil, fmt.Errorf("remote: %s has %s twice", archive.Name(), name)
		}
		found = f
	}
	if found == nil || !found.Mode().IsRegular() {
		return nil, fmt.Errorf("remote: %s has no file %s", archive.Name(), name)
	}
	r, err := found.Open()
	if err != nil {
		return nil, fmt.Errorf("remote: %s: %s: %w", archive.Name(), name, err)
	}
	defer r.Close()
	return bounded(archive, name, r, limit)
}

// tgzMember returns the content of the member name of a gzipped tar archive. limit bounds the length of that member and,
// times 16, of the whole archive unpacked.
func tgzMember(archive *os.File, name string, limit int64) ([]byte, error) {
	unpacked, err := gzip.NewReader(archive)
	if err != nil {
		return nil, fmt.Errorf("remote: %s: %w", archive.Name(), err)
	}
	whole := &io.LimitedReader{R: unpacked, N: 16 * limit}
	t := tar.NewReader(whole)
	var content []byte
	found := false
	for {
		h, err := t.Next()
		end := err == io.EOF
		if end { // what follows is padding, and gzip's own checksum
			_, err = io.Copy(io.Discard, whole)
		}
		if end && err == nil && whole.N > 0 {
			break
		}
		if err == nil && !end {
			err = plain(archive, h.Name)
		}
		if whole.N <= 0 {
			err = fmt.Errorf("unpacks to more than %d bytes", 16*limit)
		}
		if err != nil {
			return nil, fmt.Errorf("remote: %s: %w", archive.Name(), err)
		}
		if h.Name != name || h.Typeflag != tar.TypeReg {
			continue
		}
		if found {
			return nil, fmt.Errorf("remote: %s has %s twice", archive.Name(), name)
		}
		found = true
		if content, err = bounded(archive, name, t, limit); err != nil {
			return nil, err
		}
	}
	if !found {
		return nil, fmt.Errorf("remote: %s has no file %s", archive.Name(), name)
	}
	return content, nil
}

func plain(archive *os.File, name string) error {
	if !filepath.IsLocal(name) || bytes.ContainsAny([]byte(name), "\\:\x00") {
		return fmt.Errorf("remote: %s is suspect: it has a member named %q", archive.Name(), name)
	}
	return nil
}

func bounded(archive *os.File, name string, r io.Reader, limit int64) ([]byte, error) {
	content, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err != nil {
		return nil, fmt.Errorf("remote: %s: %s: %w", archive.Name(), name, err)
	}
	if int64(len(content)) > limit {
		return nil, fmt.Errorf("remote: %s: %s unpacks to more than the allowed %d bytes", archive.Name(), name, limit)
	}
	return content, nil
}
