//go:build !linux

package display

import "os"

// unread returns 0: other systems do not say how many bytes of a pipe wait.
func unread(*os.File) int { return 0 }
