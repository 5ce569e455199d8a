// Answer answers the playground's calls without a browser: a line "CALL JSON" on
// standard input gets a line of JSON. The page's test compares it with what the
// page computes.
package main

import (
	"bufio"
	"fmt"
	"log"
	"os"
	"strings"

	"github.com/descent-go/descent/course/playground"
)

func main() {
	var session playground.Session
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		call, arg, _ := strings.Cut(lines.Text(), " ")
		fmt.Println(session.Answer(call, arg))
	}
	if err := lines.Err(); err != nil {
		log.Fatal(err)
	}
}
