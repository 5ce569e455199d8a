// Package remote downloads data sets that are too large for the binary, and verifies
// that they are as published.
//
// [MNIST] and [FashionMNIST] (images), [CaliforniaHousing] (a table) and [SMSSpam]
// (texts) return a datasets.Dataset or a datasets.Corpus. [Source] fetches other
// files.
//
//	train, test, err := remote.MNIST(ctx, remote.Options{})
//
// # Location of files
//
// [Source.Fetch] keeps each file in the user's cache folder. The environment variable
// DESCENT_DATA names another folder instead (a shared disk, a memory stick), or, if
// it is an http(s) address, a mirror that replaces the publishers' addresses. A file
// that already exists is used without a network. A user name and password in a
// mirror's address are sent only to the mirror, and do not appear in errors or files.
//
// # Verification
//
// A file is accepted only if its length and published checksums are right: a download
// may be truncated, tampered with, or be a login page. A download that is
// interrupted, or refused by a busy server, is tried three times with growing pauses,
// and resumed if the server still has the same version. Two programs that fetch the
// same file wait for each other. Archives are never unpacked to disk.
//
// # Why a separate package
//
// With the HTTP client in package datasets, each cell that uses the package would
// link it; it would be a fifth of a cell that draws a chart.
package remote
