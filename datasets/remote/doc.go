// Package remote downloads the data that are too large for the binary, and accepts them only as they were published.
//
// There are [MNIST] and [FashionMNIST] (pictures), [CaliforniaHousing] (a table) and [SMSSpam] (texts), as
// datasets.Dataset and datasets.Corpus, and [Source] for the files of others:
//
//	train, test, err := remote.MNIST(ctx, remote.Options{})
//
// # Where the files are
//
// [Source.Fetch] keeps each file in the user's cache folder. The environment variable DESCENT_DATA replaces the cache
// folder by another folder (a course's shared disk, a memory stick), or, if it holds an http(s) address, the
// publishers' addresses by a mirror. A file that is there is used without a network. A user name and password in a mirror's
// address are for the mirror alone: no error and no file has them.
//
// # What is accepted
//
// A file whose length and published checksums are right, and nothing else: what comes from a network may be
// truncated, swapped or a page that asks for a password. A download that breaks off, or that a busy server refuses, is tried
// three times with growing pauses, and continued if the server still has the same version; two programs that want the
// same file wait for each other. Archives are never unpacked to disk.
//
// # Why a separate package
//
// A fifth of what a drawing cell links would be the client for HTTP, in each cell that uses package datasets.
package remote
