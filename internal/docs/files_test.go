package docs_test

import (
	"fmt"
	"io/fs"
	"net/netip"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode"
)

// notOurs are the folders that .gitignore leaves out, and git's own.
var notOurs = map[string]bool{
	".git": true, ".lab": true, "node_modules": true, "__pycache__": true, ".ipynb_checkpoints": true,
}

// eachFile calls f with every text file of the repository. It walks the tree
// instead of asking git, so that it works in an archive as well.
func eachFile(t *testing.T, f func(name, text string)) {
	t.Helper()
	err := filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && notOurs[d.Name()]:
			return filepath.SkipDir
		case !d.Type().IsRegular():
			return nil
		}
		name, err := filepath.Rel(root, p)
		if err != nil {
			return err
		}
		if text := readText(t, filepath.ToSlash(name)); strings.IndexByte(text, 0) < 0 {
			f(filepath.ToSlash(name), text)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// homes are where people and machines keep their own things. A folder of that
// name inside a longer path ("docs/home/") is none.
var homes = regexp.MustCompile(`(?:^|[^\w.~/-])(/(?:home|root|Users)/[\w.-]+)`)

var address = regexp.MustCompile(`\bhttps?://([^\s/"'<>()\\` + "`" + `]+)`)

// traces are the places in a text that say on which machine or in which network
// it was made.
func traces(text string) (found []string) {
	if !strings.Contains(text, "://") && !strings.Contains(text, "/home/") &&
		!strings.Contains(text, "/"+"root/") && !strings.Contains(text, "/Users/") {
		return nil // such as megabytes of reference values
	}
	for _, m := range homes.FindAllStringSubmatch(text, -1) {
		found = append(found, m[1])
	}
	for _, m := range address.FindAllStringSubmatch(text, -1) {
		if !public(m[1]) {
			found = append(found, m[0])
		}
	}
	return found
}

// public says whether a host of an address is one that every reader has: their
// own machine, one that is an example or a variable, or one on the internet.
func public(host string) bool {
	if _, after, ok := strings.Cut(host, "@"); ok { // a name and a password
		host = after
		return strings.Contains(host, "$")
	}
	if strings.HasPrefix(host, "[") {
		host, _, _ = strings.Cut(host[1:], "]")
	} else {
		host, _, _ = strings.Cut(host, ":")
	}
	if ip, err := netip.ParseAddr(host); err == nil {
		return ip.IsLoopback() || ip.IsUnspecified() || !ip.IsPrivate()
	}
	host = strings.TrimRight(strings.ToLower(host), ".,;")
	if host == "" || host == "localhost" || strings.ContainsAny(host, "$%{*…") {
		return true
	}
	switch path.Ext(host) {
	case "", ".internal", ".local", ".lan", ".corp", ".intranet", ".home":
		return false
	}
	return true
}

func TestNoTraces(t *testing.T) {
	eachFile(t, func(name, text string) {
		if name == "internal/docs/files_test.go" {
			return // holds examples of them
		}
		if name == "Dockerfile" || strings.HasPrefix(name, "tools/image/") {
			text = strings.ReplaceAll(text, "/home/", "/container's home/") // which the image makes itself
		}
		for _, found := range traces(text) {
			t.Errorf("%s has %s, which only exists where it was written", name, found)
		}
	})
}

func TestTracesFinds(t *testing.T) {
	for text, want := range map[string]bool{
		"see /home/ada/model.json":                      true,
		"/" + "root/x.go":                               true,
		"\"text\": \"/Users/ada/descent\"":              true,
		"https://registry.corp/simple":                  true,
		"http://mirror/simple":                          true,
		"http://10.1.2.3:8080/x":                        true,
		"https://ada:secret@example.org/simple":         true,
		"https://cache.internal/npm/x.tgz":              true,
		"a /home for all, /root":                        false,
		"docs/home/index.md":                            false,
		"https://github.com/users/home/x":               false,
		"https://example.org,direct":                    false,
		"http://127.0.0.1:8888/tree":                    false,
		"http://localhost:8888":                         false,
		"http://:8000":                                  false,
		"http://[::1]:8888/":                            false,
		"https://doi.org/10.24432/C56C76.":              false,
		"http://$HOST:$PORT/":                           false,
		"see https://example.org, and https://a.org/b.": false,
	} {
		if got := len(traces(text)) > 0; got != want {
			t.Errorf("traces(%q) finds something: %t, want %t", text, got, want)
		}
	}
}

var (
	fence = regexp.MustCompile("(?ms)^```.*?^```\\s*?$")
	link  = regexp.MustCompile(`\[([^\]]*)\]\(([^)\s]+)(?:\s+"[^"]*")?\)`)
	head  = regexp.MustCompile(`(?m)^#{1,6}\s+(.+?)\s*#*$`)
)

// A target is where a link leads: a file as seen from the root, and a heading.
type target struct{ text, file, anchor string }

// links are the relative links of a Markdown file. Those in code are none.
func links(name, text string) (found []target) {
	text = fence.ReplaceAllString(text, "")
	for _, m := range link.FindAllStringSubmatch(text, -1) {
		if strings.Contains(m[2], "://") || strings.HasPrefix(m[2], "mailto:") {
			continue
		}
		file, anchor, _ := strings.Cut(m[2], "#")
		if file == "" {
			file = name
		} else {
			file = path.Join(path.Dir(name), file)
		}
		found = append(found, target{strings.Trim(m[1], "`"), file, anchor})
	}
	return found
}

// anchors are the names that GitHub gives to the headings of a Markdown file.
func anchors(text string) map[string]bool {
	found := map[string]bool{}
	count := map[string]int{}
	for _, m := range head.FindAllStringSubmatch(fence.ReplaceAllString(text, ""), -1) {
		a := anchor(m[1])
		if n := count[a]; n > 0 {
			found[fmt.Sprintf("%s-%d", a, n)] = true
		} else {
			found[a] = true
		}
		count[a]++
	}
	return found
}

func anchor(heading string) string {
	heading = link.ReplaceAllString(heading, "$1")
	return strings.Map(func(r rune) rune {
		switch {
		case r == ' ':
			return '-'
		case r == '-' || r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r):
			return unicode.ToLower(r)
		}
		return -1
	}, heading)
}

