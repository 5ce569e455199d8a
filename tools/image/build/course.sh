#!/bin/sh
# Makes the course ready to run without a network: modules, kernel, and a build cache that has what
# the notebooks import, compiled in the kernel's own environment.
set -eu
descent=/opt/descent
cd /course
cp tools/image/bin/* $descent/bin/
cp -r tools/image/etc $descent/
chmod 0755 $descent/bin/*

# The first command fetches just the modules that are compiled; 'go doc' and imports in cells want to
# know the versions of the others.
export GOCACHE=/tmp/go-build
for module in . examples/gomlx; do
	(cd $module && go list -modcacherw -deps ./... >/dev/null && go list -m all >/dev/null)
done
# The list of what the image has, while the modules still have their licences.
for module in . examples/gomlx; do
	/bill/cyclonedx-gomod mod -json -licenses -assert-licenses -noserial -notimestamp -output "/bill/course-$(basename "$(realpath $module)").cdx.json" $module
done
python3 tools/image/bill/bill.py /bill "$VERSION" $descent
# What the compiler does not read is half of what was fetched. (If it did read any of it, warm.py
# below would tell.)
find $descent/mod -type d '(' -name testdata -o -name docs ')' -prune -exec rm -rf {} +
find $descent/mod -type f '(' -name '*.zip' -o -name '*_test.go' -o -name '*.ipynb' -o -name '*.gif' \
	-o -name '*.mp4' -o -name '*.pdf' -o -name '*.bin' ')' -delete

mkdir .lab # where a checkout has what it builds, and register.py its wrapper of go
export JUPYTER_DATA_DIR=$descent/jupyter
TMPDIR=/tmp GOPLSCACHE=/tmp/gopls python3 tools/lab/register.py /course
# A checkout's kernel has its caches in the checkout; here bin/kernel finds a place for them.
python3 - <<'PYTHON'
import json, pathlib
file = pathlib.Path("/opt/descent/jupyter/kernels/gonb/kernel.json")
spec = json.loads(file.read_text())
spec["argv"][0] = "/opt/descent/bin/kernel"
for name in ("GOCACHE", "GOPLSCACHE", "TMPDIR"):
    del spec["env"][name]
file.write_text(json.dumps(spec, indent=1) + "\n")
PYTHON

. $descent/bin/caches
python3 tools/lab/warm.py /course
# One notebook with a training shows that the kernel works. (The others are executed in the finished image, by its tests.)
cp -r notebooks $descent/notebooks # what the cells leave behind does not belong to the course
JUPYTER_DATA_DIR=/tmp/jupyter JUPYTER_RUNTIME_DIR=/tmp/runtime python3 tools/lab/notebooks.py store notebooks/00-start-here.ipynb
rm -rf notebooks
find $descent/notebooks -type d -exec chmod 0775 {} + && find $descent/notebooks -type f -exec chmod 0664 {} +

# go trims what has not been used for five days, and marks as used what it uses. With a date in the
# future it does neither: an old image stays warm, and nothing is copied up into a container's layer.
rm -f "$GOCACHE"/trim.txt "$GOCACHE"/testexpire.txt
# Each kernel compiles its cells in a folder of a new name, so that a cell's own objects, half of the
# cache, serve nobody again.
grep -rlaF "$TMPDIR/guard-" "$GOCACHE" | xargs -r rm -f
cp -rL "$GOCACHE" $descent/go-build
find $descent/go-build -exec touch -d 2100-01-01 {} +
rm -rf /tmp/* /course/tools/kernel /course/tools/gopls /course/tools/check /course/tools/vuln /course/tools/image /course/.dockerignore
chmod -R go-w,a+rX $descent /course
# The work folder: what COPY lays into a folder keeps its mode, one that COPY makes itself has another.
mkdir /writable && cp -r $descent/notebooks /writable/
# Cells may fetch other modules, where there is a network; tools/lab/notebooks.py has its scratch in .lab.
chmod -R g+w /writable $descent/mod
chmod g+w .lab
