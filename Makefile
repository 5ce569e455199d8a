# Every target is one line of 'make help'. What a target does stands in lab/.
PORT = 8888
HOST = 127.0.0.1
ADDRESS = $(HOST)
TOKEN =
N = *
ROWS =
REPEAT = 7
THREADS =
CLOCK = wall

.PHONY: help image image-test lab kernel test browser html check-notebooks notebooks exercises course solutions vuln goldens bench cover fmt clean

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1@\2/p' Makefile | awk -F@ '{ printf "%-24s %s\n", $$1, $$2 }'

lab: kernel ## set everything up, serve the course on 127.0.0.1 (PORT=8889 ADDRESS=… TOKEN=…)
	@sh lab/serve.sh "$(ADDRESS)" "$(PORT)" "$(TOKEN)"

kernel: ## build and register the Go kernel for this checkout, with Jupyter where it is missing
	@sh lab/setup.sh

test: kernel ## format, vet, staticcheck, race tests, coverage, every notebook
	@sh lab/test.sh

browser: kernel ## run the first notebook and chapter 4 in a real browser, and look at the site there
	@sh lab/browser.sh

html: kernel ## build the course as a static site, to read without Jupyter and without a network
	@sh lab/site.sh

check-notebooks: kernel ## check the notebooks' files, without running them (N=03*)
	@sh lab/notebooks.sh check '$(N)'

notebooks: kernel ## run the notebooks and store their outputs (N=03* for some of them)
	@sh lab/notebooks.sh store '$(N)'

exercises: kernel ## put the exercises' starters and solutions into the notebooks (N=03*)
	@sh lab/notebooks.sh exercises '$(N)'

course: ## how long each notebook is, what it takes, and how many of its claims are asserted
	@go run ./internal/course/table

solutions: kernel ## write notebooks with solutions, for teachers, to .lab/solutions (N=03*)
	@sh lab/notebooks.sh solutions '$(N)'

vuln: kernel ## look for known vulnerabilities in every dependency
	@sh lab/vuln.sh

goldens: ## compute the tests' reference values again, with PyTorch, scikit-learn and NumPy
	@sh lab/goldens.sh

bench: kernel ## time it against its peers and the machine (ROWS=gemm,sgd REPEAT=9 THREADS=1 CLOCK=cpu)
	@sh lab/bench.sh -rows '$(ROWS)' -repeat '$(REPEAT)' -threads '$(THREADS)' -clock '$(CLOCK)'

image: ## build the container image 'descent', with docker or podman
	@sh image/image.sh build

image-test: ## build the image and test each of its promises, as root (N=health for some of them)
	@sh image/image.sh test '$(N:*=)'

cover: ## coverage of each package
	@go test -coverprofile=.lab/cover.out ./lib/... ./datasets/... && sh lab/cover.sh 90

fmt: ## format the Go code
	@find . -path './.*' -prune -o -name '*.go' -exec gofmt -l -w {} +

clean: ## remove everything that the lab has built
	@chmod -Rf u+w .lab 2>/dev/null; rm -rf .lab
