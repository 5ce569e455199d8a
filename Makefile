# Every target is one line of 'make help'. What a target does stands in tools/lab/.
PORT = 8888
HOST = 127.0.0.1
ADDRESS = $(HOST)
N = *
ROWS =
REPEAT = 7
THREADS =
CLOCK = wall

ifeq ($(origin TOKEN),command line)
$(error lab: every user of this machine can read a token on the command line: say TOKEN=... make lab instead)
endif

.PHONY: help image image-test lab kernel kernel-test test ci soak browser engine-test html serve-site check-notebooks notebooks exercises course solutions vuln goldens bench cover lock fmt clean scale memory instructions class

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1@\2/p' Makefile | awk -F@ '{ printf "%-24s %s\n", $$1, $$2 }'

lab: kernel ## set everything up, serve the course on 127.0.0.1 (PORT=8889 ADDRESS=…)
	@sh tools/lab/serve.sh "$(ADDRESS)" "$(PORT)"

kernel: ## build and register the Go kernel for this checkout, with Jupyter where it is missing
	@sh tools/lab/setup.sh

test: kernel ## format, vet, staticcheck, all tests, coverage, other systems, every notebook: ten minutes
	@sh tools/lab/test.sh

ci: kernel ## what must hold beyond it: arm64, GOAMD64=v3, Beam, the real kernel, browsers, the image (N=arm64)
	@sh tools/lab/ci.sh $(N:*=)

soak: kernel ## what takes hours: every case on arm64 and with the race detector, other processors, all notebooks, all cells in the page, fuzzing (N=10 minutes for each)
	@sh tools/lab/soak.sh $(N:*=)

kernel-test: kernel ## try the kernel as learners do, also with the community's tests (needs PyPI once)
	@sh tools/lab/kernel_test.sh

browser: kernel ## run the first notebook and chapter 4 in a real browser, and look at the site there
	@sh tools/lab/browser.sh
	@sh tools/lab/kernel_browser.sh

engine-test: ## run and change cells in the page, in a real browser (N=soak for all cells and all exercises)
	@sh tools/lab/engine.sh $(if $(filter soak,$(N)),soak,test)

html: ## build the course as a static site, to be read; quick: with the engine only if it is built (needs Node.js)
	@sh tools/lab/site.sh

serve-site: ## serve the site on 127.0.0.1, where cells run and can be changed; builds the engine once (PORT=8000)
	@sh tools/lab/serve_site.sh "$(if $(filter command line,$(origin PORT)),$(PORT),8000)"

check-notebooks: kernel ## check the notebooks' files, without running them (N=03*)
	@sh tools/lab/notebooks.sh check '$(N)'

notebooks: kernel ## run the notebooks and store their outputs (N=03* for some of them)
	@sh tools/lab/notebooks.sh store '$(N)'

exercises: kernel ## put the exercises' starters and solutions into the notebooks (N=03*)
	@sh tools/lab/notebooks.sh exercises '$(N)'

course: ## how long each notebook is, what it takes, and how many of its claims are asserted
	@go run ./internal/course/table

solutions: kernel ## write notebooks with solutions, for teachers, to .lab/solutions (N=03*)
	@sh tools/lab/notebooks.sh solutions '$(N)'

vuln: kernel ## look for known vulnerabilities in every dependency
	@sh tools/lab/vuln.sh

goldens: ## compute the tests' reference values again, with PyTorch, scikit-learn and NumPy
	@sh tools/lab/goldens.sh
	@sh tools/lab/exchange.sh

bench: kernel ## time it against its peers and the machine (ROWS=gemm,sgd REPEAT=9 THREADS=1 CLOCK=cpu SEED=1,2,3)
	@sh tools/lab/bench.sh -rows '$(ROWS)' -repeat '$(REPEAT)' -threads '$(THREADS)' -clock '$(CLOCK)' -seed '$(SEED)'

scale: ## measure training on Beam and Flink, and write docs/scale.md (needs Java 17 and Maven)
	@sh tools/lab/scale.sh

instructions: ## count what arm64 executes, with an emulator, and write the table of docs/performance.md
	@sh tools/lab/instructions.sh

memory: ## train on data larger than memory under a limit of 1 GB, and write docs/memory.md (N=40 for its GB)
	@sh tools/lab/memory.sh $(N:*=)

class: kernel ## what N learners at the same time take of this machine (N=30)
	@sh tools/lab/class.sh $(N:*=1)

image: ## build the container image 'descent', with docker or podman
	@sh tools/image/image.sh build

image-test: ## build the image and test each of its promises, as root (N=health for some of them)
	@sh tools/image/image.sh test '$(N:*=)'

lock: ## lock Jupyter and all that it needs in their newest versions, each with its hash
	@sh tools/lab/lock.sh

cover: ## coverage of each package
	@mkdir -p -m 700 .lab && go test -coverprofile=.lab/cover.out ./lib/... ./datasets/... && sh tools/lab/cover.sh 90

fmt: ## format the Go code
	@find . -path './.*' -prune -o -name '*.go' -exec gofmt -l -w {} +

clean: ## remove everything that the lab has built
	@chmod -Rf u+w .lab 2>/dev/null; rm -rf .lab