func TestLinks(t *testing.T) {
	texts := map[string]string{}
	eachFile(t, func(name, text string) {
		if path.Ext(name) == ".md" {
			texts[name] = text
		}
	})
	if len(texts) < 4 {
		t.Fatalf("there are %d Markdown files, want the README and the documentation at least", len(texts))
	}
	for name, text := range texts {
		for _, l := range links(name, text) {
			_, err := os.Stat(filepath.Join(root, filepath.FromSlash(l.file)))
			switch {
			case err != nil:
				t.Errorf("%s: the link %q leads to %s, which does not exist", name, l.text, l.file)
			case l.anchor != "" && path.Ext(l.file) == ".md" && !anchors(texts[l.file])[l.anchor]:
				t.Errorf("%s: the link %q leads to #%s, which is no heading of %s", name, l.text, l.anchor, l.file)
			}
		}
	}
}

// The index must not forget a document.
func TestIndex(t *testing.T) {
	const index = "docs/README.md"
	listed := map[string]bool{index: true}
	for _, l := range links(index, readText(t, index)) {
		listed[l.file] = true
	}
	eachFile(t, func(name, _ string) {
		if path.Ext(name) == ".md" && !strings.Contains(name, "/testdata/") && !listed[name] {
			t.Errorf("%s does not list %s", index, name)
		}
	})
}

func TestAnchorsAreGitHubs(t *testing.T) {
	const text = "# What is θ?\n## The `lib/solve` folder\n```sh\n# no heading\n```\n## Twice\n## Twice\n## See [docs](a.md) – now\n"
	got := anchors(text)
	for _, want := range []string{"what-is-θ", "the-libsolve-folder", "twice", "twice-1", "see-docs--now"} {
		if !got[want] {
			t.Errorf("there is no anchor %q in %v", want, got)
		}
	}
	if got["no-heading"] {
		t.Error("a comment in a code block became a heading")
	}
}

func TestLinksFinds(t *testing.T) {
	const text = "[a](b.md#c) and [`d`](../e/) and [f](#g) but not [h](https://i.org)\n```\n[j](k.md)\n```\n"
	got := links("docs/x.md", text)
	want := []target{{"a", "docs/b.md", "c"}, {"d", "e", ""}, {"f", "docs/x.md", "g"}}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("links = %v, want %v", got, want)
	}
}
