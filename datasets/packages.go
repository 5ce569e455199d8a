package datasets

import (
	"bytes"
	"compress/gzip"
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"sync"

	"gonum.org/v1/gonum/mat"
)

// sections are the classes of DebianPackages, in the order of their indices.
var sections = []string{"admin", "fonts", "games", "graphics", "net", "science", "sound", "text"}

// debianPackages parses the lines at its first call, as the tables are.
var debianPackages = sync.OnceValue(func() *Corpus {
	packed, err := files.ReadFile("data/debian_packages.csv.gz")
	if err != nil {
		panic("datasets: " + err.Error())
	}
	c, err := parsePackages(bytes.NewReader(packed))
	if err != nil { // the file is part of the binary, and a test reads all of it
		panic(fmt.Sprintf("datasets: embedded debian_packages: %v", err))
	}
	return c
})

// parsePackages reads a gzipped CSV file of the name, the description and the section of packages.
func parsePackages(r io.Reader) (*Corpus, error) {
	unpacked, err := gzip.NewReader(r)
	if err != nil {
		return nil, err
	}
	in := csv.NewReader(unpacked)
	in.FieldsPerRecord = 3
	records, err := in.ReadAll()
	if err != nil {
		return nil, err
	}
	if len(records) == 0 {
		return nil, fmt.Errorf("no lines")
	}
	c := &Corpus{Y: mat.NewDense(len(records), 1, nil)}
	for i, record := range records {
		class := slices.Index(sections, record[2])
		if class < 0 {
			return nil, fmt.Errorf("line %d: no section %q", i+1, record[2])
		}
		c.IDs, c.Texts = append(c.IDs, record[0]), append(c.Texts, record[1])
		c.Y.Set(i, 0, float64(class))
	}
	return c, nil
}

// DebianPackages returns the one-line descriptions of 3000 packages of Debian 12, and
// their sections of the archive: 375 of each of eight sections, in the order of the
// packages' names, which are the IDs. The labels are real: a package has one section
// even where two would be right, so no classifier can reach 100 %.
//
// All packages from one source share one line. Families of sources (such as
// translation data for forty pairs of languages) remain, and a random split puts
// members of one family into both parts. So a classifier does less well on packages
// of a new kind than on such a test set.
//
// Source: Debian's index of its main archive; data/README.md says how the lines were chosen.
func DebianPackages() *Corpus {
	c := *debianPackages()
	c.Name = "debian_packages"
	c.Texts, c.IDs = slices.Clone(c.Texts), slices.Clone(c.IDs)
	c.Y = mat.DenseCopyOf(c.Y)
	c.Classes = slices.Clone(sections)
	c.Target = "section of the archive"
	c.Title = "One-line descriptions of Debian packages"
	c.Source = "Debian 12.15 (bookworm), index of the main archive for amd64, dists/bookworm/main/binary-amd64/Packages"
	c.Licence = "each line under the licence of its package, which is free by Debian's guidelines (DFSG); " +
		"none is stated for the lines as a whole"
	c.Citation = "The Debian Project (2026). Debian GNU/Linux 12.15, index of packages. https://www.debian.org/"
	c.Notes = "The licence of package X stands at packages.debian.org/bookworm/X (Copyright File). " +
		"Classes are balanced by choice: the archive has three times as many sources in science as in graphics."
	return &c
}
