// Package explain says in plain words what the messages of the Go compiler, of
// go vet and of a panic mean, and what to do.
//
// What a message is recognised by is in one list, and what is said of it in a
// catalogue. Another language is another catalogue with the same keys.
package explain

import (
	"fmt"
	"regexp"
	"strings"
)

// A Catalogue has the sentences of one language. In them $1, $2 … are parts of the
// message, and %v the arguments of Say.
type Catalogue map[string]string

// Catalogues has the languages that there are, by their tags.
var Catalogues = map[string]Catalogue{"en": english}

// In returns the catalogue of a language tag, such as "de" or "de_DE.UTF-8", and
// the English one if there is none.
func In(language string) Catalogue {
	tag, _, _ := strings.Cut(strings.ReplaceAll(language, "-", "_"), "_")
	if c, ok := Catalogues[strings.ToLower(tag)]; ok {
		return c
	}
	return english
}

// A rule recognises a message. The first that matches counts.
type rule struct {
	id string
	re *regexp.Regexp
}

func rules(pairs ...string) []rule {
	all := make([]rule, 0, len(pairs)/2)
	for i := 0; i < len(pairs); i += 2 {
		all = append(all, rule{pairs[i], regexp.MustCompile(pairs[i+1])})
	}
	return all
}

// Compile returns what one message of the compiler, of Go's parser or of go vet
// means, given without its position, or "" if it is not in the catalogue. Names are
// what could have been meant by a name that is not defined; they may be nil.
func (c Catalogue) Compile(message string, names []string) string {
	return c.find(compileRules, message, names)
}

// Panic returns what a panic, a fatal error of Go's runtime or the end of a program
// means, given its output, or "".
func (c Catalogue) Panic(output string) string {
	return c.find(panicRules, output, nil)
}

// Say returns the sentence of an ID, with its arguments.
func (c Catalogue) Say(id string, args ...any) string {
	text := c.text(id)
	if len(args) == 0 {
		return text
	}
	return fmt.Sprintf(text, args...)
}

func (c Catalogue) text(id string) string {
	if text, ok := c[id]; ok {
		return text
	}
	return english[id]
}

func (c Catalogue) find(list []rule, message string, names []string) string {
	for _, r := range list {
		m := r.re.FindStringSubmatchIndex(message)
		if m == nil {
			continue
		}
		text := string(r.re.ExpandString(nil, c.text(r.id), message, m))
		if r.id == "undefined" {
			if near := Nearest(message[m[2]:m[3]], names); near != "" {
				text = fmt.Sprintf(c.text("did-you-mean"), near) + " " + text
			}
		}
		return text
	}
	return ""
}

// id returns the key of the first rule that matches, for tests.
func id(list []rule, message string) string {
	for _, r := range list {
		if r.re.MatchString(message) {
			return r.id
		}
	}
	return ""
}

// Nearest returns the name that a misspelt one was most probably meant to be, or "".
// At most a third of its letters may differ.
func Nearest(name string, names []string) string {
	best, least := "", len([]rune(name))/3+1
	for _, n := range names {
		if n == name {
			continue
		}
		d := distance(strings.ToLower(name), strings.ToLower(n))
		if d < least || d == least && best != "" && n < best {
			best, least = n, d
		}
	}
	return best
}

// distance is how many letters must be changed, put in, left out or swapped with
// their neighbour to make b of a (optimal string alignment).
func distance(a, b string) int {
	x, y := []rune(a), []rune(b)
	d := make([][]int, len(x)+1)
	for i := range d {
		d[i] = make([]int, len(y)+1)
		d[i][0] = i
	}
	for j := range d[0] {
		d[0][j] = j
	}
	for i := 1; i <= len(x); i++ {
		for j := 1; j <= len(y); j++ {
			change := 1
			if x[i-1] == y[j-1] {
				change = 0
			}
			d[i][j] = min(d[i-1][j]+1, d[i][j-1]+1, d[i-1][j-1]+change)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				d[i][j] = min(d[i][j], d[i-2][j-2]+1)
			}
		}
	}
	return d[len(x)][len(y)]
}

// A Message is one of a tool's output, with its position.
type Message struct {
	File         string
	Line, Column int
	Text         string
}

var position = regexp.MustCompile(`^(?:vet: )?(\S*?\.go):(\d+)(?::(\d+))?: (.*)$`)

// Messages takes a tool's output apart. A line that begins with a tab goes on with
// the message before it.
func Messages(output string) []Message {
	var all []Message
	for _, line := range strings.Split(output, "\n") {
		if m := position.FindStringSubmatch(line); m != nil {
			msg := Message{File: m[1], Text: m[4]}
			fmt.Sscan(m[2], &msg.Line)
			fmt.Sscan(m[3], &msg.Column)
			all = append(all, msg)
		} else if strings.HasPrefix(line, "\t") && len(all) > 0 {
			all[len(all)-1].Text += "\n" + line
		}
	}
	return all
}
