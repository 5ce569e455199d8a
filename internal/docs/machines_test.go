package docs_test

import (
	"regexp"
	"strings"
	"testing"
)

// The image is built on arm64 as on amd64: nothing that it is made of names a
// kind of processor.
func TestTheImageNamesNoProcessor(t *testing.T) {
	processor := regexp.MustCompile(`(?i)\b(amd64|x86[-_]?64|x64|i[3-6]86|arm64|aarch64)\b|--platform`)
	seen := 0
	eachFile(t, func(name, text string) {
		if name != "Dockerfile" && !strings.HasPrefix(name, "tools/image/") || strings.HasPrefix(name, "tools/image/test/") {
			return
		}
		seen++
		for i, line := range strings.Split(text, "\n") {
			if what := processor.FindString(line); what != "" {
				t.Errorf("%s:%d names %s", name, i+1, what)
			}
		}
	})
	if seen < 5 {
		t.Errorf("%d files of the image were read", seen)
	}
}
