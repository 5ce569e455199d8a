//go:build !linux && !js

package display

import (
	"os"
	"time"
)

// unread returns false after a moment: other systems do not say whether bytes of a pipe
// wait, and a reader that has nothing else to do takes them at once.
func unread(*os.File) bool {
	time.Sleep(20 * time.Millisecond)
	return false
}
