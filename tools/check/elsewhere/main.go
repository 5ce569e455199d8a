// Elsewhere reads packages and their tests as another system's compiler would, and says what does not type-check
// there. It reads sources and writes nothing, which takes a fraction of compiling everything once more; what only
// code generation or the linker finds, it does not find.
//
//	GOOS=windows GOARCH=amd64 elsewhere ./...
package main

import (
	"fmt"
	"log"
	"os"

	"golang.org/x/tools/go/packages"
)

func main() {
	log.SetFlags(0)
	log.SetPrefix("elsewhere: ")
	if len(os.Args) < 2 {
		log.Fatal("name the packages: elsewhere ./...")
	}
	loaded, err := packages.Load(&packages.Config{
		// Types of dependencies come from their sources, too: what the compiler exports would have to be compiled first.
		Mode: packages.NeedName | packages.NeedFiles | packages.NeedCompiledGoFiles | packages.NeedImports | packages.NeedDeps |
			packages.NeedSyntax | packages.NeedTypes | packages.NeedTypesSizes | packages.NeedModule,
		Env:   append(os.Environ(), "CGO_ENABLED=0"),
		Tests: true,
	}, os.Args[1:]...)
	if err != nil {
		log.Fatal(err)
	}
	if len(loaded) == 0 {
		log.Fatalf("no package matches %q", os.Args[1:])
	}
	if found := packages.PrintErrors(loaded); found > 0 {
		log.Fatalf("%d faults", found)
	}
	fmt.Println(len(loaded), "packages and tests")
}
