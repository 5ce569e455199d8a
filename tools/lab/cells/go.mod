// This module is a part of the workspace in which the kernel builds cells. It has no packages: what
// counts is what it puts in the place of others. See docs/performance.md.
module github.com/descent-go/descent/tools/lab/cells

go 1.26.0

replace github.com/gofrs/uuid => ./uuid
