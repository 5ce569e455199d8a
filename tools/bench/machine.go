package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
)

// machine describes what is measured on, and with which versions.
func (b *bench) machine() (string, error) {
	versions, err := exec.Command(b.in.python, "tools/bench/peer.py", "versions").Output()
	if err != nil {
		return "", fmt.Errorf("%s does not tell the peers' versions: %w", b.in.python, err)
	}
	coretype := os.Getenv("OPENBLAS_CORETYPE")
	if coretype == "" {
		coretype = "not set; tried beside its own choice: " + b.coretypes[1]
	}
	t := table{head: []string{"", ""}}
	t.add("processor", processor())
	t.add("cores", fmt.Sprint(runtime.NumCPU()))
	t.add("caches of a core", caches())
	t.add("system", runtime.GOOS+"/"+runtime.GOARCH)
	t.add("Go", strings.TrimPrefix(runtime.Version(), "go"))
	t.add("peers", strings.TrimSpace(string(versions)))
	if before := b.commands["before"]; before != nil {
		old, err := exec.Command(before[0], "tools/bench/peer.py", "versions").Output()
		if err != nil {
			return "", fmt.Errorf("%s does not tell its libraries' versions: %w", before[0], err)
		}
		t.add("before: a distribution's", strings.TrimSpace(string(old)))
	}
	t.add("OPENBLAS_CORETYPE", coretype)
	return t.String(), nil
}

// processor is its name and the widest vectors that it has, where Linux tells.
func processor() string {
	text, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return runtime.GOARCH
	}
	name, flags := runtime.GOARCH, ""
	for l := range strings.Lines(string(text)) {
		key, value, _ := strings.Cut(l, ":")
		switch strings.TrimSpace(key) {
		case "model name":
			name = strings.TrimSpace(value)
		case "flags":
			flags = value
		}
	}
	for _, f := range []struct{ flag, name string }{{"avx512f", "AVX-512"}, {"avx2", "AVX2"}} {
		if strings.Contains(flags, f.flag) {
			return name + ", " + f.name
		}
	}
	return name
}

// caches lists those of the first core, where Linux tells.
func caches() string {
	var all []string
	folders, _ := filepath.Glob("/sys/devices/system/cpu/cpu0/cache/index*")
	for _, f := range folders {
		fact := func(name string) string {
			text, _ := os.ReadFile(filepath.Join(f, name))
			return strings.TrimSpace(string(text))
		}
		if kind := fact("type"); kind != "Instruction" {
			all = append(all, fmt.Sprintf("L%s %s", fact("level"), fact("size")))
		}
	}
	if all == nil {
		return "unknown"
	}
	return strings.Join(all, ", ")
}
