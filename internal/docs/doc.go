// Package docs has no code, only tests that keep the documentation true.
//
//   - Each name in the table of docs/compare.md exists, and each exported name
//     of lib/ is in the table or in a short list of exceptions.
//   - Each test and each name that docs/conventions.md points to exists.
//   - Each package and each exported name has a comment that begins as Go's
//     tools expect it, and each exported type of lib/ a runnable Example.
//   - Each relative link in a Markdown file leads somewhere, and no file says
//     on which machine it was made.
package docs
